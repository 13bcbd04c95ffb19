/** Options as programs give them to the journal, the worker and what belongs to them: checked, and named when wrong. */
import { types } from "node:util";

import { ConfigurationError } from "./errors.js";
import { requiredText, settingsOf, shown, unfit } from "./text.js";

/** What an option may be. */
export type Kind = keyof typeof CHECKS;

/**
 * Checks an options object: no unknown names, no wrong types. Each member is read once; one that is `undefined` or `null`
 * is left out.
 *
 * @internal
 */
export function checked<T extends object>(
  what: string,
  given: T | undefined,
  kinds: Readonly<Record<keyof T & string, Kind>>,
): T {
  const known = Object.create(null) as Record<string, unknown>;
  if (given === undefined) return known as T;
  const settings = settingsOf(what, given, Object.keys(kinds));
  for (const name of Object.keys(settings)) {
    const value = settings[name];
    if (value === undefined || value === null) continue;
    CHECKS[kinds[name as keyof T & string]](`${what}.${name}`, value);
    known[name] = value;
  }
  return known as T;
}

/** A setting that cannot be used. @internal */
export function wrong(field: string, rule: string): ConfigurationError {
  return new ConfigurationError(`${field}: ${rule}`, { field });
}

/** Whether it is a `Uint8Array` (a `Buffer` is one), of whichever realm. @internal */
export function isBytes(given: unknown): given is Uint8Array {
  return types.isUint8Array(given);
}

/** Longer than any timer of Node.js: what is meant is "never". */
const LONGEST_MS = Number.MAX_SAFE_INTEGER;

const CHECKS = {
  text: (field: string, value: unknown) => void requiredText(field, value),
  flag(field: string, value: unknown) {
    if (typeof value !== "boolean") throw unfit(field, "true or false", value);
  },
  count(field: string, value: unknown) {
    if (!Number.isSafeInteger(value) || (value as number) < 0) {
      throw wrong(field, `must be a whole number, given: ${shown(value)}`);
    }
  },
  /** Milliseconds. */
  span(field: string, value: unknown) {
    if (typeof value !== "number" || !(value >= 1 && value <= LONGEST_MS)) {
      throw wrong(field, `must be a number of milliseconds, at least 1, given: ${shown(value)}`);
    }
  },
  spans(field: string, value: unknown) {
    if (!Array.isArray(value)) throw unfit(field, "an array of milliseconds", value);
    value.forEach((one, at) => CHECKS.span(`${field}[${at}]`, one));
  },
  texts(field: string, value: unknown) {
    if (!Array.isArray(value)) throw unfit(field, "an array of strings", value);
    value.forEach((one, at) => CHECKS.text(`${field}[${at}]`, one));
  },
  function(field: string, value: unknown) {
    if (typeof value !== "function") throw unfit(field, "a function", value);
  },
  signal(field: string, value: unknown) {
    if (!(value instanceof AbortSignal)) throw unfit(field, "an AbortSignal", value);
  },
  date(field: string, value: unknown) {
    if (!types.isDate(value) || Number.isNaN(value.getTime())) throw unfit(field, "a valid Date", value);
  },
  /** Checked where it is used. */
  any(_field: string, _value: unknown) {
    return;
  },
};
