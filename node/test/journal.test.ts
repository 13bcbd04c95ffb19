import assert from "node:assert/strict";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";

import {
  ConfigurationError,
  FormTaken,
  InvalidRequest,
  Journal,
  JournalError,
  KeyReused,
  Money,
  NotificationRefused,
  RefundNotFound,
  Worker,
} from "taxrefund";
import { sandboxFor, testNotification } from "taxrefund/testing";

import { all, csvOf, folderFor, journalFor } from "./journal-files.js";
import { BARCODE, alipayRequest, antomRequest } from "./requests.js";

test("a refund is paid once however often it is asked for", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  const first = await journal.run(client, "payTaxRefund", alipayRequest("ORDER1"));
  const again = await journal.run(client, "payTaxRefund", alipayRequest("ORDER1"));
  assert.ok(first.outcome === "succeeded" && again.outcome === "succeeded");
  assert.equal(typeof first.response.taxNo, "string");
  assert.equal(first.reference, again.reference);
  assert.equal(await sandbox.paidTimes("ORDER1"), 1);
  assert.equal((await sandbox.requests()).length, 1);
});

test("the same key with other content is refused and names the fields", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  await journal.submit(client, "payTaxRefund", alipayRequest("ORDER1"));
  const other = alipayRequest("ORDER1", { taxRefundAmount: Money.parse("1.00", "SGD") });
  await assert.rejects(journal.run(client, "payTaxRefund", other), (error) => {
    assert.ok(error instanceof KeyReused);
    assert.deepEqual([...error.fields], ["taxRefundAmount"]);
    assert.equal(error.state, "open");
    return true;
  });
});

test("a form has one refund until that failed", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const [gateway, antom] = [sandbox.alipayClient(), sandbox.antomClient()];
  await journal.submit(gateway, "payTaxRefund", alipayRequest("ORDER1", { docId: "FORM" }));
  const second = alipayRequest("ORDER2", { docId: "FORM" });
  await assert.rejects(journal.submit(gateway, "payTaxRefund", second), FormTaken);
  const meant = await journal.submit(gateway, "payTaxRefund", second, { secondRefundForForm: "two bags" });
  assert.ok(meant.isNew);
  assert.equal(meant.entry.overridden, "two bags");
  await journal.submit(antom, "refund", antomRequest("A1"), { form: "FORM" });
  await assert.rejects(journal.submit(antom, "refund", antomRequest("A2"), { form: "FORM" }), FormTaken);
});

test("an entry is typed and holds nothing personal", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  // An account will do: nothing is sent.
  const account = sandbox.alipayAccount();
  const { isNew, entry } = await journal.submit(account, "payTaxRefund", alipayRequest("ORDER1"), {
    batch: "night",
    line: 7,
  });
  assert.ok(isNew && entry.state === "open" && !entry.isFinal);
  assert.ok(entry.amount?.equals(Money.parse("100.00", "SGD")));
  assert.deepEqual([entry.batch, entry.line, entry.form], ["night", 7, "DOCORDER1"]);
  assert.ok(entry.createdAt instanceof Date && entry.reference === undefined);
  assert.ok(!(await journal.submit(account, "payTaxRefund", alipayRequest("ORDER1"))).isNew);
  assert.ok(!(inspect(entry) + JSON.stringify(entry)).includes(BARCODE));
  assert.equal(entry.toJSON()["amountMinor"], "10000");
  assert.throws(() => ((entry as { state: string }).state = "failed"), TypeError);
  assert.ok((await journal.request(entry))["pay"]?.includes(BARCODE));
});

