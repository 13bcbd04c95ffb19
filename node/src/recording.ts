/** A client's journal: opened when it is first needed, with whoever records and sends. */
import type { BaseClient } from "./client.js";
import { ConfigurationError } from "./errors.js";
import type * as journalModule from "./journal.js";
import type { Journal } from "./journal.js";
import type * as recorderModule from "./recorder.js";
import type { Recorder } from "./recorder.js";
import { shaped } from "./shapes.js";
import { isA } from "./text.js";

type JournalModule = typeof journalModule;
type RecorderModule = typeof recorderModule;

/** A journal, or where one is. */
export class Recording {
  #place: string | URL | undefined;
  #journal: Promise<Journal> | undefined;
  #recorder: Promise<Recorder> | undefined;
  #isClosed = false;

  constructor(
    given: unknown,
    private readonly client: BaseClient,
    private readonly exchanges: number,
  ) {
    if (typeof given === "string" || isA(given, URL)) this.#place = given;
    else this.#journal = Promise.resolve(journalOf(given));
  }

  /** The journal. One that cannot be opened is tried again by the next call. */
  async journal(): Promise<Journal> {
    const place = this.#place;
    if (this.#journal !== undefined || place === undefined) return this.#known();
    const opening = journals().Journal.open(place);
    this.#journal = opening;
    try {
      return await opening;
    } catch (error) {
      this.#journal = undefined;
      throw error;
    }
  }

  /** Whoever records refunds, and has them sent by a worker. */
  async recorder(): Promise<Recorder> {
    const made = (this.#recorder ??= this.#made());
    try {
      return await made;
    } catch (error) {
      this.#recorder = undefined;
      throw error;
    }
  }

  /** Ends the worker when what it has in the air is recorded, and a journal that was opened here. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const recorder = await this.#recorder?.catch(() => undefined);
    await recorder?.close();
    if (this.#place === undefined) return;
    const journal = await this.#journal?.catch(() => undefined);
    await journal?.close();
  }

  async #made(): Promise<Recorder> {
    const journal = await this.journal();
    return new (recorders().Recorder)(this.client, journal, this.exchanges);
  }

  async #known(): Promise<Journal> {
    const journal = await this.#journal;
    if (journal === undefined) throw new ConfigurationError("journal: there is none", { field: "journal" });
    return journal;
  }
}

/** Taken by its shape: its class is only loaded where it is needed. */
function journalOf(given: unknown): Journal {
  return shaped<Journal>("journal", "a Journal, or the path or URL of one", given, ["submit", "settle"]);
}

/* Loaded late: who pays without a journal does not wait for it. They also know the client, which is loaded before them. */
/* eslint-disable @typescript-eslint/no-require-imports */
function journals(): JournalModule {
  return require("./journal.js") as JournalModule;
}

function recorders(): RecorderModule {
  return require("./recorder.js") as RecorderModule;
}
