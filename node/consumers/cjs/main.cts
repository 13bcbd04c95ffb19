// A project of CommonJS modules that uses what was installed: types, values, errors, a refund, the journal.
import assert = require("node:assert/strict");
import fs = require("node:fs/promises");
import os = require("node:os");
import path = require("node:path");

import taxrefund = require("taxrefund");
import testing = require("taxrefund/testing");

const { Journal, KeyReused, Money, TaxRefundError, version } = taxrefund;

function request(key: string, amount = "100.00"): taxrefund.antom.RefundRequest {
  return {
    refundRequestId: key,
    paymentId: "2026100119074101000700000008",
    refundAmount: Money.parse(amount, "USD"),
  };
}

async function main(): Promise<void> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "taxrefund-consumer-"));
  const sandbox = await testing.startSandbox();
  const journal = await Journal.open(path.join(folder, "refunds.db"));
  const client: taxrefund.antom.Client = sandbox.antomClient({ journal });

  const paid: taxrefund.antom.RefundResponse = await client.refund(request("RID1"), { form: "FORM1" });
  const number: string | undefined = paid.refundId;
  assert.ok(number);
  assert.equal(await sandbox.paidTimes("RID1"), 1);

  // @ts-expect-error -- a field that does not exist
  const wrong: taxrefund.antom.RefundRequest = { ...request("RID2"), refundId: "R" };
  await assert.rejects(client.refund(wrong), TaxRefundError);

  // One class for both module kinds.
  const module = await import("taxrefund");
  assert.equal(module.KeyReused, KeyReused);
  await assert.rejects(client.refund(request("RID1", "1.00"), { form: "FORM1" }), module.KeyReused);

  await client.close();
  await journal.close();
  await sandbox.stop();
  await fs.rm(folder, { recursive: true });
  console.log(`taxrefund ${version} works in CommonJS`);
}

void main();
