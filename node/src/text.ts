/** Text that can cross to the native side, and words for what was given instead of what was wanted. */
import { types } from "node:util";

import { ConfigurationError, TaxRefundError } from "./errors.js";

/** Matches lone surrogates only: with `u`, a pair is one code point. */
const LONE_SURROGATE = /\p{Surrogate}/u;

/** Whether a string is text. One with a lone surrogate is none, and would be changed silently on its way out. */
export function isWellFormed(given: string): boolean {
  return !LONE_SURROGATE.test(given);
}

/** The text with lone surrogates replaced, for what is only looked up or shown. */
export function printable(given: string): string {
  return given.replace(/\p{Surrogate}/gu, "\uFFFD");
}

/** A setting that must be text. Throws `ConfigurationError` with its name. */
export function requiredText(field: string, given: unknown): string {
  if (typeof given !== "string") throw unfit(field, "a string", given);
  if (!isWellFormed(given)) {
    throw new ConfigurationError(`${field}: holds a lone surrogate, which is no text`, { field });
  }
  return given;
}

/** A setting that is text, or left out. */
export function optionalText(field: string, given: unknown): string | undefined {
  return given === undefined || given === null ? undefined : requiredText(field, given);
}

/** A setting that is one of a few words. */
export function oneOf<T extends string>(field: string, given: unknown, words: readonly T[]): T {
  const found = words.find((word) => word === given);
  if (found !== undefined) return found;
  throw new ConfigurationError(`${field}: must be ${words.join(" or ")}, is ${shown(given)}`, { field });
}

/** The error for an argument or setting of the wrong type. */
export function unfit(field: string, wanted: string, given: unknown, hint = ""): ConfigurationError {
  return new ConfigurationError(`${field}: must be ${wanted}, not ${kindOf(given)}${hint}`, { field });
}

/** What `read` gives. A getter or proxy that throws becomes a `ConfigurationError` with the setting's name. */
export function readable<T>(field: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof TaxRefundError) throw cause;
    throw new ConfigurationError(`${field}: cannot be read: a getter or proxy of it threw`, { field, cause });
  }
}

/** Whether it is an instance: `instanceof` for values that may be anything, a proxy that throws included. */
export function isA<T>(given: unknown, kind: abstract new (...given: never[]) => T): given is T {
  try {
    return given instanceof kind;
  } catch {
    return false;
  }
}

/**
 * Refuses what is no object of settings, and settings that do not exist: one that is misspelt would be left out silently.
 * Gives the settings as a snapshot of their own members, each read once.
 */
export function settingsOf(
  what: string,
  given: unknown,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  return readable(what, () => {
    if (typeof given !== "object" || given === null || Array.isArray(given) || ArrayBuffer.isView(given)) {
      throw unfit(what, "an object", given);
    }
    const settings = Object.create(null) as Record<string, unknown>;
    for (const name of Reflect.ownKeys(given)) {
      if (typeof name !== "string" || !known.includes(name)) {
        throw new ConfigurationError(
          `${what}: has no setting ${shortened(printable(String(name)))}; it has ${known.join(", ")}`,
          { field: what },
        );
      }
      settings[name] = readable(`${what}.${name}`, () => (given as Record<string, unknown>)[name]);
    }
    return settings;
  });
}

/** What kind of thing was given, in words, never its content. */
export function kindOf(given: unknown): string {
  if (given === undefined) return "undefined";
  if (given === null) return "null";
  if (typeof given !== "object") return `a ${typeof given}`;
  if (types.isProxy(given)) return "a Proxy";
  if (Array.isArray(given)) return "an array";
  if (types.isDate(given))
    return Number.isNaN(Date.prototype.getTime.call(given)) ? "an invalid Date" : "a Date";
  if (types.isUint8Array(given)) return "bytes";
  if (types.isPromise(given)) return "a promise";
  return "an object";
}

/** A short value as it was given, for what is not personal; the kind of anything else. */
export function shown(given: unknown): string {
  if (typeof given === "string") return JSON.stringify(shortened(printable(given)));
  if (typeof given === "number" || typeof given === "boolean") return String(given);
  if (typeof given === "bigint")
    return given < 10n ** 40n && given > -(10n ** 40n) ? String(given) : "a huge bigint";
  return kindOf(given);
}

/** At most 40 characters. */
export function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
