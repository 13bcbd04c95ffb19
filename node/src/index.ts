/**
 * Pays travellers' tax refunds through Alipay's open gateway, Alipay+ and Antom, and never guesses about the money.
 *
 * Every call ends in one of three answers: *succeeded* (verified: it was done), *failed* (verified: no money moved) or
 * *unknown* (money may have moved; resume it, never start it anew).
 *
 * ```js
 * import { pathToFileURL } from "node:url";
 * import { alipay, Money } from "taxrefund";
 *
 * const client = new alipay.Client({
 *   account: {
 *     appId: "2014072300007148",
 *     merchantPrivateKey: pathToFileURL("merchant_private_key.pem"),
 *     alipayPublicKey: pathToFileURL("alipay_public_key.pem"),
 *     environment: "sandbox",
 *   },
 *   journal: "refunds.db",
 * });
 * const paid = await client.payTaxRefund({
 *   outOrderNo: "0005520171122115751",
 *   identifyAccountType: "barcode",
 *   identifyAccountNo: "281234567890123456",
 *   taxRefundAmount: Money.parse("100.00", "SGD"),
 * });
 * console.log(paid.taxNo);
 * await client.close();
 * ```
 */
export * as alipay from "./alipay.js";
export * as alipayPlus from "./alipay-plus.js";
export * as antom from "./antom.js";
export * as dates from "./dates.js";
export * as doctor from "./doctor.js";
export * as signing from "./signing.js";

export type { BaseAccount, CallerSettings, ForeignAnswer, KeyMaterial } from "./account.js";
export {
  type BatchResult,
  type Clients,
  type PayFileOptions,
  type PayOptions,
  type PayRowsOptions,
  type Progress,
  payFile,
  payRows,
} from "./batch.js";
export type { AnyResponse, Calls, OutcomeCalls, SubmitCalls, SubmitOptions } from "./calls.js";
export type { BaseClient, ClientSettings, Resumable } from "./client.js";
export { type Clock, systemClock } from "./clock.js";
export type {
  Broken,
  Counts,
  Entry,
  JournalRecord,
  MergeKind,
  Merged,
  Proof,
  RecordKind,
  Submitted,
} from "./entries.js";
export {
  AnswerRefused,
  BatchError,
  ConfigurationError,
  DateError,
  type ErrorDetails,
  FileError,
  FlowMisuse,
  FormTaken,
  InvalidRequest,
  JournalError,
  KeyReused,
  MoneyError,
  NotificationRefused,
  RefundBusy,
  RefundNotFound,
  SandboxError,
  SettlementError,
  TakenOver,
  TaxRefundError,
  type Violation,
} from "./errors.js";
export {
  type Explanation,
  type Language,
  type StepExplanation,
  explainCode,
  explainStep,
} from "./explain.js";
export {
  type FetchInit,
  type FetchLike,
  type FetchResponse,
  type FetchTransportSettings,
  fetchTransport,
} from "./fetch-transport.js";
export type { Sink, Source } from "./files.js";
export { ErrorCode, Fault, NextStep, State } from "./generated/codes.js";
export { type HttpTransport, type HttpTransportSettings, httpTransport } from "./http-transport.js";
export type { ImportOptions, RowsOptions } from "./import-options.js";
export type { AnyClient, EntryFilter, Owner, SubmissionOptions } from "./journal-arguments.js";
export type { OperationName, RecordedMethod, RequestOf, ResponseOf } from "./journal-types.js";
export { Journal, type RunOptions } from "./journal.js";
export type { Effect, Operation, Response } from "./model.js";
export { Amount, type AmountLike, Money, type MoneyLike } from "./money.js";
export {
  type HeadersLike,
  type Inbound,
  type Notification,
  type Reply,
  rawBodyOf,
  verifyNotification,
} from "./notifications.js";
export type {
  BeganEvent,
  EndedEvent,
  Event,
  HeardEvent,
  Observer,
  RaisedEvent,
  SendingEvent,
  WaitingEvent,
} from "./observe.js";
export type { JournalOptions } from "./open-journal.js";
export type { CallOptions } from "./options.js";
export {
  type Failed,
  type Outcome,
  RefundFailed,
  RefundUnknown,
  type Succeeded,
  type Unknown,
} from "./outcome.js";
export type { Attempt, Evidence, Reason, Report, Warning } from "./report.js";
export type { Rows } from "./rows.js";
export type {
  Difference,
  ListOptions,
  ListedRefund,
  RecordedRefund,
  SettlementCounts,
  SettlementOptions,
  SettlementProblem,
  SettlementReport,
} from "./settlement.js";
export { type Signer, SigningFailed } from "./signer.js";
export type { ImportSummary, LineProblem, ResultSummary } from "./summaries.js";
export {
  type HttpRequest,
  type HttpResponse,
  type Transport,
  TransportFault,
  type TransportFaultName,
} from "./transport.js";
export type {
  Claimed,
  ClockJumped,
  Ended,
  Exchanged,
  Halted,
  LostLease,
  Skipped,
  SlowedDown,
  WorkerEvent,
  WorkerSummary,
} from "./worker-events.js";
export { version } from "./version.js";
export { Worker, type WorkerOptions, type WorkerRunOptions } from "./worker.js";
