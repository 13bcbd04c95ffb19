/** What a journal tells: frozen values, without personal data unless a member says otherwise. */

import type { NextStep, State } from "./generated/codes.js";
import { Money } from "./money.js";
import type { Entry as NativeEntry } from "./native.js";
import type { Notification } from "./notifications.js";

/** An entry as the core writes it. */
export interface PlainEntry {
  readonly id: number;
  readonly protocol: string;
  readonly account: string;
  readonly operation: string;
  readonly key: string;
  readonly form?: string | null;
  readonly amount?: { readonly currency: string; readonly value: string } | null;
  readonly fingerprint: string;
  readonly batch?: string | null;
  readonly line?: number | null;
  readonly state: State;
  readonly code?: string | null;
  readonly sub_code?: string | null;
  readonly next_step?: NextStep | null;
  readonly reference?: string | null;
  readonly attempts: number;
  readonly resumes: number;
  readonly due_ms?: number | null;
  readonly lease_owner?: string | null;
  readonly epoch: number;
  readonly revision: number;
  readonly begun: boolean;
  readonly conflict: boolean;
  readonly overridden?: string | null;
  readonly created_ms: number;
  readonly updated_ms: number;
}

/** One refund as the journal has it. It holds no personal data; `journal.request(entry)` does. */
export class Entry {
  /** The journal's own number of it, in order of arrival. */
  readonly id: number;
  /** `alipay`, `alipay_plus` or `antom`. */
  readonly protocol: string;
  /** The app id or client id. */
  readonly account: string;
  /** Such as `alipay.pay_tax_refund`. */
  readonly operation: string;
  /** The idempotency key: taken for ever, per protocol and account. */
  readonly key: string;
  /** The number of the tax refund form, where one is known. */
  readonly form: string | undefined;
  readonly amount: Money | undefined;
  /** Of the business parameters: equal for equal requests, and only for them. */
  readonly fingerprint: string;
  readonly batch: string | undefined;
  readonly line: number | undefined;
  readonly state: State;
  /** The latest code or fault. */
  readonly code: string | undefined;
  readonly subCode: string | undefined;
  /** What to do now; `undefined` while it is open or has succeeded. */
  readonly nextStep: NextStep | undefined;
  /** The provider's own number. */
  readonly reference: string | undefined;
  /** Sends so far, of every interface. */
  readonly attempts: number;
  /** How often it was taken up again by itself. */
  readonly resumes: number;
  /** When it may be taken up; while it is leased, when the lease ends. */
  readonly dueAt: Date | undefined;
  /** Whoever is at work on it. */
  readonly leaseOwner: string | undefined;
  readonly epoch: number;
  readonly revision: number;
  /** Something may have been sent. */
  readonly begun: boolean;
  /** A verified message contradicts what is recorded: a person must look. */
  readonly conflict: boolean;
  /** Why it was accepted although its form was not free. */
  readonly overridden: string | undefined;
  readonly createdAt: Date;
  readonly updatedAt: Date;

  /** @internal */
  constructor(plain: PlainEntry, handle?: NativeEntry) {
    this.id = plain.id;
    this.protocol = plain.protocol;
    this.account = plain.account;
    this.operation = plain.operation;
    this.key = plain.key;
    this.form = plain.form ?? undefined;
    this.amount = moneyOf(plain.amount);
    this.fingerprint = plain.fingerprint;
    this.batch = plain.batch ?? undefined;
    this.line = plain.line ?? undefined;
    this.state = plain.state;
    this.code = plain.code ?? undefined;
    this.subCode = plain.sub_code ?? undefined;
    this.nextStep = plain.next_step ?? undefined;
    this.reference = plain.reference ?? undefined;
    this.attempts = plain.attempts;
    this.resumes = plain.resumes;
    this.dueAt = momentOf(plain.due_ms);
    this.leaseOwner = plain.lease_owner ?? undefined;
    this.epoch = plain.epoch;
    this.revision = plain.revision;
    this.begun = plain.begun;
    this.conflict = plain.conflict;
    this.overridden = plain.overridden ?? undefined;
    this.createdAt = new Date(plain.created_ms);
    this.updatedAt = new Date(plain.updated_ms);
    if (handle !== undefined) {
      handles.set(this, handle);
    }
    Object.freeze(this);
  }

  /** Whether it never changes again. */
  get isFinal(): boolean {
    return this.state === "succeeded" || this.state === "failed";
  }

  /** Flat and plain, for a table or a CSV file: `currency` and `amountMinor` (a text) for the amount. */
  toJSON(): Record<string, unknown> {
    const { amount, ...rest } = this;
    return { ...rest, currency: amount?.currency, amountMinor: amount?.minor.toString() };
  }
}

// Beside the entries rather than in them: what is frozen, printed and written as JSON is data only.
const handles = new WeakMap<Entry, NativeEntry>();

/** The native twin of an entry that a journal handed out. */
export function handleOf(entry: Entry): NativeEntry | undefined {
  return handles.get(entry);
}

/** An entry from its native handle. */
export function entryOf(handle: NativeEntry): Entry {
  return new Entry(JSON.parse(handle.json) as PlainEntry, handle);
}

