/** Points in time as the protocols write them. */
import { types } from "node:util";

import { DateError } from "./errors.js";
import { native } from "./native.js";
import { calling } from "./problem.js";
import { isWellFormed, kindOf, shown } from "./text.js";

/** From 9999-12-31 10:00 UTC on it is the year 10000 somewhere, which neither shape can hold. */
const LATEST_MS = 253_402_207_200_000;

/**
 * As Alipay's open gateway writes it: `yyyy-MM-dd HH:mm:ss`, the wall clock of UTC+8 wherever the machine is.
 *
 * @throws {DateError} for what is no valid `Date` from 1970 to 9999.
 */
export function gatewayTime(at: Date): string {
  const ms = epochMs(at);
  return calling(() => native.gatewayTime(ms));
}

/**
 * As Alipay+ and Antom write it: ISO 8601 with an offset. A `Date` has no offset of its own; without one it is written in
 * UTC, whatever the machine's zone is, so that a repeat sends the same bytes.
 *
 * @param offsetMinutes minutes east of UTC: 480 for Singapore.
 * @throws {DateError} for what is no valid `Date` from 1970 to 9999, and an offset that no place has.
 */
export function offsetTime(at: Date, offsetMinutes = 0): string {
  const ms = epochMs(at);
  if (!Number.isInteger(offsetMinutes) || Math.abs(offsetMinutes) > 24 * 60) {
    throw new DateError(`offsetMinutes: must be whole minutes east of UTC, is ${shown(offsetMinutes)}`);
  }
  return calling(() => native.offsetTime(ms, offsetMinutes));
}

/**
 * Reads either of the two shapes.
 *
 * @throws {DateError} for a text of neither shape.
 */
export function parseTime(text: string): Date {
  if (typeof text !== "string") throw new DateError(`time: must be text, not ${kindOf(text)}`);
  if (!isWellFormed(text)) throw new DateError("time: is no text: it holds a lone surrogate");
  return new Date(calling(() => native.parseTime(text)));
}

/**
 * Milliseconds since 1970.
 *
 * @throws {DateError} for what is no valid `Date` from 1970 to 9999.
 */
export function epochMs(at: Date): number {
  if (!types.isDate(at)) throw new DateError(`time: must be a Date, not ${kindOf(at)}`);
  // A `Date` may carry a getTime of its own; its time is what counts.
  const ms = Date.prototype.getTime.call(at);
  if (Number.isNaN(ms)) throw new DateError("time: is an invalid Date");
  if (ms < 0) throw new DateError("time: lies before 1970");
  if (ms > LATEST_MS) throw new DateError("time: lies after the year 9999");
  return ms;
}
