/** Alipay+: tax refund forms, and original credits (a draft of the provider's). */
import { CallerAccount, type CallerSettings } from "./account.js";
import type { Calls } from "./calls.js";
import { BaseClient, type ClientSettings, callable } from "./client.js";
import { type Operations, operations } from "./generated/alipay-plus.js";

export * from "./generated/alipay-plus.js";

/** Settings of an account at Alipay+. Keys are text, bytes, or a `file:` URL. */
export type AccountSettings = CallerSettings;

/** A client at Alipay+. */
export class Account extends CallerAccount {
  declare readonly protocol: "alipay_plus";

  /** @throws {ConfigurationError} that names the setting: what a key is and what was expected, an address, a wrong type. */
  constructor(settings: AccountSettings) {
    super("alipay_plus", settings);
  }
}

/** A method per operation. It gives the verified response, or throws `RefundFailed` or `RefundUnknown`. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- the methods come from the generated operations
export interface Client extends Calls<Operations> {}

/** Records forms' states and credits refunds. */
export class Client extends BaseClient<Account, Operations> {
  static {
    callable(this, operations);
  }

  /** @throws {ConfigurationError} that names the setting. */
  constructor(settings: ClientSettings<Account | AccountSettings>) {
    super(settings, { operations, Account });
  }
}
