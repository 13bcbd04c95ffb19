/**
 * The three answers: succeeded, failed, unknown. They are never mixed up.
 *
 * ```js
 * const outcome = await client.outcome.payTaxRefund(request);
 * switch (outcome.outcome) {
 *   case "succeeded":
 *     return outcome.response;
 *   case "failed": // verified: no money moved
 *     return outcome.nextStep;
 *   case "unknown": // money may have moved: resume it, never start it anew
 *     return keep(outcome.state);
 * }
 * ```
 */
import { redacted, fromWire } from "./answers.js";
import { NextStep } from "./generated/codes.js";
import type { Operation } from "./model.js";
import { exactJson, isPlain, jsonText, maybeText, own, text } from "./plain.js";
import { RefundFailed, RefundUnknown, type ResumeAgain } from "./refund-errors.js";
import { type Reason, type Report, Shown, reasonOf, reportOf } from "./report.js";

export { RefundFailed, RefundUnknown } from "./refund-errors.js";

/** Verified: it was done. */
export interface Succeeded<R = unknown> {
  readonly outcome: "succeeded";
  /** The verified answer. */
  readonly response: R;
  /** The provider's own number of the refund; keep it. */
  readonly reference: string | undefined;
  /** Nothing. */
  readonly nextStep: typeof NextStep.NONE;
  readonly report: Report;
}

/** Verified: it was not done, and no money moved. */
export interface Failed {
  readonly outcome: "failed";
  readonly reason: Reason;
  /** What to do now. */
  readonly nextStep: NextStep;
  readonly report: Report;
}

/** It may have been done. There is always a stated next step, and it is never a new order number. */
export interface Unknown {
  readonly outcome: "unknown";
  readonly reason: Reason;
  /** What to do now. */
  readonly nextStep: NextStep;
  readonly report: Report;
  /**
   * What resuming starts from, as text to store. It holds the frozen request: keep it as carefully as the request. JSON and
   * `console.log` leave it out. `undefined` when the journal keeps it.
   */
  readonly state: string | undefined;
  /** The app id or client id that it belongs to. */
  readonly account: string;
}

/** How an operation ended. JSON and `console.log` show nothing personal of it. */
export type Outcome<R = unknown> = Succeeded<R> | Failed | Unknown;

/**
 * An outcome that the native module gives.
 *
 * @internal
 */
export function outcomeOf<R>(json: string, operation: Operation, account: string): Outcome<R> {
  const read = exactJson(json);
  const plain = isPlain(read) ? read : {};
  const report = reportOf(own(plain, "report"));
  const kind = own(plain, "outcome");
  if (kind === "succeeded") {
    const response = fromWire(operation.response, own(plain, "response")) as R;
    return new SucceededOutcome(response, maybeText(plain, "reference"), report, operation);
  }
  const reason = reasonOf(own(plain, "reason"));
  const nextStep = stepOf(text(plain, "next_step"));
  if (kind === "failed") return new FailedOutcome(reason, nextStep, report);
  const state = own(plain, "resume");
  return new UnknownOutcome(reason, nextStep, report, isPlain(state) ? jsonText(state) : undefined, account);
}

/**
 * The response of a success; everything else is thrown.
 *
 * @internal
 */
export function unwrapped<R>(outcome: Outcome<R>, resume: ResumeAgain<R>, cause?: unknown): R {
  if (outcome.outcome === "succeeded") return outcome.response;
  if (outcome.outcome === "failed") throw new RefundFailed(outcome, { cause });
  throw new RefundUnknown(outcome, { cause, resume });
}

class SucceededOutcome<R> extends Shown implements Succeeded<R> {
  readonly outcome = "succeeded";
  readonly nextStep = NextStep.NONE;
  readonly #operation: Operation;

  constructor(
    readonly response: R,
    readonly reference: string | undefined,
    readonly report: Report,
    operation: Operation,
  ) {
    super();
    this.#operation = operation;
    Object.freeze(this);
  }

  toJSON(): Record<string, unknown> {
    const { outcome, reference, report } = this;
    return {
      outcome,
      response: redacted(this.#operation.response, this.response as object),
      reference,
      report,
    };
  }
}

class FailedOutcome extends Shown implements Failed {
  readonly outcome = "failed";

  constructor(
    readonly reason: Reason,
    readonly nextStep: NextStep,
    readonly report: Report,
  ) {
    super();
    Object.freeze(this);
  }

  toJSON(): Record<string, unknown> {
    const { outcome, reason, nextStep, report } = this;
    return { outcome, reason, nextStep, report };
  }
}

class UnknownOutcome extends Shown implements Unknown {
  readonly outcome = "unknown";

  constructor(
    readonly reason: Reason,
    readonly nextStep: NextStep,
    readonly report: Report,
    readonly state: string | undefined,
    readonly account: string,
  ) {
    super();
    Object.freeze(this);
  }

  toJSON(): Record<string, unknown> {
    const { outcome, reason, nextStep, report, account } = this;
    return { outcome, reason, nextStep, report, account };
  }
}

const STEPS: ReadonlySet<string> = new Set(Object.values(NextStep));

/** A step of another version is none of ours, and nobody is told to start anew on a guess. */
function stepOf(name: string): NextStep {
  return STEPS.has(name) ? (name as NextStep) : NextStep.CONTACT_SUPPORT;
}
