// What the journal recorded, held against the provider's list of the day. Nothing is paid, asked or changed by it.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Journal, Money, Worker } from "taxrefund";
import { startSandbox } from "taxrefund/testing";

const LIST = `Order No;Refund;Result
ORDER1;100.00;SUCCESS
ORDER2;99.00;SUCCESS
STRANGE;5.00;SUCCESS
`;

const folder = await mkdtemp(join(tmpdir(), "taxrefund-example-"));
const sandbox = await startSandbox();
const client = sandbox.alipayClient();
const journal = await Journal.open(join(folder, "refunds.db"));
try {
  for (const key of ["ORDER1", "ORDER2", "ORDER3"]) {
    await journal.submit(client, "payTaxRefund", {
      outOrderNo: key,
      identifyAccountType: "barcode",
      identifyAccountNo: "281234567890123456",
      taxRefundAmount: Money.parse("100.00", "SGD"),
      docId: `FORM${key}`,
    });
  }
  await new Worker(journal, client).run();

  const report = await journal.settle(Buffer.from(LIST), {
    operation: "alipay.pay_tax_refund",
    keyColumn: "Order No",
    amountColumn: "Refund",
    currency: "SGD",
    statusColumn: "Result",
    delimiter: "semicolon",
    csv: join(folder, "differences.csv"),
  });
  console.log(String(report));
  for (const { severity, kind, key, advice } of report.differences) {
    console.log(`${severity}: ${key}: ${kind}: ${advice}`);
  }
  console.log(await readFile(join(folder, "differences.csv"), "utf8"));
  assert.deepEqual(Object.fromEntries(report.differences.map(({ key, kind }) => [key, kind])), {
    STRANGE: "extra",
    ORDER3: "missing",
    ORDER2: "amount",
  });
} finally {
  await journal.close();
  await sandbox.stop();
  await rm(folder, { recursive: true });
}
