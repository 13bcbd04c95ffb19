/**
 * Inbound messages: verified on the raw bytes, typed, with the exact reply to send back.
 *
 * Hand over the body as it came, never one that a framework has parsed and written again. Reply only when what the message
 * says is safely recorded.
 */
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { inspect } from "node:util";

import { BaseAccount } from "./account.js";
import { ConfigurationError } from "./errors.js";
import { Amount } from "./money.js";
import { type Plain, exactJson, isPlain, maybeText, own, plainOf, text } from "./plain.js";
import { called, calling } from "./problem.js";
import { type HeadersLike, flatHeaders, rawBytes } from "./raw.js";
import { type Reply, replyJson, replyOf } from "./reply.js";
import { signatureOf, signingProblem } from "./signer.js";
import { isA, requiredText, settingsOf, shown, unfit } from "./text.js";

export type { HeadersLike } from "./raw.js";
export type { Reply } from "./reply.js";

/** A message as it arrived. */
export interface Inbound {
  /** `request.headers`, `request.rawHeaders`, a fetch `Headers`, or pairs. */
  readonly headers: HeadersLike;
  /** The body as it came: a `Buffer`, other bytes, or the text of them. */
  readonly rawBody: Uint8Array | ArrayBuffer | string;
  /**
   * The path and query at which it arrived, which Alipay+ and Antom sign; `request.url` in node:http and Fastify,
   * `request.originalUrl` in Express. Behind a proxy that changes paths, the outer one. The open gateway needs none.
   */
  readonly path?: string | undefined;
}

/** A verified notification. JSON and `console.log` show nothing personal of it. */
export interface Notification {
  /** `alipay`, `alipay_plus` or `antom`. */
  readonly protocol: string;
  /** The gateway's `notify_id`: the same in every redelivery. */
  readonly id: string | undefined;
  /** The gateway's `notify_type`, Antom's `notifyType`. */
  readonly kind: string | undefined;
  /** The idempotency key of the refund it is about. */
  readonly key: string | undefined;
  /** The provider's own number. */
  readonly reference: string | undefined;
  /** What it says of the refund; `undefined` when it says nothing final. */
  readonly settlement: "succeeded" | "failed" | undefined;
  /** The provider's code. */
  readonly code: string | undefined;
  /** The refund's amount, where the message carries one: compare it with your own record. */
  readonly amount: Amount | undefined;
  /** Everything it carried. It may hold personal data. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** Send exactly this back, once the notification is safely recorded. */
  readonly reply: Reply;
}

/**
 * Verifies a message and reads it.
 *
 * @throws {NotificationRefused} for one that is not the provider's; its `reply` acknowledges nothing.
 * @throws {ConfigurationError} for a body that was parsed, and headers or a path of another kind.
 */
export async function verifyNotification(
  account: BaseAccount,
  inbound: Inbound,
  nowMs: number = Date.now(),
): Promise<Notification> {
  if (!isA(account, BaseAccount)) throw unfit("account", "an Account", account);
  if (!Number.isSafeInteger(nowMs) || nowMs < 0) {
    throw new ConfigurationError(`nowMs: must be milliseconds since 1970, is ${shown(nowMs)}`, {
      field: "nowMs",
    });
  }
  const { path, headers, body } = arrived(inbound);
  const { stepwise, signer } = account;
  const plain = await called(() => stepwise.notification(path, headers, body, nowMs));
  const notification = notificationOf(exactJson(plain));
  if (signer === undefined) return notification;
  const unsigned = replyJson(notification.reply);
  const message = calling(() => stepwise.replyToSign(path, unsigned, nowMs));
  if (message === null) return notification;
  let signature: Uint8Array;
  try {
    signature = signatureOf(await signer.sign(message));
  } catch (cause) {
    throw new ConfigurationError(`signer: ${signingProblem(cause)}`, {
      field: "signer",
      code: "signer_failed",
      cause,
    });
  }
  const signed = calling(() => stepwise.signedReply(path, unsigned, nowMs, signature));
  return new VerifiedNotification(notification, replyOf(plainOf(signed)));
}

