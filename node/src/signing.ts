/**
 * The strings that are signed, and signatures over bytes: for interfaces that this library does not know, and for tests.
 *
 * Nothing here is needed to pay refunds: clients sign and verify by themselves. What is wrong with a key, a text or bytes is
 * a `ConfigurationError` that names it.
 */
import { types } from "node:util";

import { type KeyMaterial, keyText } from "./account.js";
import { epochMs } from "./dates.js";
import { native } from "./native.js";
import { isPlain, jsonText, maybeText, number, own, plainOf, text } from "./plain.js";
import { called, calling } from "./problem.js";
import { readable, requiredText, unfit } from "./text.js";

/** `RSA2` is SHA-256, `RSA` is SHA-1 for old accounts. */
export type SignType = "RSA2" | "RSA";

/** Where the signed bytes of a gateway answer are. */
export interface CutOut {
  /** The name of the signed member. */
  readonly root: string;
  /** The signed bytes are `body.subarray(start, end)`. */
  readonly start: number;
  readonly end: number;
  /** Base64. */
  readonly signature: string;
  readonly alipayCertSn: string | undefined;
}

/** What Alipay's open gateway signs: parameters by name, without `sign` and empty ones. */
export function formStringToSign(params: Readonly<Record<string, string>>, charset = "utf-8"): Buffer {
  const given = readable("params", () => {
    if (!isPlain(params)) throw unfit("params", "an object of strings", params);
    const texts = Object.create(null) as Record<string, string>;
    for (const [name, value] of Object.entries(params)) {
      texts[requiredText("params", name)] = requiredText("params", value);
    }
    return texts;
  });
  const charsetName = requiredText("charset", charset);
  return calling(() => native.formStringToSign(jsonText(given), charsetName));
}

/** What Alipay+ and Antom sign: the path, the client id, the time header's text and the body. */
export function headerStringToSign(path: string, clientId: string, time: string, body: Uint8Array): Buffer {
  const texts = [
    requiredText("path", path),
    requiredText("clientId", clientId),
    requiredText("time", time),
  ] as const;
  const content = bytes("body", body);
  return calling(() => native.headerStringToSign(...texts, content));
}

/** What an open gateway notification signs under either rule, and its parameters. */
export function formStringToVerify(
  body: Uint8Array,
  rule: "V1" | "V2",
): { readonly toVerify: string; readonly parameters: Readonly<Record<string, string>> } {
  const content = bytes("body", body);
  const ruleName = requiredText("rule", rule);
  const plain = plainOf(calling(() => native.formStringToVerify(content, ruleName)));
  const found = own(plain, "parameters");
  const parameters = Object.create(null) as Record<string, string>;
  if (isPlain(found)) for (const name of Object.keys(found)) parameters[name] = text(found, name);
  return Object.freeze({ toVerify: text(plain, "to_verify"), parameters: Object.freeze(parameters) });
}

/** The `Signature` header of Alipay+ and Antom. */
export function writeSignatureHeader(signature: Uint8Array, keyVersion = 1): string {
  const content = bytes("signature", signature);
  if (!Number.isInteger(keyVersion) || keyVersion < 0 || keyVersion >= 2 ** 32) {
    throw unfit("keyVersion", "a whole number", keyVersion);
  }
  return calling(() => native.writeSignatureHeader(content, keyVersion));
}

/** The signature and the key version of a `Signature` header. */
export function readSignatureHeader(header: string): {
  readonly signature: Buffer;
  readonly keyVersion: string | undefined;
} {
  const given = requiredText("header", header);
  const { signature, keyVersion } = calling(() => native.readSignatureHeader(given));
  return Object.freeze({ signature, keyVersion });
}

/** A signature, made off the main thread. */
export async function sign(
  privateKey: KeyMaterial,
  message: Uint8Array,
  signType: SignType = "RSA2",
): Promise<Buffer> {
  const key = Buffer.from(keyText("privateKey", privateKey), "utf8");
  const content = bytes("message", message);
  const type = requiredText("signType", signType);
  return await called(() => native.sign(key, content, type));
}

/** Whether the signature is this key's over exactly these bytes; checked off the main thread. */
export async function verify(
  publicKey: KeyMaterial,
  message: Uint8Array,
  signature: Uint8Array,
  signType: SignType = "RSA2",
): Promise<boolean> {
  const key = Buffer.from(keyText("publicKey", publicKey), "utf8");
  const [content, made] = [bytes("message", message), bytes("signature", signature)];
  const type = requiredText("signType", signType);
  return await called(() => native.verify(key, content, made, type));
}

/** Finds the exact bytes of a gateway answer that its signature covers. */
export function cutOut(method: string, body: Uint8Array, charset = "utf-8"): CutOut {
  const name = requiredText("method", method);
  const content = bytes("body", body);
  const charsetName = requiredText("charset", charset);
  const plain = plainOf(calling(() => native.cutOut(name, content, charsetName)));
  return Object.freeze({
    root: text(plain, "root"),
    start: number(plain, "start"),
    end: number(plain, "end"),
    signature: text(plain, "signature"),
    alipayCertSn: maybeText(plain, "alipay_cert_sn"),
  });
}

/** `app_cert_sn` of an application certificate, `alipay_cert_sn` of the platform's. */
export function certificateSerial(certificate: KeyMaterial): string {
  const content = Buffer.from(keyText("certificate", certificate), "utf8");
  return calling(() => native.certificateSerial(content));
}

/** `alipay_root_cert_sn` of a root bundle. */
export function rootSerial(bundle: KeyMaterial): string {
  const content = Buffer.from(keyText("bundle", bundle), "utf8");
  return calling(() => native.rootSerial(content));
}

/** Antom's `request-time` header: milliseconds since 1970. */
export function requestTime(at: Date): string {
  return String(epochMs(at));
}

/** Copied: what is signed must not change while it is signed. */
function bytes(field: string, given: unknown): Buffer {
  if (!types.isUint8Array(given)) throw unfit(field, "bytes (a Buffer or a Uint8Array)", given);
  return Buffer.from(given);
}