test("an entry of another journal is none of this one", async (t) => {
  const [sandbox, journal, other] = [await sandboxFor(t), await journalFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  await other.submit(client, "payTaxRefund", alipayRequest("ORDER3"));
  const { entry } = await journal.submit(client, "payTaxRefund", alipayRequest("ORDER1"));
  const copied: unknown = JSON.parse(JSON.stringify(entry));
  await assert.rejects(journal.story(copied as never), ConfigurationError);
  await assert.rejects(journal.resume(client, "NOPE"), RefundNotFound);
});

test("entries are found by state, step, batch and key", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  await sandbox.provoke("FAILS", "failed");
  await journal.run(client, "payTaxRefund", alipayRequest("FAILS"));
  for (const line of [0, 1, 2]) {
    await journal.submit(client, "payTaxRefund", alipayRequest(`OPEN${line}`), { batch: "night", line });
  }
  const keys = async (filter?: Parameters<Journal["entries"]>[0]) =>
    (await all(journal.entries(filter))).map((entry) => entry.key);
  assert.deepEqual(await keys(), ["FAILS", "OPEN0", "OPEN1", "OPEN2"]);
  assert.deepEqual(await keys({ state: "failed" }), ["FAILS"]);
  assert.deepEqual(await keys({ nextStep: "start_new" }), ["FAILS"]);
  assert.equal((await keys({ state: "open", batch: "night" })).length, 3);
  assert.deepEqual(await keys({ conflict: true }), []);
  assert.equal((await journal.find(client, "OPEN1"))?.line, 1);
  assert.equal(await journal.find(client, "NOPE"), undefined);
  const counts = await journal.counts();
  assert.deepEqual([counts.open, counts.failed, counts.total], [3, 1, 4]);
  assert.equal(String(counts), "0 succeeded, 1 failed, 0 unknown, 0 waiting, 3 open");
  assert.throws(() => journal.entries({ stat: "open" } as never), /has no setting stat/);
  await assert.rejects(all(journal.entries({ state: "opened" as never })), /must be one of open/);
});

test("more entries than a page come once each", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const keys = Array.from({ length: 1203 }, (_, number) => `KEY${number}`);
  const summary = await journal.importFile(sandbox.alipayAccount(), csvOf(...keys), { batch: "many" });
  assert.equal(summary.new, keys.length);
  assert.deepEqual(
    (await all(journal.entries())).map((entry) => entry.key),
    keys,
  );
});

test("what is not known is resumed and never sent anew", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  await sandbox.provoke("ORDER1", "lost-answer*every,system-error*every");
  const unknown = await journal.run(client, "payTaxRefund", alipayRequest("ORDER1"));
  assert.equal(unknown.outcome, "unknown");
  const entry = await journal.find(client, "ORDER1");
  assert.ok(entry?.begun && entry.state === "waiting");
  assert.equal(await journal.outcome(entry), undefined);
  await sandbox.provoke("ORDER1", "none");
  assert.equal((await journal.resume(client, "ORDER1")).outcome, "succeeded");
  assert.equal((await journal.resume(client, entry)).outcome, "succeeded");
  assert.equal(await sandbox.paidTimes("ORDER1"), 1);
});

test("a verified failure is told as one, also from the record", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  await sandbox.provoke("ORDER1", "failed");
  const client = sandbox.alipayClient();
  const failed = await journal.run(client, "payTaxRefund", alipayRequest("ORDER1"));
  assert.ok(failed.outcome === "failed" && failed.nextStep === "start_new");
  const entry = await journal.find(client, "ORDER1");
  assert.ok(entry !== undefined);
  assert.equal((await journal.outcome(entry))?.outcome, "failed");
});

test("an aborted call leaves a refund that can be resumed, and no listener", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  await sandbox.provoke("ORDER1", "lost-answer");
  const outcome = await journal.run(client, "payTaxRefund", alipayRequest("ORDER1"), {
    signal: AbortSignal.abort(),
  });
  assert.ok(outcome.outcome === "unknown" && outcome.reason.code === "cancelled");
  assert.equal((await journal.resume(client, "ORDER1")).outcome, "succeeded");
  assert.equal(await sandbox.paidTimes("ORDER1"), 1);
});

test("refunds that rest are reopened with a reason that is kept", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  await sandbox.provoke("ORDER1", "lost-answer*every,system-error*every");
  await journal.submit(client, "payTaxRefund", alipayRequest("ORDER1"));
  await new Worker(journal, client, { until: "nothing_open", lookEveryMs: 10 }).run();
  assert.equal((await journal.counts()).unknown, 1);
  assert.equal(await journal.reopen("support has answered", { state: "unknown" }), 1);
  const [entry] = await all(journal.entries());
  assert.ok(entry?.state === "waiting");
  assert.equal(await journal.reopen("again", { state: "succeeded" }), 0);
  assert.equal((await journal.story(entry)).at(-1)?.content["why"], "support has answered");
});

test("the story has evidence only when asked, and never shows it by itself", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  await journal.run(sandbox.alipayClient(), "payTaxRefund", alipayRequest("ORDER1"));
  const [entry] = await all(journal.entries());
  assert.ok(entry !== undefined);
  const records = await journal.story(entry);
  assert.deepEqual(
    records.map((record) => record.kind),
    ["submitted", "attempt"],
  );
  assert.ok(records.every((record) => record.evidence === undefined));
  assert.equal(records[1]?.content["code"], "10000");
  const [, told] = await journal.story(entry, { evidence: true });
  assert.ok(told?.evidence !== undefined);
  assert.ok(!(inspect(told) + JSON.stringify(told)).includes("evidence"));
});

