import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";

import {
  ConfigurationError,
  type Failed,
  NextStep,
  type Outcome,
  RefundFailed,
  RefundUnknown,
  TaxRefundError,
  type Unknown,
  alipay,
} from "taxrefund";

import { outcomeOf, unwrapped } from "../src/outcome.js";
import { BARCODE } from "./requests.js";

const PAY = alipay.operations.payTaxRefund;
const STATE = {
  version: 1,
  account: "2014",
  operation: PAY.name,
  key: "ORD1",
  business: { pay: `{"identify_account_no":"${BARCODE}"}` },
  memory: { sends: 4294967295 },
};
const REPORT = {
  operation: PAY.name,
  key: "ORD1",
  attempts: [
    {
      interface: "pay",
      sent_at_ms: 1795395723000,
      took_ms: 12,
      reason: { code: "timeout", verified: false, message: `said ${BARCODE}` },
    },
  ],
  warnings: [{ path: "doc_expire_date", rule: "form_expiry", message: "is not 6 months later" }],
  slow_down: true,
  evidence: {
    status: 200,
    verified: true,
    headers: [["signature", "x"]],
    body: Buffer.from(`{"account":"${BARCODE}"}`).toString("base64"),
    truncated: false,
  },
};
const REASON = {
  code: "40004",
  sub_code: "ACCOUNT_NOT_EXIST",
  message: `no account ${BARCODE}`,
  verified: true,
};

function made(changes: object): Outcome<alipay.PayTaxRefundResponse> {
  return outcomeOf(JSON.stringify({ report: REPORT, ...changes }), PAY, "2014");
}
const succeeded = () => made({ outcome: "succeeded", response: { tax_no: "77" }, reference: "77" });
const failed = () => made({ outcome: "failed", reason: REASON, next_step: "start_new" }) as Failed;
const unknown = () =>
  made({
    outcome: "unknown",
    reason: { code: "timeout" },
    next_step: "resume_later",
    resume: STATE,
  }) as Unknown;

const never = () => Promise.reject(new Error("nobody resumes here"));

test("an outcome is told by its word, and typed by it", () => {
  const outcome = succeeded();
  assert.ok(outcome.outcome === "succeeded");
  assert.deepEqual([outcome.response.taxNo, outcome.reference, outcome.nextStep], ["77", "77", "none"]);
  const { attempts, warnings, slowDown, evidence } = outcome.report;
  assert.deepEqual(
    attempts.map(({ interface: to, sentAtMs, tookMs }) => [to, sentAtMs, tookMs]),
    [["pay", 1795395723000, 12]],
  );
  assert.equal(warnings[0]?.path, "docExpireDate");
  assert.ok(slowDown && evidence?.verified === true);
  assert.equal(String(evidence.body), `{"account":"${BARCODE}"}`);
  assert.equal(unwrapped(outcome, never).taxNo, "77");
});

test("a verified failure is thrown with what to do", () => {
  assert.throws(
    () => unwrapped(failed(), never),
    (error) => {
      assert.ok(error instanceof RefundFailed && error instanceof TaxRefundError);
      assert.ok(!((error as unknown) instanceof RefundUnknown));
      assert.deepEqual([error.operation, error.key, error.code], [PAY.name, "ORD1", "40004"]);
      assert.equal(error.nextStep, NextStep.START_NEW);
      assert.match(error.message, /^alipay\.pay_tax_refund ORD1: FAILED: 40004 ACCOUNT_NOT_EXIST\n/);
      assert.match(error.message, /next step: start_new\. .+\n {2}No money moved/);
      assert.match(error.explain("zh").engineer, /新/);
      assert.equal(error.evidence, error.report.evidence);
      return error.reason.verified;
    },
  );
});

