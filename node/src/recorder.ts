/**
 * Refunds of a client with a journal: recorded first, then sent by a worker of the client's own. Thousands of them wait at the
 * same time; none holds a thread.
 *
 * @internal
 */
import { whenAborted } from "./aborts.js";
import { hold, release } from "./alive.js";
import type { BaseClient } from "./client.js";
import { ConfigurationError, JournalError, RefundNotFound } from "./errors.js";
import type { Journal } from "./journal.js";
import { native, type Entry, type Prepared, type Worker as NativeWorker } from "./native.js";
import type { CheckedOptions } from "./options.js";
import { isPlain, jsonText, own, plainOf, text, type Plain } from "./plain.js";
import { called, calling, errorOfProblem } from "./problem.js";
import { recordedOutcome } from "./recorded.js";

const LOOK_EVERY_MS = 20;
/** How long somebody waits before looking whether another process has sent his refund; then twice as long, and so on. */
const PATIENCE = { firstMs: 1_000, lastMs: 30_000 };

/** Records refunds, has them sent, and tells their outcomes. */
export class Recorder {
  private readonly waiting = new Map<string, Waiting>();
  private readonly working = new Map<NativeWorker, Promise<void>>();
  /** What ends the waits for refunds that the worker does not have. */
  private readonly alone = new Set<() => void>();
  private current: NativeWorker | undefined;
  private closed = false;

  /** `exchanges`: how many requests the worker has under way at the same time. */
  constructor(
    private readonly client: BaseClient,
    private readonly journal: Journal,
    private readonly exchanges: number,
    /** Shorter in tests. */
    private readonly patience = PATIENCE,
  ) {}

  /**
   * Records a refund and waits for its outcome, as JSON. An abort ends the wait at once: the outcome is *unknown* with the
   * reason `cancelled`, and the refund is in the journal. One that was aborted before is not even recorded.
   */
  async outcomeOf(prepared: Prepared, extrasJson: string, options: CheckedOptions): Promise<string> {
    const { signal } = options;
    if (signal?.aborted === true || this.closed) return this.neverRecorded(prepared);
    const key = prepared.key;
    const waiting = this.waitingFor(key);
    const heard = new Heard();
    // Listened for before it is recorded: a worker may be through with it at once.
    waiting.heard.add(heard);
    hold();
    const forget = signal === undefined ? undefined : whenAborted(signal, () => heard.end("aborted"));
    try {
      const recorded = this.recorded(waiting, prepared, extrasJson);
      // Nobody may be left to hear how it went.
      recorded.catch(() => undefined);
      const entry = await Promise.race([recorded, heard.told]);
      if (typeof entry === "string") return await this.after(entry, prepared);
      if (!waiting.isTheWorkers) {
        // Recorded by an earlier run: its outcome, or taken up where it stands.
        return await this.byItself(entry, options);
      }
      this.haveItSent();
      return await this.after(await this.until(heard, key), prepared);
    } finally {
      release();
      forget?.();
      this.forget(key, waiting, heard);
    }
  }

  /** Takes up a refund that the journal has. */
  async resumed(entry: Entry, options: CheckedOptions): Promise<string> {
    hold();
    try {
      return await this.byItself(entry, options);
    } finally {
      release();
    }
  }

  /** The journal's entry of this key. */
  async entryOf(key: string): Promise<Entry | undefined> {
    const { inline } = this.client.account;
    return (await this.journal.ask((journal) => journal.find(inline, key))) ?? undefined;
  }

  /** Stops the worker when what it has in the air is recorded, and lets go whoever still waits. */
  async close(): Promise<void> {
    this.closed = true;
    hold();
    try {
      for (const [worker, ended] of [...this.working]) {
        worker.stop();
        await ended;
      }
    } finally {
      release();
    }
    for (const stop of [...this.alone]) stop();
    for (const { heard } of this.waiting.values()) for (const one of heard) one.end("aborted");
  }

