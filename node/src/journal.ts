/**
 * The journal: a durable record of every refund that was ever asked for.
 *
 * A refund is on disk before its first byte is sent, each answer before anything is done with it, the outcome before anybody
 * hears it. Whatever kills the program, the next run goes on, and begins by asking what became of what may have been sent.
 */
import { devNull } from "node:os";

import type { BaseAccount } from "./account.js";
import { whenAborted } from "./aborts.js";
import { alive } from "./alive.js";
import { Entry, Merged, entryOf, type MergeKind, type PlainEntry, type Submitted } from "./entries.js";
import { RefundNotFound } from "./errors.js";
import { pathOf, sourceOf, whole, type Sink, type Source } from "./files.js";
import { checked, isBytes, wrong } from "./given.js";
import {
  ENTRY_FILTER,
  SUBMIT_OPTIONS,
  accountOf,
  clientOf,
  extrasOf,
  filterOf,
  sealingKeyOf,
  type AnyClient,
  type EntryFilter,
  type Owner,
  type SubmissionOptions,
} from "./journal-arguments.js";
import {
  IMPORT_OPTIONS,
  importOptions,
  rowsOptions,
  type ImportOptions,
  type RowsOptions,
} from "./import-options.js";
import type { RecordedMethod, RequestOf, ResponseOf } from "./journal-types.js";
import { requestJson, type Operation } from "./model.js";
import { native, type Account as NativeAccount, type Cancel, type Prepared } from "./native.js";
import { arrived, notificationOf, type Inbound } from "./notifications.js";
import { OpenJournal, type JournalOptions } from "./open-journal.js";
import { operationFor, operationOf } from "./operations.js";
import { outcomeOf, type Failed, type Outcome, type Succeeded } from "./outcome.js";
import { exactJson, type Plain } from "./plain.js";
import { called, calling } from "./problem.js";
import { linesOf, type Rows } from "./rows.js";
import { settle, type SettlementOptions, type SettlementReport } from "./settlement.js";
import { ImportSummary, ResultSummary, type PlainImport, type PlainResult } from "./summaries.js";
import { requiredText, shown } from "./text.js";

/** What a call through the journal may be given. */
export interface RunOptions extends SubmissionOptions {
  /** Ends the wait; the refund stays in the journal, to be resumed. */
  signal?: AbortSignal | undefined;
}

/**
 * A journal: a file (SQLite), or `postgres://user@host/database` where several machines share one.
 *
 * Each process opens its own. All of its work happens on threads of the native module: the event loop is never blocked.
 *
 * @example
 * await using journal = await Journal.open("refunds.db", { owner: "night", restarted: true });
 * console.log(String(await journal.importFile(client, "refunds.csv")));
 * console.log(String(await new Worker(journal, client).run()));
 * await journal.writeResults(client, "refunds.csv", "results.csv");
 */
export class Journal extends OpenJournal {
  /**
   * Opens a journal, or makes it. `place` is a path, a `file:` URL or a `postgres://` URL.
   *
   * @throws `ConfigurationError` for wrong options; `JournalError` whose `code` says what is the matter with the file:
   * locked, sealed with another key, made by a newer version, no journal at all, …
   */
  static async open(place: string | URL, options?: JournalOptions): Promise<Journal> {
    return new Journal(...(await OpenJournal.opened(place, options)));
  }

  // One refund

  /**
   * Records a refund, sends it, and tells how it ended.
   *
   * The same request again gives the recorded outcome, or goes on with what is open. The same key with other content throws
   * `KeyReused`, a second key for one form `FormTaken`; nothing is sent then. Each call under way has a thread of its own:
   * for hundreds at the same time use a client with a journal, or `submit` and a `Worker`.
   */
  async run<C extends AnyClient, M extends RecordedMethod<C>>(
    client: C,
    operation: M,
    request: RequestOf<C, M>,
    options?: RunOptions,
  ): Promise<Outcome<ResponseOf<C, M>>> {
    const { account, asked, prepared, extras, signal } = this.prepared(client, operation, request, options);
    const payer = clientOf("client", client).nativeClient();
    const told = await this.cancellable(signal, (journal, cancel) =>
      journal.run(payer, prepared(), extras, cancel),
    );
    return outcomeOf(told, asked, account.name);
  }

  /** Records a refund for a worker to send. It is on disk when this resolves; nothing is sent here. */
  async submit<C extends Owner, M extends RecordedMethod<C>>(
    account: C,
    operation: M,
    request: RequestOf<C, M>,
    options?: SubmissionOptions,
  ): Promise<Submitted> {
    const {
      account: payer,
      prepared,
      extras,
    } = this.prepared(account, operation, request, options, SUBMIT_OPTIONS);
    return this.record(payer, prepared, extras);
  }