test("an unknown refund is thrown with its state, and is resumed", async () => {
  const why = new Error("why");
  const asked: unknown[] = [];
  const again = (given: Unknown, options?: object) => {
    asked.push(given, options);
    return Promise.resolve("resumed" as never);
  };
  const outcome = unknown();
  let error: unknown;
  try {
    unwrapped(outcome, again, why);
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(error instanceof RefundUnknown);
  assert.match(error.message, /NOT KNOWN whether it was done: timeout \(not verified\)\n/);
  assert.match(error.message, /never start it again under another number/i);
  assert.deepEqual([error.state, error.outcome, error.cause], [outcome.state, outcome, why]);
  assert.equal(await error.resume({ attempts: 3 }), "resumed");
  assert.deepEqual(asked, [outcome, { attempts: 3 }]);
  await assert.rejects(new RefundUnknown(outcome).resume(), ConfigurationError);
});

test("a state is kept exactly as it came", () => {
  assert.deepEqual(JSON.parse(unknown().state ?? ""), STATE);
  const kept = made({ outcome: "unknown", reason: { code: "x" }, next_step: "resume_later" }) as Unknown;
  assert.equal(kept.state, undefined);
  assert.equal(kept.account, "2014");
});

test("nothing personal is in what is logged of an outcome or an error", () => {
  const errors = [new RefundFailed(failed()), new RefundUnknown(unknown())];
  for (const one of [succeeded(), failed(), unknown(), ...errors]) {
    const logged = [
      inspect(one, { depth: 10, showHidden: false }),
      JSON.stringify(one),
      one instanceof Error ? String(one.stack) : "",
    ];
    for (const text of logged) assert.ok(!text.includes(BARCODE), text);
  }
  assert.equal(failed().reason.message, `no account ${BARCODE}`);
  assert.match(JSON.stringify(errors[0]), /"nextStep":"start_new"/);
});

test("a step of a later version never says to start anew", () => {
  const outcome = made({ outcome: "failed", reason: REASON, next_step: "of a later version" }) as Failed;
  assert.equal(outcome.nextStep, NextStep.CONTACT_SUPPORT);
});

test("whatever the native side gives that is no success or failure is unknown", () => {
  for (const odd of ["null", "5", "{}", '{"outcome":"paid"}', '{"outcome":5,"report":[],"reason":7}']) {
    assert.equal(outcomeOf(odd, PAY, "2014").outcome, "unknown");
  }
});

test("a verified success stays one, whatever its answer looks like", () => {
  for (const response of [null, 5, [], "text", { tax_no: { no: "text" } }]) {
    const outcome = made({ outcome: "succeeded", response });
    assert.ok(outcome.outcome === "succeeded" && outcome.response.taxNo === undefined);
  }
});

test("a long number of an answer keeps all its digits", () => {
  const text = JSON.stringify({ outcome: "succeeded", report: REPORT, response: { tax_no: 1, more: 2 } });
  const long = text
    .replace('"tax_no":1', '"tax_no":2088000001970598757798296970')
    .replace('"more":2', '"more":1.10');
  const outcome = outcomeOf<alipay.PayTaxRefundResponse>(long, PAY, "2014");
  assert.ok(outcome.outcome === "succeeded");
  assert.deepEqual(
    [outcome.response.taxNo, outcome.response.extra["more"]],
    ["2088000001970598757798296970", "1.10"],
  );
});

test("outcomes are frozen, and survive a structured clone as data", () => {
  for (const outcome of [succeeded(), failed(), unknown()]) {
    assert.ok(
      Object.isFrozen(outcome) && Object.isFrozen(outcome.report) && Object.isFrozen(outcome.report.attempts),
    );
    const clone = structuredClone(outcome);
    assert.deepEqual(
      [clone.outcome, clone.nextStep, clone.report.key],
      [outcome.outcome, outcome.nextStep, "ORD1"],
    );
  }
  assert.equal(structuredClone(unknown()).state, unknown().state);
});

test("a test can make an outcome and its error by hand", () => {
  const report = {
    operation: PAY.name,
    key: "ORD1",
    attempts: [],
    warnings: [],
    slowDown: false,
    evidence: undefined,
  };
  const outcome: Failed = {
    outcome: "failed",
    reason: { code: "x", verified: true },
    nextStep: "start_new",
    report,
  };
  assert.match(new RefundFailed(outcome).message, /FAILED: x\n/);
});
