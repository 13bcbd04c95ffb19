// Pays one refund, and says what to do about each way in which it can end.
//
// It pays against the gateway simulator, which needs no account and moves no money.
//
// Run it: `node examples/pay-one.mjs`

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { InvalidRequest, Money, RefundFailed, RefundUnknown } from "taxrefund";
import { startSandbox } from "taxrefund/testing";

/** One sentence for the person at the desk. */
async function pay(client, order, code, amount) {
  try {
    const paid = await client.payTaxRefund({
      outOrderNo: order, // yours: one per refund, never used again
      identifyAccountType: "barcode",
      identifyAccountNo: code, // the traveller's code, scanned a moment ago
      taxRefundAmount: amount,
    });
    return `paid, Alipay's number is ${paid.taxNo}`;
  } catch (error) {
    // Nothing was sent; every problem is named at once.
    if (error instanceof InvalidRequest) {
      return `correct this: ${error.violations.map((one) => `${one.path}: ${one.message}`).join("; ")}`;
    }
    // Verified: no money moved.
    if (error instanceof RefundFailed) return `not paid (${error.reason}). ${error.explain().clerk}`;
    // Money may have moved: keep the order number, never take a new one.
    if (error instanceof RefundUnknown) return `not known yet (${error.reason}). ${error.explain().clerk}`;
    throw error;
  }
}

const sandbox = await startSandbox();
const folder = await mkdtemp(join(tmpdir(), "refunds-"));
// With your own account, and a journal that stays:
//   const client = new alipay.Client({
//     account: {
//       appId: "2014072300007148",
//       merchantPrivateKey: pathToFileURL("merchant_private_key.pem"),
//       alipayPublicKey: pathToFileURL("alipay_public_key.pem"),
//     },
//     journal: "refunds.db",
//   });
const client = sandbox.alipayClient({ journal: join(folder, "refunds.db") });
try {
  const amount = Money.parse("100.00", "SGD");
  await sandbox.provoke("TR20261123A1", "lost-answer*2"); // it is paid, and nobody hears of it
  const first = await pay(client, "TR20261123A1", "281234567890123456", amount);
  console.log("TR20261123A1:", first);
  // The same call again: the journal knows how it ended, and nothing is sent.
  assert.equal(await pay(client, "TR20261123A1", "281234567890123456", amount), first);
  console.log("TR-2:", await pay(client, "TR-2", "28123456789O123456", amount));
  await sandbox.provoke("TR20261123A3", "failed");
  console.log("TR20261123A3:", await pay(client, "TR20261123A3", "281234567890123456", amount));
  for (const order of ["TR20261123A1", "TR20261123A3"]) {
    console.log(`in the simulator's ledger: ${order} ${await sandbox.paidTimes(order)}x`);
  }
  assert.equal(await sandbox.paidTimes("TR20261123A1"), 1);
} finally {
  await client.close();
  await sandbox.stop();
  await rm(folder, { recursive: true });
}
