/**
 * The gateway simulator: a server on this machine's loopback that checks requests as the platforms do, keeps a ledger of who was
 * paid how often, and goes wrong on demand.
 */
import { inspect } from "node:util";

import * as alipay from "../alipay.js";
import * as alipayPlus from "../alipay-plus.js";
import { alive } from "../alive.js";
import * as antom from "../antom.js";
import type { ClientSettings } from "../client.js";
import { checked, wrong } from "../given.js";
import { type Sandbox as NativeSandbox, native } from "../native.js";
import { jsonText } from "../plain.js";
import { called } from "../problem.js";
import { printable, requiredText, settingsOf } from "../text.js";
import {
  type Ledger,
  type LedgerEntry,
  type PlainLedger,
  type SandboxCredentials,
  type SandboxNotification,
  type SandboxRequest,
  camel,
  ledgerOf,
} from "./sandbox-values.js";

/** How the simulator behaves. */
export interface SandboxOptions {
  /** `none` (the default), `demo`, or a mix such as `10=lost-answer*2;90=none`. */
  faults?: string | undefined;
  /** Draws everything. Default 1. */
  seed?: number | undefined;
  /** A free one unless given. */
  port?: number | undefined;
  /** The wait of the scenario `delay`, in milliseconds. Default 10,000. */
  delayMs?: number | undefined;
  /** The wait between two bytes of the scenario `drip`, in milliseconds. Default 1,000. */
  dripMs?: number | undefined;
  /** Takes the old signature type `RSA` too. */
  allowRsaSha1?: boolean | undefined;
  /** It ends by itself after so many seconds. */
  runForS?: number | undefined;
}

/** A payment whose refund rules Antom keeps. */
export interface SandboxPayment {
  paymentId: string;
  /** ISO 4217. */
  currency: string;
  /** In the smallest unit: the sum of all refunds stays within it. */
  amountMinor: number;
  /** The smallest refund. */
  minimumRefundMinor?: number;
  /** `false` for a payment that is not captured, or under an undecided chargeback. */
  captured?: boolean;
  /** `false` once the refund period is over. */
  inRefundPeriod?: boolean;
  /** Whether less than the whole can be refunded. */
  partialRefunds?: boolean;
  /** Whether more than one refund is possible. */
  multipleRefunds?: boolean;
  /** Refunded so far, in the smallest unit. */
  refundedMinor?: number;
}

type Changes<S> = { readonly [K in keyof S]?: S[K] };
/** Settings of a client of the simulator; its account is the simulator's own. */
export type SandboxClientSettings = Omit<ClientSettings<unknown>, "account">;

/** Something that ends with a test: the context of `node:test`. */
export interface Ends {
  after(work: () => Promise<void>): void;
}

/**
 * Starts a simulator; end it with `stop()`, or by `await using`. All its keys are public TEST keys.
 *
 * @example
 * await using sandbox = await startSandbox({ faults: "10=lost-answer;90=none", seed: 7 });
 * const client = sandbox.alipayClient();
 */
export async function startSandbox(options?: SandboxOptions): Promise<Sandbox> {
  const given = checked("options", options, OPTIONS);
  const plain = {
    faults: given.faults,
    seed: given.seed,
    port: given.port,
    delay_ms: given.delayMs === undefined ? undefined : Math.round(given.delayMs),
    drip_ms: given.dripMs === undefined ? undefined : Math.round(given.dripMs),
    allow_rsa_sha1: given.allowRsaSha1,
    run_for_s: given.runForS,
  };
  return new Sandbox(await alive(called(() => native.Sandbox.start(jsonText(plain)))));
}

/**
 * The same for one test of `node:test`, with which it ends.
 *
 * @example
 * test("a lost answer is asked about", async (t) => {
 *   const sandbox = await sandboxFor(t);
 *   await sandbox.provoke("ORDER1", "lost-answer");
 *   await sandbox.alipayClient().payTaxRefund({ outOrderNo: "ORDER1", … });
 *   assert.equal(await sandbox.paidTimes("ORDER1"), 1);
 * });
 */
export async function sandboxFor(test: Ends, options?: SandboxOptions): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  test.after(() => sandbox.stop());
  return sandbox;
}

/** A simulator that runs on threads of its own; it does not keep the process alive. See {@link startSandbox}. */
export class Sandbox {
  /** `http://127.0.0.1:PORT` */
  readonly baseUrl: string;
  /** Identities and TEST keys of all three protocols. */
  readonly credentials: SandboxCredentials;
  readonly #native: NativeSandbox;

  /** @internal */
  constructor(started: NativeSandbox) {
    this.#native = started;
    this.baseUrl = started.baseUrl;
    this.credentials = camel(JSON.parse(started.credentials)) as SandboxCredentials;
  }

  /** Whether it still answers. */
  get isRunning(): boolean {
    return this.#native.isRunning;
  }

  /** An account of the open gateway; `changes` are settings of `alipay.Account`. */
  alipayAccount(changes?: Changes<alipay.AccountSettings>): alipay.Account {
    const { alipay: given } = this.credentials;
    const settings = {
      appId: given.appId,
      merchantPrivateKey: given.partnerPrivateKeyPem,
      alipayPublicKey: given.platformPublicKeyPem,
      environment: "sandbox",
      endpoint: given.gatewayUrl,
    } as const;
    return new alipay.Account(changed(settings, changes) as unknown as alipay.AccountSettings);
  }

