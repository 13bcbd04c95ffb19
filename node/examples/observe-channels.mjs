// What clients do, as log lines: `node:diagnostics_channel` carries every event of every client in the process, so whoever
// writes the log needs no hold on the clients. No event holds anything about the traveller.
//
// Run it: `node examples/observe-channels.mjs`

import assert from "node:assert/strict";
import { subscribe } from "node:diagnostics_channel";

import { Money } from "taxrefund";
import { startSandbox } from "taxrefund/testing";

const LEVELS = { succeeded: "info", failed: "warning", unknown: "error" };

/** A line for a log collector; a stream or a logger of yours in place of the console. */
function log(level, { operation, key }, text) {
  console.log(JSON.stringify({ level, operation, key, text }));
}

subscribe("taxrefund:heard", (event) => {
  log("debug", event, `${event.interface} gave ${event.fault ?? event.status}`);
});

subscribe("taxrefund:waiting", (event) => {
  log("debug", event, "waits");
});

/** Somebody is called when refunds stay unknown. It is told in the middle of the call, so it must be quick. */
const open = [];

subscribe("taxrefund:ended", (event) => {
  const why = event.reason ? ` (${event.reason.subCode ?? event.reason.code})` : "";
  log(
    LEVELS[event.outcome],
    event,
    `${event.outcome}${why}, ${event.attempts} sent, next: ${event.nextStep}`,
  );
  if (event.outcome === "unknown") open.push(event.key);
});

const sandbox = await startSandbox();
try {
  const client = sandbox.alipayClient();
  await sandbox.provoke("TRO1", "lost-answer");
  await sandbox.provoke("TRO2", "failed");
  await sandbox.provoke("TRO3", "in-process*every");
  for (const outOrderNo of ["TRO1", "TRO2", "TRO3"]) {
    await client.outcome.payTaxRefund({
      outOrderNo,
      identifyAccountType: "barcode",
      identifyAccountNo: "281234567890123456",
      taxRefundAmount: Money.parse("100.00", "SGD"),
    });
  }
  console.log(`somebody looks at: ${open.join(", ")}`);
  assert.deepEqual(open, ["TRO3"]);
} finally {
  await sandbox.stop();
}
