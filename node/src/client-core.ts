/** What a client does: prepares a request, drives its flow or has the journal do it, and tells the outcome. */
import type { BaseAccount } from "./account.js";
import { type Clock, clockOf, epochOf, systemClock } from "./clock.js";
import type { BaseClient } from "./client.js";
import { driven } from "./drive.js";
import type { Submitted } from "./entries.js";
import { ConfigurationError, RefundNotFound } from "./errors.js";
import { hostTransport } from "./forward.js";
import { defaultTransport } from "./http-transport.js";
import type { OperationTable } from "./methods.js";
import { type Operation, requestJson } from "./model.js";
import { type Client as NativeClient, type Flow, native, type Prepared } from "./native.js";
import { type Observer, observerOf, Teller } from "./observe.js";
import {
  type CheckedOptions,
  effective,
  extrasJson,
  noOptions,
  policyJson,
  submitExtrasJson,
} from "./options.js";
import { type Outcome, outcomeOf } from "./outcome.js";
import { turn } from "./pace.js";
import { calling } from "./problem.js";
import type { Recorder } from "./recorder.js";
import { Recording } from "./recording.js";
import { openRefund } from "./resuming.js";
import { Slots } from "./slots.js";
import { settingsOf, shown, unfit } from "./text.js";
import { type Transport, transportOf } from "./transport.js";
import { unexpected } from "./unexpected.js";

/** How a call ended, and what ended it when that was nothing that was sent or heard. */
export interface Ending<R> {
  readonly outcome: Outcome<R>;
  readonly cause: unknown;
}

/** What the copies of a client with other options have in common. */
interface Shared {
  readonly transport: Transport | undefined;
  readonly clock: Clock;
  readonly observer: Observer | undefined;
  readonly slots: Slots;
  readonly recording: Recording | undefined;
  readonly nativeClients: Map<string, NativeClient>;
  isClosed: boolean;
}

const NAMES = ["account", "journal", "transport", "clock", "observer", "options", "maxInFlight"] as const;
const MAX_IN_FLIGHT = 64;
const MOST_NATIVE_CLIENTS = 64;

/** The settings of a client, each read once. Throws `ConfigurationError` for one that does not exist. */
export function clientSettings(given: unknown): Readonly<Record<string, unknown>> {
  return settingsOf("client", given, NAMES);
}

/** One client's account, its options, and what it shares with its copies. */
export class ClientCore {
  constructor(
    readonly account: BaseAccount,
    readonly operations: OperationTable,
    readonly options: CheckedOptions,
    private readonly shared: Shared,
  ) {}

  /** Throws `ConfigurationError` for a setting that cannot be used. */
  static of(
    client: BaseClient,
    account: BaseAccount,
    operations: OperationTable,
    settings: Readonly<Record<string, unknown>>,
  ): ClientCore {
    const maxInFlight = count(settings["maxInFlight"]);
    const journal = settings["journal"] ?? undefined;
    const clock = clockOf(settings["clock"]);
    if (journal !== undefined && clock !== systemClock) {
      const message = "clock: a journal goes by the machine's own time; give a clock or a journal";
      throw new ConfigurationError(message, { field: "clock" });
    }
    return new ClientCore(account, operations, effective(noOptions, settings["options"]), {
      transport: transportOf(settings["transport"]),
      clock,
      observer: observerOf(settings["observer"]),
      slots: new Slots(maxInFlight),
      recording: journal === undefined ? undefined : new Recording(journal, client, maxInFlight),
      nativeClients: new Map(),
      isClosed: false,
    });
  }

  /** The same with other options. */
  with(options: unknown): ClientCore {
    return new ClientCore(this.account, this.operations, effective(this.options, options), this.shared);
  }

