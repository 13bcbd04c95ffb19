/** Text that can cross to the native side, and words for what was given instead of what was wanted. */
import { types } from "node:util";

import { ConfigurationError } from "./errors.js";

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

/**
 * Refuses what is no object of settings, and settings that do not exist: one that is misspelt would be left out silently.
 * Gives the settings as a snapshot of their own members, each read once.
 */
export function settingsOf(
  what: string,
  given: unknown,
  known: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw unfit(what, "an object", given);
  }
  const settings = Object.create(null) as Record<string, unknown>;
  let names: (string | symbol)[];
  try {
    names = Reflect.ownKeys(given);
  } catch (cause) {
    throw new ConfigurationError(`${what}: cannot be read`, { field: what, cause });
  }
  for (const name of names) {
    if (typeof name !== "string" || !known.includes(name)) {
      throw new ConfigurationError(
        `${what}: has no setting ${shortened(printable(String(name)))}; it has ${known.join(", ")}`,
        { field: what },
      );
    }
    try {
      settings[name] = (given as Record<string, unknown>)[name];
    } catch (cause) {
      throw new ConfigurationError(`${what}.${name}: cannot be read`, { field: name, cause });
    }
  }
  return settings;
}

/** What kind of thing was given, in words, never its content. */
export function kindOf(given: unknown): string {
  if (given === undefined) return "undefined";
  if (given === null) return "null";
  if (typeof given !== "object") return `a ${typeof given}`;
  if (types.isProxy(given)) return "a Proxy";
  if (Array.isArray(given)) return "an array";
  if (types.isDate(given)) return Number.isNaN(Number(Date.prototype.getTime.call(given))) ? "an invalid Date" : "a Date";
  if (types.isUint8Array(given)) return "bytes";
  if (types.isPromise(given)) return "a promise";
  return "an object";
}

/** A short value as it was given, for what is not personal; the kind of anything else. */
export function shown(given: unknown): string {
  if (typeof given === "string") return JSON.stringify(shortened(printable(given)));
  if (typeof given === "number" || typeof given === "boolean") return String(given);
  if (typeof given === "bigint") return given < 10n ** 40n && given > -(10n ** 40n) ? String(given) : "a huge bigint";
  return kindOf(given);
}

/** At most 40 characters. */
export function shortened(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 40)}…`;
}
