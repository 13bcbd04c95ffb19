import assert from "node:assert/strict";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import {
  ConfigurationError,
  FlowMisuse,
  Journal,
  JournalError,
  Worker,
  alipay,
  type Ended,
  type WorkerEvent,
} from "taxrefund";
import { sandboxFor } from "taxrefund/testing";

import { eventOf } from "../src/worker-events.js";
import { all, folderFor, journalFor } from "./journal-files.js";
import { alipayRequest, antomRequest } from "./requests.js";

async function submitted(journal: Journal, client: alipay.Client, number: number): Promise<string[]> {
  const keys = Array.from({ length: number }, (_, n) => `ORDER${n}`);
  for (const key of keys) await journal.submit(client, "payTaxRefund", alipayRequest(key));
  return keys;
}

/** The warnings of this process while a test runs. */
function warningsOf(t: TestContext): Error[] {
  const warnings: Error[] = [];
  const hear = (warning: Error) => warnings.push(warning);
  process.on("warning", hear);
  t.after(() => process.off("warning", hear));
  return warnings;
}

test("a worker pays what is due for all its accounts, and may run again", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const [gateway, antom] = [sandbox.alipayClient(), sandbox.antomClient()];
  await submitted(journal, gateway, 5);
  await journal.submit(antom, "refund", antomRequest("A1"));
  await sandbox.provoke("ORDER1", "failed");
  const worker = new Worker(journal, new Set([gateway, antom]), { exchanges: 4 });
  assert.equal(worker.summary, undefined);
  const summary = await worker.run();
  assert.equal(worker.summary, summary);
  assert.deepEqual([summary.ended.succeeded, summary.ended.failed], [5, 1]);
  assert.ok(summary.needsSomebody && !summary.stopped && summary.halted.length === 0);
  assert.match(String(summary), /^5 succeeded, 1 failed, 0 unknown, 0 waiting, 0 open; \d+ requests in /);
  const again = await worker.run();
  assert.deepEqual([again.ended.total, again.sends], [0, 0]);
});

test("refunds of other accounts are left alone", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  await submitted(journal, sandbox.alipayClient(), 1);
  assert.equal((await new Worker(journal, sandbox.antomClient()).run()).ended.total, 0);
  assert.equal((await journal.counts()).open, 1);
});

test("events are typed, and the callback hears the same", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  await submitted(journal, client, 2);
  await sandbox.provoke("ORDER1", "failed");
  const heard: WorkerEvent[] = [];
  const worker = new Worker(journal, client, { onEvent: (event) => heard.push(event) });
  const told = await all(worker.events());
  assert.deepEqual(told, heard);
  assert.deepEqual(told[0], { event: "claimed", account: client.account.name, count: 2 });
  const ended = new Map(
    told.filter((event): event is Ended => event.event === "ended").map((event) => [event.key, event]),
  );
  const [paid, failed] = [ended.get("ORDER0"), ended.get("ORDER1")];
  assert.ok(paid?.state === "succeeded" && paid.reason === undefined && paid.nextStep === "none");
  assert.ok(failed?.state === "failed" && failed.reason?.code !== undefined);
  assert.equal(worker.summary?.ended.total, 2);
});

test("the last value of the events is the summary", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  await submitted(journal, client, 1);
  const events = new Worker(journal, client).events();
  let step = await events.next();
  while (step.done !== true) step = await events.next();
  assert.equal(step.value.ended.succeeded, 1);
});

test("an event of a newer version is passed over", () => {
  assert.equal(eventOf({ event: "never_seen", x: 1 }), undefined);
  assert.deepEqual(eventOf({ event: "taken_over", key: "K" }), { event: "lostLease", key: "K" });
  assert.deepEqual(eventOf({ event: "slowed_down", account: "A", milli_per_s: 500 }), {
    event: "slowedDown",
    account: "A",
    milliPerS: 500,
  });
  assert.deepEqual(eventOf({ event: "halted", account: "A", reason: null }), {
    event: "halted",
    account: "A",
    reason: undefined,
  });
  assert.deepEqual(eventOf({ event: "clock_jumped", by_ms: -5 }), { event: "clockJumped", byMs: -5 });
});

test("leaving the loop stops gracefully and gives everything back", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  const keys = await submitted(journal, client, 40);
  const worker = new Worker(journal, client, { exchanges: 1, until: "stopped" });
  for await (const event of worker.events()) if (event.event === "ended") break;
  assert.equal(worker.summary?.stopped, true);
  const counts = await journal.counts();
  assert.ok(counts.succeeded >= 1 && counts.open === 40 - counts.succeeded);
  assert.ok((await all(journal.entries())).every((entry) => entry.leaseOwner === undefined));
  await new Worker(journal, client).run();
  for (const key of keys) assert.equal(await sandbox.paidTimes(key), 1, key);
});

test("nothing is sent before the first event is asked for", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  await submitted(journal, client, 1);
  await new Worker(journal, client).events().return(undefined as never);
  assert.deepEqual(await sandbox.requests(), []);
});