function momentOf(epochMs: number | null | undefined): Date | undefined {
  return epochMs == null ? undefined : new Date(epochMs);
}

function moneyOf(amount: PlainEntry["amount"]): Money | undefined {
  return amount == null ? undefined : new Money({ minor: BigInt(amount.value), currency: amount.currency });
}

/** Counts as the core writes them. */
export interface PlainCounts {
  readonly open: number;
  readonly waiting: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly unknown: number;
}

/** How many refunds are in each state. */
export class Counts implements PlainCounts {
  /** To be sent, or being sent. */
  readonly open: number;
  /** Not known yet; taken up again by itself. */
  readonly waiting: number;
  /** Final. */
  readonly succeeded: number;
  /** Final, no money moved. */
  readonly failed: number;
  /** Waiting for somebody. */
  readonly unknown: number;

  /** @internal */
  constructor(plain: PlainCounts) {
    this.open = plain.open;
    this.waiting = plain.waiting;
    this.succeeded = plain.succeeded;
    this.failed = plain.failed;
    this.unknown = plain.unknown;
    Object.freeze(this);
  }

  /** All of them. */
  get total(): number {
    return this.open + this.waiting + this.succeeded + this.failed + this.unknown;
  }

  /** One line for a person. */
  toString(): string {
    return (
      `${this.succeeded} succeeded, ${this.failed} failed, ${this.unknown} unknown, ` +
      `${this.waiting} waiting, ${this.open} open`
    );
  }
}

/** What came of submitting. */
export interface Submitted {
  /** `false`: the same request was recorded before, and `entry` says where it stands. */
  readonly isNew: boolean;
  readonly entry: Entry;
}

/** What a record of the chain is about. */
export type RecordKind = "submitted" | "attempt" | "ended" | "late" | "notification" | "reopened";

/** One link of the chain: something that happened to a refund. */
export class JournalRecord {
  readonly seq: number;
  readonly kind: RecordKind;
  readonly at: Date;
  /** What it says; nothing personal. */
  readonly content: Readonly<Record<string, unknown>>;
  /**
   * The provider's answer as it came, where it was asked for. **It may hold personal data**, so it is neither printed
   * nor written as JSON with the record.
   */
  declare readonly evidence: Readonly<Record<string, unknown>> | undefined;

  /** @internal */
  constructor(plain: PlainRecord) {
    this.seq = plain.seq;
    this.kind = plain.kind;
    this.at = new Date(plain.at_ms);
    this.content = Object.freeze(plain.content);
    Object.defineProperty(this, "evidence", { value: plain.evidence ?? undefined, enumerable: false });
    Object.freeze(this);
  }
}

/** A record as the core writes it. */
export interface PlainRecord {
  readonly seq: number;
  readonly kind: RecordKind;
  readonly at_ms: number;
  readonly content: Record<string, unknown>;
  readonly evidence?: Record<string, unknown> | null;
}

/** The journal is whole. */
export class Proof {
  readonly isWhole = true;
  readonly entries: number;
  readonly records: number;
  /** The end of the chain: keep it on another machine, and give it to the next check. */
  readonly head: string;

  /** @internal */
  constructor(plain: { entries: number; records: number; head: string }) {
    this.entries = plain.entries;
    this.records = plain.records;
    this.head = plain.head;
    Object.freeze(this);
  }

  /** One line for a person. */
  toString(): string {
    return `whole: ${this.entries} refunds, ${this.records} records`;
  }
}

/** The journal is not whole: the first thing that is not as it was written. */
export class Broken {
  readonly isWhole = false;
  /** The record's number, where it is about one. */
  readonly seq: number | undefined;
  readonly key: string | undefined;
  readonly problem: string;

  /** @internal */
  constructor(plain: { seq?: number | null; key?: string | null; problem: string }) {
    this.seq = plain.seq ?? undefined;
    this.key = plain.key ?? undefined;
    this.problem = plain.problem;
    Object.freeze(this);
  }

  /** One line for a person. */
  toString(): string {
    const record = this.seq === undefined ? "" : `record ${this.seq}: `;
    const refund = this.key === undefined ? "" : `refund ${this.key}: `;
    return `NOT WHOLE: ${record}${refund}${this.problem}`;
  }
}

/** What a notification did to the journal, see {@link Merged.kind}. */
export type MergeKind = "settled" | "unchanged" | "conflict" | "again" | "stranger";

/** What a notification changed. It is on disk: its reply may be sent. */
export class Merged {
  /**
   * `settled`: an open refund has ended. `unchanged`: nothing new. `conflict`: it contradicts a final state, a person
   * must look. `again`: it came before. `stranger`: the journal has no such refund, a person must look.
   */
  readonly kind: MergeKind;
  /** The refund it is about; `undefined` for `again` and `stranger`. */
  readonly entry: Entry | undefined;
  /** What was received, with the reply to send. */
  readonly notification: Notification;

  /** @internal */
  constructor(kind: MergeKind, entry: Entry | undefined, notification: Notification) {
    this.kind = kind;
    this.entry = entry;
    this.notification = notification;
    Object.freeze(this);
  }

  /** Whether a person must look. */
  get needsSomebody(): boolean {
    return this.kind === "conflict" || this.kind === "stranger";
  }
}
