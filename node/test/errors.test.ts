import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";
import { inspect } from "node:util";

import * as taxrefund from "taxrefund";

import * as errors from "../src/errors.js";
import { native } from "../src/native.js";
import { called, calling, errorOf } from "../src/problem.js";

const CLASSES = Object.entries(errors).filter(([name]) => /^[A-Z]/.test(name)) as [
  string,
  new (message?: string, details?: errors.ErrorDetails) => errors.TaxRefundError,
][];

test("every error is a TaxRefundError with its own name and a stable code", () => {
  assert.ok(CLASSES.length >= 18);
  const codes = new Set<string>(Object.values(taxrefund.ErrorCode));
  for (const [name, Kind] of CLASSES) {
    const error = new Kind("words", { code: "some_code" });
    assert.ok(error instanceof errors.TaxRefundError && error instanceof Error, name);
    assert.deepEqual([error.name, error.code, error.message], [name, "some_code", "words"]);
    assert.match(String(error.stack), new RegExp(`^${name}: words\n`), "the stack begins with the name");
  }
  for (const Kind of [errors.KeyReused, errors.FormTaken, errors.RefundBusy, errors.ConfigurationError]) {
    assert.ok(codes.has(new Kind().code), Kind.name);
  }
});

test("instanceof holds for an error of another copy of the package", () => {
  const here = createRequire(__filename);
  const place = here.resolve("../src/errors.js");
  const before = here.cache[place];
  Reflect.deleteProperty(here.cache, place);
  const other = here(place) as typeof errors;
  here.cache[place] = before;
  assert.notEqual(other.KeyReused, errors.KeyReused);
  const error: unknown = new other.KeyReused("words", { key: "ORD1" });
  assert.ok(error instanceof errors.KeyReused && error.key === "ORD1");
  assert.ok(error instanceof errors.TaxRefundError);
  assert.ok(!(error instanceof errors.FormTaken));
  assert.ok(new errors.KeyReused() instanceof other.KeyReused);
});

test("a program's own subclass is told apart from its siblings", () => {
  class Own extends errors.ConfigurationError {}
  assert.ok(new Own() instanceof errors.ConfigurationError);
  assert.ok(!(new errors.ConfigurationError() instanceof Own));
  assert.ok(new Own() instanceof Own);
});

test("what is no error of this package is no instance, whatever it does", () => {
  const throwing = new Proxy(
    {},
    {
      getPrototypeOf() {
        throw new Error("no");
      },
      get() {
        throw new Error("no");
      },
    },
  );
  const others: unknown[] = [
    undefined,
    null,
    5,
    "text",
    {},
    [],
    new Error("x"),
    throwing,
    Object.create(null),
  ];
  for (const other of others) assert.equal(other instanceof errors.TaxRefundError, false);
});

test("the JSON of an error is for logs: no stack, no cause", () => {
  const cause = new Error("secret cause");
  const error = new errors.KeyReused("words", { key: "ORD1", fields: ["a"], state: "open", cause });
  assert.equal(error.cause, cause);
  assert.deepEqual(JSON.parse(JSON.stringify(error)), {
    name: "KeyReused",
    code: "key_reused",
    operation: "",
    key: "ORD1",
    fields: ["a"],
    state: "open",
    message: "words",
  });
});

test("an error survives a structured clone with its words", () => {
  const clone = structuredClone(new errors.FormTaken("words", { cause: "why" }));
  assert.deepEqual([clone.message, clone instanceof Error], ["words", true]);
});

test("every problem of the native side becomes its own class", () => {
  const kinds = {
    invalid_request: "InvalidRequest",
    configuration: "ConfigurationError",
    misuse: "FlowMisuse",
    key_reused: "KeyReused",
    form_taken: "FormTaken",
    busy: "RefundBusy",
    taken_over: "TakenOver",
    not_found: "RefundNotFound",
    only_reads: "JournalError",
    journal: "JournalError",
    file: "FileError",
    settlement: "SettlementError",
    batch: "BatchError",
    money: "MoneyError",
    date: "DateError",
    notification_refused: "NotificationRefused",
    answer_refused: "AnswerRefused",
    sandbox: "SandboxError",
    "of a later version": "TaxRefundError",
  };
  for (const [kind, name] of Object.entries(kinds)) {
    const made = errorOf(new Error(JSON.stringify({ kind, code: "some_code", message: "words" })));
    assert.deepEqual([made.name, made.code, made.message], [name, "some_code", "words"]);
  }
});

test("what a problem says beside its text is kept, with JavaScript's names", () => {
  const reused = errorOf(
    new Error(
      JSON.stringify({
        kind: "key_reused",
        code: "key_reused",
        message: "words",
        operation: "alipay.pay_tax_refund",
        key: "ORD1",
        fields: ["tax_refund_amount", "operation"],
        state: "succeeded",
      }),
    ),
  );
  assert.ok(reused instanceof errors.KeyReused);
  assert.deepEqual(reused.fields, ["taxRefundAmount", "operation"]);
  const refused = errorOf(
    new Error(
      JSON.stringify({
        kind: "notification_refused",
        code: "unsigned",
        message: "words",
        fault: "unsigned",
        reply: { status: 200, headers: [["content-type", "text/plain"]], body: "fail" },
      }),
    ),
  );
  assert.ok(refused instanceof errors.NotificationRefused);
  assert.deepEqual([refused.fault, refused.reply.status, refused.reply.body], ["unsigned", 200, "fail"]);
  assert.deepEqual({ ...refused.reply.headers }, { "content-type": "text/plain" });
});

test("what the native side says in other words is an error of this package too", async () => {
  const odd: unknown[] = [
    new Error("plain words"),
    new TypeError("x"),
    "text",
    undefined,
    null,
    5,
    new Error("[1]"),
  ];
  for (const thrown of odd) {
    const made = errorOf(thrown);
    assert.ok(made instanceof errors.TaxRefundError);
    assert.equal(made.cause, thrown);
  }
  assert.throws(() => calling(() => native.minorUnits("XXZ")), errors.MoneyError);
  await assert.rejects(called(Promise.reject(new Error("x"))), errors.TaxRefundError);
  const own = new errors.KeyReused();
  assert.equal(errorOf(own), own);
});

test("everything wrong with a request is listed in the message, one line each", () => {
  const violations = [
    { path: "outOrderNo", rule: "required", message: "is required", given: "nothing" },
    { path: "", rule: "type", message: "must be an object", given: "a string" },
  ];
  const error = new errors.InvalidRequest("", { operation: "alipay.pay_tax_refund", violations });
  assert.equal(
    error.message,
    "alipay.pay_tax_refund: nothing was sent; 2 problems\n" +
      "  outOrderNo: is required (given: nothing)\n  the whole: must be an object (given: a string)",
  );
  assert.ok(inspect(error).includes("outOrderNo"));
});
