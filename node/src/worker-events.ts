/** What a worker tells about its work. Nothing personal: keys are yours, codes the provider's. */
import { Counts, type PlainCounts } from "./entries.js";
import type { NextStep, State } from "./generated/codes.js";
import { isPlain, number, own, text, type Plain } from "./plain.js";
import { reasonOf, type Reason } from "./report.js";

/** What a worker did. */
export class WorkerSummary {
  /** Refunds that this worker brought to an end for now. One that was taken up again counts each time. */
  readonly ended: Counts;
  /** Requests sent. */
  readonly sends: number;
  /** Answers that asked for a lower rate. */
  readonly throttled: number;
  /** Refunds that somebody else took over, or a notification settled, while this worker held them. */
  readonly takenOver: number;
  /** Entries that this program cannot use, and left alone. */
  readonly skipped: number;
  /** Accounts that were stopped because their configuration is wrong. */
  readonly halted: readonly string[];
  /** Whether it was stopped from outside. */
  readonly stopped: boolean;
  readonly tookMs: number;

  /** @internal */
  constructor(plain: PlainSummary) {
    this.ended = new Counts(plain.ended);
    this.sends = plain.sends;
    this.throttled = plain.throttled;
    this.takenOver = plain.taken_over;
    this.skipped = plain.skipped;
    this.halted = Object.freeze([...plain.halted]);
    this.stopped = plain.stopped;
    this.tookMs = plain.took_ms;
    Object.freeze(this);
  }

  /** Whether a person must look: failed or unknown refunds, skipped entries, halted accounts. */
  get needsSomebody(): boolean {
    return this.ended.failed + this.ended.unknown + this.skipped + this.halted.length > 0;
  }

  /** One line for a person. */
  toString(): string {
    let line = `${this.ended.toString()}; ${this.sends} requests in ${(this.tookMs / 1000).toFixed(1)} s`;
    if (this.throttled > 0) line += `, ${this.throttled} of them throttled`;
    if (this.takenOver > 0) line += `; ${this.takenOver} taken over by others`;
    if (this.skipped > 0) line += `; ${this.skipped} cannot be used by this program`;
    for (const account of this.halted) line += `; ${account} was halted: its configuration is wrong`;
    return line;
  }
}

/** Refunds were taken from the journal. */
export interface Claimed {
  readonly event: "claimed";
  readonly account: string;
  readonly count: number;
}

/** A request was sent, and this came of it. */
export interface Exchanged {
  readonly event: "exchanged";
  readonly operation: string;
  readonly key: string;
  readonly interface: string;
  readonly tookMs: number;
  readonly reason: Reason | undefined;
}

/** A refund is at its end, for good or for now; it is on disk. */
export interface Ended {
  readonly event: "ended";
  readonly operation: string;
  readonly key: string;
  readonly state: State;
  /** Why it failed or is unknown. */
  readonly reason: Reason | undefined;
  readonly nextStep: NextStep;
  /** The worker's counts so far. */
  readonly summary: WorkerSummary;
}

/** Somebody else has this refund now: another worker took it over, or a notification settled it. */
export interface LostLease {
  readonly event: "lostLease";
  readonly key: string;
}

/** The provider asked for a lower rate, and the account's pace was cut. */
export interface SlowedDown {
  readonly event: "slowedDown";
  readonly account: string;
  /** The new rate of all its workers together, in requests per 1,000 s. */
  readonly milliPerS: number;
}

/** Nothing more is sent for this account by this worker: its configuration is wrong. */
export interface Halted {
  readonly event: "halted";
  readonly account: string;
  readonly reason: Reason | undefined;
}

/** An entry that this program cannot use was left alone. */
export interface Skipped {
  readonly event: "skipped";
  readonly key: string;
  readonly problem: string;
}

/** The clock of this machine was set while the worker ran. Leases and waits do not depend on it, timestamps do. */
export interface ClockJumped {
  readonly event: "clockJumped";
  /** Forward, or backward when negative. */
  readonly byMs: number;
}

/** Whatever a worker tells, told apart by `event`. */
export type WorkerEvent =
  Claimed | Exchanged | Ended | LostLease | SlowedDown | Halted | Skipped | ClockJumped;

/** A summary as the core writes it. @internal */
export interface PlainSummary {
  readonly ended: PlainCounts;
  readonly sends: number;
  readonly throttled: number;
  readonly taken_over: number;
  readonly skipped: number;
  readonly halted: readonly string[];
  readonly stopped: boolean;
  readonly took_ms: number;
}

/** An event; `undefined` for one that a newer native module tells and this list does not know. @internal */
export function eventOf(plain: Plain): WorkerEvent | undefined {
  const make = MADE.get(text(plain, "event"));
  return make === undefined ? undefined : Object.freeze(make(plain));
}

const MADE = new Map<string, (plain: Plain) => WorkerEvent>([
  ["claimed", (it) => ({ event: "claimed", account: text(it, "account"), count: number(it, "count") })],
  [
    "exchanged",
    (it) => ({
      event: "exchanged",
      operation: text(it, "operation"),
      key: text(it, "key"),
      interface: text(it, "interface"),
      tookMs: number(it, "took_ms"),
      reason: whyOf(it),
    }),
  ],
  [
    "ended",
    (it) => ({
      event: "ended",
      operation: text(it, "operation"),
      key: text(it, "key"),
      state: text(it, "state") as State,
      reason: whyOf(it),
      nextStep: text(it, "next_step") as NextStep,
      summary: new WorkerSummary(own(it, "summary") as PlainSummary),
    }),
  ],
  ["taken_over", (it) => ({ event: "lostLease", key: text(it, "key") })],
  [
    "slowed_down",
    (it) => ({ event: "slowedDown", account: text(it, "account"), milliPerS: number(it, "milli_per_s") }),
  ],
  ["halted", (it) => ({ event: "halted", account: text(it, "account"), reason: whyOf(it) })],
  ["skipped", (it) => ({ event: "skipped", key: text(it, "key"), problem: text(it, "problem") })],
  ["clock_jumped", (it) => ({ event: "clockJumped", byMs: number(it, "by_ms") })],
]);

function whyOf(plain: Plain): Reason | undefined {
  const reason = own(plain, "reason");
  return isPlain(reason) ? reasonOf(reason) : undefined;
}
