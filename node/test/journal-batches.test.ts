/** Files and rows: recorded, paid, told line by line, held against a provider's list. */
import assert from "node:assert/strict";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import {
  ConfigurationError,
  FileError,
  Money,
  SettlementError,
  Worker,
  payFile,
  payRows,
  type Progress,
} from "taxrefund";
import { type Sandbox, sandboxFor } from "taxrefund/testing";

import { all, csvOf, folderFor, journalFor } from "./journal-files.js";
import { BARCODE, alipayRequest, antomRequest } from "./requests.js";

/** The states in a result file, line by line. */
async function statesIn(results: string): Promise<(string | undefined)[]> {
  const [, ...lines] = (await readFile(results, "utf8")).trim().split("\n");
  return lines.map((line) => line.split(",")[2]);
}

test("a wrong line stops no other, and a file may come again", async (t) => {
  const [sandbox, journal, folder] = [await sandboxFor(t), await journalFor(t), await folderFor(t)];
  const file = join(folder, "refunds.csv");
  await writeFile(file, csvOf("ORDER1", "OR-DER", "ORDER3"));
  const client = sandbox.alipayClient();
  const summary = await journal.importFile(client, file);
  assert.deepEqual([summary.lines, summary.new, summary.wrong], [3, 2, 1]);
  const [problem] = summary.problems;
  assert.ok(problem?.line === 3 && problem.code === "invalid_request");
  assert.match(String(problem), /^line 3: invalid_request: .*out_order_no/);
  const again = await journal.importFile(client, pathToFileURL(file));
  assert.deepEqual([again.new, again.known, again.wrong], [0, 2, 1]);
  assert.deepEqual(
    new Set((await all(journal.entries())).map((entry) => entry.batch)),
    new Set(["refunds.csv"]),
  );
  assert.match(String(again), /^3 lines: 0 new, 2 recorded before/);
});

test("json lines are read from files and bytes", async (t) => {
  const [sandbox, journal, folder] = [await sandboxFor(t), await journalFor(t), await folderFor(t)];
  const client = sandbox.alipayClient();
  const line = (n: number) =>
    `{"out_order_no":"KEY${n}","identify_account_type":"barcode","identify_account_no":"${BARCODE}",` +
    `"tax_refund_currency":"SGD","tax_refund_amount":"10000","doc_id":"DOC${n}","company_name":"退税"}\n`;
  const path = join(folder, "refunds.jsonl");
  await writeFile(path, line(1) + line(2));
  assert.equal((await journal.importFile(client, path)).new, 2);
  const bytes = new TextEncoder().encode(line(3));
  assert.equal((await journal.importFile(client, bytes, { batch: "b", jsonLines: true })).new, 1);
  const entries = await all(journal.entries());
  assert.ok(entries[2] !== undefined && (await journal.request(entries[2]))["pay"]?.includes("退税"));
});

test("the operation is needed only where there are several", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const [plus, gateway] = [sandbox.alipayPlusClient(), sandbox.alipayClient()];
  const file = Buffer.from("a\n");
  await assert.rejects(
    journal.importFile(plus, file, { batch: "b" }),
    /several.*alipay_plus\.sync_tax_refund_form/,
  );
  await assert.rejects(
    journal.importFile(gateway, file, { batch: "b", operation: "antom.refund" }),
    /none of the account, which is of alipay/,
  );
  await assert.rejects(
    journal.importFile(plus, file, { batch: "b", operation: "antom.inquire_refund" }),
    /records none/,
  );
  const twice = Buffer.from("out_order_no,out_order_no\nORDER1,ORDER2\n");
  await assert.rejects(journal.importFile(gateway, twice, { batch: "b" }), /stands there twice/);
});

test("rows are request objects, flat objects, or arrays with columns", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const [gateway, antom] = [sandbox.alipayClient(), sandbox.antomClient()];
  const wire = { out_order_no: "KEY2", identify_account_type: "barcode", identify_account_no: BARCODE };
  const rows = [
    alipayRequest("KEY1", { confirmDate: new Date(0), companyName: null, countryCode: "" }),
    { ...wire, tax_refund_currency: "SGD", tax_refund_amount: 10000n, doc_id: "DOC2" },
  ];
  assert.equal((await journal.importRows(gateway, rows, { batch: "rows" })).new, 2);
  const columns = ["refundRequestId", "paymentId", "refundAmount.value", "refundAmount.currency"];
  const cells = [["RID1", "2026100119074101000700000008", "500", "USD"]];
  assert.equal((await journal.importRows(antom, cells, { batch: "cells", columns })).new, 1);
  const many = async function* () {
    yield antomRequest("RID2", { paymentId: "2026100119074101000700000009" });
  };
  assert.equal((await journal.importRows(antom, many(), { batch: "async" })).new, 1);
  const amounts = (await all(journal.entries())).map((entry) => String(entry.amount));
  assert.deepEqual(amounts, ["SGD 100.00", "SGD 100.00", "USD 5.00", "USD 5.00"]);
});

