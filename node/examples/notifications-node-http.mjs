// Receives Alipay's notifications with node:http: verified on the raw bytes, recorded in the journal, answered exactly.
//
// Run it: `node examples/notifications-node-http.mjs`

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Journal, Money, NotificationRefused, alipay, rawBodyOf } from "taxrefund";
import { startSandbox } from "taxrefund/testing";

const PATH = "/notify/alipay";

/** The part to copy. The journal may be the one that workers pay from at the same time. */
function createApp(account, journal) {
  return createServer(async (request, response) => {
    const send = (reply) => response.writeHead(reply.status, reply.headers).end(reply.body);
    try {
      if (request.method !== "POST" || request.url !== PATH) return response.writeHead(404).end();
      const rawBody = await rawBodyOf(request); // the raw bytes; never a form written anew
      const merged = await journal.notify(account, { headers: request.headers, rawBody, path: request.url });
      if (merged.needsSomebody) {
        // It contradicts what is recorded, or the journal has no such refund.
        console.error(`notification ${merged.kind}: ${merged.notification.key}`);
      }
      return send(merged.notification.reply); // it is on disk: now it may be acknowledged
    } catch (error) {
      // Not from Alipay, or changed on the way. It changes nothing; what is answered acknowledges nothing.
      if (error instanceof NotificationRefused) return send(error.reply);
      // Any other error ends as HTTP 500, and that is right: Alipay tries again.
      console.error("notification not taken:", error);
      return response.writeHead(500).end();
    }
  });
}

const sandbox = await startSandbox();
const folder = await mkdtemp(join(tmpdir(), "refunds-"));
const journal = await Journal.open(join(folder, "refunds.db"));
// In production: behind HTTPS.
const server = createApp(sandbox.alipayAccount(), journal).listen(0, "127.0.0.1");
await once(server, "listening");
try {
  // The address goes out with every refund of this account.
  const account = sandbox.alipayAccount({ notifyUrl: `http://127.0.0.1:${server.address().port}${PATH}` });
  const client = new alipay.Client({ account, journal, options: { sandboxWaitPermille: 100 } });
  // Queries say "in process" nine times. A stranger notifies first, then Alipay does.
  await sandbox.provoke("TRN1", "in-process*9,notification-forged");
  const outcome = await client.outcome.payTaxRefund({
    outOrderNo: "TRN1",
    identifyAccountType: "barcode",
    identifyAccountNo: "281234567890123456",
    taxRefundAmount: Money.parse("100.00", "SGD"),
  });
  console.log(`the call ended: ${outcome.outcome}, Alipay's number is ${outcome.reference}`);
  assert.equal(outcome.outcome, "succeeded");
  const entry = await journal.find(client, "TRN1");
  console.log(`the journal has: ${entry.state}`);
  for (const record of await journal.story(entry)) console.log(`  ${record.kind}`);
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
