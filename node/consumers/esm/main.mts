// A project of ECMAScript modules that uses what was installed: types, values, errors, a refund, the journal.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Journal, KeyReused, Money, TaxRefundError, Worker, alipay, version, type Outcome } from "taxrefund";
import { startSandbox } from "taxrefund/testing";

const request = (key: string, amount = "100.00"): alipay.PayTaxRefundRequest => ({
  outOrderNo: key,
  identifyAccountType: "barcode",
  identifyAccountNo: "281234567890123456",
  taxRefundAmount: Money.parse(amount, "SGD"),
  docId: `FORM${key}`,
});

const folder = await mkdtemp(join(tmpdir(), "taxrefund-consumer-"));
const sandbox = await startSandbox();
const journal = await Journal.open(join(folder, "refunds.db"));
const client: alipay.Client = sandbox.alipayClient({ journal });

await client.submit.payTaxRefund(request("ORDER2"));
const { ended } = await new Worker(journal, sandbox.alipayClient()).run();
assert.equal(ended.succeeded, 1);

const outcome: Outcome<alipay.PayTaxRefundResponse> = await client.outcome.payTaxRefund(request("ORDER1"));
assert.ok(outcome.outcome === "succeeded");
const number: string | undefined = outcome.response.taxNo;
assert.equal(number, outcome.reference);

assert.equal((await sandbox.ledger()).totals.paidTimes, 2);

// @ts-expect-error -- a number is no amount
const wrong = { ...request("ORDER3"), taxRefundAmount: 100.5 } satisfies alipay.PayTaxRefundRequest;
await assert.rejects(client.payTaxRefund(wrong as never), TaxRefundError);

// One class for both module kinds.
const common = createRequire(import.meta.url)("taxrefund") as typeof import("taxrefund");
assert.equal(common.KeyReused, KeyReused);
await assert.rejects(client.payTaxRefund(request("ORDER1", "1.00")), common.KeyReused);

await client.close();
await journal.close();
await sandbox.stop();
await rm(folder, { recursive: true });
console.log(`taxrefund ${version} works as an ECMAScript module`);
