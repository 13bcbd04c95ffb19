/** The batch worker: drains a journal, some exchanges at a time, at the pace that the provider takes. */
import { whenAborted } from "./aborts.js";
import { alive } from "./alive.js";
import { BaseClient } from "./client.js";
import { FlowMisuse } from "./errors.js";
import { checked } from "./given.js";
import type { AnyClient } from "./journal-arguments.js";
import { Journal } from "./journal.js";
import { native, type Client as NativeClient, type Worker as NativeWorker } from "./native.js";
import { isPlain, jsonText, own, type Plain } from "./plain.js";
import { calling, errorOfProblem } from "./problem.js";
import { oneOf, unfit } from "./text.js";
import { WorkerSummary, eventOf, type PlainSummary, type WorkerEvent } from "./worker-events.js";

/** How a worker works. */
export interface WorkerOptions {
  /** Requests under way at the same time, over all accounts. Default 32. */
  exchanges?: number | undefined;
  /** Refunds held at the same time, those that wait between two sends included. Default 1,024. */
  held?: number | undefined;
  /**
   * It ends when nothing is due now (`nothing_due`, the default), when nothing will become due by itself any more
   * (`nothing_open`; that may take more than an hour), or only when it is stopped (`stopped`).
   */
  until?: "nothing_due" | "nothing_open" | "stopped" | undefined;
  /** How often it looks for new work while idle, in milliseconds. Default 500. */
  lookEveryMs?: number | undefined;
  /** So many refunds in a row that end with *fix the configuration* stop their account; 0 is never. Default 5. */
  haltAfter?: number | undefined;
  /** Is told what happens. What it throws is reported by `process.emitWarning`, and hurts no payment. */
  onEvent?: ((event: WorkerEvent) => unknown) | undefined;
}

/** What one run may be given. */
export interface WorkerRunOptions {
  /** Stops it gracefully, as {@link Worker.stop} does. */
  signal?: AbortSignal | undefined;
}

/**
 * Drains a journal for these accounts; refunds of other accounts are left alone.
 *
 * Any number of workers, in any number of processes, may drain one journal. Each refund belongs to one of them at a time;
 * when one dies, another takes its refunds over and asks what became of them before anything else. It works on threads of the
 * native module. The process stays alive while somebody awaits it, and not longer.
 *
 * @example
 * const summary = await new Worker(journal, client).run();
 *
 * for await (const event of new Worker(journal, [alipayClient, antomClient]).events()) {
 *   if (event.event === "ended" && event.state === "failed") console.log(event.key, String(event.reason));
 * }
 */
export class Worker {
  private readonly journal: Journal;
  private readonly clients: NativeClient[];
  private readonly options: string;
  private readonly onEvent: WorkerOptions["onEvent"];
  private running: Run | undefined;
  private latest: WorkerSummary | undefined;

  /** Makes a worker; nothing is sent before it runs. What is wrong with an account or an option is said now. */
  constructor(journal: Journal, clients: AnyClient | Iterable<AnyClient>, options?: WorkerOptions) {
    if (!(journal instanceof Journal)) throw unfit("journal", "a Journal", journal);
    const { onEvent, ...rest } = checked("options", options, OPTIONS);
    this.journal = journal;
    this.clients = clientsOf(clients).map((client) => client.nativeClient());
    this.options = jsonText({
      exchanges: rest.exchanges,
      held: rest.held,
      until: oneOf("options.until", rest.until ?? "nothing_due", ["nothing_due", "nothing_open", "stopped"]),
      look_every_ms: rest.lookEveryMs === undefined ? undefined : Math.round(rest.lookEveryMs),
      halt_after: rest.haltAfter,
    });
    this.onEvent = onEvent;
    this.made(() => undefined);
  }

  /** What the latest run did; `undefined` before it has ended. */
  get summary(): WorkerSummary | undefined {
    return this.latest;
  }

  /** Works until there is nothing more to do (`until`), or it is stopped. It may run again afterwards. */
  async run(options?: WorkerRunOptions): Promise<WorkerSummary> {
    const { signal } = checked("options", options, { signal: "signal" });
    return alive(this.started(signal, undefined).ended);
  }

  /** Stops gracefully: what is under way is finished and recorded, the rest is given back. */
  stop(): void {
    this.running?.stop();
  }

