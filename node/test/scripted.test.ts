import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { alipay, alipayPlus, fetchTransport, httpTransport, TransportFault, type Transport } from "taxrefund";
import { sandboxFor } from "taxrefund/testing";

import { signing } from "taxrefund";
import { FrozenClock } from "../src/testing/clock.js";
import { Infallible } from "../src/testing/infallible.js";
import { answer, Never, Replay, scriptedFetch } from "../src/testing/scripted.js";
import { requestTo } from "./lines.js";
import { alipayRequest, antomRequest, formRequest } from "./requests.js";

const { signal } = new AbortController();

test("a script is followed line by line, and then nothing can be reached", async () => {
  const script = new Replay([
    answer(200, "a"),
    new TransportFault("dns"),
    () => answer(404),
    new Infallible(),
  ]);
  const request = requestTo("http://127.0.0.1", "method=alipay.overseas.tax.order.pay&biz_content={}");
  const heard: unknown[] = [];
  for (let at = 0; at < 5; at += 1) {
    heard.push(
      await script.exchange(request, signal).then(
        (one) => one.status,
        (error: unknown) => (error as TransportFault).fault,
      ),
    );
  }
  assert.deepEqual(heard, [200, "dns", 404, 200, "connect_failed"]);
  assert.equal(script.requests.length, 5);
});

test("a transport that never answers takes as long as a request may", async () => {
  const clock = new FrozenClock();
  const request = requestTo("http://127.0.0.1");
  await assert.rejects(new Never(clock).exchange(request, signal), { fault: "timeout" });
  assert.equal(clock.monotonicMs(), request.timeoutMs);
  const stop = new AbortController();
  const never = new Never().exchange(request, stop.signal);
  stop.abort();
  await assert.rejects(never, { fault: "timeout" });
});

test("an infallible provider's answers are believed, for every protocol and operation", async () => {
  const provider = new Infallible();
  const gateway = new alipay.Client({ account: provider.alipayAccount(), transport: provider });
  assert.ok((await gateway.payTaxRefund(alipayRequest("ORDER1"))).taxNo);
  const asked = await gateway.queryTaxRefund({ outOrderNo: "ORDER1" });
  assert.equal(asked.status, "S");
  const plus = new alipayPlus.Client({ account: provider.alipayPlusAccount(), transport: provider });
  assert.ok(await plus.syncTaxRefundForm(formRequest("FORM1")));
  const legacy = new alipay.Client({
    account: provider.alipayAccount({ signType: "RSA" }),
    transport: provider,
  });
  assert.ok((await legacy.payTaxRefund(alipayRequest("ORDER1"))).taxNo);
});

test("a scripted fetch records what was asked, and ends as fetch does", async () => {
  const provider = new Infallible();
  const fetch = scriptedFetch([
    new Response("<html>", { status: 502 }),
    new TypeError("fetch failed", { cause: Object.assign(new Error("x"), { code: "ECONNRESET" }) }),
    async ({ url, headers, body }) => {
      const given = await provider.exchange({ ...requestTo(""), url, headers, body });
      return new Response(given.body, {
        status: given.status,
        headers: [...given.headers] as [string, string][],
      });
    },
  ]);
  const transport = fetchTransport({ fetch });
  const account = provider.alipayAccount({ endpoint: "http://127.0.0.1:9/gateway.do" });
  const clock = new FrozenClock();
  const outcome = await new alipay.Client({ account, transport, clock }).outcome.payTaxRefund(
    alipayRequest("ORDER1"),
  );
  assert.equal(outcome.outcome, "succeeded");
  assert.deepEqual(
    outcome.report.attempts.map((one) => one.reason?.code),
    ["http_status", "reset", "10000"],
  );
  assert.equal(fetch.requests.length, 3);
  assert.ok(
    fetch.requests[0]?.headers.some(([name, value]) => name === "accept-encoding" && value === "identity"),
  );
  await assert.rejects(Promise.resolve(transport.exchange(requestTo("http://127.0.0.1:9"), signal)), {
    fault: "refused",
  });
});

test("what is like fetch may answer in many wrong ways: each is a fault", async () => {
  const answers: [unknown, string][] = [
    [Object.assign(Object.create(Response.prototype) as object, {}), "reset"],
    [{ type: "opaqueredirect", status: 0, headers: new Headers(), body: null }, "malformed"],
    [new Response("x", { headers: { "content-encoding": "gzip" } }), "malformed"],
    [new Response("x", { headers: { "content-length": "9999999" } }), "too_large"],
    [new Response(new Uint8Array(1024 * 1024 + 1)), "too_large"],
  ];
  for (const [given, fault] of answers) {
    const transport = fetchTransport({ fetch: () => Promise.resolve(given) as never });
    await assert.rejects(Promise.resolve(transport.exchange(requestTo("http://127.0.0.1:9"), signal)), {
      fault,
    });
  }
});

test(
  "a client with a journal sends over its transport, and has its signer sign",
  { timeout: 60_000 },
  async (t) => {
    const sandbox = await sandboxFor(t);
    const folder = mkdtempSync(join(tmpdir(), "taxrefund-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const keys = sandbox.credentials.alipay;
    let signatures = 0;
    const account = sandbox.alipayAccount({
      signer: {
        publicKey: keys.partnerPublicKeyPem,
        sign: async (message) => {
          signatures += 1;
          return signing.sign(keys.partnerPrivateKeyPem, message);
        },
      },
    });
    const inner = httpTransport();
    let exchanges = 0;
    const transport: Transport = {
      exchange: (request, signal) => {
        exchanges += 1;
        // The first one is lost without a trace, as a broken transport would have it.
        if (exchanges === 1) throw new TransportFault("reset");
        return inner.exchange(request, signal);
      },
    };
    const payer = new alipay.Client({
      account,
      transport,
      journal: join(folder, "refunds.db"),
      options: { sandboxWaitPermille: 1 },
    });
    const paid = await payer.payTaxRefund(alipayRequest("ORDER1"));
    assert.ok(paid.taxNo);
    assert.ok(exchanges >= 2 && signatures >= 2);
    assert.equal((await payer.payTaxRefund(alipayRequest("ORDER1"))).taxNo, paid.taxNo);
    assert.equal(await sandbox.paidTimes("ORDER1"), 1);
    const submitted = await payer.submit.payTaxRefund(alipayRequest("ORDER2"));
    assert.equal(submitted.isNew, true);
    const aborted = await payer.outcome.payTaxRefund(alipayRequest("ORDER3"), {
      signal: AbortSignal.abort(),
    });
    assert.equal(aborted.outcome, "unknown");
    inner.close();
    await payer.close();
  },
);

test("what only reads goes past the journal, and a second refund for a form is the journal's to allow", async (t) => {
  const sandbox = await sandboxFor(t);
  const folder = mkdtempSync(join(tmpdir(), "taxrefund-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const payer = sandbox.antomClient({ journal: join(folder, "refunds.db") });
  await payer.refund(antomRequest("REFUND1"), { form: "FORM1" });
  assert.equal((await payer.inquireRefund({ refundRequestId: "REFUND1" })).refundStatus, "SUCCESS");
  await assert.rejects(payer.refund(antomRequest("REFUND2"), { form: "FORM1" }), { code: "form_taken" });
  await payer.refund(antomRequest("REFUND2"), { form: "FORM1", secondRefundForForm: "two tickets" });
  await payer.close();
});