  /** Takes up a refund now (an entry, or its key): it begins by asking what became of it. */
  async resume<C extends AnyClient>(
    client: C,
    refund: Entry | string,
    options?: { signal?: AbortSignal | undefined },
  ): Promise<Outcome<ResponseOf<C>>> {
    const { signal } = checked("options", options, { signal: "signal" });
    const payer = clientOf("client", client);
    const entry = typeof refund === "string" ? await this.known(payer, refund) : refund;
    const handle = await this.handle(entry);
    const account = payer.account;
    const nativeClient = payer.nativeClient();
    const told = await this.cancellable(signal, (journal, cancel) =>
      journal.resume(nativeClient, handle, cancel),
    );
    return outcomeOf(told, operationOf(entry.operation), account.name);
  }

  /** How a refund ended, from what is recorded; `undefined` for one that is not final. */
  async outcome(entry: Entry): Promise<Succeeded | Failed | undefined> {
    const handle = await this.handle(entry);
    const told = await this.ask((journal) => journal.outcome(handle));
    if (told === null) return undefined;
    const ended = outcomeOf<unknown>(told, operationOf(entry.operation), entry.account);
    // The journal gives none but final ones.
    return ended.outcome === "unknown" ? undefined : ended;
  }

  // Upkeep

  /**
   * Makes refunds that rest due at once, for a worker to ask about; resolves to how many. Final ones stay as they are.
   * `why` is recorded for ever: write no traveller's name into it.
   */
  async reopen(why: string, filter?: EntryFilter): Promise<number> {
    const reason = requiredText("why", why);
    const wanted = filterOf(checked("filter", filter, ENTRY_FILTER));
    return this.ask((journal) => journal.reopen(wanted, reason));
  }

  /** Changes the sealing key. Stop every other program first, and start them with the new key. */
  async rotateKey(oldKey: Uint8Array | string, newKey: Uint8Array | string): Promise<void> {
    const [from, to] = [sealingKeyOf("oldKey", oldKey), sealingKeyOf("newKey", newKey)];
    await this.ask((journal) => journal.rotateKey(from, to));
  }

  // Batches

  /**
   * Records every line of a file that can be sent; nothing is sent yet.
   *
   * A wrong line is told in the summary and stops no other. A file may be imported again, as often as you like. `source` is
   * CSV with the request's fields as columns, or JSON lines: a path, a `file:` URL, or the file's bytes.
   */
  async importFile(account: Owner, source: Source, options?: ImportOptions): Promise<ImportSummary> {
    const { inline, asked } = this.payer(account, options);
    const file = sourceOf("source", source);
    const read = importOptions(file, options);
    return imported(await this.ask((journal) => journal.import(asked.name, inline, read, file)));
  }

  /**
   * Records rows of a program, see {@link Rows}, from an array or an (async) iterable.
   *
   * A row that is no row at all stops the import before anything is recorded; what is wrong with a row's content is told in
   * the summary and stops no other. The summary counts rows from 1.
   */
  async importRows(account: Owner, rows: Rows, options: RowsOptions): Promise<ImportSummary> {
    const { inline, asked } = this.payer(account, options);
    const read = rowsOptions(options);
    const { content, wrong } = await linesOf(asked, rows, options.columns);
    return imported(await this.ask((journal) => journal.import(asked.name, inline, read, content)), wrong);
  }

  /**
   * Writes what became of each line of an imported file, or of imported rows, as CSV in their order.
   *
   * Give the same source and the same options as the import. It may be written at any time, and again. The file appears
   * whole or not at all; without a `sink` the lines are only counted.
   */
  async writeResults(
    account: Owner,
    source: Source | Rows,
    sink: Sink | undefined,
    options?: ImportOptions,
  ): Promise<ResultSummary> {
    const { inline, asked } = this.payer(account, options);
    const path = sink === undefined ? undefined : pathOf("sink", sink);
    const isFile = typeof source === "string" || source instanceof URL || isBytes(source);
    const file = isFile
      ? sourceOf("source", source)
      : (await linesOf(asked, source, options?.columns)).content;
    const read = isFile ? importOptions(file, options) : rowsOptions(options);
    const write = (written: string) =>
      this.ask((journal) => journal.writeResults(asked.name, inline, read, file, written));
    const told = path === undefined ? await write(devNull) : await whole(path, write);
    return new ResultSummary(JSON.parse(told) as PlainResult);
  }

