/** What a journal is asked, as the native module takes it. */
import { BaseAccount } from "./account.js";
import { BaseClient } from "./client.js";
import { isBytes, wrong } from "./given.js";
import type { NextStep, State } from "./generated/codes.js";
import { jsonText } from "./plain.js";
import { unfit } from "./text.js";

/** A client of whichever protocol. */
export interface AnyClient {
  readonly account: BaseAccount;
}

/** An account, or a client of it. */
export type Owner = BaseAccount | AnyClient;

/** Which entries. Everything is optional; what is given must all hold. */
export interface EntryFilter {
  /** Where they stand. */
  state?: State | undefined;
  /** What is to be done now. */
  nextStep?: NextStep | undefined;
  /** The batch that they came with. */
  batch?: string | undefined;
  /** `true`: only those that a verified message contradicts. */
  conflict?: boolean | undefined;
}

/** What is recorded beside a request. */
export interface SubmissionOptions {
  /** The number of the tax refund form, where the request has no field for it (Antom). */
  form?: string | undefined;
  /** Accepts a second refund for a form although the first did not fail; the reason is recorded for ever. */
  secondRefundForForm?: string | undefined;
  /** The batch that it belongs to. */
  batch?: string | undefined;
  /** Its place in the batch. */
  line?: number | undefined;
}

/** @internal */
export const SUBMIT_OPTIONS = {
  form: "text",
  secondRefundForForm: "text",
  batch: "text",
  line: "count",
} as const;

/** @internal */
export const ENTRY_FILTER = { state: "text", nextStep: "text", batch: "text", conflict: "flag" } as const;

/** @internal */
export function extrasOf(options: SubmissionOptions): string {
  if (options.line !== undefined && options.batch === undefined) {
    throw wrong("options.line", "is a place in a batch: give batch with it");
  }
  return jsonText({
    form: options.form,
    second_refund_for_form: options.secondRefundForForm,
    batch: options.batch,
    line: options.line,
  });
}

/** @internal */
export function filterOf(filter: EntryFilter): string {
  return jsonText({
    state: filter.state,
    next_step: filter.nextStep,
    batch: filter.batch,
    conflict: filter.conflict ?? false,
  });
}

/** The account of a client, or the account itself. @internal */
export function accountOf(given: unknown): BaseAccount {
  if (given instanceof BaseAccount) return given;
  if (given instanceof BaseClient) return (given as AnyClient).account;
  throw unfit("account", "an account or a client of one", given);
}

/** @internal */
export function clientOf(field: string, given: unknown): BaseClient {
  if (given instanceof BaseClient) return given as BaseClient;
  throw unfit(field, "a client", given);
}

/** Raw bytes of a key; what is wrong with one is said without the key. @internal */
export function sealingKeyOf(field: string, key: unknown): Uint8Array {
  if (isBytes(key) && key.length === 32) return key;
  const text = typeof key === "string" ? key : isBytes(key) ? Buffer.from(key).toString("latin1") : "";
  if (/^[0-9a-fA-F]{64}$/.test(text.trim())) return Buffer.from(text.trim(), "hex");
  throw wrong(
    field,
    "must be 32 bytes, or their 64 hexadecimal digits, such as `openssl rand -hex 32` prints",
  );
}
