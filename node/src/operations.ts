/** Operations by their names, and by an account: only those that a journal records. */
import type { BaseAccount } from "./account.js";
import { operations as alipay } from "./generated/alipay.js";
import { operations as alipayPlus } from "./generated/alipay-plus.js";
import { operations as antom } from "./generated/antom.js";
import { wrong } from "./given.js";
import type { Operation } from "./model.js";
import { shown, unfit } from "./text.js";

const TABLES: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  alipay,
  alipay_plus: alipayPlus,
  antom,
};

/** What a journal records: what moves money or leaves a record at the provider. */
function recorded(protocol: string | undefined): Operation[] {
  const tables = protocol === undefined ? Object.values(TABLES) : [TABLES[protocol] ?? {}];
  return tables.flatMap((table) => Object.values(table)).filter((operation) => operation.effect !== "reads");
}

/**
 * The operation of this name: the whole name (`alipay.pay_tax_refund`), or a method of the account's client
 * (`payTaxRefund`).
 *
 * @internal
 */
export function operationOf(name: unknown, account?: BaseAccount): Operation {
  if (typeof name !== "string") throw unfit("operation", "the name of an operation", name);
  const known = recorded(account?.protocol);
  const found = known.find((operation) => operation.name === name || operation.method === name);
  if (found !== undefined) return found;
  const stranger = recorded(undefined).find((operation) => operation.name === name);
  if (stranger !== undefined && account !== undefined) {
    throw wrong("operation", `${stranger.name} is none of the account, which is of ${account.protocol}`);
  }
  const names = known.map((operation) => operation.name).join(", ");
  throw wrong("operation", `the journal records none with the name ${shown(name)}; it records: ${names}`);
}

/** The named operation; without a name, the only one that this account has to record. @internal */
export function operationFor(account: BaseAccount, name: unknown): Operation {
  if (name !== undefined) return operationOf(name, account);
  const known = recorded(account.protocol);
  const [only] = known;
  if (known.length === 1 && only !== undefined) return only;
  const names = known.map((operation) => operation.name).join(", ");
  throw wrong("operation", `an account of ${account.protocol} has several, say which: ${names}`);
}