  /**
   * Holds the journal against a provider's list. Nothing is sent and nothing is changed.
   *
   * Both sides must be about the same thing: one operation, one account (its id, where the journal has several), and the days
   * of the list with one more on each side (`since`, `before`, by when a refund was recorded).
   */
  async settle(list: Source, options: SettlementOptions): Promise<SettlementReport> {
    return settle(this, list, options);
  }

  /**
   * Verifies a notification, records it, and settles the refund it is about; then send its reply.
   *
   * `rawBody` is the raw bytes, `path` the path and query at which it arrived. A notification that is not verified throws
   * `NotificationRefused` with the reply to give, and changes nothing. On any other error send no reply: they try again.
   */
  async notify(account: Owner, message: Inbound, nowMs: number = Date.now()): Promise<Merged> {
    const { inline } = accountOf(account);
    const { path, headers, body } = arrived(message);
    if (!Number.isSafeInteger(nowMs) || nowMs < 0)
      throw wrong("nowMs", `must be milliseconds since 1970, is ${shown(nowMs)}`);
    const told = await this.ask((journal) => journal.notify(inline, path, headers, body, nowMs));
    const { merged, notification } = exactJson(told) as Told;
    const entry = "id" in merged ? new Entry(merged) : undefined;
    return new Merged(merged.merged, entry, notificationOf(notification));
  }

  /**
   * Records a request that is checked already. It is prepared in its turn: thousands of submissions at once do not hold up
   * the event loop.
   *
   * @internal
   */
  async record(
    account: BaseAccount,
    prepared: Prepared | (() => Prepared),
    extras: string,
  ): Promise<Submitted> {
    const { inline } = account;
    const { isNew, entry } = await this.ask((journal) =>
      journal.submit(inline, typeof prepared === "function" ? prepared() : prepared, extras),
    );
    return Object.freeze({ isNew, entry: entryOf(entry) });
  }

  private prepared(
    owner: unknown,
    method: unknown,
    request: unknown,
    given: RunOptions | undefined,
    kinds: object = { ...SUBMIT_OPTIONS, signal: "signal" },
  ): Asked {
    const account = accountOf(owner);
    const asked = operationOf(method, account);
    const { signal, ...options } = checked(
      "options",
      given,
      kinds as typeof SUBMIT_OPTIONS & { signal: "signal" },
    );
    const content = requestJson(asked, request);
    const prepared = () => calling(() => account.stepwise.prepare(asked.name, content));
    return { account, asked, prepared, extras: extrasOf(options), signal };
  }

  private payer(
    owner: unknown,
    given: ImportOptions | undefined,
  ): { inline: NativeAccount; asked: Operation } {
    const account = accountOf(owner);
    const { operation } = checked<ImportOptions>("options", given, IMPORT_OPTIONS);
    return { inline: account.inline, asked: operationFor(account, operation) };
  }

  private async known(client: AnyClient, key: string): Promise<Entry> {
    const found = await this.find(client, key);
    if (found !== undefined) return found;
    throw new RefundNotFound(`the journal has no refund with the key ${key} of this account`, { key });
  }

  /** A call on a thread of its own, which an abort ends. It takes no turn: it may wait for minutes. */
  private async cancellable(
    signal: AbortSignal | undefined,
    work: (journal: OpenJournal["native"], cancel: Cancel) => Promise<string>,
  ): Promise<string> {
    const journal = this.native;
    const cancel = new native.Cancel();
    const stop = () => cancel.cancel();
    if (signal?.aborted === true) stop();
    const forget = signal === undefined ? undefined : whenAborted(signal, stop);
    try {
      return await alive(called(() => work(journal, cancel)));
    } finally {
      forget?.();
    }
  }
}

interface Asked {
  readonly account: BaseAccount;
  readonly asked: Operation;
  readonly prepared: () => Prepared;
  readonly extras: string;
  readonly signal: AbortSignal | undefined;
}

interface Told {
  readonly merged: { readonly merged: MergeKind } | (PlainEntry & { readonly merged: MergeKind });
  readonly notification: Plain;
}

/** What is wrong with a row is told in JavaScript's names, where it was found here. */
function imported(told: string, wrong?: ReadonlyMap<number, string>): ImportSummary {
  const plain = JSON.parse(told) as PlainImport;
  const problems = plain.problems.map((one) => ({ ...one, problem: wrong?.get(one.line) ?? one.problem }));
  return new ImportSummary({ ...plain, problems });
}