/**
 * The raw body of a node:http request that nothing has read yet; the connection is ended when it is larger than any
 * notification.
 *
 * @param limit in bytes; 1 MiB.
 * @throws {ConfigurationError} for a body that was read by something else before, or is too large.
 */
export async function rawBodyOf(request: IncomingMessage, limit = 1024 * 1024): Promise<Buffer> {
  const field = "request";
  if (!isA(request, Readable)) throw unfit(field, "a request of node:http", request);
  if (request.readableDidRead || request.destroyed) {
    throw new ConfigurationError("request: its body was read before; take the raw bytes where that happens", {
      field,
    });
  }
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      const bytes = Buffer.from(chunk as Uint8Array);
      length += bytes.length;
      if (length > limit) break; // Leaving the loop destroys the request.
      chunks.push(bytes);
    }
  } catch (cause) {
    throw new ConfigurationError("request: the connection ended before the whole body had come", {
      field,
      cause,
    });
  }
  if (length > limit)
    throw new ConfigurationError(`request: its body is larger than ${limit} bytes`, { field });
  return Buffer.concat(chunks);
}

/**
 * What arrived, checked and as the native side takes it.
 *
 * @internal
 */
export function arrived(inbound: Inbound): { path: string; headers: string[]; body: Buffer } {
  const { headers, rawBody, path } = settingsOf("notification", inbound, ["headers", "rawBody", "path"]);
  return {
    body: rawBytes("rawBody", rawBody),
    headers: flatHeaders("headers", headers),
    path: path === undefined ? "/" : requiredText("path", path),
  };
}

/**
 * Headers as name, value, name, value, …
 *
 * @internal
 */
export function headerPairs(headers: HeadersLike): string[] {
  return flatHeaders("headers", headers);
}

/**
 * A notification from its JSON object.
 *
 * @internal
 */
export function notificationOf(given: unknown): Notification {
  const plain: Plain = isPlain(given) ? given : {};
  const [amount, fields, reply] = [own(plain, "amount"), own(plain, "fields"), own(plain, "reply")];
  const settlement = own(plain, "settlement");
  const read = {
    protocol: text(plain, "protocol"),
    id: maybeText(plain, "id"),
    kind: maybeText(plain, "kind"),
    key: maybeText(plain, "key"),
    reference: maybeText(plain, "reference"),
    settlement: settlement === "succeeded" || settlement === "failed" ? settlement : undefined,
    code: maybeText(plain, "code"),
    amount: isPlain(amount)
      ? new Amount({ currency: text(amount, "currency"), value: text(amount, "value") })
      : undefined,
    fields: Object.freeze(Object.assign(Object.create(null) as object, isPlain(fields) ? fields : {})),
  } as const;
  return new VerifiedNotification(read, replyOf(isPlain(reply) ? reply : {}));
}

class VerifiedNotification implements Notification {
  declare readonly protocol: string;
  declare readonly id: string | undefined;
  declare readonly kind: string | undefined;
  declare readonly key: string | undefined;
  declare readonly reference: string | undefined;
  declare readonly settlement: "succeeded" | "failed" | undefined;
  declare readonly code: string | undefined;
  declare readonly amount: Amount | undefined;
  declare readonly fields: Readonly<Record<string, unknown>>;
  declare readonly reply: Reply;

  constructor(read: Omit<Notification, "reply">, reply: Reply) {
    Object.assign(this, read, { reply });
    Object.freeze(this);
  }

  toJSON(): Record<string, unknown> {
    const { protocol, id, kind, key, reference, settlement, code, amount } = this;
    return { protocol, id, kind, key, reference, settlement, code, amount };
  }

  [inspect.custom](): string {
    const { protocol, kind, key, settlement, code } = this;
    return `<Notification ${inspect({ protocol, kind, key, settlement, code }, { breakLength: Infinity })}>`;
  }
}
