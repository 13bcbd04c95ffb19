/**
 * Notifications for the tests of a handler: signed as the provider signs them, with TEST keys.
 *
 * The account under test must expect those keys: that of a `Sandbox` does, and so does one that is made with
 * the platform's public key of `sandbox.credentials`.
 */
import { randomUUID } from "node:crypto";

import { BaseAccount } from "../account.js";
import { gatewayTime, offsetTime } from "../dates.js";
import { AnswerRefused, ConfigurationError, NotificationRefused } from "../errors.js";
import { checked } from "../given.js";
import { Money, type MoneyLike } from "../money.js";
import { native } from "../native.js";
import { verifyNotification } from "../notifications.js";
import { jsonText } from "../plain.js";
import { called, calling } from "../problem.js";
import { oneOf, requiredText, unfit } from "../text.js";
import { startSandbox } from "./sandbox.js";
import type { SandboxCredentials } from "./sandbox-values.js";

/** What a test notification says. */
export interface TestNotificationOptions {
  /** The idempotency key of the refund it is about. */
  key: string;
  /** What it says of the refund. Default `succeeded`. */
  settlement?: "succeeded" | "failed" | undefined;
  /** The path and query at which the handler will get it. Default `/`. */
  path?: string | undefined;
  /** The provider's own number of the refund. */
  reference?: string | undefined;
  /** The refund's amount (Alipay+ and Antom). Default EUR 10.00. */
  amount?: MoneyLike | undefined;
  /** Members put into the message, or over those that it has. */
  fields?: Readonly<Record<string, unknown>> | undefined;
  /** `true`: signed by a stranger. A handler must refuse it. */
  forged?: boolean | undefined;
  /** When it was sent. Default now. */
  at?: Date | undefined;
}

/** A notification as it arrives at a handler: `fetch(url + path, { method: "POST", headers, body: rawBody })`. */
export interface TestNotification {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawBody: Buffer;
}

/**
 * A notification for an account under test.
 *
 * @throws {ConfigurationError} for an account that does not expect the TEST keys: it would refuse the notification.
 *
 * @example
 * const { path, headers, rawBody } = await testNotification(sandbox.alipayAccount(), { key: "ORDER1", path: "/notify" });
 * const response = await fetch(`${server}${path}`, { method: "POST", headers, body: rawBody });
 * assert.equal(await response.text(), "success");
 */
export async function testNotification(
  account: BaseAccount,
  options: TestNotificationOptions,
): Promise<TestNotification> {
  if (!(account instanceof BaseAccount)) throw unfit("account", "an Account", account);
  const given = checked("options", options, OPTIONS);
  const message: Message = {
    key: requiredText("options.key", given.key),
    isPaid:
      oneOf("options.settlement", given.settlement ?? "succeeded", ["succeeded", "failed"]) === "succeeded",
    path: given.path ?? "/",
    reference: given.reference ?? "2026112300000000000000000001",
    amount: new Money(given.amount ?? { minor: 1000n, currency: "EUR" }),
    fields: given.fields ?? {},
    at: given.at ?? new Date(),
  };
  const keys = await credentials();
  const mine =
    keys[account.protocol === "alipay_plus" ? "alipayPlus" : (account.protocol as "alipay" | "antom")];
  const genuine = await signed(account, message, mine.platformPrivateKeyPem);
  await expected(account, genuine);
  return given.forged === true ? signed(account, message, mine.partnerPrivateKeyPem) : genuine;
}

