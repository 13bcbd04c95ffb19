// Receives Alipay+'s notifications with Fastify: verified on the raw bytes, answered with a signed reply. Here the program
// keeps a record of its own; with a journal, `journal.notify` verifies and records in one.
//
// Run it: `node examples/notifications-fastify.mjs` (needs `npm install fastify`)

import assert from "node:assert/strict";

import fastify from "fastify";
import { Money, NotificationRefused } from "taxrefund";
import { startSandbox, testNotification } from "taxrefund/testing";

/** As Alipay+ knows it. It is part of what Alipay+ signs. */
const PATH = "/notify/alipay-plus";

/** The part to copy. `record` resolves when the message is safely stored. */
function createApp(client, record) {
  const app = fastify();
  app.register(async (notifications) => {
    // The raw bytes, in this part of the app alone: what was parsed cannot be verified any more.
    notifications.removeAllContentTypeParsers();
    notifications.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) =>
      done(null, body),
    );
    notifications.post(PATH, async (request, reply) => {
      const send = (answer) =>
        reply.code(answer.status).headers(answer.headers).send(Buffer.from(answer.body));
      try {
        const message = { headers: request.headers, rawBody: request.body, path: request.url };
        const notification = await client.verifyNotification(message);
        await record(notification);
        return send(notification.reply); // it is stored: now it may be acknowledged
      } catch (error) {
        // Any other error ends as HTTP 500, and that is right: Alipay+ tries again.
        if (!(error instanceof NotificationRefused)) throw error;
        // Not from Alipay+, or changed on the way. It changes nothing; what is answered acknowledges nothing.
        return send(error.reply);
      }
    });
  });
  return app;
}

const sandbox = await startSandbox();
const client = sandbox.alipayPlusClient();
const records = new Map();
const app = createApp(client, async (notification) => records.set(notification.key, notification));
try {
  const address = await app.listen({ port: 0, host: "127.0.0.1" });
  const credit = await client.outcome.createOriginalCredit({
    originalCreditRequestId: "CREDIT1",
    payerAmount: Money.parse("10.00", "EUR"),
    payee: { userId: "210220990000000000001" },
    payer: [
      {
        referenceMerchantId: "SHOP1",
        merchantName: "Shop",
        merchantMcc: "5411",
        merchantAddress: { region: "FR" },
      },
    ],
    taxRefundFormNumber: "FORM1",
    departureRegion: "FR",
    departurePort: "CDG",
    totalSalesAmount: Money.parse("100.00", "EUR"),
    scenarioType: "TAX_REFUND",
    subScenarioType: "AIRPORT",
    payerNotificationUrl: `${address}${PATH}`,
  });
  console.log(`the call ended: ${credit.outcome}`);
  while (!records.has("CREDIT1")) await new Promise((resume) => setTimeout(resume, 20));
  const { settlement, amount } = records.get("CREDIT1");
  console.log(`the notification said: CREDIT1 ${settlement} ${amount}`);

  // How a handler of yours is tested, without a simulator's refund:
  for (const forged of [false, true]) {
    const { path, headers, rawBody } = await testNotification(client.account, {
      key: "CREDIT2",
      path: PATH,
      forged,
    });
    const answered = await fetch(new URL(path, address), { method: "POST", headers, body: rawBody });
    const { result } = await answered.json();
    console.log(
      `a ${forged ? "forged" : "genuine"} test notification: ${answered.status} ${result.resultStatus}`,
    );
    assert.equal(result.resultStatus, forged ? "F" : "S");
    assert.equal(answered.headers.has("signature"), !forged);
  }
  assert.deepEqual([...records.keys()], ["CREDIT1", "CREDIT2"]);
} finally {
  await app.close();
  await client.close();
  await sandbox.stop();
}