  /** What is said of a refund for whose outcome nobody waits any more. */
  private cancelled(prepared: Prepared): string {
    const { stepwise } = this.client.account;
    return calling(() => stepwise.begin(prepared, "{}").cancel(0, Date.now()));
  }

  /** Without a state: resumed from one, the refund would be paid past the journal. */
  private neverRecorded(prepared: Prepared): string {
    return jsonText({ ...plainOf(this.cancelled(prepared)), resume: null });
  }

  private async after(end: End, prepared: Prepared): Promise<string> {
    return end === "aborted" ? this.cancelled(prepared) : this.outcome(prepared.key);
  }

  /** Recorded one after the other, so that it is known here whose it is. */
  private async recorded(waiting: Waiting, prepared: Prepared, extrasJson: string): Promise<Entry> {
    const before = waiting.recording;
    const recording = (async () => {
      await before.catch(() => undefined);
      const { inline } = this.client.account;
      const { isNew, entry } = await this.journal.ask((journal) =>
        journal.submit(inline, prepared, extrasJson),
      );
      waiting.isTheWorkers ||= isNew;
      // Also where nobody waits any more: what is recorded is sent.
      if (waiting.isTheWorkers) this.haveItSent();
      return entry;
    })();
    waiting.recording = recording;
    return recording;
  }

  /**
   * One refund on a thread of its own: the worker takes up only what is due by itself. After an abort the thread still records
   * what it has in the air, and nobody waits for that.
   */
  private async byItself(entry: Entry, options: CheckedOptions): Promise<string> {
    if (entry.state === "succeeded" || entry.state === "failed") return this.outcome(entry.key);
    const [client, journal] = [this.client.nativeClient(options), this.journal.native];
    const cancel = new native.Cancel();
    const heard = new Heard();
    const { signal } = options;
    const stop = () => {
      cancel.cancel();
      heard.end("aborted");
    };
    if (signal?.aborted === true) stop();
    const forget = signal === undefined ? undefined : whenAborted(signal, stop);
    this.alone.add(stop);
    try {
      const told = called(() => journal.resume(client, entry, cancel));
      told.catch(() => undefined);
      const ended = await Promise.race([told, heard.told]);
      return ended === "aborted" ? await this.leftAsItIs(entry.key) : ended;
    } finally {
      this.alone.delete(stop);
      forget?.();
    }
  }

  /** What is said of a recorded refund whose wait was ended: as it stands, and if that is open, why nobody knows more. */
  private async leftAsItIs(key: string): Promise<string> {
    const plain = JSON.parse(await this.outcome(key)) as Plain;
    if (own(plain, "outcome") !== "unknown") return jsonText(plain);
    return jsonText({ ...plain, reason: { code: "cancelled", sub_code: null, verified: false } });
  }

  private async outcome(key: string): Promise<string> {
    const { inline } = this.client.account;
    const outcome = await recordedOutcome(this.journal.native, inline, key);
    if (outcome !== undefined) return outcome;
    throw new RefundNotFound(`the journal has no refund ${key} any more`, { key });
  }

  /** Until a refund has ended, or nobody wants to wait any more. */
  private async until(heard: Heard, key: string): Promise<End> {
    let patienceMs = this.patience.firstMs;
    for (;;) {
      const end = await heard.within(patienceMs);
      if (end !== undefined) return end;
      // Another process may have sent it, of which the worker here tells nothing.
      patienceMs = Math.min(2 * patienceMs, this.patience.lastMs);
      if (await this.rests(key)) this.tell(key, undefined);
    }
  }

  /** Whether nobody is at work on a refund, and nobody is about to be. */
  private async rests(key: string): Promise<boolean> {
    const entry = await this.entryOf(key);
    if (entry === undefined) return true;
    const plain = JSON.parse(entry.json) as { state: string; lease_owner?: string | null };
    return plain.state !== "open" && plain.lease_owner == null;
  }

