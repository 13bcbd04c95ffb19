/** A journal that is open: where it is, and what stands in it. */
import { inspect } from "node:util";

import { alive } from "./alive.js";
import {
  Broken,
  Counts,
  Entry,
  JournalRecord,
  Proof,
  entryOf,
  handleOf,
  type PlainCounts,
  type PlainRecord,
} from "./entries.js";
import { JournalError, RefundNotFound } from "./errors.js";
import { checked, wrong } from "./given.js";
import {
  ENTRY_FILTER,
  accountOf,
  filterOf,
  sealingKeyOf,
  type EntryFilter,
  type Owner,
} from "./journal-arguments.js";
import type { Entry as NativeEntry, Journal as NativeJournal } from "./native.js";
import { native } from "./native.js";
import { jsonText } from "./plain.js";
import { called } from "./problem.js";
import { requiredText, unfit } from "./text.js";
import { pathOf } from "./files.js";
import { Turns } from "./turns.js";

/** How a journal is opened. */
export interface JournalOptions {
  /**
   * 32 bytes, or their 64 hexadecimal digits. Seals whatever is personal; from the first entry or never. Without the key
   * a sealed journal cannot be opened by anybody.
   */
  sealingKey?: Uint8Array | string | undefined;
  /** Look only; the file must exist. */
  readOnly?: boolean | undefined;
  /** Open a file that was last written by a clock ahead of this machine's. */
  acceptClock?: boolean | undefined;
  /** The name under which refunds are leased. No two running programs may share one. */
  owner?: string | undefined;
  /**
   * An earlier program of this `owner` is dead for certain, so what it was working on is free at once, rather than when its
   * leases end.
   */
  restarted?: boolean | undefined;
  /** How long a refund belongs to whoever took it, in milliseconds. Default 60,000. */
  leaseMs?: number | undefined;
  /**
   * When a refund whose result is not known is asked about again, in milliseconds. Default after 2 min, 10 min, 10 min,
   * 1 h; then it rests as *unknown*.
   */
  takeUpAgainAfterMs?: readonly number[] | undefined;
}

/** A native call takes microseconds of this thread, an answer a few more; so many at once keep the disk busy. */
const AT_ONCE = 64;

/** What can be seen in a journal. Use `Journal`. */
export class OpenJournal {
  private opened: NativeJournal | undefined;
  private readonly turns = new Turns(AT_ONCE);

  /** @internal */
  protected constructor(
    private readonly place: string,
    opened: NativeJournal,
  ) {
    this.opened = opened;
  }

  /** @internal */
  protected static async opened(
    given: unknown,
    options: JournalOptions | undefined,
  ): Promise<[string, NativeJournal]> {
    const place = placeOf(given);
    const { sealingKey, ...rest } = checked("options", options, OPTIONS);
    const key = sealingKey === undefined ? undefined : sealingKeyOf("options.sealingKey", sealingKey);
    const plain = {
      read_only: rest.readOnly ?? false,
      accept_clock: rest.acceptClock ?? false,
      owner: rest.owner,
      restarted: rest.restarted ?? false,
      lease_ms: rest.leaseMs === undefined ? undefined : Math.round(rest.leaseMs),
      take_up_again_after_ms: rest.takeUpAgainAfterMs?.map(Math.round),
    };
    const opened = await alive(called(() => native.Journal.open(place, jsonText(plain), key)));
    return [place, opened];
  }

  /** The name under which this handle takes leases. */
  get owner(): string {
    return this.native.owner;
  }

  /** Whether it was closed. */
  get isClosed(): boolean {
    return this.opened === undefined;
  }

