/**
 * Everything that is set, from the environment. Keys are files: what is in the environment ends up in crash reports.
 *
 *     MERCHANT_HOST, MERCHANT_PORT       where it listens; 127.0.0.1 and 8080, port 0 takes a free one
 *     MERCHANT_JOURNAL                   a file, or postgres://user@host/database where several machines share one
 *     MERCHANT_SEALING_KEY               64 hexadecimal digits; seals what is personal
 *     MERCHANT_OWNER                     this process's own name among all that use the journal: no two running ones may share
 *                                        it; after a crash the same name takes up its refunds at once
 *     MERCHANT_ROLE                      web answers requests, worker sends refunds, all (the default) does both
 *     ALIPAY_APP_ID, ALIPAY_MERCHANT_PRIVATE_KEY_FILE, ALIPAY_PUBLIC_KEY_FILE
 *     ALIPAY_ENVIRONMENT                 production, or sandbox
 *     ALIPAY_ENDPOINT, ALIPAY_NOTIFY_URL where requests and notifications go, when not the usual way
 *
 * For tests: MERCHANT_TAKE_UP_AGAIN_AFTER_MS (when a refund whose result is not known is asked about again, a list) and
 * MERCHANT_SANDBOX_WAIT_PERMILLE (waits are this many thousandths of the documented ones).
 */
import { hostname } from "node:os";
import { pathToFileURL } from "node:url";

import { alipay } from "taxrefund";

export function settingsFrom(environment) {
  const role = environment.MERCHANT_ROLE ?? "all";
  if (role !== "web" && role !== "worker" && role !== "all") {
    throw new Error("MERCHANT_ROLE: must be web, worker or all");
  }
  return {
    host: environment.MERCHANT_HOST ?? "127.0.0.1",
    port: numberFrom(environment, "MERCHANT_PORT") ?? 8080,
    journal: environment.MERCHANT_JOURNAL ?? "refunds.db",
    sealingKey: environment.MERCHANT_SEALING_KEY,
    owner: environment.MERCHANT_OWNER ?? `${hostname()}-${role}`,
    role,
    takeUpAgainAfterMs: environment.MERCHANT_TAKE_UP_AGAIN_AFTER_MS?.split(",").map(Number),
    sandboxWaitPermille: numberFrom(environment, "MERCHANT_SANDBOX_WAIT_PERMILLE"),
    account: new alipay.Account({
      appId: needed(environment, "ALIPAY_APP_ID"),
      merchantPrivateKey: pathToFileURL(needed(environment, "ALIPAY_MERCHANT_PRIVATE_KEY_FILE")),
      alipayPublicKey: pathToFileURL(needed(environment, "ALIPAY_PUBLIC_KEY_FILE")),
      environment: environment.ALIPAY_ENVIRONMENT === "sandbox" ? "sandbox" : "production",
      endpoint: environment.ALIPAY_ENDPOINT,
      notifyUrl: environment.ALIPAY_NOTIFY_URL,
    }),
  };
}

function needed(environment, name) {
  const value = environment[name];
  if (value === undefined || value === "") throw new Error(`${name}: is needed`);
  return value;
}

function numberFrom(environment, name) {
  const value = environment[name];
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value)) throw new Error(`${name}: must be a whole number`);
  return Number(value);
}
