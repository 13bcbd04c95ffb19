/** What the three `Account` classes share: settings, keys and certificates, and signatures made by the host. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { inspect, types } from "node:util";

import { ConfigurationError } from "./errors.js";
import { type Account as NativeAccount, type FlatHeaders, native } from "./native.js";
import { type HeadersLike, flatHeaders, rawBytes } from "./raw.js";
import { type Plain, exactJson, isPlain, jsonText } from "./plain.js";
import { called, calling } from "./problem.js";
import { type Signer, answerSigning } from "./signer.js";
import { isA, kindOf, optionalText, readable, requiredText, settingsOf, shortened, unfit } from "./text.js";

/** A key or certificate: its text (PEM or Base64), its bytes (PEM or DER), or the `file:` URL of it. */
export type KeyMaterial = string | Uint8Array | URL;

/** An answer to an interface that this library does not know, as it came. */
export interface ForeignAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** Headers, in any shape that `verifyNotification` takes. */
  readonly headers: HeadersLike;
  /** The raw bytes. */
  readonly rawBody: Uint8Array | string;
}

/** An account with one provider: who calls, and with which keys. Cheap to share between clients. */
export abstract class BaseAccount {
  /** `alipay`, `alipay_plus` or `antom`. */
  readonly protocol: string;
  /** The app id or client id. */
  readonly name: string;
  /** `production` or `sandbox`. */
  readonly environment: string;
  /** Where requests go. */
  readonly endpoint: string;
  /** Whoever signs, when it is not this process. */
  declare readonly signer: Signer | undefined;
  /**
   * Hands out signatures that the host makes, as steps of a flow.
   *
   * @internal
   */
  declare readonly stepwise: NativeAccount;

  #inline: NativeAccount | undefined;
  readonly #configJson: string | undefined;

  /** @internal */
  constructor(protocol: string, config: Readonly<Record<string, unknown>>, signer: unknown) {
    const hosted = signer === undefined || signer === null ? undefined : signerOf(signer);
    const isKeyGiven = config["merchant_private_key"] !== undefined;
    if (isKeyGiven === (hosted !== undefined)) {
      throw new ConfigurationError("merchantPrivateKey: give either the private key, or a signer", {
        field: "merchantPrivateKey",
      });
    }
    const own = hosted && { merchant_public_key: keyText("signer.publicKey", hosted.publicKey) };
    const configJson = jsonText({ protocol, ...config, ...own });
    const stepwise = calling(() => new native.Account(configJson));
    // Out of sight of what lists an object's members: nobody's log needs them.
    Object.defineProperties(this, { stepwise: { value: stepwise }, signer: { value: hosted } });
    this.protocol = protocol;
    this.name = stepwise.name;
    this.environment = stepwise.environment;
    this.endpoint = stepwise.endpoint;
    // Only public keys are left to be kept: a private one lives in the native account alone.
    this.#configJson = hosted === undefined ? undefined : configJson;
    this.#inline = hosted === undefined ? stepwise : undefined;
    Object.freeze(this);
  }

  /**
   * For work that is driven natively: a host's signer is called back.
   *
   * @internal
   */
  get inline(): NativeAccount {
    if (this.#inline === undefined) {
      const { signer } = this;
      const configJson = this.#configJson;
      if (signer === undefined || configJson === undefined) return this.stepwise;
      this.#inline = calling(
        () => new native.Account(configJson, (request) => answerSigning(signer, request)),
      );
    }
    return this.#inline;
  }

  /**
   * Checks an answer to an interface that this library does not know, by the same rules; gives its content.
   *
   * @param wire the gateway's method name, or the path that was called.
   * @throws {AnswerRefused} when nothing of it may be believed.
   */
  async verifyAnswer(wire: string, answer: ForeignAnswer): Promise<Readonly<Record<string, unknown>>> {
    const path = requiredText("wire", wire);
    const { status, headers, rawBody } = settingsOf("answer", answer, ["status", "headers", "rawBody"]);
    if (typeof status !== "number" || !Number.isInteger(status) || status < 0 || status > 65535) {
      throw unfit("answer.status", "an HTTP status", status);
    }
    const flat: FlatHeaders = flatHeaders("answer.headers", headers);
    const bytes = rawBytes("answer.rawBody", rawBody);
    const content = exactJson(await called(() => this.stepwise.verifyAnswer(path, status, flat, bytes)));
    return Object.freeze(isPlain(content) ? content : {});
  }

  /** For logs: no keys. */
  toJSON(): Record<string, unknown> {
    const { protocol, name, environment, endpoint } = this;
    return { protocol, name, environment, endpoint };
  }

  /** @internal */
  [inspect.custom](): string {
    return `<${this.protocol}.Account ${this.name} ${this.environment} ${this.endpoint}>`;
  }
}