test("a wrong row is a wrong line that says why, and no number passes as an amount", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  const rows = [
    alipayRequest("KEY1"),
    alipayRequest("KEY2", { taxRefundAmount: 100.5 }),
    alipayRequest("KEY3", { taxRefundAmount: 10000 }),
    alipayRequest("KEY4", { outOrderNumber: "X" }),
    alipayRequest("KEY-5"),
    alipayRequest("KEY6", { "docId.inner": "X" }),
    { out_order_no: "KEY7", outOrderNo: "KEY8" },
  ];
  const summary = await journal.importRows(client, rows, { batch: "rows" });
  assert.deepEqual([summary.new, summary.wrong], [1, 6]);
  assert.deepEqual(
    summary.problems.map(({ line }) => line),
    [2, 3, 4, 5, 6, 7],
  );
  assert.match(summary.problems[0]?.problem ?? "", /^taxRefundAmount: .*\(given: 100\.5, a number\)$/);
  const results = await journal.writeResults(client, rows, undefined, { batch: "rows" });
  assert.deepEqual([results.lines, results.wrong, results.states.open], [7, 6, 1]);
  assert.deepEqual(
    (await all(journal.entries())).map(({ key }) => key),
    ["KEY1"],
  );
});

test("what is no row at all stops the import before anything is recorded", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  const wrong: [unknown, RegExp][] = [
    [[alipayRequest("KEY1"), 7], /rows\[1\]: must be a request object/],
    [[["KEY1"]], /rows\[0\]: is an array, so options.columns/],
    [alipayRequest("KEY1"), /rows: must be an iterable/],
    ["KEY1", /rows: must be an iterable/],
  ];
  for (const [rows, message] of wrong) {
    await assert.rejects(journal.importRows(client, rows as object[], { batch: "b" }), (error) => {
      assert.ok(error instanceof ConfigurationError);
      assert.match(error.message, message);
      return true;
    });
  }
  const cells = [["KEY1", "x"]];
  await assert.rejects(journal.importRows(client, cells, { batch: "b", columns: ["outOrderNo"] }), /2 cells/);
  assert.equal((await journal.counts()).total, 0);
});

test("every line stands in the result file once", async (t) => {
  const [sandbox, journal, folder] = [await sandboxFor(t), await journalFor(t), await folderFor(t)];
  const [file, results] = [join(folder, "refunds.csv"), join(folder, "results.csv")];
  await writeFile(file, csvOf("ORDER1", "OR-DER", "ORDER3", "ORDER1"));
  await sandbox.provoke("ORDER3", "failed");
  const client = sandbox.alipayClient();
  await journal.importFile(client, file);
  await new Worker(journal, client).run();
  const summary = await journal.writeResults(client, file, results);
  const { succeeded, failed } = summary.states;
  assert.deepEqual([succeeded, failed, summary.wrong, summary.repeated, summary.isDone], [1, 1, 1, 1, false]);
  assert.deepEqual(await statesIn(results), ["succeeded", "wrong", "failed", "repeats"]);
  assert.match(String(summary), /^4 lines: 1 succeeded, 1 failed/);
});

test("a result file that cannot be finished leaves the old one, and no half of a new one", async (t) => {
  const [sandbox, journal, folder] = [await sandboxFor(t), await journalFor(t), await folderFor(t)];
  const results = join(folder, "results.csv");
  await writeFile(results, "yesterday's");
  const client = sandbox.alipayClient();
  await assert.rejects(journal.writeResults(client, join(folder, "none.csv"), results), (error) => {
    assert.ok(error instanceof FileError);
    assert.match(error.message, /none\.csv/);
    return true;
  });
  assert.equal(await readFile(results, "utf8"), "yesterday's");
  await assert.rejects(
    journal.writeResults(client, csvOf("ORDER1"), join(folder, "no", "r.csv"), { batch: "b" }),
    FileError,
  );
  assert.deepEqual(await readdir(folder), ["results.csv"]);
});

test("a file is paid from beginning to end in one call, and again pays nothing", async (t) => {
  const [sandbox, journal, folder] = [await sandboxFor(t), await journalFor(t), await folderFor(t)];
  const results = join(folder, "results.csv");
  const file = join(folder, "refunds.csv");
  await writeFile(file, csvOf("ORDER1", "ORDER2", "ORDER3"));
  const [client, antom] = [sandbox.alipayClient(), sandbox.antomClient()];
  const progress: Progress[] = [];
  const onProgress = (one: Progress) => progress.push(one);
  const night = await payFile([antom, client], journal, file, {
    operation: "alipay.pay_tax_refund",
    results,
    onProgress,
  });
  assert.ok(!night.needsSomebody && night.results.isDone);
  assert.deepEqual(
    progress.map(({ ended, expected }) => [ended, expected]),
    [
      [1, 3],
      [2, 3],
      [3, 3],
    ],
  );
  assert.deepEqual(await statesIn(results), ["succeeded", "succeeded", "succeeded"]);
  const again = await payFile(client, journal, file);
  assert.deepEqual([again.imported.known, again.worked.sends], [3, 0]);
  assert.equal((await sandbox.ledger()).totals.paidTimes, 3);
});

