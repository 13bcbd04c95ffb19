/** Headers and bodies in the shapes that servers have them in. */
import { types } from "node:util";

import { ConfigurationError } from "./errors.js";
import { printable, unfit } from "./text.js";

/**
 * Headers in any server's shape: `request.headers` or `request.rawHeaders` of node:http, Express and Fastify, a `Headers` of
 * fetch, a `Map`, or pairs.
 */
export type HeadersLike =
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | readonly string[]
  | Iterable<readonly [string, string]>;

const HOW_TO_GET_BYTES =
  "a framework has parsed it, and its signature cannot be checked any more. " +
  'Express: express.raw({ type: () => true }) on this route, then request.body. Fastify: addContentTypeParser("*", ' +
  '{ parseAs: "buffer" }, (request, body, done) => done(null, body)) after removeAllContentTypeParsers(). ' +
  "node:http: await rawBodyOf(request). fetch handlers: await request.arrayBuffer()";

/** The bytes of a body, as they came. Throws `ConfigurationError` for one that was parsed. */
export function rawBytes(field: string, given: unknown): Buffer {
  // Copied: whoever has the bytes could change them between the check and the reading.
  if (types.isUint8Array(given)) return Buffer.from(given);
  if (typeof given === "string") return Buffer.from(given, "utf8");
  if (types.isAnyArrayBuffer(given)) return Buffer.from(Buffer.from(given));
  const hint =
    given === undefined ? ": nothing has read it, or it has another name" : `: ${HOW_TO_GET_BYTES}`;
  throw unfit(field, "the raw bytes as they came (a Buffer, a Uint8Array or a string)", given, hint);
}

/** Headers as name, value, name, value, …; a header given twice stays twice. */
export function flatHeaders(field: string, given: unknown): string[] {
  if (typeof given !== "object" || given === null) {
    throw unfit(field, "request.headers, a Headers, or pairs of name and value", given);
  }
  try {
    return isRaw(given) ? given.map((one) => written(field, one)) : pairsOf(field, given);
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw new ConfigurationError(`${field}: cannot be read`, { field, cause: error });
  }
}

/** `request.rawHeaders` */
function isRaw(given: object): given is string[] {
  if (!Array.isArray(given) || given.length % 2 !== 0 || given.length > MOST) return false;
  return given.every((one) => typeof one === "string");
}

function pairsOf(field: string, given: object): string[] {
  const isIterable = typeof (given as Partial<Iterable<unknown>>)[Symbol.iterator] === "function";
  const pairs: Iterable<unknown> = isIterable ? (given as Iterable<unknown>) : Object.entries(given);
  const flat: string[] = [];
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) throw unfit(field, "pairs of name and value", pair);
    const [name, value] = pair as [unknown, unknown];
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      flat.push(written(field, name), written(field, one));
      if (flat.length > MOST) throw new ConfigurationError(`${field}: are more than ${MOST / 2}`, { field });
    }
  }
  return flat;
}

/** More than any server lets through; an iterator may never end. */
const MOST = 4000;

function written(field: string, given: unknown): string {
  if (typeof given !== "string") throw unfit(field, "names and values that are strings", given);
  return printable(given);
}
