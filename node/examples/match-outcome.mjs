// The same call, with its outcome as a value: a `switch` names all three answers.
//
// Run it: `node examples/match-outcome.mjs`

import assert from "node:assert/strict";

import { Money, NextStep } from "taxrefund";
import { startSandbox } from "taxrefund/testing";

/** What the back office writes beside the order. */
async function settle(client, request) {
  const outcome = await client.outcome.payTaxRefund(request);
  switch (outcome.outcome) {
    case "succeeded":
      return `paid under ${outcome.reference}`;
    case "failed":
      return outcome.nextStep === NextStep.START_NEW
        ? `not paid (${outcome.reason}): correct it, and enter it under a new number`
        : `not paid (${outcome.reason}): ${outcome.nextStep}`;
    case "unknown":
      return `not known (${outcome.reason}): ${outcome.nextStep}, never under a new number`;
  }
}

const sandbox = await startSandbox();
try {
  const client = sandbox.alipayClient();
  const written = [];
  // The simulator reads what shall happen from the end of the number.
  for (const outOrderNo of ["TR1", "TR2XFAILED", "TR3XBADACCOUNT", "TR4XINPROCESS0"]) {
    const request = {
      outOrderNo,
      identifyAccountType: "barcode",
      identifyAccountNo: "281234567890123456",
      taxRefundAmount: Money.parse("100.00", "SGD"),
    };
    const line = await settle(client, request);
    console.log(`${outOrderNo}: ${line}`);
    written.push(line.split(" (")[0].split(" under ")[0]);
  }
  assert.deepEqual(written, ["paid", "not paid", "not paid", "not known"]);
  await client.close();
} finally {
  await sandbox.stop();
}
