/** What the native module reports becomes an error of this package, here and nowhere else. */
import {
  AnswerRefused,
  BatchError,
  ConfigurationError,
  DateError,
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
  type ErrorDetails,
  type Violation,
} from "./errors.js";
import { jsPath } from "./paths.js";
import { type Plain, isPlain, list, own, plainOf, text } from "./plain.js";
import { replyOf } from "./reply.js";

/** The result of a native call; what it throws becomes an error of this package. */
export function calling<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw errorOf(error);
  }
}

/** The same for a native call that gives a promise. */
export async function called<T>(call: PromiseLike<T> | (() => PromiseLike<T>)): Promise<T> {
  try {
    return await (typeof call === "function" ? call() : call);
  } catch (error) {
    throw errorOf(error);
  }
}

/** The error for whatever a native call threw: its message is a problem as JSON text. */
export function errorOf(thrown: unknown): TaxRefundError {
  if (thrown instanceof TaxRefundError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  let problem: unknown;
  try {
    problem = plainOf(message);
  } catch {
    problem = undefined;
  }
  if (isPlain(problem) && text(problem, "kind") !== "") return errorOfProblem(problem);
  return new TaxRefundError(`the native module failed: ${message}`, { cause: thrown });
}

/** The error for a problem that is read already, such as a worker's last event carries. */
export function errorOfProblem(problem: Plain): TaxRefundError {
  const message = text(problem, "message");
  const code = text(problem, "code") || undefined;
  const make = MAKE.get(text(problem, "kind"));
  return make === undefined ? new TaxRefundError(message, { code }) : make(message, { code }, problem);
}

type Make = (message: string, details: ErrorDetails, problem: Plain) => TaxRefundError;

const MAKE = new Map<string, Make>([
  ["invalid_request", invalidRequest],
  [
    "configuration",
    (message, details, it) => new ConfigurationError(message, { ...details, field: text(it, "field") }),
  ],
  ["misuse", (message, details) => new FlowMisuse(message, details)],
  ["key_reused", keyReused],
  [
    "form_taken",
    (message, details, it) =>
      new FormTaken(message, {
        ...details,
        form: text(it, "form"),
        key: text(it, "key"),
        state: text(it, "state"),
      }),
  ],
  [
    "busy",
    (message, details, it) =>
      new RefundBusy(message, { ...details, key: text(it, "key"), owner: text(it, "owner") }),
  ],
  ["taken_over", (message, details, it) => new TakenOver(message, { ...details, key: text(it, "key") })],
  ["not_found", (message, details, it) => new RefundNotFound(message, { ...details, key: text(it, "key") })],
  ["only_reads", (message, details) => new JournalError(message, details)],
  ["journal", (message, details) => new JournalError(message, details)],
  ["file", (message, details) => new FileError(message, details)],
  ["batch", (message, details) => new BatchError(message, details)],
  ["settlement", (message, details) => new SettlementError(message, details)],
  ["money", (message, details) => new MoneyError(message, details)],
  ["date", (message, details) => new DateError(message, details)],
  ["sandbox", (message, details) => new SandboxError(message, details)],
  ["notification_refused", notificationRefused],
  [
    "answer_refused",
    (message, details, it) => new AnswerRefused(message, { ...details, fault: text(it, "fault") }),
  ],
]);

function invalidRequest(message: string, details: ErrorDetails, problem: Plain): InvalidRequest {
  const operation = text(problem, "operation");
  const violations: Violation[] = list(problem, "violations")
    .filter(isPlain)
    .map((one) =>
      Object.freeze({
        path: jsPath(text(one, "path"), operation),
        rule: text(one, "rule"),
        message: text(one, "message"),
        given: text(one, "given"),
      }),
    );
  return new InvalidRequest(message, { ...details, operation, violations });
}

function keyReused(message: string, details: ErrorDetails, problem: Plain): KeyReused {
  const operation = text(problem, "operation");
  const fields = list(problem, "fields").map((field) => jsPath(String(field), operation));
  return new KeyReused(message, {
    ...details,
    operation,
    key: text(problem, "key"),
    fields,
    state: text(problem, "state"),
  });
}

function notificationRefused(message: string, details: ErrorDetails, problem: Plain): NotificationRefused {
  const reply = own(problem, "reply");
  const given = isPlain(reply) ? { reply: replyOf(reply) } : {};
  return new NotificationRefused(message, { ...details, fault: text(problem, "fault"), ...given });
}
