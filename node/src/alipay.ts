/** Alipay's open gateway: the FX tax refund product. */
import { BaseAccount, type KeyMaterial, keyText, optionalKey } from "./account.js";
import type { Calls } from "./calls.js";
import { BaseClient, type ClientSettings, callable } from "./client.js";
import { type Operations, operations } from "./generated/alipay.js";
import type { Signer } from "./signer.js";
import { optionalText, readable, requiredText, settingsOf, unfit } from "./text.js";

export * from "./generated/alipay.js";

/** Settings of an account at the open gateway. Keys and certificates are text, bytes, or a `file:` URL. */
export interface AccountSettings {
  readonly appId: string;
  /** Your own; or a `signer` in its place. */
  readonly merchantPrivateKey?: KeyMaterial | null | undefined;
  /** Makes signatures elsewhere, in place of `merchantPrivateKey`. */
  readonly signer?: Signer | null | undefined;
  /** Alipay's, never your own; or all three of the certificates in its place. */
  readonly alipayPublicKey?: KeyMaterial | null | undefined;
  /** Your application certificate, in certificate mode. */
  readonly appCertificate?: KeyMaterial | null | undefined;
  /** Alipay's certificate, or several while it changes. */
  readonly alipayCertificates?: KeyMaterial | readonly KeyMaterial[] | null | undefined;
  /** The bundle of root certificates. */
  readonly alipayRootCertificates?: KeyMaterial | null | undefined;
  /** `production` when left out. */
  readonly environment?: "production" | "sandbox" | null | undefined;
  /** Where requests go, when it is not the environment's usual place. */
  readonly endpoint?: string | null | undefined;
  /** `gbk` only for an account that is set up so. */
  readonly charset?: "utf-8" | "gbk" | null | undefined;
  /** `RSA` only for an account that cannot be moved to `RSA2`. */
  readonly signType?: "RSA2" | "RSA" | null | undefined;
  readonly appAuthToken?: string | null | undefined;
  /** Where Alipay sends notifications; it goes out with every refund. */
  readonly notifyUrl?: string | null | undefined;
}

const SETTINGS = [
  "appId",
  "merchantPrivateKey",
  "signer",
  "alipayPublicKey",
  "appCertificate",
  "alipayCertificates",
  "alipayRootCertificates",
  "environment",
  "endpoint",
  "charset",
  "signType",
  "appAuthToken",
  "notifyUrl",
] as const;

/** An app at the open gateway. */
export class Account extends BaseAccount {
  declare readonly protocol: "alipay";

  /** @throws {ConfigurationError} that names the setting: what a key is and what was expected, an address, a wrong type. */
  constructor(settings: AccountSettings) {
    const given = settingsOf("account", settings, SETTINGS);
    const text = (name: (typeof SETTINGS)[number]) => optionalText(name, given[name]);
    const key = (name: (typeof SETTINGS)[number]) => optionalKey(name, given[name]);
    const config = {
      app_id: requiredText("appId", given["appId"]),
      merchant_private_key: key("merchantPrivateKey"),
      alipay_public_key: key("alipayPublicKey"),
      app_certificate: key("appCertificate"),
      alipay_certificates: certificates(given["alipayCertificates"]),
      alipay_root_certificates: key("alipayRootCertificates"),
      environment: text("environment"),
      endpoint: text("endpoint"),
      charset: text("charset"),
      sign_type: text("signType"),
      app_auth_token: text("appAuthToken"),
      notify_url: text("notifyUrl"),
    };
    super("alipay", config, given["signer"]);
  }
}

/** A method per operation. It gives the verified response, or throws `RefundFailed` or `RefundUnknown`. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the methods come from the generated operations
export interface Client extends Calls<Operations> {}

/** Pays tax refunds into wallets. */
export class Client extends BaseClient<Account, Operations> {
  static {
    callable(this, operations);
  }

  /** @throws {ConfigurationError} that names the setting. */
  constructor(settings: ClientSettings<Account | AccountSettings>) {
    super(settings, { operations, Account });
  }
}

function certificates(given: unknown): string[] | undefined {
  const name = "alipayCertificates";
  if (given === undefined || given === null) return undefined;
  return readable(name, () => {
    if (!Array.isArray(given)) return [keyText(name, given)];
    if (given.length > 100) throw unfit(name, "a few certificates", given);
    return given.map((one, at) => keyText(`${name}[${at}]`, one));
  });
}
