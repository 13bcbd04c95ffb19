/** A refund that did not succeed, as what a call throws. */
import { ConfigurationError, TaxRefundError, brand, type ErrorDetails } from "./errors.js";
import { type Language, type StepExplanation, explainStep, meaningOf } from "./explain.js";
import type { NextStep } from "./generated/codes.js";
import type { CallOptions } from "./options.js";
import type { Failed, Unknown } from "./outcome.js";
import { type Evidence, type Reason, type Report, reasonText } from "./report.js";

/** Takes an open refund up again; a client does it. */
export type ResumeAgain<R = unknown> = (unknown: Unknown, options?: CallOptions) => Promise<R>;

/** What both share. */
abstract class NotDone<O extends Failed | Unknown> extends TaxRefundError {
  /** What the provider's code, or our word for the fault, is. */
  readonly #outcome: O;

  constructor(outcome: O, told: string, details: ErrorDetails) {
    super(told, { ...details, code: outcome.reason.code });
    this.#outcome = outcome;
  }

  /** The same as a value: what `client.outcome` would have given. */
  get outcome(): O {
    return this.#outcome;
  }

  /** Why. */
  get reason(): Reason {
    return this.#outcome.reason;
  }

  /** What to do now. */
  get nextStep(): NextStep {
    return this.#outcome.nextStep;
  }

  /** What was sent and heard. */
  get report(): Report {
    return this.#outcome.report;
  }

  /** The operation's name. */
  get operation(): string {
    return this.#outcome.report.operation;
  }

  /** The idempotency key. */
  get key(): string {
    return this.#outcome.report.key;
  }

  /** The bytes that decided, or the last ones received. They may hold personal data. */
  get evidence(): Evidence | undefined {
    return this.#outcome.report.evidence;
  }

  /** What the clerk and the engineer do now, and what the traveller is told, in English or Chinese. */
  explain(language: Language = "en"): StepExplanation {
    return explainStep(this.nextStep, language);
  }

  /** What the reason's code means; empty for a code that nothing is known of. */
  meaning(language: Language = "en"): string {
    return meaning(this.#outcome, language);
  }

  /** For logs: no stack, no cause, no personal data. */
  override toJSON(): Record<string, unknown> {
    const { name, code, operation, key, reason, nextStep, message } = this;
    return { name, code, operation, key, reason, nextStep, message };
  }
}

/** Verified: it was not done, and no money moved. */
export class RefundFailed extends NotDone<Failed> {
  static {
    brand(this, "RefundFailed");
  }

  constructor(outcome: Failed, details: { readonly cause?: unknown } = {}) {
    super(outcome, told(outcome, "FAILED", "No money moved: a verified answer says so."), details);
  }
}

/** It may have been done. There is always a stated next step, and it is never a new order number. */
export class RefundUnknown extends NotDone<Unknown> {
  static {
    brand(this, "RefundUnknown");
  }

  readonly #resume: ResumeAgain | undefined;

  constructor(outcome: Unknown, details: { readonly cause?: unknown; readonly resume?: ResumeAgain } = {}) {
    const advice =
      "Money may have moved. Never start it again under another number; resume this one: " +
      ".resume(), or client.resume() with its .state.";
    super(outcome, told(outcome, "NOT KNOWN whether it was done", advice), details);
    this.#resume = details.resume;
  }

  /**
   * What resuming starts from, as text to store. It holds the frozen request: keep it as carefully as the request.
   * `undefined` when the journal keeps it.
   */
  get state(): string | undefined {
    return this.outcome.state;
  }

  /**
   * Takes the same refund up again: asks what became of it, and goes on from there. Gives what the first call would have
   * given: the response, or a `RefundFailed` or `RefundUnknown` thrown.
   */
  async resume(options?: CallOptions): Promise<unknown> {
    if (this.#resume === undefined) {
      throw new ConfigurationError("resume: this refund belongs to no client; use client.resume(unknown)", {
        field: "resume",
      });
    }
    return await this.#resume(this.outcome, options);
  }
}

function told(outcome: Failed | Unknown, verdict: string, advice: string): string {
  const { report, reason, nextStep } = outcome;
  const known = meaning(outcome, "en");
  return [
    `${report.operation} ${report.key}: ${verdict}: ${reasonText(reason)}`,
    ...(known === "" ? [] : [`  meaning: ${known}`]),
    `  next step: ${nextStep}. ${explainStep(nextStep).engineer}`,
    `  ${advice}`,
  ].join("\n");
}

function meaning({ report, reason }: Failed | Unknown, language: Language): string {
  const [protocol = ""] = report.operation.split(".");
  return meaningOf(protocol, reason.code, reason.subCode, language);
}