test("a closed journal says so, and closing it again does nothing", async (t) => {
  const place = join(await folderFor(t), "refunds.db");
  const journal = await Journal.open(pathToFileURL(place), { owner: "night" });
  assert.equal(journal.owner, "night");
  await journal.close();
  await journal.close();
  await assert.rejects(
    journal.counts(),
    (error) => error instanceof JournalError && error.message.includes("closed"),
  );
  assert.throws(() => journal.owner, JournalError);
  assert.match(inspect(journal), /^Journal\(.*refunds\.db, closed\)$/);
});

test("a password is not shown", async () => {
  const place = "postgres://user:secret@127.0.0.1:1/refunds";
  await assert.rejects(Journal.open(place), (error) => {
    assert.ok(error instanceof JournalError);
    assert.equal(error.code, "journal_unreachable");
    assert.ok(!inspect(error).includes("secret"));
    return true;
  });
  await assert.rejects(Journal.open(new URL("https://example.com/refunds")), /place: .*https:/);
});

test("a read-only journal records nothing and must exist", async (t) => {
  const sandbox = await sandboxFor(t);
  const place = join(await folderFor(t), "refunds.db");
  await assert.rejects(Journal.open(place, { readOnly: true }), JournalError);
  await (await Journal.open(place)).close();
  const journal = await journalFor(t, { readOnly: true }, place);
  const submitting = journal.submit(sandbox.alipayAccount(), "payTaxRefund", alipayRequest("ORDER1"));
  await assert.rejects(submitting, JournalError);
});

test("what cannot be opened is told by a code and in words", async (t) => {
  const folder = await folderFor(t);
  const foreign = join(folder, "foreign.db");
  await writeFile(foreign, "no journal at all\n".repeat(100));
  await assert.rejects(Journal.open(foreign), (error) => {
    assert.ok(error instanceof JournalError, String(error));
    assert.ok(["journal_foreign", "journal_corrupt"].includes(error.code), error.code);
    return true;
  });
  await assert.rejects(Journal.open(join(folder, "none", "refunds.db")), JournalError);
  await assert.rejects(Journal.open(17 as never), (error) => error instanceof ConfigurationError);
  await assert.rejects(Journal.open(""), (error) => error instanceof ConfigurationError);
});

for (const key of [Buffer.alloc(32, 7), "07".repeat(32), `${"07".repeat(32)}\n`]) {
  test(`a sealed journal opens with its key alone (${typeof key}, ${key.length})`, async (t) => {
    const sandbox = await sandboxFor(t);
    const folder = await folderFor(t);
    const place = join(folder, "refunds.db");
    const sealed = await Journal.open(place, { sealingKey: key });
    const { entry } = await sealed.submit(sandbox.alipayAccount(), "payTaxRefund", alipayRequest("ORDER1"));
    assert.ok((await sealed.request(entry))["pay"]?.includes(BARCODE));
    await sealed.close();
    for (const name of await readdir(folder))
      assert.ok(!(await readFile(join(folder, name))).includes(BARCODE));
    for (const sealingKey of [undefined, Buffer.alloc(32, 8)]) {
      await assert.rejects(Journal.open(place, { sealingKey }), (error) => {
        assert.ok(error instanceof JournalError && error.code === "journal_sealing");
        return true;
      });
    }
    const again = await Journal.open(place, { sealingKey: key });
    await again.rotateKey(key, Buffer.alloc(32, 9));
    await again.close();
    const rotated = await journalFor(t, { sealingKey: Buffer.alloc(32, 9) }, place);
    const [found] = await all(rotated.entries());
    assert.ok(found !== undefined && (await rotated.request(found))["pay"]?.includes(BARCODE));
  });
}

test("a wrong sealing key is refused without being shown, before anything is made", async (t) => {
  const folder = await folderFor(t);
  for (const sealingKey of ["secret", Buffer.from("secret"), "07".repeat(31), "x".repeat(64), 7, {}]) {
    const opening = Journal.open(join(folder, "refunds.db"), { sealingKey: sealingKey as string });
    await assert.rejects(opening, (error) => {
      assert.ok(error instanceof ConfigurationError && error.field === "options.sealingKey");
      assert.match(error.message, /32 bytes/);
      assert.ok(!error.message.includes("secret"));
      return true;
    });
  }
  assert.deepEqual(await readdir(folder), []);
});