/** Settings of an account of Alipay+ or Antom. */
export interface CallerSettings {
  readonly clientId: string;
  /** Your own; or a `signer` in its place. */
  readonly merchantPrivateKey?: KeyMaterial | null | undefined;
  /** Makes signatures elsewhere, in place of `merchantPrivateKey`. */
  readonly signer?: Signer | null | undefined;
  /** The platform's, never your own; by version (`{ "1": …, "2": … }`) while it changes its key. */
  readonly platformPublicKey: KeyMaterial | Readonly<Record<string, KeyMaterial>>;
  /** Where requests go, when it is not the usual place. */
  readonly endpoint?: string | null | undefined;
  /** The version of your own key; 1. */
  readonly keyVersion?: number | null | undefined;
  readonly agentToken?: string | null | undefined;
  /** Whether the sandbox's paths are called; without it the client id's prefix `SANDBOX_` decides. */
  readonly sandboxPath?: boolean | null | undefined;
}

const CALLER = [
  "clientId",
  "merchantPrivateKey",
  "signer",
  "platformPublicKey",
  "endpoint",
  "keyVersion",
  "agentToken",
  "sandboxPath",
] as const;

/** An account of Alipay+ or Antom: signatures in headers. */
export abstract class CallerAccount extends BaseAccount {
  /** @internal */
  constructor(protocol: string, settings: CallerSettings) {
    const given = settingsOf("account", settings, CALLER);
    const { keyVersion, sandboxPath } = given;
    if (keyVersion != null && !(Number.isInteger(keyVersion) && Number(keyVersion) >= 0)) {
      throw unfit("keyVersion", "a whole number", keyVersion);
    }
    if (sandboxPath != null && typeof sandboxPath !== "boolean") {
      throw unfit("sandboxPath", "true or false", sandboxPath);
    }
    const config = {
      client_id: requiredText("clientId", given["clientId"]),
      platform_public_keys: platformKeys(given["platformPublicKey"]),
      merchant_private_key: optionalKey("merchantPrivateKey", given["merchantPrivateKey"]),
      endpoint: optionalText("endpoint", given["endpoint"]),
      key_version: keyVersion ?? undefined,
      agent_token: optionalText("agentToken", given["agentToken"]),
      sandbox_path: sandboxPath ?? undefined,
    };
    super(protocol, config, given["signer"]);
  }
}

/** The content of a key or certificate: of the file for a URL, as it is for text, as Base64 for DER bytes. */
export function keyText(field: string, given: unknown): string {
  if (typeof given === "string") return requiredText(field, given);
  if (types.isUint8Array(given)) return ofBytes(given);
  if (isA(given, URL)) return ofBytes(contentOf(field, given));
  throw unfit(field, "text, bytes or a file: URL", given);
}

/** The same where it may be left out. */
export function optionalKey(field: string, given: unknown): string | undefined {
  return given === undefined || given === null ? undefined : keyText(field, given);
}

function ofBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString("utf8");
  // DER is no UTF-8, or has zeros in it.
  const isText = !text.includes("\0") && Buffer.from(text, "utf8").equals(buffer);
  return isText ? text : buffer.toString("base64");
}

function contentOf(field: string, url: URL): Uint8Array {
  let path: string;
  try {
    path = fileURLToPath(url);
  } catch {
    throw new ConfigurationError(`${field}: must be a file: URL of this machine`, { field });
  }
  try {
    return readFileSync(path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | null)?.code ?? "unknown";
    throw new ConfigurationError(`${field}: the file cannot be read: ${path}: ${code}`, {
      field,
      code: "file",
      cause: error,
    });
  }
}

function platformKeys(given: unknown): { version?: string; key: string }[] {
  const field = "platformPublicKey";
  const isOne = typeof given === "string" || types.isUint8Array(given) || isA(given, URL);
  if (isOne) return [{ key: keyText(field, given) }];
  return readable(field, () => {
    if (typeof given !== "object" || given === null || Array.isArray(given)) {
      throw unfit(field, "text, bytes, a file: URL, or an object of versions with these", given);
    }
    return Object.entries(given as Plain).map(([version, key]) => ({
      version: requiredText(field, version),
      key: keyText(`${field}.${shortened(version)}`, key),
    }));
  });
}

/** A snapshot: a signer cannot become another one later. Its `sign` is called on the object that was given. */
function signerOf(given: unknown): Signer {
  return readable("signer", () => {
    const { publicKey, sign } = Object(given) as Partial<Signer>;
    if (typeof given !== "object" || typeof sign !== "function" || publicKey === undefined) {
      throw new ConfigurationError(`signer: must be { publicKey, sign(message) }, not ${kindOf(given)}`, {
        field: "signer",
      });
    }
    return Object.freeze({ publicKey, sign: (message: Buffer) => sign.call(given, message) });
  });
}