test("rows are paid in one call; what can be read only once is refused", async (t) => {
  const [sandbox, journal] = [await sandboxFor(t), await journalFor(t)];
  const client = sandbox.alipayClient();
  await sandbox.provoke("ORDER2", "failed");
  const rows = [alipayRequest("ORDER1"), alipayRequest("ORDER2")];
  const paid = await payRows(client, journal, rows, { batch: "rows" });
  assert.ok(paid.needsSomebody);
  assert.deepEqual([paid.results.states.succeeded, paid.results.states.failed], [1, 1]);
  await assert.rejects(payRows(client, journal, rows.values(), { batch: "b" }), /read twice/);
  await assert.rejects(payRows([client, client], journal, rows, { batch: "b" }), /options\.operation/);
  const twice = payRows([client, client], journal, rows, { batch: "b", operation: "payTaxRefund" });
  await assert.rejects(twice, /clients: 2 of them/);
});

const PAY = "alipay.pay_tax_refund";

/** Two refunds that were paid and one that was not. */
async function settledJournal(t: Parameters<typeof journalFor>[0], sandbox: Sandbox) {
  const journal = await journalFor(t);
  await sandbox.provoke("ORDER3", "failed");
  const client = sandbox.alipayClient();
  for (const key of ["ORDER1", "ORDER2", "ORDER3"])
    await journal.run(client, "payTaxRefund", alipayRequest(key));
  return journal;
}

function listed(...lines: string[]): Buffer {
  return Buffer.from(["key,amount,currency,status", ...lines, ""].join("\n"));
}

test("two sides that agree are clean", async (t) => {
  const journal = await settledJournal(t, await sandboxFor(t));
  const list = listed("ORDER1,100.00,SGD,SUCCESS", "ORDER2,100.00,SGD,S", "ORDER3,100.00,SGD,FAIL");
  const report = await journal.settle(list, { operation: PAY });
  assert.ok(report.isClean && report.counts.agreeing === 3 && report.differences.length === 0);
  assert.match(String(report), /^no differences; 3 agree/);
});

test("every difference is typed and says what to do", async (t) => {
  const journal = await settledJournal(t, await sandboxFor(t));
  const csv = join(await folderFor(t), "differences.csv");
  const list = listed(
    "ORDER1,99.00,SGD,SUCCESS",
    "ORDER3,100.00,SGD,SUCCESS",
    "OTHER,5.00,SGD,SUCCESS",
    "BAD,5.00,SGD,PERHAPS",
  );
  const report = await journal.settle(list, { operation: PAY, csv });
  const found = new Map(report.differences.map((difference) => [difference.key, difference]));
  assert.deepEqual(Object.fromEntries([...found].map(([key, { kind }]) => [key, kind])), {
    ORDER1: "amount",
    ORDER2: "missing",
    ORDER3: "status",
    OTHER: "extra",
  });
  const [other, second] = [found.get("OTHER"), found.get("ORDER2")];
  assert.ok(other?.journal === undefined && other?.severity === "critical");
  assert.ok(other.list[0]?.amount?.equals(Money.parse("5.00", "SGD")));
  assert.ok(second !== undefined);
  assert.ok(second.journal?.amount?.equals(Money.parse("100.00", "SGD")));
  assert.ok(second.list.length === 0 && second.advice.includes("support"));
  assert.deepEqual([report.counts.problems, report.problems[0]?.rule], [1, "status_unlisted"]);
  assert.equal(report.problems[0]?.line, 5);
  assert.equal((await readFile(csv, "utf8")).trim().split("\n").length, 1 + 4 + 1);
});

test("a list is read by its own columns, in its own time", async (t) => {
  const journal = await settledJournal(t, await sandboxFor(t));
  const list = Buffer.from("Order No;Refund;Result\nORDER1;10000;done\nORDER2;10000;done\n");
  const report = await journal.settle(list, {
    operation: PAY,
    keyColumn: "Order No",
    amountColumn: "Refund",
    amountUnit: "minor",
    currency: "SGD",
    statusColumn: "Result",
    paidTexts: ["done"],
    delimiter: "semicolon",
  });
  assert.deepEqual([report.counts.agreeing, report.counts.lines], [3, 2]);
  const past = await journal.settle(list, {
    operation: PAY,
    before: new Date(0),
    keyColumn: "Order No",
    allPaid: true,
    amountColumn: "Refund",
    currency: "SGD",
    delimiter: "semicolon",
  });
  assert.equal(past.counts.recorded, 0);
});

test("a list or options that cannot be used are said as such", async (t) => {
  const journal = await settledJournal(t, await sandboxFor(t));
  await assert.rejects(journal.settle(Buffer.from("a,b\n1,2\n"), { operation: PAY }), SettlementError);
  await assert.rejects(journal.settle(join(await folderFor(t), "none.csv"), { operation: PAY }), FileError);
  for (const options of [{}, { operation: PAY, amountUnit: "cents" }, { operation: PAY, since: "2026" }]) {
    await assert.rejects(
      journal.settle(listed(), options as never),
      ConfigurationError,
      JSON.stringify(options),
    );
  }
});
