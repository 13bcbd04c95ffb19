// A transport of your own, around the built-in one: a place for metrics, for a recording, for another HTTP library.
//
// A transport sends a request once, as it is, and gives back what came. It never repeats anything: repeating is the
// client's part, which knows what may be repeated.
//
// Run it: `node examples/own-transport.mjs`

import assert from "node:assert/strict";

import { httpTransport, Money, TransportFault } from "taxrefund";
import { startSandbox } from "taxrefund/testing";

/** Counts exchanges by interface and by what came of them. */
class Counting {
  exchanges = new Map();
  #inner;

  constructor(inner) {
    this.#inner = inner;
  }

  /** The signal is aborted when the request's time is up, or its call is aborted. */
  async exchange(request, signal) {
    try {
      const answer = await this.#inner.exchange(request, signal);
      this.#count(request, answer.status);
      return answer;
    } catch (error) {
      this.#count(request, error instanceof TransportFault ? error.fault : "?");
      throw error; // the client decides what a fault means
    }
  }

  #count({ interface: name }, what) {
    const line = `${name} ${what}`;
    this.exchanges.set(line, (this.exchanges.get(line) ?? 0) + 1);
  }
}

const sandbox = await startSandbox();
const inner = httpTransport({ connectTimeoutMs: 2_000 });
try {
  const transport = new Counting(inner);
  const client = sandbox.alipayClient({ transport });
  await sandbox.provoke("TRT1", "http-502");
  const paid = await client.payTaxRefund({
    outOrderNo: "TRT1",
    identifyAccountType: "barcode",
    identifyAccountNo: "281234567890123456",
    taxRefundAmount: Money.parse("100.00", "SGD"),
  });
  console.log(`TRT1 paid under ${paid.taxNo}`);
  for (const [what, times] of [...transport.exchanges].sort()) console.log(`  ${times} x ${what}`);
  assert.equal(transport.exchanges.get("pay 502"), 1);
  assert.equal(await sandbox.paidTimes("TRT1"), 1);
} finally {
  inner.close();
  await sandbox.stop();
}