  /** A whole call. What is wrong with the request is thrown before anything is recorded or sent. */
  async ending<R>(operation: Operation, request: unknown, given: unknown): Promise<Ending<R>> {
    this.#refuseClosed();
    const options = effective(this.options, given);
    this.#refuseForms(options);
    // Read now: whoever called may change it.
    const content = requestJson(operation, request);
    await turn();
    const prepared = this.#prepare(operation, content);
    if (this.shared.recording === undefined || operation.effect === "reads") {
      const flow = calling(() => this.account.stepwise.begin(prepared, policyJson(options), options.seed));
      return this.#driven<R>(operation, flow, options, false);
    }
    const extras = extrasJson(options);
    return this.#recorded<R>(operation, prepared.key, options, (recorder) =>
      recorder.outcomeOf(prepared, extras, options),
    );
  }

  /** Takes an open refund up again. */
  async resumed(given: unknown, over: unknown): Promise<Ending<unknown>> {
    this.#refuseClosed();
    const options = effective(this.options, over);
    const open = openRefund(given, Object.values(this.operations), this.account.name);
    const { state, operation, key } = open;
    // Whose state it is, is checked here, also when the journal goes on with the refund.
    const flow =
      state === undefined
        ? undefined
        : calling(() => this.account.stepwise.resume(state, policyJson(options), options.seed));
    if (this.shared.recording !== undefined && operation.effect !== "reads") {
      const recorder = await this.shared.recording.recorder();
      const entry = await recorder.entryOf(key);
      if (entry === undefined) throw notInTheJournal(key);
      return this.#recorded(operation, key, options, () => recorder.resumed(entry, options), true);
    }
    if (flow === undefined) {
      throw new RefundNotFound(`only its journal can resume the refund ${key}`, { key });
    }
    return this.#driven(operation, flow, options, true);
  }

  /** Records a refund for a worker to send. */
  async submit(operation: Operation, request: unknown, given: unknown): Promise<Submitted> {
    this.#refuseClosed();
    const { recording } = this.shared;
    if (recording === undefined) {
      throw new ConfigurationError("journal: submit needs one, which a worker sends from", {
        field: "journal",
      });
    }
    const extras = submitExtrasJson(this.options, given);
    // Read now: whoever called may change it while the journal is opened. Prepared in its turn.
    const content = requestJson(operation, request);
    const journal = await recording.journal();
    return journal.record(this.account, () => this.#prepare(operation, content), extras);
  }

  /** A request whose content is checked and fixed. */
  prepared(operation: Operation, request: unknown): Prepared {
    return this.#prepare(operation, requestJson(operation, request));
  }

  /** For the journal and the worker. */
  nativeClient(options: CheckedOptions = this.options): NativeClient {
    const { nativeClients, transport } = this.shared;
    const policy = policyJson(options);
    const at = `${String(options.seed)} ${policy}`;
    const known = nativeClients.get(at);
    if (known !== undefined) return known;
    const host = transport === undefined ? null : hostTransport(transport);
    const made = calling(() => new native.Client(this.account.inline, host, policy, options.seed));
    if (nativeClients.size < MOST_NATIVE_CLIENTS) nativeClients.set(at, made);
    return made;
  }

  /** The time, by the client's clock. */
  epochMs(): number {
    return epochOf(this.shared.clock);
  }

  /** Lets nothing more begin; ends what the journal has in the air. */
  async close(): Promise<void> {
    this.shared.isClosed = true;
    await this.shared.recording?.close();
  }

  #prepare(operation: Operation, content: string): Prepared {
    return calling(() => this.account.stepwise.prepare(operation.name, content));
  }

  async #driven<R>(
    operation: Operation,
    flow: Flow,
    options: CheckedOptions,
    resumed: boolean,
  ): Promise<Ending<R>> {
    const { clock, observer, slots, transport = defaultTransport() } = this.shared;
    const { signal, deadlineMs } = options;
    const { signer } = this.account;
    const teller = new Teller(observer, clock, operation.name, flow.key);
    teller.tell("began", { resumed });
    const ended = await driven({ flow, transport, signer, clock, slots, teller, signal, deadlineMs });
    const outcome = outcomeOf<R>(ended.outcome, operation, this.account.name);
    teller.ended(outcome);
    if (ended.isUnexpected === true) unexpected("a refund's clock", ended.cause);
    return { outcome, cause: ended.cause };
  }

  async #recorded<R>(
    operation: Operation,
    key: string,
    options: CheckedOptions,
    work: (recorder: Recorder) => Promise<string>,
    resumed = false,
  ): Promise<Ending<R>> {
    const { clock, observer, recording } = this.shared;
    const teller = new Teller(observer, clock, operation.name, key);
    teller.tell("began", { resumed });
    try {
      if (recording === undefined)
        throw new ConfigurationError("journal: there is none", { field: "journal" });
      const text = await work(await recording.recorder());
      const outcome = outcomeOf<R>(text, operation, this.account.name);
      teller.attemptsOf(outcome);
      teller.ended(outcome);
      const isCancelled = outcome.outcome === "unknown" && outcome.reason.code === "cancelled";
      return { outcome, cause: isCancelled ? options.signal?.reason : undefined };
    } catch (error) {
      teller.raised(error);
      throw error;
    }
  }

  #refuseClosed(): void {
    if (!this.shared.isClosed) return;
    throw new ConfigurationError("client: is closed", { field: "client" });
  }

  #refuseForms(options: CheckedOptions): void {
    if (this.shared.recording !== undefined) return;
    for (const name of ["form", "secondRefundForForm"] as const) {
      if (options[name] === undefined) continue;
      const field = `options.${name}`;
      throw new ConfigurationError(`${field}: needs a journal, which remembers the refunds of each form`, {
        field,
      });
    }
  }
}

/** A refund that is paid past the journal would escape its watch over keys and forms. */
function notInTheJournal(key: string): RefundNotFound {
  return new RefundNotFound(
    `the journal has no refund ${key}, and none is paid past it: make the same call again, or resume it with a client ` +
      "without a journal if it was begun by one",
    { key },
  );
}

function count(given: unknown): number {
  if (given === undefined || given === null) return MAX_IN_FLIGHT;
  if (typeof given !== "number") throw unfit("maxInFlight", "a whole number", given);
  if (Number.isSafeInteger(given) && given >= 1) return given;
  throw new ConfigurationError(`maxInFlight: must be at least 1, is ${shown(given)}`, {
    field: "maxInFlight",
  });
}