interface Message {
  readonly key: string;
  readonly isPaid: boolean;
  readonly path: string;
  readonly reference: string;
  readonly amount: Money;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

let known: Promise<SandboxCredentials> | undefined;

/** The TEST keys that the simulator brings along; they are the same everywhere. */
async function credentials(): Promise<SandboxCredentials> {
  known ??= (async () => {
    const sandbox = await startSandbox();
    await sandbox.stop();
    return sandbox.credentials;
  })();
  return known;
}

/** A test that fails because of its own keys should say so. */
async function expected(account: BaseAccount, message: TestNotification): Promise<void> {
  try {
    await verifyNotification(account, message);
  } catch (cause) {
    if (!(cause instanceof NotificationRefused || cause instanceof AnswerRefused)) return;
    throw new ConfigurationError(
      "account: does not expect the TEST keys that test notifications are signed with; take the account of a Sandbox, " +
        "or give it the platform's public key of sandbox.credentials",
      { field: "account", cause },
    );
  }
}

async function signed(account: BaseAccount, message: Message, privateKey: string): Promise<TestNotification> {
  const make = account.protocol === "alipay" ? ofGateway : ofCaller;
  return Object.freeze({ path: message.path, ...(await make(account, message, Buffer.from(privateKey))) });
}

/** The gateway sends a form; everything but `sign` and `sign_type` is signed, in the names' order. */
async function ofGateway(
  account: BaseAccount,
  message: Message,
  privateKey: Buffer,
): Promise<Omit<TestNotification, "path">> {
  const members: Record<string, string> = {
    app_id: account.name,
    charset: "utf-8",
    notify_id: randomUUID().replaceAll("-", ""),
    notify_time: gatewayTime(message.at),
    notify_type: "tax_refund_status_sync",
    out_order_no: message.key,
    status: message.isPaid ? "S" : "F",
    tax_no: message.reference,
    version: "1.0",
  };
  for (const [name, value] of Object.entries(message.fields)) members[name] = String(value);
  const names = Object.keys(members).sort();
  const toSign = names.map((name) => `${name}=${members[name] ?? ""}`).join("&");
  const signature = await called(() => native.sign(privateKey, Buffer.from(toSign), "RSA2"));
  const form = new URLSearchParams(names.map((name): [string, string] => [name, members[name] ?? ""]));
  form.append("sign_type", "RSA2");
  form.append("sign", signature.toString("base64"));
  return {
    headers: { "content-type": "application/x-www-form-urlencoded;charset=utf-8" },
    rawBody: Buffer.from(form.toString()),
  };
}

async function ofCaller(
  account: BaseAccount,
  message: Message,
  privateKey: Buffer,
): Promise<Omit<TestNotification, "path">> {
  const time = offsetTime(message.at);
  const content = account.protocol === "antom" ? antomContent(message, time) : creditContent(message, time);
  const rawBody = Buffer.from(jsonText({ ...content, ...message.fields }));
  const toSign = calling(() => native.headerStringToSign(message.path, account.name, time, rawBody));
  const signature = await called(() => native.sign(privateKey, toSign, "RSA2"));
  return {
    headers: {
      "content-type": "application/json; charset=UTF-8",
      "client-id": account.name,
      "request-time": time,
      signature: calling(() => native.writeSignatureHeader(signature, 1)),
    },
    rawBody,
  };
}

function antomContent({ key, reference, amount, isPaid }: Message, time: string): Record<string, unknown> {
  return {
    notifyType: "REFUND_RESULT",
    result: resultOf(isPaid),
    refundStatus: isPaid ? "SUCCESS" : "FAIL",
    refundRequestId: key,
    refundId: reference,
    refundAmount: amountOf(amount),
    refundTime: time,
  };
}

function creditContent({ key, reference, amount, isPaid }: Message, time: string): Record<string, unknown> {
  return {
    originalCreditRequestId: key,
    originalCreditId: reference,
    originalCreditResult: resultOf(isPaid),
    payerAmount: amountOf(amount),
    originalCreditTime: time,
  };
}

function resultOf(isPaid: boolean): Record<string, string> {
  return isPaid
    ? { resultStatus: "S", resultCode: "SUCCESS", resultMessage: "success" }
    : { resultStatus: "F", resultCode: "PROCESS_FAIL", resultMessage: "failed" };
}

function amountOf({ currency, minor }: Money): Record<string, string> {
  return { currency, value: String(minor) };
}

const OPTIONS = {
  key: "any",
  settlement: "text",
  path: "text",
  reference: "text",
  amount: "any",
  fields: "any",
  forged: "flag",
  at: "date",
} as const;
