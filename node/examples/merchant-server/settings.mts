/** Everything that is set, from the environment. Keys are files: what is in the environment ends up in crash reports. */
import { hostname } from "node:os";
import { pathToFileURL } from "node:url";

import { alipay } from "taxrefund";

export interface Settings {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** A file, or `postgres://user@host/database` where several machines share one. */
  readonly journal: string;
  /** 64 hexadecimal digits; seals what is personal. */
  readonly sealingKey: string | undefined;
  /**
   * This process's own name among all that use the journal: no two running ones may share it. After a crash the same name takes
   * up its refunds at once.
   */
  readonly owner: string;
  /** `web` answers requests, `worker` sends refunds, `all` does both. */
  readonly role: "web" | "worker" | "all";
  /** When a refund whose result is not known is asked about again. */
  readonly takeUpAgainAfterMs: readonly number[] | undefined;
  readonly account: alipay.Account;
  /** For a simulator: waits are this many thousandths of the documented ones. */
  readonly sandboxWaitPermille: number | undefined;
}

export function settingsFrom(environment: NodeJS.ProcessEnv): Settings {
  const role = environment["MERCHANT_ROLE"] ?? "all";
  if (role !== "web" && role !== "worker" && role !== "all") {
    throw new Error("MERCHANT_ROLE: must be web, worker or all");
  }
  return {
    host: environment["MERCHANT_HOST"] ?? "127.0.0.1",
    port: numberFrom(environment, "MERCHANT_PORT") ?? 8080,
    journal: environment["MERCHANT_JOURNAL"] ?? "refunds.db",
    sealingKey: environment["MERCHANT_SEALING_KEY"],
    owner: environment["MERCHANT_OWNER"] ?? `${hostname()}-${role}`,
    role,
    takeUpAgainAfterMs: environment["MERCHANT_TAKE_UP_AGAIN_AFTER_MS"]?.split(",").map(Number),
    sandboxWaitPermille: numberFrom(environment, "MERCHANT_SANDBOX_WAIT_PERMILLE"),
    account: new alipay.Account({
      appId: needed(environment, "ALIPAY_APP_ID"),
      merchantPrivateKey: pathToFileURL(needed(environment, "ALIPAY_MERCHANT_PRIVATE_KEY_FILE")),
      alipayPublicKey: pathToFileURL(needed(environment, "ALIPAY_PUBLIC_KEY_FILE")),
      environment: environment["ALIPAY_ENVIRONMENT"] === "sandbox" ? "sandbox" : "production",
      endpoint: environment["ALIPAY_ENDPOINT"],
      notifyUrl: environment["ALIPAY_NOTIFY_URL"],
    }),
  };
}

function needed(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name];
  if (value === undefined || value === "") throw new Error(`${name}: is needed`);
  return value;
}

function numberFrom(environment: NodeJS.ProcessEnv, name: string): number | undefined {
  const value = environment[name];
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value)) throw new Error(`${name}: must be a whole number`);
  return Number(value);
}