  /**
   * Runs the worker, and gives what happens as it happens.
   *
   * Leaving the loop stops the worker gracefully and waits for what is under way. What goes wrong in the worker is thrown
   * here. Events wait in memory for a slow reader; the worker does not. It starts with the first event that is asked for.
   */
  async *events(options?: WorkerRunOptions): AsyncGenerator<WorkerEvent, WorkerSummary, undefined> {
    const { signal } = checked("options", options, { signal: "signal" });
    const told: WorkerEvent[] = [];
    const state: { isOver: boolean; wake: () => void } = { isOver: false, wake: () => undefined };
    const run = this.started(signal, (event) => {
      told.push(event);
      state.wake();
    });
    const over = () => {
      state.isOver = true;
      state.wake();
    };
    run.ended.then(over, over);
    try {
      for (;;) {
        yield* told.splice(0);
        if (told.length > 0) continue;
        if (state.isOver) break;
        await alive(new Promise<void>((resolve) => (state.wake = resolve)));
      }
    } finally {
      run.stop();
      await alive(run.ended.catch(() => undefined));
    }
    return run.ended;
  }

  /** Stops it, and waits for what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { running } = this;
    if (running === undefined) return;
    running.stop();
    await alive(running.ended.catch(() => undefined));
  }

  private started(
    signal: AbortSignal | undefined,
    listener: ((event: WorkerEvent) => void) | undefined,
  ): Run {
    if (this.running !== undefined) {
      throw new FlowMisuse("worker: it is running; make another one, or wait for this run");
    }
    this.latest = undefined;
    const run = new Run((tell) => this.made(tell), this.told(listener), signal);
    this.running = run;
    const over = () => (this.running = undefined);
    run.ended.then((summary) => {
      this.latest = summary;
      over();
    }, over);
    return run;
  }

  private told(listener: ((event: WorkerEvent) => void) | undefined): (event: WorkerEvent) => void {
    const { onEvent } = this;
    return (event) => {
      if (onEvent !== undefined) guarded(onEvent, event);
      listener?.(event);
    };
  }

  private made(tell: (plain: Plain) => void): NativeWorker {
    const heard = (told: string) => tell(JSON.parse(told) as Plain);
    return calling(() => new native.Worker(this.journal.native, this.clients, this.options, heard));
  }
}

/** One run of a worker, from its start to its last event. */
class Run {
  readonly ended: Promise<WorkerSummary>;
  private worker: NativeWorker | undefined;

  constructor(
    make: (tell: (plain: Plain) => void) => NativeWorker,
    told: (event: WorkerEvent) => void,
    signal: AbortSignal | undefined,
  ) {
    const forget = signal === undefined ? undefined : whenAborted(signal, () => this.stop());
    this.ended = new Promise<WorkerSummary>((resolve, reject) => {
      const worker = make((plain) => {
        const event = eventOf(plain);
        if (event !== undefined) told(event);
        if (own(plain, "event") !== "stopped") return;
        // Let go of: what is native keeps what it calls alive, and a circle through it is never collected.
        this.worker = undefined;
        forget?.();
        const problem = own(plain, "problem");
        if (isPlain(problem)) reject(errorOfProblem(problem));
        else resolve(new WorkerSummary(own(plain, "summary") as PlainSummary));
      });
      this.worker = worker;
      if (signal?.aborted === true) worker.stop();
      calling(() => worker.start());
    });
    // Somebody who only reads the events need not hear it twice.
    this.ended.catch(() => undefined);
  }

  stop(): void {
    this.worker?.stop();
  }
}

/** Calls what a program gave; whatever it throws, or its promise, is reported and hurts nothing. */
function guarded(onEvent: (event: WorkerEvent) => unknown, event: WorkerEvent): void {
  const report = (error: unknown) => {
    const warning = error instanceof Error ? error : new Error(String(error));
    process.emitWarning(`onEvent of a taxrefund worker failed: ${warning.message}`, "TaxRefundWarning");
  };
  try {
    Promise.resolve(onEvent(event)).catch(report);
  } catch (error) {
    report(error);
  }
}

/** One client, or several. @internal */
export function clientsOf(given: unknown): BaseClient[] {
  const many: unknown[] = isIterable(given) ? [...given] : [given];
  for (const one of many)
    if (!(one instanceof BaseClient)) throw unfit("clients", "a client, or several", one);
  if (many.length === 0) throw unfit("clients", "a client, or several", given, " of none");
  return many as BaseClient[];
}

function isIterable(given: unknown): given is Iterable<unknown> {
  return typeof given === "object" && given !== null && Symbol.iterator in given;
}

const OPTIONS = {
  exchanges: "count",
  held: "count",
  until: "text",
  lookEveryMs: "span",
  haltAfter: "count",
  onEvent: "function",
} as const;
