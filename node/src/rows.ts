/** Rows of a program, as the JSON lines that an import reads. */
import { setImmediate as turn } from "node:timers/promises";

import { InvalidRequest } from "./errors.js";
import { wrong } from "./given.js";
import { requestJson, type Model, type Operation } from "./model.js";
import { jsonText } from "./plain.js";
import { kindOf, unfit } from "./text.js";

/**
 * Rows: request objects as a client's methods take them; flat objects whose names are the request's fields, as in JavaScript
 * or on the wire, dotted where they are nested (`refundAmount.value`); or arrays of cells with `columns`. `null` and empty
 * strings mean that a field is absent, a `bigint` counts the smallest unit.
 */
export type Rows = Iterable<object> | AsyncIterable<object>;

/** So many rows are read before other things get their turn on the event loop. */
const IN_A_ROW = 256;

/** Rows as an import reads them. */
export interface Lines {
  /** JSON lines, one for each row. */
  readonly content: Uint8Array;
  /** What is wrong with rows that are no requests, by their numbers from 1. */
  readonly wrong: ReadonlyMap<number, string>;
}

/**
 * All rows as JSON lines. They hold travellers' data, so they stay in memory: nothing is written to a disk but the journal.
 *
 * @internal
 */
export async function linesOf(
  operation: Operation,
  rows: unknown,
  columns: readonly string[] | undefined,
): Promise<Lines> {
  if (
    typeof rows !== "object" ||
    rows === null ||
    !(Symbol.iterator in rows || Symbol.asyncIterator in rows)
  ) {
    throw unfit("rows", "an iterable of rows", rows);
  }
  const lines: string[] = [];
  const wrong = new Map<number, string>();
  for await (const row of rows as Iterable<unknown> | AsyncIterable<unknown>) {
    const number = lines.length + 1;
    const request = shaped(operation.request, cellsOf(row, columns, number));
    try {
      lines.push(`${requestJson(operation, request)}\n`);
    } catch (error) {
      if (!(error instanceof InvalidRequest)) throw error;
      const why = error.violations
        .map((one) => `${one.path}: ${one.message} (given: ${one.given})`)
        .join("; ");
      wrong.set(number, why);
      // The import refuses a member of this name: the row is a wrong line like any other, and is never sent.
      lines.push(`${jsonText({ [why]: "" })}\n`);
    }
    if (number % IN_A_ROW === 0) await turn();
  }
  return { content: Buffer.from(lines.join("")), wrong };
}

function cellsOf(row: unknown, columns: readonly string[] | undefined, number: number): [string, unknown][] {
  if (Array.isArray(row)) {
    if (columns === undefined) {
      throw wrong(`rows[${number - 1}]`, "is an array, so options.columns must name its cells");
    }
    if (row.length !== columns.length) {
      throw wrong(`rows[${number - 1}]`, `has ${row.length} cells, options.columns names ${columns.length}`);
    }
    return columns.map((name, at) => [name, row[at] as unknown]);
  }
  if (typeof row !== "object" || row === null) {
    throw wrong(`rows[${number - 1}]`, `must be a request object, or an array of cells, not ${kindOf(row)}`);
  }
  return Object.entries(row);
}

/** A request object from cells: names on the wire and dotted ones are put where they belong. */
function shaped(model: Model, cells: readonly [string, unknown][]): Record<string, unknown> {
  const request: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [name, cell] of cells) {
    if (cell === null || cell === undefined || cell === "") continue;
    const value = typeof cell === "bigint" ? String(cell) : cell;
    if (!put(request, pathOf(model, name), value)) request[name] = value;
  }
  return request;
}

function pathOf(model: Model, name: string): (string | number)[] {
  let within: Model | undefined = model;
  return name.split(".").map((step, at) => {
    if (at > 0 && /^\d+$/.test(step)) return Number(step);
    const field = within?.fields.find((one) => one.name === step || one.wire === step);
    within = typeof field?.item === "object" ? field.item : undefined;
    // An amount has the same names everywhere.
    return field?.name ?? step;
  });
}

/** Whether it fits what the other cells have put there. */
function put(request: Record<string, unknown>, path: readonly (string | number)[], value: unknown): boolean {
  let target: object = request;
  for (const [at, step] of path.entries()) {
    if (Array.isArray(target) ? step !== target.length && at === path.length - 1 : typeof step === "number")
      return false;
    const members = target as Record<string | number, unknown>;
    if (at === path.length - 1) {
      if (Object.hasOwn(members, step)) return false;
      members[step] = value;
      return true;
    }
    if (Array.isArray(target) && (typeof step !== "number" || step > target.length)) return false;
    if (!Object.hasOwn(members, step))
      members[step] = typeof path[at + 1] === "number" ? [] : Object.create(null);
    const inner = members[step];
    if (typeof inner !== "object" || inner === null) return false;
    target = inner;
  }
  return false;
}
