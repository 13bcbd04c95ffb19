/** How one call, or every call of a client, is made. */
import { ConfigurationError } from "./errors.js";
import { jsonText } from "./plain.js";
import { shaped } from "./shapes.js";
import { optionalText, readable, settingsOf, shown, unfit } from "./text.js";

/** How a call is made. What is left out is as the client has it, and there as the core has it. */
export interface CallOptions {
  /**
   * Ends the call at once when it is aborted, also during a wait or an exchange. The outcome is *unknown* with the reason
   * `cancelled`, and can be resumed. One signal may serve any number of calls.
   */
  readonly signal?: AbortSignal | null | undefined;
  /** Sends of one interface within one phase, 3 to 10; default 5. */
  readonly attempts?: number | null | undefined;
  /** One exchange, from connecting to the last byte of the answer, in milliseconds; default 15,000. */
  readonly timeoutMs?: number | null | undefined;
  /**
   * The whole call from its first exchange on, waits included, in milliseconds, at most a day; default 300,000. When it
   * ends the outcome is *unknown*.
   */
  readonly deadlineMs?: number | null | undefined;
  /** The tax refund form's number for the journal, where the request itself does not carry it. */
  readonly form?: string | null | undefined;
  /** Why a second refund is really meant for a form; the journal keeps it for ever. Needs a journal. */
  readonly secondRefundForForm?: string | null | undefined;
  /** Draws the waits inside their documented windows; for tests. */
  readonly seed?: number | bigint | null | undefined;
  /** Sandbox environment only: waits are this many thousandths of the documented ones. */
  readonly sandboxWaitPermille?: number | null | undefined;
}

/** Options that were checked; nothing in them is `null`. */
export interface CheckedOptions {
  readonly signal?: AbortSignal;
  readonly attempts?: number;
  readonly timeoutMs?: number;
  readonly deadlineMs?: number;
  readonly form?: string;
  readonly secondRefundForForm?: string;
  readonly seed?: bigint;
  readonly sandboxWaitPermille?: number;
}

/** Options that leave everything as it is. */
export const noOptions: CheckedOptions = Object.freeze({});

const NAMES = [
  "signal",
  "attempts",
  "timeoutMs",
  "deadlineMs",
  "form",
  "secondRefundForForm",
  "seed",
  "sandboxWaitPermille",
] as const;

/** The given options over the defaults. Throws `ConfigurationError` for one that does not exist or cannot be used. */
export function effective(defaults: CheckedOptions, given: unknown): CheckedOptions {
  if (given === undefined || given === null) return defaults;
  const settings = settingsOf("options", given, NAMES);
  const checked = {
    signal: signalOf(settings["signal"]),
    attempts: count("attempts", settings["attempts"]),
    timeoutMs: milliseconds("options.timeoutMs", settings["timeoutMs"]),
    deadlineMs: milliseconds("options.deadlineMs", settings["deadlineMs"]),
    form: optionalText("options.form", settings["form"]),
    secondRefundForForm: optionalText("options.secondRefundForForm", settings["secondRefundForForm"]),
    seed: seedOf(settings["seed"]),
    sandboxWaitPermille: count("sandboxWaitPermille", settings["sandboxWaitPermille"]),
  };
  const over: Record<string, unknown> = { ...defaults };
  for (const name of NAMES) {
    if (checked[name] !== undefined) over[name] = checked[name];
  }
  return Object.freeze(over);
}

/** The core's policy, as JSON. */
export function policyJson(options: CheckedOptions): string {
  const policy = {
    attempts: options.attempts,
    attempt_timeout_ms: options.timeoutMs,
    deadline_ms: options.deadlineMs,
    sandbox_wait_permille: options.sandboxWaitPermille,
  };
  return jsonText(policy);
}

/** What only a journal uses, as JSON. */
export function extrasJson(options: CheckedOptions): string {
  return jsonText({ form: options.form, second_refund_for_form: options.secondRefundForForm });
}

/** The same for a refund that is only recorded. Throws `ConfigurationError` for anything else that is given. */
export function submitExtrasJson(defaults: CheckedOptions, given: unknown): string {
  if (given === undefined || given === null) return extrasJson(defaults);
  const { form, secondRefundForForm } = settingsOf("options", given, ["form", "secondRefundForForm"]);
  return extrasJson(effective(defaults, { form, secondRefundForForm }));
}

/** A length of time in whole milliseconds, rounded up. Throws `ConfigurationError` with the setting's name. */
export function milliseconds(field: string, given: unknown): number | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given !== "number") throw unfit(field, "a number of milliseconds", given);
  if (!Number.isFinite(given) || given <= 0) {
    throw new ConfigurationError(`${field}: must be more than 0 milliseconds, is ${shown(given)}`, { field });
  }
  return Math.min(Math.ceil(given), Number.MAX_SAFE_INTEGER);
}

function count(name: string, given: unknown): number | undefined {
  if (given === undefined || given === null) return undefined;
  const field = `options.${name}`;
  if (typeof given !== "number") throw unfit(field, "a whole number", given);
  if (!Number.isInteger(given) || given < 0 || given >= 2 ** 32) {
    throw new ConfigurationError(`${field}: must be a whole number, 0 or more, is ${shown(given)}`, {
      field,
    });
  }
  return given;
}

function seedOf(given: unknown): bigint | undefined {
  if (given === undefined || given === null) return undefined;
  const field = "options.seed";
  if (typeof given !== "bigint" && typeof given !== "number") throw unfit(field, "a whole number", given);
  const isWhole = typeof given === "bigint" || Number.isSafeInteger(given);
  if (!isWhole || given < 0 || given >= 2n ** 64n) {
    throw new ConfigurationError(`${field}: must be a whole number of at most 64 bits, is ${shown(given)}`, {
      field,
    });
  }
  return BigInt(given);
}

/** Taken by its shape: a signal may come from another realm. */
function signalOf(given: unknown): AbortSignal | undefined {
  if (given === undefined || given === null) return undefined;
  const field = "options.signal";
  const signal = shaped<AbortSignal>(field, "an AbortSignal", given, [
    "addEventListener",
    "removeEventListener",
  ]);
  const isSignal = readable(field, () => typeof (signal as { aborted: unknown }).aborted === "boolean");
  if (!isSignal) throw unfit(field, "an AbortSignal", given);
  return signal;
}