test("what a callback throws, or its promise, hurts no payment and is reported", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const warnings = warningsOf(t);
  const client = sandbox.alipayClient();
  await submitted(journal, client, 3);
  let calls = 0;
  const onEvent = () => {
    calls += 1;
    const error = new Error("the progress page is broken");
    if (calls % 2 === 0) return Promise.reject(error);
    throw error;
  };
  assert.equal((await new Worker(journal, client, { onEvent }).run()).ended.succeeded, 3);
  await new Promise(setImmediate);
  assert.equal(warnings.length, calls);
  assert.match(warnings[0]?.message ?? "", /onEvent .*the progress page is broken/);
});

test("stop, an aborted signal and await using end it", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  await submitted(journal, client, 3);
  const stopping: Worker = new Worker(journal, client, {
    until: "stopped",
    onEvent: (event) => event.event === "ended" && stopping.stop(),
  });
  assert.ok((await stopping.run()).stopped);
  const aborted = new Worker(journal, client, { until: "stopped" });
  assert.ok((await aborted.run({ signal: AbortSignal.abort() })).stopped);
  const controller = new AbortController();
  const running = new Worker(journal, client, { until: "stopped" }).run({ signal: controller.signal });
  controller.abort();
  assert.ok((await running).stopped);
  const disposed = new Worker(journal, client, { until: "stopped" });
  const ended = disposed.run();
  await disposed[Symbol.asyncDispose]();
  assert.ok((await ended).stopped);
});

test("one worker runs once at a time", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const worker = new Worker(journal, sandbox.alipayClient(), { until: "stopped" });
  const running = worker.run();
  await assert.rejects(worker.run(), FlowMisuse);
  worker.stop();
  await running;
});

test("what goes wrong in the worker is thrown where it is awaited and where its events are read", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const broken = (): Worker => {
    const worker = new Worker(journal, sandbox.alipayClient());
    const problem = { kind: "journal", code: "journal_full", message: "journal: the disk is full" };
    const made = (tell: (plain: object) => void) => ({
      start: () => setImmediate(tell, { event: "stopped", problem }),
      stop: () => undefined,
    });
    Object.assign(worker, { made });
    return worker;
  };
  const isFull = (error: unknown) => error instanceof JournalError && error.code === "journal_full";
  await assert.rejects(broken().run(), isFull);
  await assert.rejects(all(broken().events()), isFull);
});

test("a journal that cannot be written has no worker", async (t) => {
  const sandbox = await sandboxFor(t);
  const place = join(await folderFor(t), "refunds.db");
  await (await Journal.open(place)).close();
  const journal = await journalFor(t, { readOnly: true }, place);
  assert.throws(
    () => new Worker(journal, sandbox.alipayClient()),
    (error) => error instanceof JournalError && error.code === "journal_read_only",
  );
});

test("wrong options are said before anything is sent", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  const wrong: object[] = [
    { exchanges: 0 },
    { exchanges: 1.5 },
    { until: "tomorrow" },
    { haltAfter: -1 },
    { lookEveryMs: 0 },
    { onEvent: 7 },
    { look_every: 1 },
  ];
  for (const options of wrong) {
    assert.throws(() => new Worker(journal, client, options), ConfigurationError, JSON.stringify(options));
  }
  for (const clients of [undefined, [], [client, 7], "client", sandbox.alipayAccount()]) {
    assert.throws(() => new Worker(journal, clients as never), ConfigurationError);
  }
  assert.throws(() => new Worker({} as never, client), ConfigurationError);
});

test("an account whose configuration is wrong is halted and nothing is burnt", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const account = sandbox.alipayAccount({
    merchantPrivateKey: sandbox.credentials.antom.partnerPrivateKeyPem,
  });
  const client = new alipay.Client({ account });
  await submitted(journal, client, 6);
  const worker = new Worker(journal, client, { exchanges: 1, haltAfter: 2 });
  const told = await all(worker.events());
  assert.deepEqual(
    told.flatMap((event) => (event.event === "halted" ? [event.account] : [])),
    [account.name],
  );
  assert.deepEqual(worker.summary?.halted, [account.name]);
  assert.ok(worker.summary.needsSomebody && String(worker.summary).includes("halted"));
  const steps = (await all(journal.entries({ state: "unknown" }))).map((entry) => entry.nextStep);
  assert.deepEqual(steps, ["fix_configuration", "fix_configuration"]);
  assert.equal(await journal.reopen("the key is right now", { nextStep: "fix_configuration" }), 2);
  assert.equal((await new Worker(journal, sandbox.alipayClient()).run()).ended.succeeded, 6);
  assert.equal((await sandbox.ledger()).totals.paidTimes, 6);
});

test("a journal that is closed during a run is given back when the worker has ended", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  await submitted(journal, client, 5);
  const running = new Worker(journal, client).run();
  await journal.close();
  assert.equal((await running).ended.succeeded, 5);
  assert.throws(() => new Worker(journal, client), JournalError);
});