test("what was cut off is found by a head that was kept", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  await journal.run(sandbox.alipayClient(), "payTaxRefund", alipayRequest("ORDER1"));
  const proof = await journal.verify();
  assert.ok(proof.isWhole && proof.entries === 1 && proof.head === (await journal.head()));
  assert.ok((await journal.verify(proof.head)).isWhole);
  const other = await journal.verify(`1:${"0".repeat(64)}`);
  assert.ok(!other.isWhole && String(other).startsWith("NOT WHOLE"));
  await assert.rejects(journal.verify("no head"), ConfigurationError);
});

test("wrong options are said before anything is opened", async (t) => {
  const folder = await folderFor(t);
  const place = join(folder, "refunds.db");
  const wrong = [
    { leaseMs: 0 },
    { leaseMs: Number.NaN },
    { leaseMs: "60" },
    { restarted: true },
    { takeUpAgainAfterMs: [1, -1] },
    { owner: "\ud800" },
    { readonly: true },
    [],
    7,
  ];
  for (const options of wrong) {
    await assert.rejects(Journal.open(place, options as object), ConfigurationError, JSON.stringify(options));
  }
  assert.deepEqual(await readdir(folder), []);
});

test("wrong arguments are told with their names, never as a crash", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  const loose = journal as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>;
  const calls: [string, unknown[]][] = [
    ["run", [undefined, "payTaxRefund", {}]],
    ["run", [sandbox.alipayAccount(), "payTaxRefund", alipayRequest("ORDER1")]],
    ["run", [client, "queryTaxRefund", {}]],
    ["run", [client, "antom.refund", {}]],
    ["submit", [client, 7, {}]],
    ["submit", [client, "payTaxRefund", alipayRequest("ORDER1"), { line: 1 }]],
    ["submit", [client, "payTaxRefund", alipayRequest("ORDER1"), { lin: 1 }]],
    ["find", [client, 7]],
    ["find", [null, "KEY"]],
    ["story", [{}]],
    ["outcome", ["KEY"]],
    ["reopen", [undefined]],
    ["importFile", [client, 7]],
    ["importFile", [client, csvOf("A")]],
    ["importRows", [client, [{}], {}]],
    ["writeResults", [client, "file.csv", 7]],
    ["settle", [csvOf("A")]],
    ["notify", [client, undefined]],
    ["notify", [client, { headers: {}, rawBody: {} }]],
  ];
  for (const [name, given] of calls) {
    await assert.rejects(
      async () => loose[name]?.apply(journal, given),
      (error) => error instanceof ConfigurationError && error.field !== "",
      name,
    );
  }
  await assert.rejects(journal.submit(client, "payTaxRefund", {} as never), InvalidRequest);
  assert.equal((await journal.counts()).total, 0);
});

test("a notification settles an open refund and nothing else", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const account = sandbox.alipayAccount();
  const message = await testNotification(account, { key: "ORDER1", path: "/notify" });
  const changed = { ...message, rawBody: Buffer.from(String(message.rawBody).replace("ORDER1", "ORDER2")) };
  await assert.rejects(journal.notify(account, changed), (error) => {
    assert.ok(error instanceof NotificationRefused && error.reply.body !== "success");
    return true;
  });
  const stranger = await journal.notify(account, message);
  assert.ok(stranger.kind === "stranger" && stranger.entry === undefined && stranger.needsSomebody);
  await journal.submit(account, "payTaxRefund", alipayRequest("ORDER1"));
  const merged = await journal.notify(account, message);
  assert.ok(merged.kind === "settled" && !merged.needsSomebody);
  assert.equal(merged.entry?.state, "succeeded");
  assert.equal(merged.notification.key, "ORDER1");
  assert.equal(merged.notification.reply.body, "success");
  assert.deepEqual(
    (await journal.story(merged.entry)).map(({ kind }) => kind),
    ["submitted", "notification"],
  );
  assert.equal((await journal.notify(account, message)).kind, "again");
});

test("thousands of submissions at once are all on disk, each once", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const account = sandbox.alipayAccount();
  const keys = Array.from({ length: 3000 }, (_, number) => `KEY${number}`);
  let turns = 0;
  let counting = true;
  const count = () => {
    turns += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const submitted = await Promise.all(
    keys.map((key) => journal.submit(account, "payTaxRefund", alipayRequest(key))),
  );
  counting = false;
  assert.ok(submitted.every((one) => one.isNew));
  // The event loop went round all the while: no turn had more to do than a few dozen of them.
  assert.ok(turns > keys.length / 64, `${turns} turns`);
  assert.equal((await journal.counts()).open, keys.length);
});
