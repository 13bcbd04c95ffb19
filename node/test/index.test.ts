import assert from "node:assert/strict";
import test from "node:test";

import * as taxrefund from "taxrefund";
import * as testing from "taxrefund/testing";

import { native } from "../src/native.js";

test("everything that programs need is there by its name", () => {
  const values = Object.keys(taxrefund).sort();
  assert.deepEqual(values, [
    "Amount",
    "AnswerRefused",
    "BatchError",
    "ConfigurationError",
    "DateError",
    "ErrorCode",
    "Fault",
    "FileError",
    "FlowMisuse",
    "FormTaken",
    "InvalidRequest",
    "Journal",
    "JournalError",
    "KeyReused",
    "Money",
    "MoneyError",
    "NextStep",
    "NotificationRefused",
    "RefundBusy",
    "RefundFailed",
    "RefundNotFound",
    "RefundUnknown",
    "SandboxError",
    "SettlementError",
    "SigningFailed",
    "State",
    "TakenOver",
    "TaxRefundError",
    "TransportFault",
    "Worker",
    "alipay",
    "alipayPlus",
    "antom",
    "dates",
    "doctor",
    "explainCode",
    "explainStep",
    "fetchTransport",
    "httpTransport",
    "payFile",
    "payRows",
    "rawBodyOf",
    "signing",
    "systemClock",
    "verifyNotification",
    "version",
  ]);
  assert.equal(taxrefund.version, native.version());
  assert.equal(typeof testing.startSandbox, "function");
});

test("every operation of the core has its method, and nothing else has", () => {
  const specs = JSON.parse(native.operations()) as { name?: string; operation?: string }[];
  const core = specs.map((spec) => String(spec.name ?? spec.operation)).sort();
  const tables = [taxrefund.alipay, taxrefund.alipayPlus, taxrefund.antom];
  const ours = tables.flatMap(({ operations }) =>
    Object.values(operations).map((operation) => operation.name),
  );
  assert.deepEqual(ours.sort(), core);
  for (const { Client, operations } of tables) {
    for (const method of Object.keys(operations)) {
      assert.equal(
        typeof (Client.prototype as unknown as Record<string, unknown>)[method],
        "function",
        method,
      );
    }
  }
});

test("the codes, steps and states are those of the core", () => {
  const tables = JSON.parse(native.tables()) as { english: { steps: { step: string }[] } };
  const steps = tables.english.steps.map(({ step }) => step).sort();
  assert.deepEqual(Object.values<string>(taxrefund.NextStep).sort(), steps);
});
