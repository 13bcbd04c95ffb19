/** Folders and journals for tests; they go with their test. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

import { Journal, type Worker } from "taxrefund";

import { BARCODE } from "./requests.js";

type Options = Parameters<typeof Journal.open>[1];

const HEADER =
  "out_order_no,identify_account_type,identify_account_no,tax_refund_currency,tax_refund_amount,doc_id";

/** A folder for a test. */
export async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "taxrefund-test-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A journal for a test, which asks about unknown refunds again at once. */
export async function journalFor(t: TestContext, options?: Options, place?: string): Promise<Journal> {
  const file = place ?? join(await folderFor(t), "refunds.db");
  const journal = await Journal.open(file, { takeUpAgainAfterMs: [1], ...options });
  t.after(() => journal.close());
  return journal;
}

/** A file of refunds. */
export function csvOf(...keys: string[]): Buffer {
  const lines = keys.map((key) => `${key},barcode,${BARCODE},SGD,10000,DOC${key}`);
  return Buffer.from([HEADER, ...lines, ""].join("\n"));
}

/** Everything that comes. */
export async function all<T>(many: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of many) found.push(one);
  return found;
}

/** The kinds of events of a worker, in their order. */
export async function eventsOf(worker: Worker): Promise<string[]> {
  return (await all(worker.events())).map((event) => event.event);
}
