// A refund is answered for when it is on disk; a worker in a process of its own pays it. Whatever is killed, the next run goes on,
// and begins by asking what became of what may have been sent.
//
//     node examples/durable-worker.mjs
//
// starts both against the simulator. The part that takes refunds and the part that sends them share nothing but the journal.

import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Journal, Money, Worker, alipay } from "taxrefund";
import { startSandbox } from "taxrefund/testing";

const [, , role, place, accountJson] = process.argv;

if (role === "worker") await work();
else await office();

/** The worker's process. SIGTERM ends it gracefully: what is under way is finished and recorded first. */
async function work() {
  const client = new alipay.Client({ account: JSON.parse(accountJson), options: { sandboxWaitPermille: 1 } });
  const journal = await Journal.open(place, { owner: "worker-1", restarted: true });
  const stopping = new AbortController();
  process.once("SIGTERM", () => stopping.abort());
  const worker = new Worker(journal, client, { until: "nothing_open", lookEveryMs: 20 });
  console.log(`worker: ${await worker.run({ signal: stopping.signal })}`);
  await journal.close();
}

/** The office's process. */
async function office() {
  const folder = await mkdtemp(join(tmpdir(), "taxrefund-example-"));
  const sandbox = await startSandbox({ faults: "30=lost-answer;70=none", seed: 7 });
  const { alipay: keys } = sandbox.credentials;
  const account = {
    appId: keys.appId,
    merchantPrivateKey: keys.partnerPrivateKeyPem,
    alipayPublicKey: keys.platformPublicKeyPem,
    environment: "sandbox",
    endpoint: keys.gatewayUrl,
  };
  try {
    const journal = await Journal.open(join(folder, "refunds.db"), { owner: "office" });
    const client = new alipay.Client({ account, journal });
    for (let number = 0; number < 10; number += 1) {
      const { isNew, entry } = await client.submit.payTaxRefund({
        outOrderNo: `ORDER${number}`,
        identifyAccountType: "barcode",
        identifyAccountNo: "281234567890123456",
        taxRefundAmount: Money.parse("100.00", "SGD"),
        docId: `FORM${number}`,
      });
      assert.ok(isNew && entry.state === "open");
    }
    console.log(`office: ${await journal.counts()}`);

    const program = fileURLToPath(import.meta.url);
    const worker = fork(program, ["worker", join(folder, "refunds.db"), JSON.stringify(account)]);
    assert.deepEqual(await once(worker, "exit"), [0, null]);

    console.log(`office: ${await journal.counts()}`);
    const entry = await journal.find(client, "ORDER3");
    console.log(`ORDER3: ${entry.state}, ${entry.attempts} requests, number ${entry.reference}`);
    assert.deepEqual((await sandbox.ledger()).doublePaid, []);
    assert.equal((await sandbox.ledger()).totals.paidTimes, 10);
    await client.close();
    await journal.close();
  } finally {
    await sandbox.stop();
    await rm(folder, { recursive: true });
  }
}
