/** What an open refund is taken up again from. */
import { ConfigurationError, type ErrorDetails } from "./errors.js";
import type { Operation } from "./model.js";
import { RefundUnknown, type Unknown } from "./outcome.js";
import { isPlain, own, plainOf } from "./plain.js";
import { printable, unfit } from "./text.js";

/** An open refund: its state, or only its key where the journal keeps the state. */
export interface OpenRefund {
  readonly state: string | undefined;
  readonly operation: Operation;
  readonly key: string;
}

/**
 * Reads an *unknown* outcome, the error that carries one, or the text of its state. Throws `ConfigurationError` for
 * anything else, and for what belongs to another protocol or account.
 */
export function openRefund(given: unknown, operations: readonly Operation[], account: string): OpenRefund {
  if (typeof given === "string") return ofState(printable(given), operations);
  const unknown = unknownOf(given);
  if (unknown.state !== undefined) return ofState(printable(unknown.state), operations);
  if (unknown.account !== account) {
    throw new ConfigurationError(
      `state.account: belongs to the account ${printable(unknown.account)}, this one is ${account}`,
      { field: "state.account", code: "state_other_account" },
    );
  }
  return { state: undefined, ...named(unknown.report.operation, unknown.report.key, operations) };
}

function unknownOf(given: unknown): Unknown {
  if (given instanceof RefundUnknown) return given.outcome;
  try {
    if (
      typeof given === "object" &&
      given !== null &&
      (given as { outcome: unknown }).outcome === "unknown"
    ) {
      return given as Unknown;
    }
  } catch (cause) {
    throw unreadable({ cause });
  }
  throw unfit("unknown", "an unknown outcome, or the text of its state", given);
}

function ofState(state: string, operations: readonly Operation[]): OpenRefund {
  let plain: unknown;
  try {
    plain = plainOf(state);
  } catch (cause) {
    throw unreadable({ cause });
  }
  if (!isPlain(plain)) throw unreadable();
  return { state, ...named(own(plain, "operation"), own(plain, "key"), operations) };
}

function named(name: unknown, key: unknown, operations: readonly Operation[]): Omit<OpenRefund, "state"> {
  const operation = operations.find((one) => one.name === name);
  if (operation === undefined || typeof key !== "string") throw unreadable();
  return { operation, key: printable(key) };
}

function unreadable(details: ErrorDetails = {}): ConfigurationError {
  return new ConfigurationError(
    "state: cannot be read, or belongs to another protocol: give it exactly as the unknown outcome held it",
    { ...details, field: "state", code: "state_unreadable" },
  );
}
