/** Clients with a journal: recorded first, sent by a worker of their own. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

import {
  ConfigurationError,
  FormTaken,
  KeyReused,
  RefundNotFound,
  RefundUnknown,
  type Transport,
  TransportFault,
  Worker,
  alipay,
  signing,
} from "taxrefund";
import { sandboxFor } from "taxrefund/testing";

import { Recorder } from "../src/recorder.js";
import { noOptions } from "../src/options.js";
import { operations } from "../src/generated/alipay.js";
import { all, folderFor, journalFor } from "./journal-files.js";
import { alipayRequest, antomRequest } from "./requests.js";

const hurried = { sandboxWaitPermille: 1 };
const KEYS = Array.from({ length: 40 }, (_, number) => `ORDER${number}`);

test("a client records first and has its worker send", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  await sandbox.provoke("ORDER7", "failed");
  await sandbox.provoke("ORDER8", "lost-answer*2");
  const client = sandbox.alipayClient({ journal });
  const outcomes = await Promise.all(KEYS.map((key) => client.outcome.payTaxRefund(alipayRequest(key))));
  const [, second] = outcomes;
  assert.ok(second?.outcome === "succeeded");
  assert.equal((await client.payTaxRefund(alipayRequest("ORDER1"))).taxNo, second.reference);
  await assert.rejects(client.payTaxRefund(alipayRequest("ORDER1", { docId: "OTHER" })), KeyReused);
  await client.close();
  assert.equal(outcomes.filter((one) => one.outcome !== "succeeded").length, 1);
  assert.equal((await sandbox.ledger()).totals.paidTimes, 39);
  // A journal of one's own stays open.
  const counts = await journal.counts();
  assert.deepEqual([counts.succeeded, counts.failed], [39, 1]);
});

test("the same refund asked for several times at once is sent once", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient({ journal });
  const paid = await Promise.all(
    Array.from({ length: 5 }, () => client.payTaxRefund(alipayRequest("ORDER1"))),
  );
  assert.equal(new Set(paid.map((one) => one.taxNo)).size, 1);
  assert.equal((await sandbox.requests()).length, 1);
  await client.close();
});

test("a place is enough for a journal, and the client closes what it opened", async (t) => {
  const sandbox = await sandboxFor(t);
  const place = join(await folderFor(t), "refunds.db");
  const client = sandbox.alipayClient({ journal: place });
  const first = await client.payTaxRefund(alipayRequest("ORDER1"));
  await client.close();
  const again = sandbox.alipayClient({ journal: place });
  assert.equal((await again.payTaxRefund(alipayRequest("ORDER1"))).taxNo, first.taxNo);
  await again.close();
  assert.equal((await sandbox.requests()).length, 1);
});

test("reads go past the journal, and a form is kept to one refund", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const [client, antom] = [sandbox.alipayClient({ journal }), sandbox.antomClient({ journal })];
  await client.queryUserInfo({ identifyAccountType: "barcode", identifyAccountNo: "281234567890123456" });
  assert.equal((await journal.counts()).total, 0);
  await antom.refund(antomRequest("RID1"), { form: "FORM1" });
  await assert.rejects(antom.refund(antomRequest("RID2"), { form: "FORM1" }), FormTaken);
  const meant = { form: "FORM1", secondRefundForForm: "the first was too small" };
  assert.ok((await antom.refund(antomRequest("RID2"), meant)).refundId);
  await client.close();
  await antom.close();
});

test("submit resolves when it is on disk, and another worker sends it", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient({ journal });
  const { isNew, entry } = await client.submit.payTaxRefund(alipayRequest("ORDER1"));
  assert.ok(isNew && entry.state === "open");
  assert.ok(!(await client.submit.payTaxRefund(alipayRequest("ORDER1"))).isNew);
  assert.equal((await sandbox.requests()).length, 0);
  await new Worker(journal, sandbox.alipayClient()).run();
  assert.equal(await sandbox.paidTimes("ORDER1"), 1);
  await client.close();
});

test("an abort ends the wait at once, and the refund is in the journal and paid", async (t) => {
  const sandbox = await sandboxFor(t, { delayMs: 300 });
  const journal = await journalFor(t);
  await sandbox.provoke("ORDER1", "delay");
  const client = sandbox.alipayClient({ journal });
  const controller = new AbortController();
  const [reason, { signal }] = [new Error("the counter has closed"), controller];
  const waiting = client.payTaxRefund(alipayRequest("ORDER1"), { signal });
  while ((await sandbox.requests()).length === 0) await new Promise(setImmediate);
  controller.abort(reason);
  await assert.rejects(waiting, (error) => {
    assert.ok(error instanceof RefundUnknown && error.reason.code === "cancelled" && error.cause === reason);
    return true;
  });
  const before = await client.outcome.payTaxRefund(alipayRequest("ORDER2"), { signal });
  assert.ok(before.outcome === "unknown" && before.reason.code === "cancelled");
  await client.close();
  assert.deepEqual(
    (await all(journal.entries())).map((entry) => entry.key),
    ["ORDER1"],
  );
  assert.equal(await sandbox.paidTimes("ORDER1"), 1);
});

test("a call that was aborted before it began is neither recorded nor paid past the journal later", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient({ journal });
  const outcome = await client.outcome.payTaxRefund(alipayRequest("ORDER1"), { signal: AbortSignal.abort() });
  assert.ok(outcome.outcome === "unknown");
  assert.deepEqual([outcome.reason.code, outcome.state], ["cancelled", undefined]);
  await assert.rejects(client.resume(outcome), (error) => {
    assert.ok(error instanceof RefundNotFound);
    assert.match(error.message, /the journal has no refund ORDER1.*make the same call again/);
    return true;
  });
  assert.equal((await sandbox.requests()).length, 0);
  assert.ok((await client.payTaxRefund(alipayRequest("ORDER1"))).taxNo);
  await client.close();
});

test("what the journal does not have is not paid past it: a form would be refunded twice", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient({ journal });
  await client.payTaxRefund(alipayRequest("ORDER1", { docId: "FORM1" }));
  const request = alipayRequest("ORDER2", { docId: "FORM1" });
  const open = await sandbox.alipayClient().outcome.payTaxRefund(request, { signal: AbortSignal.abort() });
  assert.ok(open.outcome === "unknown" && open.state !== undefined);
  for (const given of [open, open.state]) await assert.rejects(client.resume(given), RefundNotFound);
  assert.equal(await sandbox.paidTimes("ORDER2"), 0);
  await client.close();
});

test("an abort ends the wait for a refund of an earlier run at once, too", async (t) => {
  const sandbox = await sandboxFor(t, { delayMs: 300 });
  const journal = await journalFor(t);
  await sandbox.provoke("ORDER1", "delay");
  const client = sandbox.alipayClient({ journal });
  await client.submit.payTaxRefund(alipayRequest("ORDER1"));
  const controller = new AbortController();
  const waiting = client.outcome.payTaxRefund(alipayRequest("ORDER1"), { signal: controller.signal });
  while ((await sandbox.requests()).length === 0) await new Promise(setImmediate);
  controller.abort();
  const outcome = await waiting;
  assert.ok(outcome.outcome === "unknown" && outcome.reason.code === "cancelled");
  assert.ok((await all(journal.entries()))[0]?.leaseOwner !== undefined);
  await client.close();
  await journal.close();
  assert.equal(await sandbox.paidTimes("ORDER1"), 1);
});

test("an unknown refund of the worker is resumed through the journal", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t, { takeUpAgainAfterMs: [600_000] })];
  await sandbox.provoke("ORDER1", "in-process*7");
  const client = sandbox.alipayClient({ journal });
  const unknown = await client.payTaxRefund(alipayRequest("ORDER1")).catch((error: unknown) => error);
  assert.ok(unknown instanceof RefundUnknown && unknown.state === undefined);
  const other = sandbox.alipayClient();
  await assert.rejects(other.resume(unknown), RefundNotFound);
  assert.ok(((await unknown.resume()) as { taxNo?: string }).taxNo);
  const [entry] = await all(journal.entries());
  assert.equal(entry?.state, "succeeded");
  await client.close();
});

test("an own transport and an own signer serve the worker, on the event loop", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const { partnerPrivateKeyPem, partnerPublicKeyPem } = sandbox.credentials.alipay;
  const used: string[] = [];
  const account = sandbox.alipayAccount({
    signer: {
      publicKey: partnerPublicKeyPem,
      sign: async (message: Buffer) => {
        used.push("sign");
        return signing.sign(partnerPrivateKeyPem, message);
      },
    },
  });
  const transport: Transport = {
    exchange: async ({ url, method, headers, body }) => {
      used.push("exchange");
      const response = await fetch(url, {
        method,
        headers: headers.map(([name, value]) => [name, value]),
        body: new Uint8Array(body),
      });
      return {
        status: response.status,
        headers: response.headers,
        body: new Uint8Array(await response.arrayBuffer()),
      };
    },
  };
  const client = new alipay.Client({ account, transport, journal, options: hurried });
  assert.ok((await client.payTaxRefund(alipayRequest("ORDER1"))).taxNo);
  await client.close();
  assert.deepEqual(used, ["sign", "exchange"]);
});

test("a halted account lets nobody wait", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const account = sandbox.alipayAccount({
    merchantPrivateKey: sandbox.credentials.antom.partnerPrivateKeyPem,
  });
  const client = new alipay.Client({ account, journal, options: hurried, maxInFlight: 1 });
  const settled = await Promise.allSettled(
    KEYS.map((key) => client.outcome.payTaxRefund(alipayRequest(key))),
  );
  const refused = settled.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  for (const error of refused) {
    assert.ok(error instanceof ConfigurationError && error.message.includes("stay in the journal"));
  }
  assert.ok(refused.length > 0);
  assert.equal(new Set(refused).size, refused.length);
  assert.equal((await journal.counts()).total, KEYS.length);
  assert.equal((await sandbox.ledger()).totals.paidTimes, 0);
  await client.close();
});

test("a client that reaches nobody still has its refund in the journal", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t, { takeUpAgainAfterMs: [600_000] })];
  const transport = {
    exchange: () => Promise.reject(new TransportFault("connect_failed", "nobody is there")),
  };
  const alone = new alipay.Client({ account: sandbox.alipayAccount(), transport, journal, options: hurried });
  assert.equal((await alone.outcome.payTaxRefund(alipayRequest("ORDER1"))).outcome, "unknown");
  await alone.close();
  const client = sandbox.alipayClient({ journal });
  assert.ok((await client.payTaxRefund(alipayRequest("ORDER1"))).taxNo);
  await client.close();
});

test("a refund that another process sends is noticed", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient({ journal });
  // Its worker is kept busy with nothing: an exchange that never comes.
  const deaf = new Recorder(client, journal, 1, { firstMs: 1, lastMs: 1 });
  Object.assign(deaf, { haveItSent: () => undefined });
  const prepared = client.prepared(operations.payTaxRefund, alipayRequest("ORDER1"));
  const call = deaf.outcomeOf(prepared, "{}", noOptions);
  while ((await journal.counts()).open === 0) await new Promise(setImmediate);
  await new Worker(journal, sandbox.alipayClient()).run();
  assert.match(await call, /"outcome":"succeeded"/);
  await deaf.close();
  await client.close();
  assert.equal(await sandbox.paidTimes("ORDER1"), 1);
});

test("whoever still waits when the client is closed is let go", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient({ journal });
  const recorder = new Recorder(client, journal, 1);
  Object.assign(recorder, { haveItSent: () => undefined });
  const call = recorder.outcomeOf(
    client.prepared(operations.payTaxRefund, alipayRequest("ORDER1")),
    "{}",
    noOptions,
  );
  while ((await journal.counts()).open === 0) await new Promise(setImmediate);
  await recorder.close();
  assert.match(await call, /"code":"cancelled"/);
  await client.close();
});

test("thousands of calls at once are paid once each, without a thread for each", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient({ journal });
  const keys = Array.from({ length: 1500 }, (_, number) => `KEY${number}`);
  const outcomes = await Promise.all(keys.map((key) => client.outcome.payTaxRefund(alipayRequest(key))));
  assert.ok(outcomes.every((one) => one.outcome === "succeeded"));
  const { totals, doublePaid } = await sandbox.ledger();
  assert.deepEqual([totals.paidTimes, doublePaid.length], [1500, 0]);
  await client.close();
});

const ALONE = `
const { Journal, Worker, alipay } = require("taxrefund");
const { startSandbox } = require("taxrefund/testing");
(async () => {
  const sandbox = await startSandbox();
  const client = sandbox.alipayClient({ journal: process.argv[2] });
  const refund = (key) => ({ outOrderNo: key, identifyAccountType: "barcode", identifyAccountNo: "281234567890123456",
    taxRefundAmount: "10000", taxRefundCurrency: "SGD", docId: "DOC" + key });
  // Nothing but this await keeps the process alive; then nothing does, although nothing was closed.
  await client.payTaxRefund(refund("ORDER1"));
  const journal = await Journal.open(process.argv[2] + "2");
  await journal.submit(client, "payTaxRefund", refund("ORDER2"));
  const summary = await new Worker(journal, sandbox.alipayClient()).run();
  void new Worker(journal, sandbox.alipayClient(), { until: "stopped" }).events();
  console.log(String(summary.ended));
})();
`;

test("the process lives while somebody awaits a refund or a worker, and not longer", async (t) => {
  const folder = await folderFor(t);
  // Inside the package, where it is found by its own name.
  const program = join(__dirname, `alone-${process.pid}.cjs`);
  await writeFile(program, ALONE);
  t.after(async () => (await import("node:fs/promises")).rm(program));
  const { stdout } = await promisify(execFile)(process.execPath, [program, join(folder, "refunds.db")]);
  assert.match(stdout, /^1 succeeded, 0 failed/);
});

test("a worker that nobody awaits does not keep the process alive", async (t) => {
  const folder = await folderFor(t);
  const program = join(__dirname, `unawaited-${process.pid}.cjs`);
  const text = ALONE.replace("void new Worker", "new Worker").replace(
    ".events();",
    ".run().then(() => { console.log('never'); });process.exitCode = 3; setImmediate(() => process.exit());",
  );
  await writeFile(program, text);
  t.after(async () => (await import("node:fs/promises")).rm(program));
  const ended = await promisify(execFile)(process.execPath, [program, join(folder, "refunds.db")]).catch(
    (error: unknown) => error as { code: number; stdout: string },
  );
  assert.ok("code" in ended && ended.code === 3);
  assert.ok(!ended.stdout.includes("never"));
});