  private haveItSent(): void {
    if (this.current !== undefined || this.closed) return;
    const options = jsonText({ exchanges: this.exchanges, until: "stopped", look_every_ms: LOOK_EVERY_MS });
    const client = this.client.nativeClient();
    let ended: () => void = () => undefined;
    const working = new Promise<void>((resolve) => (ended = resolve));
    const worker: NativeWorker = calling(
      () =>
        new native.Worker(this.journal.native, [client], options, (told) => {
          const event = JSON.parse(told) as Plain;
          if (own(event, "event") === "stopped") {
            this.working.delete(worker);
            if (this.current === worker) this.current = undefined;
            ended();
            const problem = own(event, "problem");
            if (isPlain(problem)) this.tellAll(() => errorOfProblem(problem));
          } else {
            this.heard(event);
          }
        }),
    );
    this.current = worker;
    this.working.set(worker, working);
    calling(() => worker.start());
  }

  private heard(event: Plain): void {
    const kind = own(event, "event");
    const key = text(event, "key");
    if (kind === "ended") {
      this.tell(key, undefined);
    } else if (kind === "skipped") {
      const problem = `the refund ${key} was left as it is: ${text(event, "problem")}`;
      this.tell(key, () => new JournalError(problem, { code: "journal_entry_unreadable" }));
    } else if (kind === "halted") {
      this.halted(event);
    }
  }

  private halted(event: Plain): void {
    const reason = own(event, "reason");
    const code = (isPlain(reason) && text(reason, "code")) || "configuration";
    const problem =
      `account: nothing more is sent for ${text(event, "account")}, its configuration is wrong ` +
      `(${code}); the refunds stay in the journal`;
    // The next call tries again with a new one.
    this.current?.stop();
    this.current = undefined;
    this.tellAll(() => new ConfigurationError(problem, { field: "account" }));
  }

  private tellAll(problem: () => Error): void {
    for (const key of [...this.waiting.keys()]) this.tell(key, problem);
  }

  private tell(key: string, problem: (() => Error) | undefined): void {
    const waiting = this.waiting.get(key);
    if (waiting === undefined) return;
    // Whoever asks again finds out anew where it stands.
    waiting.isTheWorkers = false;
    // An error for each: its stack is where it is awaited.
    for (const one of waiting.heard) {
      if (problem === undefined) one.end("ended");
      else one.fail(problem());
    }
    if (waiting.heard.size === 0) this.waiting.delete(key);
  }

  private waitingFor(key: string): Waiting {
    let waiting = this.waiting.get(key);
    if (waiting === undefined) {
      waiting = { heard: new Set(), recording: Promise.resolve(), isTheWorkers: false };
      this.waiting.set(key, waiting);
    }
    return waiting;
  }

  private forget(key: string, waiting: Waiting, heard: Heard): void {
    waiting.heard.delete(heard);
    if (waiting.heard.size === 0 && !waiting.isTheWorkers && this.waiting.get(key) === waiting) {
      this.waiting.delete(key);
    }
  }
}

/** Those who wait for one refund. */
interface Waiting {
  readonly heard: Set<Heard>;
  recording: Promise<unknown>;
  isTheWorkers: boolean;
}

/** How a wait ends: the refund has ended, or nobody wants to wait any more. */
type End = "ended" | "aborted";

/** One wait. */
class Heard {
  readonly told: Promise<End>;
  end!: (end: End) => void;
  fail!: (problem: Error) => void;

  constructor() {
    this.told = new Promise<End>((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
    // Whoever was aborted does not hear it.
    this.told.catch(() => undefined);
  }

  /** How it ended, or nothing when it has not after so long. */
  async within(ms: number): Promise<End | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<undefined>((resolve) => {
      timer = setTimeout(resolve, ms, undefined);
    });
    try {
      return await Promise.race([this.told, patience]);
    } finally {
      clearTimeout(timer);
    }
  }
}