  /**
   * Gives the file back, once whatever still uses it is done. Whatever was recorded is on disk long before. A closed
   * journal says so when it is used; closing it again does nothing.
   */
  async close(): Promise<void> {
    const opened = this.opened;
    this.opened = undefined;
    if (opened !== undefined) await alive(called(() => opened.close()));
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The refund with this key, or `undefined`. */
  async find(account: Owner, key: string): Promise<Entry | undefined> {
    const { inline } = accountOf(account);
    const named = requiredText("key", key);
    const found = await this.ask((journal) => journal.find(inline, named));
    return found === null ? undefined : entryOf(found);
  }

  /**
   * Refunds in the order of their arrival, read page by page: a million of them take no memory.
   *
   * @example
   * for await (const entry of journal.entries({ state: "unknown" })) console.log(entry.key, entry.nextStep);
   */
  entries(filter?: EntryFilter): AsyncGenerator<Entry, void, undefined> {
    // Checked here rather than with the first entry: whoever misspelt a name should hear it at once.
    return this.pages(filterOf(checked("filter", filter, ENTRY_FILTER)));
  }

  /** The frozen business content of a refund, by interface. **It holds the traveller's data.** */
  async request(entry: Entry): Promise<Readonly<Record<string, string>>> {
    const handle = await this.handle(entry);
    const content = await this.ask((journal) => journal.request(handle));
    return Object.freeze(JSON.parse(content) as Record<string, string>);
  }

  /**
   * Everything that was recorded about a refund, oldest first. With `evidence`, also the provider's answers as they came:
   * **they hold the traveller's data.**
   */
  async story(entry: Entry, options?: { evidence?: boolean | undefined }): Promise<readonly JournalRecord[]> {
    const { evidence = false } = checked("options", options, { evidence: "flag" });
    const handle = await this.handle(entry);
    const told = await this.ask((journal) => journal.story(handle, evidence));
    return Object.freeze((JSON.parse(told) as PlainRecord[]).map((record) => new JournalRecord(record)));
  }

  /** How many refunds are in each state. */
  async counts(): Promise<Counts> {
    return new Counts(JSON.parse(await this.ask((journal) => journal.counts())) as PlainCounts);
  }

  /** The end of the chain of records. Kept on another machine it proves later that nothing was cut off. */
  async head(): Promise<string> {
    return this.ask((journal) => journal.head());
  }

  /** Whether nothing recorded was changed or removed. `expected` is a head that was kept elsewhere. */
  async verify(expected?: string): Promise<Proof | Broken> {
    const head = expected === undefined ? undefined : requiredText("expected", expected);
    const told = JSON.parse(await this.ask((journal) => journal.verify(head))) as Verified;
    return "proof" in told ? new Proof(told.proof) : new Broken(told.broken);
  }

  /** Where it is; a password in its address is left out. */
  toString(): string {
    const [scheme, rest] = this.place.split("://", 2);
    const place = rest === undefined ? this.place : `${scheme}://${rest.slice(rest.lastIndexOf("@") + 1)}`;
    return `Journal(${place}${this.isClosed ? ", closed" : ""})`;
  }

  /** @internal */
  [inspect.custom](): string {
    return this.toString();
  }

  /** The native twin, for clients and workers. Throws `JournalError` when it was closed. @internal */
  get native(): NativeJournal {
    if (this.opened === undefined) {
      throw new JournalError("journal: it was closed; open it again");
    }
    return this.opened;
  }

  /** Asks the native side, in turn; the process stays alive for the answer. @internal */
  ask<T>(question: (journal: NativeJournal) => Promise<T>): Promise<T> {
    // Now, so that a closed journal is told to whoever asks it, not to whoever waits in its row.
    const journal = this.native;
    return alive(this.turns.run(() => called(() => question(journal))));
  }

  /** The native twin of an entry; one that was copied is found again by its number. @internal */
  protected async handle(entry: Entry): Promise<NativeEntry> {
    if (!(entry instanceof Entry)) throw unfit("entry", "an Entry of a journal", entry);
    const handle = handleOf(entry);
    if (handle !== undefined) return handle;
    const [found] = await this.ask((journal) => journal.page("{}", entry.id - 1));
    if (found?.id === entry.id && found.key === entry.key) return found;
    throw new RefundNotFound(`this journal has no refund ${entry.id} with the key ${entry.key}`, {
      key: entry.key,
    });
  }

  private async *pages(filter: string): AsyncGenerator<Entry, void, undefined> {
    let after = 0;
    for (;;) {
      const page = await this.ask((journal) => journal.page(filter, after));
      const last = page.at(-1);
      if (last === undefined) return;
      for (const entry of page) yield entryOf(entry);
      after = last.id;
    }
  }
}

type Verified =
  | { readonly proof: { entries: number; records: number; head: string } }
  | { readonly broken: { seq?: number | null; key?: string | null; problem: string } };

const OPTIONS = {
  sealingKey: "any",
  readOnly: "flag",
  acceptClock: "flag",
  owner: "text",
  restarted: "flag",
  leaseMs: "span",
  takeUpAgainAfterMs: "spans",
} as const;

function placeOf(given: unknown): string {
  if (given instanceof URL && given.protocol !== "file:") {
    if (given.protocol === "postgres:" || given.protocol === "postgresql:") return given.href;
    throw wrong("place", `must be a path, a file: URL or a postgres:// URL, not ${given.protocol}`);
  }
  return pathOf("place", given);
}
