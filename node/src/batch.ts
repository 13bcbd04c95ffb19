/** A file of refunds from beginning to end, in one call: recorded, paid, told line by line. */
import type { BaseClient } from "./client.js";
import { pathOf, type Sink, type Source } from "./files.js";
import { checked, wrong } from "./given.js";
import { IMPORT_OPTIONS, type ImportOptions, type RowsOptions } from "./import-options.js";
import type { AnyClient } from "./journal-arguments.js";
import { Journal } from "./journal.js";
import { operationFor, operationOf } from "./operations.js";
import { unfit } from "./text.js";
import type { Rows } from "./rows.js";
import type { ImportSummary, ResultSummary } from "./summaries.js";
import type { Ended, WorkerEvent, WorkerSummary } from "./worker-events.js";
import { Worker, clientsOf } from "./worker.js";

/** How far a batch is. */
export interface Progress {
  /** Refunds brought to an end for now. */
  readonly ended: number;
  /** Refunds that were to be worked on when it began. Those taken up again may make `ended` exceed it. */
  readonly expected: number;
  readonly latest: Ended;
}

/** How a batch is paid. */
export interface PayOptions {
  /** Where to write the result file, if anywhere. It appears whole or not at all. */
  results?: Sink | undefined;
  /** Requests under way at the same time. Default 32. */
  exchanges?: number | undefined;
  /** `nothing_open` also waits for refunds that are to be asked about again; that may take more than an hour. */
  until?: "nothing_due" | "nothing_open" | undefined;
  /** Stops gracefully; the same call goes on where it was. */
  signal?: AbortSignal | undefined;
  /** Is told of each refund that ends. What it throws hurts no payment. */
  onProgress?: ((progress: Progress) => unknown) | undefined;
}

/** See {@link payFile}. */
export interface PayFileOptions extends PayOptions, ImportOptions {}

/** See {@link payRows}. */
export interface PayRowsOptions extends PayOptions, RowsOptions {}

/** What became of a batch. */
export class BatchResult {
  /** What is wrong with lines that were never sent. */
  readonly imported: ImportSummary;
  /** What the worker did; it pays whatever is due in the journal for these accounts, earlier files included. */
  readonly worked: WorkerSummary;
  /** Every line of this file once. */
  readonly results: ResultSummary;

  /** @internal */
  constructor(imported: ImportSummary, worked: WorkerSummary, results: ResultSummary) {
    this.imported = imported;
    this.worked = worked;
    this.results = results;
    Object.freeze(this);
  }

  /** Whether a line is wrong, or a refund has not succeeded. */
  get needsSomebody(): boolean {
    return !this.results.isDone || this.worked.halted.length > 0 || this.worked.skipped > 0;
  }

  /** One line for a person. */
  toString(): string {
    return this.results.toString();
  }
}

/** A client, or several. */
export type Clients = AnyClient | Iterable<AnyClient>;

/**
 * Records a file's refunds, pays them, and writes what became of each line.
 *
 * Killed in the middle, the same call goes on where it was: what is recorded is not recorded again, and what may have been sent
 * is asked about before anything else. Whatever is due in the journal for these accounts is paid too.
 *
 * `clients`: the account to pay from; of several, the one whose protocol has the operation. `file`: CSV or JSON lines, a path,
 * a `file:` URL or bytes.
 *
 * @example
 * await using journal = await Journal.open("refunds.db", { owner: "night", restarted: true });
 * const night = await payFile(client, journal, "refunds.csv", { results: "results.csv" });
 * console.log(String(night));
 * process.exitCode = night.needsSomebody ? 2 : 0;
 */
export async function payFile(
  clients: Clients,
  journal: Journal,
  file: Source,
  options?: PayFileOptions,
): Promise<BatchResult> {
  return pay(clients, journal, file, options, (payer, read) => journal.importFile(payer, file, read));
}

/** The same for rows of a program, see `Journal.importRows`. Rows are read twice: give an array, not an iterator. */
export async function payRows(
  clients: Clients,
  journal: Journal,
  rows: Rows,
  options: PayRowsOptions,
): Promise<BatchResult> {
  if (isReadOnce(rows)) {
    throw wrong("rows", "are read twice: give an array, not an iterator that can be read once");
  }
  return pay(clients, journal, rows, options, (payer, read) =>
    // Whether there is a batch's name is checked there.
    journal.importRows(payer, rows, read as RowsOptions),
  );
}

async function pay(
  clients: unknown,
  journal: Journal,
  source: Source | Rows,
  given: PayFileOptions | undefined,
  record: (payer: BaseClient, options: ImportOptions) => Promise<ImportSummary>,
): Promise<BatchResult> {
  if (!(journal instanceof Journal)) throw unfit("journal", "a Journal", journal);
  const { results, exchanges, until, signal, onProgress, ...read } = checked("options", given, OPTIONS);
  const sink = results === undefined ? undefined : pathOf("options.results", results);
  const all = clientsOf(clients);
  const payer = payerOf(all, read.operation);
  let [ended, expected] = [0, 0];
  const onEvent = (event: WorkerEvent) => {
    if (event.event !== "ended") return;
    ended += 1;
    return onProgress?.(Object.freeze({ ended, expected, latest: event }));
  };
  // Made before anything is recorded: what is wrong with an option is said first.
  const worker = new Worker(journal, all, { exchanges, until, ...(onProgress && { onEvent }) });
  const imported = await record(payer, read);
  const counts = await journal.counts();
  expected = counts.open + counts.waiting;
  const worked = await worker.run({ signal });
  return new BatchResult(imported, worked, await journal.writeResults(payer, source, sink, read));
}

/** The account that a file is paid from. */
function payerOf(clients: readonly BaseClient[], operation: unknown): BaseClient {
  const [first] = clients;
  if (first !== undefined && clients.length === 1) {
    operationFor(first.account, operation);
    return first;
  }
  if (operation === undefined) {
    throw wrong("options.operation", "with several accounts, say what each line asks for");
  }
  const asked = operationOf(operation);
  const fitting = clients.filter((client) => asked.name.startsWith(`${client.account.protocol}.`));
  const [payer] = fitting;
  if (payer !== undefined && fitting.length === 1) return payer;
  const found = fitting.length === 0 ? "none" : String(fitting.length);
  throw wrong("clients", `${found} of them can be asked for ${asked.name}, and exactly one must`);
}

/** An iterator that is its own iterable is through after one reading. */
function isReadOnce(rows: unknown): boolean {
  if (typeof rows !== "object" || rows === null) return false;
  const many = rows as Partial<Iterable<unknown> & AsyncIterable<unknown>>;
  const iterator: unknown = many[Symbol.iterator]?.() ?? many[Symbol.asyncIterator]?.();
  return iterator === rows;
}

const OPTIONS = {
  ...IMPORT_OPTIONS,
  results: "any",
  exchanges: "count",
  until: "text",
  signal: "signal",
  onProgress: "function",
} as const;
