/** What the three `Client` classes share. */
import { inspect } from "node:util";

import { BaseAccount } from "./account.js";
import type { AnyResponse, OutcomeCalls, SubmitCalls } from "./calls.js";
import { ClientCore, clientSettings, type Ending } from "./client-core.js";
import type { Clock } from "./clock.js";
import { ConfigurationError } from "./errors.js";
import type { Journal } from "./journal.js";
import { methods, type OperationTable, outcomeMethods, submitMethods } from "./methods.js";
import type { Operation } from "./model.js";
import type { Client as NativeClient, Prepared } from "./native.js";
import { type Inbound, type Notification, verifyNotification } from "./notifications.js";
import type { Observer } from "./observe.js";
import type { CallOptions, CheckedOptions } from "./options.js";
import { type Outcome, type RefundUnknown, type Unknown, unwrapped } from "./outcome.js";
import { isA, unfit } from "./text.js";
import type { Transport } from "./transport.js";

/** How a client is made. */
export interface ClientSettings<A> {
  /** The account, or its settings. */
  readonly account: A;
  /**
   * A `Journal`, or where one is: a path, a `file:` URL or a PostgreSQL URL. Then everything that moves money is on disk
   * before it is sent; a worker of the client's own sends it, by the client's own options: those of a call only say for
   * how long it waits.
   */
  readonly journal?: Journal | string | URL | null | undefined;
  /** HTTPS over Node's own connections when left out; see `httpTransport` and `fetchTransport`. */
  readonly transport?: Transport | null | undefined;
  /** For tests. */
  readonly clock?: Clock | null | undefined;
  /** Is told what happens; see `Event`. */
  readonly observer?: Observer | null | undefined;
  /** For every call; a call's own come first. */
  readonly options?: CallOptions | null | undefined;
  /** Exchanges at the same time, 64. Refunds that wait between two exchanges do not count. */
  readonly maxInFlight?: number | null | undefined;
}

/** What a protocol brings along: its account's class, and its operations. */
export interface Protocol<A extends BaseAccount> {
  readonly Account: new (settings: never) => A;
  readonly operations: OperationTable;
}

/** What may be resumed: an *unknown* outcome, the error that carries it, or the text of its state. */
export type Resumable = Unknown | RefundUnknown | string;

/** `client.outcome`, beside a method per operation. */
export interface OutcomeResuming<O> {
  /** Takes an open refund up again. Nothing but its own outcome is given: it begins by asking what became of it. */
  resume(unknown: Resumable, options?: CallOptions): Promise<Outcome<AnyResponse<O>>>;
}

/**
 * Calls one provider.
 *
 * A method per operation takes a request and gives the verified response, or throws `RefundFailed` or `RefundUnknown`.
 * Thousands of refunds may be under way; `maxInFlight` of them exchange something at the same time.
 */
export abstract class BaseClient<A extends BaseAccount = BaseAccount, O = unknown> {
  /** Whose account it is. */
  readonly account: A;
  /** The same methods; they give the outcome as a value. */
  readonly outcome: OutcomeCalls<O> & OutcomeResuming<O>;
  /** Records a refund for a worker to send; needs a journal. */
  readonly submit: SubmitCalls<O>;
  readonly #core: ClientCore;

  /** @internal */
  protected constructor(settings: unknown, protocol: Protocol<A>) {
    if (isA(settings, ClientCore)) {
      this.#core = settings;
      this.account = settings.account as A;
    } else {
      const given = clientSettings(settings);
      this.account = accountOf(given["account"], protocol);
      this.#core = ClientCore.of(this as BaseClient, this.account, protocol.operations, given);
    }
    const core = this.#core;
    const resume = async (unknown: Resumable, options?: CallOptions) =>
      (await core.resumed(unknown, options)).outcome;
    this.outcome = Object.freeze({ ...outcomeMethods(core.operations, core), resume }) as never;
    this.submit = Object.freeze(submitMethods(core.operations, core)) as never;
  }

  /** The same client with other options for every call; everything else is shared. */
  withOptions(options: CallOptions): this {
    const made = this.constructor as new (core: ClientCore) => BaseClient<A, O>;
    return new made(this.#core.with(options)) as this;
  }

  /**
   * Takes an open refund up again: an *unknown* outcome, the error that carries it, or the text of its state. Gives what
   * its own call would have given.
   */
  async resume(unknown: Resumable, options?: CallOptions): Promise<AnyResponse<O>> {
    return this.#unwrapped(await this.#core.resumed(unknown, options)) as AnyResponse<O>;
  }

  /**
   * Verifies an inbound message on its raw bytes, and gives it with the reply to send.
   *
   * @throws {NotificationRefused} for one that cannot be believed; it carries the reply to send then.
   */
  async verifyNotification(message: Inbound): Promise<Notification> {
    return verifyNotification(this.account, message, this.#core.epochMs());
  }

  /**
   * Ends the client: nothing more begins, its worker ends when what it has in the air is recorded, and a journal that it
   * opened itself is closed. Calls without a journal go on to their end.
   */
  async close(): Promise<void> {
    await this.#core.close();
  }

  /** See {@link close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** For logs: no keys. */
  toJSON(): Record<string, unknown> {
    return { account: this.account };
  }

  /** @internal */
  [inspect.custom](): string {
    const { protocol, name, environment } = this.account;
    return `<${protocol}.Client ${name} ${environment}>`;
  }

  /** @internal */
  prepared(operation: Operation, request: unknown): Prepared {
    return this.#core.prepared(operation, request);
  }

  /**
   * For the journal and the worker.
   *
   * @internal
   */
  nativeClient(options?: CheckedOptions): NativeClient {
    return this.#core.nativeClient(options);
  }

  /** @internal */
  async called(operation: Operation, request: unknown, options: unknown): Promise<unknown> {
    return this.#unwrapped(await this.#core.ending(operation, request, options));
  }

  #unwrapped<R>({ outcome, cause }: Ending<R>): R {
    const resume = (unknown: Unknown, options?: CallOptions) => this.resume(unknown, options) as Promise<R>;
    return unwrapped(outcome, resume, cause);
  }
}

/**
 * Gives a client class its method per operation; for its static block, with `interface Client extends Calls<Operations>`
 * beside it.
 *
 * @internal
 */
export function callable(client: { readonly prototype: object }, operations: OperationTable): void {
  const made = methods(
    operations,
    (operation) =>
      async function (request, options) {
        if (this instanceof BaseClient) return (this as BaseClient).called(operation, request, options);
        const field = operation.method;
        throw new ConfigurationError(`${field}: was called without its client`, { field });
      },
  );
  for (const [name, value] of Object.entries(made)) {
    Object.defineProperty(client.prototype, name, { value, writable: true, configurable: true });
  }
}

function accountOf<A extends BaseAccount>(given: unknown, { Account }: Protocol<A>): A {
  if (isA(given, Account)) return given;
  if (isA(given, BaseAccount)) {
    throw new ConfigurationError(`account: is one of ${given.protocol}, which this client does not call`, {
      field: "account",
    });
  }
  if (typeof given !== "object" || given === null)
    throw unfit("account", "an Account, or its settings", given);
  return new Account(given as never);
}
