/** Antom: refunds of payments. */
import { CallerAccount, type CallerSettings } from "./account.js";
import type { Calls } from "./calls.js";
import { BaseClient, type ClientSettings, callable } from "./client.js";
import { type Operations, operations } from "./generated/antom.js";

export * from "./generated/antom.js";

/** Endpoint: Asia. */
export const ASIA = "https://open-sea-global.alipay.com";
/** Endpoint: North America, merchants outside the United States. */
export const NORTH_AMERICA = "https://open-na-global.alipay.com";
/** Endpoint: North America, merchants in the United States. */
export const UNITED_STATES = "https://open.antglobal-us.com";
/** Endpoint: Europe. */
export const EUROPE = "https://open-de-global.alipay.com";

/** Settings of an account at Antom. Keys are text, bytes, or a `file:` URL. */
export type AccountSettings = CallerSettings;

/** A client at Antom. */
export class Account extends CallerAccount {
  declare readonly protocol: "antom";

  /** @throws {ConfigurationError} that names the setting: what a key is and what was expected, an address, a wrong type. */
  constructor(settings: AccountSettings) {
    super("antom", settings);
  }
}

/** A method per operation. It gives the verified response, or throws `RefundFailed` or `RefundUnknown`. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the methods come from the generated operations
export interface Client extends Calls<Operations> {}

/** Refunds payments. */
export class Client extends BaseClient<Account, Operations> {
  static {
    callable(this, operations);
  }

  /** @throws {ConfigurationError} that names the setting. */
  constructor(settings: ClientSettings<Account | AccountSettings>) {
    super(settings, { operations, Account });
  }
}
