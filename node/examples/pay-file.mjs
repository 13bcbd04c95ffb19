// A file of refunds in one call: recorded, paid, told line by line. Killed in the middle, the same call goes on where it was.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Journal, explainStep, payFile } from "taxrefund";
import { startSandbox } from "taxrefund/testing";

const REFUNDS = `out_order_no,identify_account_type,identify_account_no,tax_refund_currency,tax_refund_amount,doc_id
ORDER1,barcode,281234567890123456,SGD,10000,FORM1
ORDER2,barcode,281234567890123456,SGD,2550,FORM2
OR-DER3,barcode,281234567890123456,SGD,100,FORM3
ORDER4,barcode,281234567890123456,SGD,100,FORM4
`;

const folder = await mkdtemp(join(tmpdir(), "taxrefund-example-"));
const [file, results] = [join(folder, "refunds.csv"), join(folder, "results.csv")];
await writeFile(file, REFUNDS);
const sandbox = await startSandbox();
await sandbox.provoke("ORDER4", "failed");
const client = sandbox.alipayClient();
const journal = await Journal.open(join(folder, "refunds.db"), { owner: "night", restarted: true });
try {
  const night = await payFile(client, journal, file, {
    results,
    onProgress: ({ ended, expected, latest }) =>
      console.log(`${ended} of ${expected}: ${latest.key} ${latest.state}`),
  });
  console.log(String(night));
  for (const problem of night.imported.problems) console.log(String(problem));
  for await (const entry of journal.entries({ state: "failed" })) {
    console.log(`${entry.key}: ${entry.code} ${entry.subCode ?? ""}: ${explainStep(entry.nextStep).clerk}`);
  }
  console.log(await readFile(results, "utf8"));
  assert.ok(night.needsSomebody);
  assert.deepEqual(
    [night.results.states.succeeded, night.results.states.failed, night.results.wrong],
    [2, 1, 1],
  );

  // The same call again: everything is known, nothing is sent.
  const again = await payFile(client, journal, file, { results });
  assert.deepEqual([again.imported.known, again.worked.sends], [3, 0]);
} finally {
  await journal.close();
  await sandbox.stop();
  await rm(folder, { recursive: true });
}