  /** An account of Alipay+. */
  alipayPlusAccount(changes?: Changes<alipayPlus.AccountSettings>): alipayPlus.Account {
    return new alipayPlus.Account(
      this.#caller("alipayPlus", changes) as unknown as alipayPlus.AccountSettings,
    );
  }

  /** An account of Antom. */
  antomAccount(changes?: Changes<antom.AccountSettings>): antom.Account {
    return new antom.Account(this.#caller("antom", changes) as unknown as antom.AccountSettings);
  }

  /** A client of the open gateway that hardly waits; `settings` are those of `alipay.Client`. */
  alipayClient(settings?: SandboxClientSettings): alipay.Client {
    return new alipay.Client({ ...hurried(settings), account: this.alipayAccount() });
  }

  /** A client of Alipay+ that hardly waits. */
  alipayPlusClient(settings?: SandboxClientSettings): alipayPlus.Client {
    return new alipayPlus.Client({ ...hurried(settings), account: this.alipayPlusAccount() });
  }

  /** A client of Antom that hardly waits. */
  antomClient(settings?: SandboxClientSettings): antom.Client {
    return new antom.Client({ ...hurried(settings), account: this.antomAccount() });
  }

  /** The truth about who was paid how often. */
  async ledger(): Promise<Ledger> {
    return ledgerOf(JSON.parse(await this.#ask((it) => it.ledger())) as PlainLedger);
  }

  /** The ledger's entry of an idempotency key. */
  async entry(key: string): Promise<LedgerEntry | undefined> {
    return (await this.ledger()).entries.find((entry) => entry.key === key);
  }

  /** How often money moved under an idempotency key. */
  async paidTimes(key: string): Promise<number> {
    return (await this.entry(key))?.paidTimes ?? 0;
  }

  /** The newest authenticated requests, personal data masked. */
  async requests(): Promise<readonly SandboxRequest[]> {
    return camel(JSON.parse(await this.#ask((it) => it.requests()))) as readonly SandboxRequest[];
  }

  /** What was sent where, how often, and whether it was acknowledged. */
  async notifications(): Promise<readonly SandboxNotification[]> {
    return camel(JSON.parse(await this.#ask((it) => it.notifications()))) as readonly SandboxNotification[];
  }

  /** Rules for one key from now on, such as `lost-answer*2`; `none` takes them away. */
  async provoke(key: string, faults: string): Promise<void> {
    const [provoked, rules] = [requiredText("key", key), requiredText("faults", faults)];
    await this.#ask((it) => it.provoke(provoked, printable(rules)));
  }

  /** A payment whose refund rules Antom keeps. */
  async addPayment(payment: SandboxPayment): Promise<void> {
    const plain = jsonText(settingsOf("payment", payment, PAYMENT));
    await this.#ask((it) => it.addPayment(plain));
  }

  /** The ledger as the simulator writes it, as JSON. @internal */
  async plainLedger(): Promise<string> {
    return this.#ask((it) => it.ledger());
  }

  /** Forgets everything that happened. */
  async reset(): Promise<void> {
    await this.#ask((it) => it.reset());
  }

  /** Ends it. Ending it again does nothing. */
  async stop(): Promise<void> {
    await this.#ask((it) => it.stop());
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** @internal */
  [inspect.custom](): string {
    return `<Sandbox ${this.baseUrl}${this.isRunning ? "" : ", stopped"}>`;
  }

  #caller(protocol: "alipayPlus" | "antom", changes: object | undefined): Record<string, unknown> {
    const given = this.credentials[protocol];
    const settings = {
      clientId: given.clientId,
      merchantPrivateKey: given.partnerPrivateKeyPem,
      platformPublicKey: given.platformPublicKeyPem,
      endpoint: given.baseUrl,
    };
    return changed(settings, changes);
  }

  #ask<T>(question: (sandbox: NativeSandbox) => Promise<T>): Promise<T> {
    return alive(called(() => question(this.#native)));
  }
}

function changed(settings: Record<string, unknown>, changes: object | undefined): Record<string, unknown> {
  if (changes === undefined) return settings;
  const { merchantPrivateKey, ...rest } = settings;
  // An account signs with its own key or with a signer, never with both.
  return { ...("signer" in changes ? rest : { ...rest, merchantPrivateKey }), ...changes };
}

/** The documented waits of seconds take milliseconds here. */
function hurried<S extends { readonly options?: object | null | undefined }>(settings: S | undefined): S {
  const given = settings ?? ({} as S);
  if ("account" in given) throw wrong("settings.account", "is the sandbox's own; make the client yourself");
  return { ...given, options: { sandboxWaitPermille: 1, ...given.options } };
}

const OPTIONS = {
  faults: "text",
  seed: "count",
  port: "count",
  delayMs: "span",
  dripMs: "span",
  allowRsaSha1: "flag",
  runForS: "count",
} as const;

const PAYMENT = [
  "paymentId",
  "currency",
  "amountMinor",
  "minimumRefundMinor",
  "captured",
  "inRefundPeriod",
  "partialRefunds",
  "multipleRefunds",
  "refundedMinor",
];
