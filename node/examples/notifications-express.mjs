// Receives Antom's notifications with Express: verified on the raw bytes, recorded in the journal, answered exactly.
//
// Run it: `node examples/notifications-express.mjs` (needs `npm install express`)

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import express from "express";
import { Journal, Money, NotificationRefused, antom } from "taxrefund";
import { startSandbox } from "taxrefund/testing";

/**
 * As Antom knows it. It is part of what Antom signs: behind a proxy that changes paths, this must be the outer one.
 */
const PATH = "/notify/antom";

/** The part to copy. The journal may be the one that workers pay from at the same time. */
function createApp(account, journal) {
  const app = express();
  // The raw bytes, before and instead of express.json(): what was parsed cannot be verified any more.
  app.post(PATH, express.raw({ type: () => true, limit: "1mb" }), async (request, response) => {
    // A buffer, because Express puts a charset into the content type of a text.
    const send = (reply) => response.status(reply.status).set(reply.headers).send(Buffer.from(reply.body));
    try {
      const message = { headers: request.headers, rawBody: request.body, path: request.originalUrl };
      const merged = await journal.notify(account, message);
      if (merged.needsSomebody) {
        // It contradicts what is recorded, or the journal has no such refund.
        console.error(`notification ${merged.kind}: ${merged.notification.key}`);
      }
      send(merged.notification.reply); // it is on disk: now it may be acknowledged
    } catch (error) {
      // Any other error ends as HTTP 500, and that is right: Antom tries again.
      if (!(error instanceof NotificationRefused)) throw error;
      // Not from Antom, or changed on the way. It changes nothing; what is answered acknowledges nothing.
      send(error.reply);
    }
  });
  return app;
}

const sandbox = await startSandbox();
const folder = await mkdtemp(join(tmpdir(), "refunds-"));
const journal = await Journal.open(join(folder, "refunds.db"));
const account = sandbox.antomAccount();
const server = createApp(account, journal).listen(0, "127.0.0.1");
await once(server, "listening");
try {
  // Inquiries say "in process" nine times. A stranger notifies first, then Antom does.
  await sandbox.provoke("TRN1", "in-process*9,notification-forged");
  const client = new antom.Client({ account, journal, options: { sandboxWaitPermille: 100 } });
  const outcome = await client.outcome.refund({
    refundRequestId: "TRN1",
    paymentId: "20261123190741010007000001629272",
    refundAmount: Money.parse("122.75", "USD"),
    refundNotifyUrl: `http://127.0.0.1:${server.address().port}${PATH}`,
  });
  console.log(`the call ended: ${outcome.outcome}, Antom's number is ${outcome.reference}`);
  assert.equal(outcome.outcome, "succeeded");
  await client.close();
  for (const notice of await sandbox.notifications()) {
    console.log(
      `in the simulator's list: ${notice.kind} notification ${notice.acknowledged ? "" : "not "}acknowledged`,
    );
    assert.equal(notice.acknowledged, notice.kind === "genuine");
  }
  console.log(`in the simulator's ledger: TRN1 ${await sandbox.paidTimes("TRN1")}x`);
  assert.equal(await sandbox.paidTimes("TRN1"), 1);
} finally {
  server.closeAllConnections();
  server.close();
  await journal.close();
  await sandbox.stop();
  await rm(folder, { recursive: true });
}
