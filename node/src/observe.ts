/**
 * What clients tell about their calls: events without personal data, through `node:diagnostics_channel` and to observers.
 *
 * The channels are `taxrefund:began`, `taxrefund:sending`, `taxrefund:heard`, `taxrefund:waiting`, `taxrefund:ended` and
 * `taxrefund:raised`; each message is the event of that name. Where nobody listens nothing is made.
 *
 * @example
 * ```ts
 * import { subscribe } from "node:diagnostics_channel";
 *
 * subscribe("taxrefund:ended", (event) => metrics.count((event as EndedEvent).outcome));
 * ```
 */
import { type Channel, channel } from "node:diagnostics_channel";

import { type Clock, epochOf } from "./clock.js";
import type { Outcome } from "./outcome.js";
import type { Reason } from "./report.js";
import { isA, unfit } from "./text.js";
import { thrownName, unexpected } from "./unexpected.js";

/** What every event has. */
interface About {
  /** Tells calls of this process apart. */
  readonly call: number;
  /** `alipay.pay_tax_refund`, … */
  readonly operation: string;
  /** The idempotency key. */
  readonly key: string;
  /** Milliseconds since 1970, by the client's clock. */
  readonly atMs: number;
}

/** A call begins; nothing was sent yet. */
export interface BeganEvent extends About {
  readonly event: "began";
  /** Whether it takes up an open refund. */
  readonly resumed: boolean;
}

/** A request goes out. */
export interface SendingEvent extends About {
  readonly event: "sending";
  /** `pay`, `query`, … */
  readonly interface: string;
}

/** An answer or a fault came back. */
export interface HeardEvent extends About {
  readonly event: "heard";
  readonly interface: string;
  readonly sentAtMs: number;
  readonly tookMs: number;
  /** The HTTP status; absent without an answer. */
  readonly status?: number;
  /** The transport's fault; absent with an answer. */
  readonly fault?: string;
  /** The type of what the transport threw, when it was nothing that transports are meant to throw. */
  readonly detail?: string;
}

/** A wait begins. */
export interface WaitingEvent extends About {
  readonly event: "waiting";
  readonly waitMs: number;
}

/** The call is over. */
export interface EndedEvent extends About {
  readonly event: "ended";
  readonly outcome: "succeeded" | "failed" | "unknown";
  /** Without the provider's text, which may repeat parts of the request; absent after a success. */
  readonly reason?: Readonly<Pick<Reason, "code" | "subCode" | "verified">>;
  readonly nextStep: string;
  /** How often something was sent. */
  readonly attempts: number;
  /** The provider asked for a lower call rate. */
  readonly slowDown: boolean;
}

/** The call ended without an outcome: by an error that concerns no exchange, such as `KeyReused`. */
export interface RaisedEvent extends About {
  readonly event: "raised";
  /** The error's code, or its type's name. */
  readonly code: string;
}

/** Something about one call. */
export type Event = BeganEvent | SendingEvent | HeardEvent | WaitingEvent | EndedEvent | RaisedEvent;

/**
 * Is told each event of its client, in the middle of the call. What it throws is shown as a warning of the process and
 * changes nothing.
 */
export type Observer = (event: Event) => unknown;

type Name = Event["event"];
type Content<N extends Name> = Omit<Extract<Event, { event: N }>, keyof About | "event"> & { atMs?: number };

const CHANNELS: Readonly<Record<Name, Channel>> = {
  began: channel("taxrefund:began"),
  sending: channel("taxrefund:sending"),
  heard: channel("taxrefund:heard"),
  waiting: channel("taxrefund:waiting"),
  ended: channel("taxrefund:ended"),
  raised: channel("taxrefund:raised"),
};

let calls = 0;

/** An observer that was given, or none. Throws `ConfigurationError` for what is none. */
export function observerOf(given: unknown): Observer | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given !== "function") throw unfit("observer", "a function", given);
  return given as Observer;
}

/** Tells one call's events. Nothing here ever throws. */
export class Teller {
  readonly #observer: Observer | undefined;
  readonly #clock: Clock;
  readonly #operation: string;
  readonly #key: string;
  readonly #call = (calls += 1);

  constructor(observer: Observer | undefined, clock: Clock, operation: string, key: string) {
    this.#observer = observer;
    this.#clock = clock;
    this.#operation = operation;
    this.#key = key;
  }

  /** Whether anybody would be told such an event. */
  hears(name: Name): boolean {
    return this.#observer !== undefined || CHANNELS[name].hasSubscribers;
  }

  /** Something happened. */
  tell<N extends Name>(name: N, content: Content<N>): void {
    if (!this.hears(name)) return;
    try {
      const about = { call: this.#call, operation: this.#operation, key: this.#key };
      const atMs = content.atMs ?? epochOf(this.#clock);
      const event = Object.freeze({ event: name, ...about, ...content, atMs }) as unknown as Event;
      CHANNELS[name].publish(event);
      if (this.#observer !== undefined) tellOne(this.#observer, event);
    } catch (error) {
      unexpected("the clock", error);
    }
  }

  /** The call is over. */
  ended(outcome: Outcome): void {
    if (!this.hears("ended")) return;
    const { report, nextStep } = outcome;
    this.tell("ended", {
      outcome: outcome.outcome,
      ...(outcome.outcome === "succeeded" ? {} : { reason: withoutText(outcome.reason) }),
      nextStep,
      attempts: report.attempts.length,
      slowDown: report.slowDown,
    });
  }

  /** The call ended without an outcome. */
  raised(error: unknown): void {
    if (!this.hears("raised")) return;
    const code: unknown = isA(error, Error) ? (error as { code?: unknown }).code : undefined;
    this.tell("raised", { code: typeof code === "string" ? code : thrownName(error) });
  }

  /** The sends of a call that was driven elsewhere, told afterwards. */
  attemptsOf(outcome: Outcome): void {
    if (!this.hears("sending") && !this.hears("heard")) return;
    for (const { interface: called, sentAtMs, tookMs, reason } of outcome.report.attempts) {
      this.tell("sending", { atMs: sentAtMs, interface: called });
      const fault = reason === undefined || reason.verified ? {} : { fault: reason.code };
      this.tell("heard", { atMs: sentAtMs + tookMs, interface: called, sentAtMs, tookMs, ...fault });
    }
  }
}

function tellOne(observer: Observer, event: Event): void {
  const show = (error: unknown) => void unexpected("the observer", error);
  try {
    const told = observer(event);
    // One that is async fails later, where nobody would catch it.
    if (typeof told === "object" && told !== null && "then" in told) Promise.resolve(told).catch(show);
  } catch (error) {
    show(error);
  }
}

function withoutText({ code, subCode, verified }: Reason): Pick<Reason, "code" | "subCode" | "verified"> {
  return Object.freeze({ code, subCode, verified });
}
