/** How requests reach the outside. Any object with `exchange(request, signal)` will do. */
import { inspect } from "node:util";

import { ConfigurationError } from "./errors.js";
import { shaped } from "./shapes.js";
import { printable, unfit } from "./text.js";

/** An answer's body may have at most this many bytes (1 MiB), as in the core. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** An answer's headers may have at most this many bytes together (64 KiB), as in the core. */
export const MAX_HEADER_BYTES = 64 * 1024;

/** A request, ready to be sent: nothing of it may be changed, its signature covers bytes. */
export interface HttpRequest {
  /** Always `POST`. */
  readonly method: string;
  /** Absolute, query string included. */
  readonly url: string;
  /** Name and value, in the order to send them. `host` and `content-length` are the transport's part. */
  readonly headers: readonly (readonly [string, string])[];
  /** Byte for byte. */
  readonly body: Buffer;
  /** The exchange must be over after this, the last byte of the answer included. The signal is aborted then. */
  readonly timeoutMs: number;
  /** Which interface this calls: `pay`, `query`, … */
  readonly interface: string;
}

/** An answer as it came; one with any status is an answer. */
export interface HttpResponse {
  readonly status: number;
  /** Name and value, as they came: a repeated header twice. A `Headers` object will do, though it joins repeated ones. */
  readonly headers: Iterable<readonly [string, string]>;
  /** Byte for byte, transfer encoding removed. */
  readonly body: Uint8Array;
}

/**
 * Sends a request once.
 *
 * An implementation sends the bytes as they are, follows no redirect, never sends a second time by itself, and lets go of
 * everything when the signal is aborted: then the time is up, or the call was aborted, and nobody listens any more.
 */
export interface Transport {
  /** One exchange; rejects with {@link TransportFault} when there was no complete answer. Anything else it throws counts as `reset`. */
  exchange(request: HttpRequest, signal: AbortSignal): PromiseLike<HttpResponse> | HttpResponse;
}

/** The faults that a transport can tell. */
export type TransportFaultName =
  "timeout" | "connect_failed" | "refused" | "reset" | "tls" | "dns" | "proxy" | "too_large" | "malformed";

const FAULT: unique symbol = Symbol.for("taxrefund.transportFault") as never;

/** There was no complete answer. For money every fault says the same: it is not known. */
export class TransportFault extends Error {
  static {
    Object.defineProperty(this.prototype, "name", { value: "TransportFault", writable: true });
  }

  /** What happened. */
  readonly fault: TransportFaultName;
  /** For engineers; must hold nothing of the request. */
  readonly detail: string;
  /** @internal */
  readonly [FAULT] = true;

  /** `fault` is one of the names; anything else reads as `reset`. */
  constructor(fault: TransportFaultName, detail = "", options: { cause?: unknown } = {}) {
    super(detail === "" ? fault : `${fault}: ${detail}`, options.cause === undefined ? undefined : options);
    this.fault = fault;
    this.detail = detail;
    Object.defineProperty(this, FAULT, { enumerable: false });
  }

  /** Holds for those of another copy of this package too. */
  static override [Symbol.hasInstance](this: { readonly prototype: object }, value: unknown): boolean {
    if (this !== TransportFault) return Function.prototype[Symbol.hasInstance].call(this as never, value);
    try {
      return (
        typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[FAULT] === true
      );
    } catch {
      return false;
    }
  }
}

/** Headers as name, value, name, value, … the way Node and the core have them. */
export class FlatHeaders implements Iterable<readonly [string, string]> {
  constructor(readonly flat: readonly string[]) {}

  *[Symbol.iterator](): Iterator<readonly [string, string]> {
    for (let at = 0; at + 1 < this.flat.length; at += 2) yield [this.flat[at] ?? "", this.flat[at + 1] ?? ""];
  }
}

/** What a native step, or a native thread, asks to have sent. */
export interface Outgoing {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
  readonly timeoutMs: number;
  readonly interface: string;
}

/** The request that a transport is given. Shown in a log it holds nothing of the traveller. */
export function requestOf(sent: Outgoing): HttpRequest {
  return new Request(sent);
}

class Request implements HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
  readonly timeoutMs: number;
  readonly interface: string;

  constructor(sent: Outgoing) {
    this.method = sent.method;
    this.url = sent.url;
    this.headers = [...new FlatHeaders(sent.headers)];
    this.body = sent.body;
    this.timeoutMs = sent.timeoutMs;
    this.interface = sent.interface;
  }

  /** Without the query, the headers and the body. */
  toJSON(): Record<string, unknown> {
    const address = this.url.split("?", 1)[0];
    return { interface: this.interface, address, bytes: this.body.length, timeoutMs: this.timeoutMs };
  }

  [inspect.custom](): string {
    return `<HttpRequest ${this.interface} ${this.url.split("?", 1)[0] ?? ""} «${this.body.length} bytes»>`;
  }
}

/** An answer that a built-in transport gives. Shown in a log it holds nothing of the traveller. */
export class Answer implements HttpResponse {
  constructor(
    readonly status: number,
    readonly headers: Iterable<readonly [string, string]>,
    readonly body: Uint8Array,
  ) {}

  /** Without headers and body. */
  toJSON(): Record<string, unknown> {
    return { status: this.status, bytes: this.body.length };
  }

  [inspect.custom](): string {
    return `<HttpResponse ${this.status} «${this.body.length} bytes»>`;
  }
}

/** A transport that was given, or nothing. Throws `ConfigurationError` for what is none. */
export function transportOf(given: unknown): Transport | undefined {
  if (given === undefined || given === null) return undefined;
  return shaped<Transport>("transport", "an object with exchange(request, signal)", given, ["exchange"]);
}

/** Where a request goes. Refuses what it must not go to: HTTPS everywhere, plain HTTP to this machine only. */
export function addressed(url: string): URL {
  if (!URL.canParse(url)) throw new TransportFault("connect_failed", "not an address");
  const address = new URL(url);
  const isPlain = address.protocol === "http:" && isLoopback(address.hostname);
  if (isPlain || address.protocol === "https:") return address;
  throw new TransportFault("connect_failed", "plain HTTP goes to this machine only");
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}

/**
 * Refuses an answer whose body is encoded: it was asked for as it is, and only the bytes that were signed are of use.
 */
export function refuseEncoded(encoding: string | null | undefined): void {
  if (encoding == null || encoding === "" || encoding.trim().toLowerCase() === "identity") return;
  throw new TransportFault("malformed", `content-encoding ${printable(encoding).slice(0, 40)}`);
}

/** The bytes of an answer, of which there may not be too many. */
export class Body {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** Adds a part; throws when that is too much. */
  add(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length > MAX_BODY_BYTES) throw new TransportFault("too_large");
    this.#parts.push(part);
  }

  /** All of them. */
  whole(): Uint8Array {
    const [first] = this.#parts;
    return first !== undefined && this.#parts.length === 1 ? first : Buffer.concat(this.#parts, this.#length);
  }
}

/** A length of time or a number among a transport's settings. */
export function positive(field: string, given: unknown, otherwise: number): number {
  if (given === undefined || given === null) return otherwise;
  if (typeof given !== "number") throw unfit(field, "a number", given);
  if (Number.isFinite(given) && given > 0) return Math.ceil(given);
  throw new ConfigurationError(`${field}: must be more than 0`, { field });
}
