/**
 * What can go wrong before or beside an exchange, as classes. How a refund ended is told by `RefundFailed` and
 * `RefundUnknown`, which are classes here too.
 *
 * Every class is a {@link TaxRefundError} with a stable `code`. Nothing was sent by a call that threw one, unless its text
 * says so. None holds personal data in its message, in what `console.log` shows of it, or in its JSON.
 */
import type { Reply } from "./reply.js";

/** Carried by every error of this package, of whichever copy and module kind. */
const BRAND: unique symbol = Symbol.for("taxrefund.error") as never;

/** What every error may be given beside its text. */
export interface ErrorDetails {
  /** The stable code, where the class has several. */
  readonly code?: string | undefined;
  /** What led to it. */
  readonly cause?: unknown;
}

/** Whatever this package throws on purpose. */
export class TaxRefundError extends Error {
  static {
    brand(this, "TaxRefundError");
  }

  /** Stable; programs compare it. All codes are members of `ErrorCode`; texts may change. */
  readonly code: string;

  /** An error. Programs only catch them; tests may want to make one. */
  constructor(message = "", details: ErrorDetails = {}, code = "taxrefund") {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code ?? code;
  }

  /** Holds for errors of another copy of this package too, and for both module kinds. */
  static override [Symbol.hasInstance](this: { readonly prototype: object }, value: unknown): boolean {
    try {
      if (Function.prototype[Symbol.hasInstance].call(this as never, value)) return true;
      const own = Object.hasOwn(this.prototype, BRAND) ? kindsOf(this.prototype)[0] : undefined;
      return own !== undefined && kindsOf(value).includes(own);
    } catch {
      // A proxy that throws is none of ours.
      return false;
    }
  }

  /** For logs: no stack, no cause, no personal data. */
  toJSON(): Record<string, unknown> {
    return { name: this.name, ...(this as object), message: this.message };
  }
}

/** One thing that is wrong with a request. */
export interface Violation {
  /** Where, in JavaScript's names: `merchants[0].merchantAddress.region`; empty for the whole. */
  readonly path: string;
  /** The rule's stable name: `required`, `type`, `length`, `alphabet`, `currency`, … */
  readonly rule: string;
  /** The rule in words, with its numbers. */
  readonly message: string;
  /** What was given; personal data is masked, long texts are shortened. */
  readonly given: string;
}

/** A request that breaks rules. All of them are named; nothing was signed, recorded or sent. */
export class InvalidRequest extends TaxRefundError {
  static {
    brand(this, "InvalidRequest");
  }

  /** The operation's name, such as `alipay.pay_tax_refund`. */
  readonly operation: string;
  /** Everything that is wrong. */
  readonly violations: readonly Violation[];

  constructor(
    message = "",
    details: ErrorDetails & { operation?: string; violations?: readonly Violation[] } = {},
  ) {
    const { operation = "", violations = [] } = details;
    super(violations.length === 0 ? message : listed(operation, violations), details, "invalid_request");
    this.operation = operation;
    this.violations = Object.freeze([...violations]);
  }
}

/** A setting that cannot be used: a key, an address, an option. Nothing was sent. */
export class ConfigurationError extends TaxRefundError {
  static {
    brand(this, "ConfigurationError");
  }

  /** Which setting. */
  readonly field: string;

  constructor(message = "", details: ErrorDetails & { field?: string } = {}) {
    super(message, details, "configuration");
    this.field = details.field ?? "";
  }
}

/** The idempotency key was used before for a request with other content. Nothing was sent. */
export class KeyReused extends TaxRefundError {
  static {
    brand(this, "KeyReused");
  }

  readonly operation: string;
  /** The idempotency key. */
  readonly key: string;
  /** What differs, in JavaScript's names; `operation` when another operation used the key. */
  readonly fields: readonly string[];
  /** Where the recorded refund stands. */
  readonly state: string;

  constructor(
    message = "",
    details: ErrorDetails & {
      operation?: string;
      key?: string;
      fields?: readonly string[];
      state?: string;
    } = {},
  ) {
    super(message, details, "key_reused");
    this.operation = details.operation ?? "";
    this.key = details.key ?? "";
    this.fields = Object.freeze([...(details.fields ?? [])]);
    this.state = details.state ?? "";
  }
}

/** The tax refund form has another refund that did not fail. Nothing was sent. */
export class FormTaken extends TaxRefundError {
  static {
    brand(this, "FormTaken");
  }

  readonly form: string;
  /** The other refund's key. */
  readonly key: string;
  /** Where the other refund stands. */
  readonly state: string;

  constructor(message = "", details: ErrorDetails & { form?: string; key?: string; state?: string } = {}) {
    super(message, details, "form_taken");
    this.form = details.form ?? "";
    this.key = details.key ?? "";
    this.state = details.state ?? "";
  }
}

/** Somebody else is at work on this refund; its outcome will be in the journal. Nothing was sent by this call. */
export class RefundBusy extends TaxRefundError {
  static {
    brand(this, "RefundBusy");
  }

  readonly key: string;
  /** Who is at work on it. */
  readonly owner: string;

