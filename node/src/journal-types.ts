/** Which requests a journal records for an account, as types. */
import type { BaseAccount } from "./account.js";
import type { Operations as AlipayOperations } from "./generated/alipay.js";
import type { Operations as AlipayPlusOperations } from "./generated/alipay-plus.js";
import type { Operations as AntomOperations } from "./generated/antom.js";
import type { Owner } from "./journal-arguments.js";

interface Catalogue {
  alipay: AlipayOperations;
  alipay_plus: AlipayPlusOperations;
  antom: AntomOperations;
}

type AccountOf<O> = O extends { readonly account: infer A extends BaseAccount }
  ? A
  : O extends BaseAccount
    ? O
    : never;

type OperationsOf<O extends Owner> = AccountOf<O>["protocol"] extends infer P
  ? P extends keyof Catalogue
    ? Catalogue[P]
    : never
  : never;

type Recorded<T> = T extends unknown
  ? { [M in keyof T]: T[M] extends { effect: "reads" } ? never : M }[keyof T]
  : never;

type Member<T, M, K extends string> = T extends unknown
  ? M extends keyof T
    ? T[M] extends Record<K, infer V>
      ? V
      : never
    : never
  : never;

/** The methods of an account's client that a journal records: `payTaxRefund`, `refund`, … */
export type RecordedMethod<O extends Owner> = Recorded<OperationsOf<O>> & string;

/** What the method is asked. */
export type RequestOf<O extends Owner, M = RecordedMethod<O>> = Member<OperationsOf<O>, M, "request">;

/** What the method answers. */
export type ResponseOf<O extends Owner, M = RecordedMethod<O>> = Member<OperationsOf<O>, M, "response">;

/** An operation by a method's name (`payTaxRefund`), or by its whole name (`alipay.pay_tax_refund`). */
export type OperationName =
  keyof AlipayOperations | keyof AlipayPlusOperations | keyof AntomOperations | WholeName;

type WholeName = `${keyof Catalogue}.${string}`;
