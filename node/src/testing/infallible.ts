/**
 * A provider that never fails: every request is answered at once with a verified success, and no network is touched.
 */
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

import * as alipay from "../alipay.js";
import * as alipayPlus from "../alipay-plus.js";
import * as antom from "../antom.js";
import { Answer, type HttpRequest, type HttpResponse, type Transport } from "../transport.js";

/**
 * Answers as a provider would that has no bad day; whoever asks twice hears the same.
 *
 * It checks nothing: not the request's signature, and not whether the refund makes sense. For that there is `Sandbox`.
 *
 * @example
 * ```ts
 * const provider = new Infallible();
 * const client = new alipay.Client({ account: provider.alipayAccount(), transport: provider });
 * ```
 */
export class Infallible implements Transport {
  /** Those that were sent. */
  readonly requests: HttpRequest[] = [];

  /** An account of the open gateway whose answers are signed by this provider. */
  alipayAccount(changes: Partial<alipay.AccountSettings> = {}): alipay.Account {
    return new alipay.Account({
      appId: "9021000100000001",
      merchantPrivateKey: keys().merchantPrivateKey,
      alipayPublicKey: keys().platformPublicKey,
      environment: "sandbox",
      ...changes,
    });
  }

  /** An account of Alipay+ whose answers are signed by this provider. */
  alipayPlusAccount(changes: Partial<alipayPlus.AccountSettings> = {}): alipayPlus.Account {
    return new alipayPlus.Account({ ...caller(), ...changes });
  }

  /** An account of Antom whose answers are signed by this provider. */
  antomAccount(changes: Partial<antom.AccountSettings> = {}): antom.Account {
    return new antom.Account({ ...caller(), ...changes });
  }

  /** A verified success. */
  async exchange(request: HttpRequest): Promise<HttpResponse> {
    this.requests.push(request);
    await Promise.resolve();
    const { pathname } = new URL(request.url);
    return pathname.endsWith("gateway.do") ? gatewayAnswer(request) : signedAnswer(request, pathname);
  }
}

interface Keys {
  readonly merchantPrivateKey: string;
  readonly platformPublicKey: string;
  readonly platform: KeyObject;
}

let made: Keys | undefined;

/** Made once for the process. */
function keys(): Keys {
  if (made === undefined) {
    const merchant = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const platform = generateKeyPairSync("rsa", { modulusLength: 2048 });
    made = {
      merchantPrivateKey: merchant.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
      platformPublicKey: platform.publicKey.export({ type: "spki", format: "pem" }) as string,
      platform: platform.privateKey,
    };
  }
  return made;
}

function caller(): { clientId: string; merchantPrivateKey: string; platformPublicKey: string } {
  const { merchantPrivateKey, platformPublicKey } = keys();
  return { clientId: "SANDBOX_5YINFALLIBLE0001", merchantPrivateKey, platformPublicKey };
}

const DONE = { resultStatus: "S", resultCode: "SUCCESS", resultMessage: "success" };
const TIME = "2026-11-23T08:00:00+08:00";
const USER = "2088102146225135";

/** The provider's own number: the same for the same key. */
function numberOf(key: string): string {
  const digest = createHash("sha256").update(key).digest("hex").slice(0, 24);
  return BigInt(`0x${digest}`).toString().padStart(28, "0").slice(0, 28);
}

function gatewayAnswer(request: HttpRequest): HttpResponse {
  const sent = new URLSearchParams(new URL(request.url).search);
  for (const [name, value] of new URLSearchParams(request.body.toString())) sent.append(name, value);
  const asked = JSON.parse(sent.get("biz_content") ?? "{}") as Record<string, string>;
  const key = asked["out_order_no"] ?? asked["identify_account_no"] ?? sent.get("code") ?? "";
  const method = sent.get("method") ?? "";
  const content = JSON.stringify(gatewaySays(method, key));
  const hash = sent.get("sign_type") === "RSA" ? "sha1" : "sha256";
  const signature = sign(hash, Buffer.from(content), keys().platform).toString("base64");
  const root = `${method.replaceAll(".", "_")}_response`;
  const body = Buffer.from(`{"${root}":${content},"sign":"${signature}"}`);
  return new Answer(200, [["content-type", "application/json"]], body);
}

function gatewaySays(method: string, key: string): Record<string, unknown> {
  const done = { code: "10000", msg: "Success" };
  const tax_no = numberOf(key);
  if (method.endsWith("order.pay")) return { ...done, tax_no };
  if (method.endsWith("order.query")) return { ...done, out_order_no: key, tax_no, status: "S" };
  if (method.endsWith("userinfo.query")) return { ...done, user_id: USER, eligible: "true", user_name: "*" };
  return { user_id: USER, access_token: "TEST", expires_in: 300 };
}

function signedAnswer(request: HttpRequest, path: string): HttpResponse {
  const asked = JSON.parse(request.body.toString()) as Record<string, unknown>;
  const header = (name: string) => request.headers.find(([one]) => one.toLowerCase() === name)?.[1] ?? "";
  const clientId = header("client-id");
  const body = Buffer.from(JSON.stringify({ result: DONE, ...said(path, asked) }));
  const message = Buffer.concat([Buffer.from(`POST ${path}\n${clientId}.${TIME}.`), body]);
  const signature = encodeURIComponent(sign("sha256", message, keys().platform).toString("base64"));
  const headers: [string, string][] = [
    ["content-type", "application/json; charset=UTF-8"],
    ["client-id", clientId],
    ["response-time", TIME],
    ["signature", `algorithm=RSA256,keyVersion=1,signature=${signature}`],
  ];
  return new Answer(200, headers, body);
}

function said(path: string, asked: Record<string, unknown>): Record<string, unknown> {
  const key = asked["refundRequestId"] ?? asked["originalCreditRequestId"] ?? "";
  const number = numberOf(typeof key === "string" ? key : "");
  if (path.endsWith("/refund")) {
    const { paymentId, refundAmount } = asked;
    return { refundRequestId: key, refundId: number, paymentId, refundAmount, refundTime: TIME };
  }
  if (path.endsWith("/inquiryRefund")) {
    return { refundRequestId: key, refundId: number, refundStatus: "SUCCESS" };
  }
  if (path.includes("evaluate")) return { payee: { userId: "210220990000000000001" } };
  if (path.endsWith("OriginalCredit")) {
    return {
      originalCreditRequestId: key,
      originalCreditId: number,
      originalCreditResult: DONE,
      originalCreditTime: TIME,
    };
  }
  return {};
}