  constructor(message = "", details: ErrorDetails & { key?: string; owner?: string } = {}) {
    super(message, details, "refund_busy");
    this.key = details.key ?? "";
    this.owner = details.owner ?? "";
  }
}

/** The refund was taken over by another worker, or settled by a notification: look at its entry. */
export class TakenOver extends TaxRefundError {
  static {
    brand(this, "TakenOver");
  }

  readonly key: string;

  constructor(message = "", details: ErrorDetails & { key?: string } = {}) {
    super(message, details, "refund_taken_over");
    this.key = details.key ?? "";
  }
}

/** The journal has no such refund. */
export class RefundNotFound extends TaxRefundError {
  static {
    brand(this, "RefundNotFound");
  }

  readonly key: string;

  constructor(message = "", details: ErrorDetails & { key?: string } = {}) {
    super(message, details, "refund_not_found");
    this.key = details.key ?? "";
  }
}

/** Trouble with the journal; `code` says which (`journal_full`, `journal_locked`, …). */
export class JournalError extends TaxRefundError {
  static {
    brand(this, "JournalError");
  }

  constructor(message = "", details: ErrorDetails = {}) {
    super(message, details, "journal_store");
  }
}

/** A file beside the journal that cannot be read or written. */
export class FileError extends TaxRefundError {
  static {
    brand(this, "FileError");
  }

  constructor(message = "", details: ErrorDetails = {}) {
    super(message, details, "file");
  }
}

/** A batch file that cannot be used. */
export class BatchError extends TaxRefundError {
  static {
    brand(this, "BatchError");
  }

  constructor(message = "", details: ErrorDetails = {}) {
    super(message, details, "batch_read");
  }
}

/** A settlement list, or the options of the check, that cannot be used. */
export class SettlementError extends TaxRefundError {
  static {
    brand(this, "SettlementError");
  }

  constructor(message = "", details: ErrorDetails = {}) {
    super(message, details, "settlement_read");
  }
}

/** An amount or a currency that does not exist, or two currencies where one is due. */
export class MoneyError extends TaxRefundError {
  static {
    brand(this, "MoneyError");
  }

  constructor(message = "", details: ErrorDetails = {}) {
    super(message, details, "money");
  }
}

/** A point in time that cannot be written or read. */
export class DateError extends TaxRefundError {
  static {
    brand(this, "DateError");
  }

  constructor(message = "", details: ErrorDetails = {}) {
    super(message, details, "date");
  }
}

/** A flow was driven in a way that makes no sense: a fault of the driver. */
export class FlowMisuse extends TaxRefundError {
  static {
    brand(this, "FlowMisuse");
  }

  constructor(message = "", details: ErrorDetails = {}) {
    super(message, details, "flow_misuse");
  }
}

/** The gateway simulator could not do what was asked. */
export class SandboxError extends TaxRefundError {
  static {
    brand(this, "SandboxError");
  }

  constructor(message = "", details: ErrorDetails = {}) {
    super(message, details, "sandbox");
  }
}

/** A message that could not be verified. It changes nothing; send its `reply`, which acknowledges nothing. */
export class NotificationRefused extends TaxRefundError {
  static {
    brand(this, "NotificationRefused");
  }

  /** What is wrong with it; `explainCode` knows the word. */
  readonly fault: string;
  /** What to send back, exactly. */
  readonly reply: Reply;

  constructor(message = "", details: ErrorDetails & { fault?: string; reply?: Reply } = {}) {
    super(message, details, "notification_refused");
    this.fault = details.fault ?? "";
    this.reply = details.reply ?? Object.freeze({ status: 400, headers: Object.freeze({}), body: "" });
  }
}

/** An answer of which nothing may be believed. */
export class AnswerRefused extends TaxRefundError {
  static {
    brand(this, "AnswerRefused");
  }

  /** What is wrong with it; `explainCode` knows the word. */
  readonly fault: string;

  constructor(message = "", details: ErrorDetails & { fault?: string } = {}) {
    super(message, details, "answer_refused");
    this.fault = details.fault ?? "";
  }
}

/**
 * Gives a class its name and its brand, by which `instanceof` knows it across copies of the package. The name is
 * written out: a bundler may shorten the class's own.
 *
 * @internal
 */
export function brand(kind: { readonly prototype: object }, name: string): void {
  const hidden = { enumerable: false, configurable: true, writable: true };
  const parent = Object.getPrototypeOf(kind.prototype) as object | null;
  Object.defineProperty(kind.prototype, "name", { ...hidden, value: name });
  Object.defineProperty(kind.prototype, BRAND, { ...hidden, value: [name, ...kindsOf(parent)] });
}

function kindsOf(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return [];
  const kinds = (value as { [BRAND]?: unknown })[BRAND];
  return Array.isArray(kinds) ? (kinds as readonly string[]) : [];
}

function listed(operation: string, violations: readonly Violation[]): string {
  const count = `${violations.length} problem${violations.length === 1 ? "" : "s"}`;
  const lines = violations.map(
    (one) => `\n  ${one.path || "the whole"}: ${one.message} (given: ${one.given})`,
  );
  return `${operation}: nothing was sent; ${count}${lines.join("")}`;
}
