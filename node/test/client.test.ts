import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import {
  alipay,
  alipayPlus,
  antom,
  ConfigurationError,
  InvalidRequest,
  RefundFailed,
  RefundUnknown,
  TransportFault,
  type Unknown,
} from "taxrefund";
import { sandboxFor } from "taxrefund/testing";

import { FrozenClock } from "../src/testing/clock.js";
import { Infallible } from "../src/testing/infallible.js";
import { Never, Replay } from "../src/testing/scripted.js";
import { keyPair, thrownBy } from "./driving.js";
import { alipayRequest, antomRequest, BARCODE, formRequest } from "./requests.js";

test("each protocol's refund is paid once, and its answer is typed", async (t) => {
  const sandbox = await sandboxFor(t);
  const paid = await sandbox.alipayClient().payTaxRefund(alipayRequest("ORDER1"));
  assert.match(paid.taxNo ?? "", /^\d+$/);
  const refunded = await sandbox.antomClient().refund(antomRequest("REFUND1"));
  assert.match(refunded.refundId ?? "", /^\d+$/);
  assert.ok(await sandbox.alipayPlusClient().syncTaxRefundForm(formRequest("FORM1")));
  assert.equal(await sandbox.paidTimes("ORDER1"), 1);
  assert.equal(await sandbox.paidTimes("REFUND1"), 1);
});

test("the three answers are never mixed up", async (t) => {
  const sandbox = await sandboxFor(t);
  await sandbox.provoke("ORDER1", "lost-answer*2");
  await sandbox.provoke("ORDER2", "failed");
  await sandbox.provoke("ORDER3", "in-process*7");
  const payer = sandbox.alipayClient();
  assert.equal((await payer.outcome.payTaxRefund(alipayRequest("ORDER1"))).outcome, "succeeded");
  const failed = await thrownBy(payer.payTaxRefund(alipayRequest("ORDER2")));
  assert.ok(failed instanceof RefundFailed && failed.reason.verified);
  const unknown = await thrownBy(payer.payTaxRefund(alipayRequest("ORDER3")));
  assert.ok(unknown instanceof RefundUnknown);
  assert.ok(((await unknown.resume()) as alipay.PayTaxRefundResponse).taxNo);
  assert.deepEqual(
    [await sandbox.paidTimes("ORDER1"), await sandbox.paidTimes("ORDER2"), await sandbox.paidTimes("ORDER3")],
    [1, 0, 1],
  );
});

test("a thousand refunds in flight are each paid once", { timeout: 120_000 }, async (t) => {
  const sandbox = await sandboxFor(t, { faults: "5=lost-answer;5=lost-request;90=none", seed: 3 });
  const payer = sandbox.antomClient({ maxInFlight: 32 });
  const calls = Array.from({ length: 1000 }, (_, at) => payer.outcome.refund(antomRequest(`REFUND${at}`)));
  const outcomes = await Promise.all(calls);
  const ledger = await sandbox.ledger();
  const paid = new Map(ledger.entries.map((entry) => [entry.key, entry.paidTimes]));
  outcomes.forEach((outcome, at) => {
    assert.notEqual(outcome.outcome, "failed");
    if (outcome.outcome === "succeeded") assert.equal(paid.get(`REFUND${at}`), 1);
  });
  assert.ok([...paid.values()].every((times) => times <= 1));
  assert.ok(outcomes.filter((one) => one.outcome === "succeeded").length > 950);
});

test("an open refund is resumed from its error, its value or its state's text, by another client too", async () => {
  const provider = new Infallible();
  const account = provider.alipayAccount();
  const open = new alipay.Client({ account, transport: new Replay(), clock: new FrozenClock() });
  const error = await thrownBy(open.payTaxRefund(alipayRequest("ORDER1")));
  assert.ok(error instanceof RefundUnknown && error.state !== undefined);
  const better = new alipay.Client({ account, transport: provider, clock: new FrozenClock() });
  for (const given of [error, error.outcome, error.state]) {
    assert.equal((await better.outcome.resume(given)).outcome, "succeeded");
  }
  // It begins by asking what became of the refund.
  const methods = provider.requests.map((one) => new URL(one.url).search + one.body.toString());
  assert.ok(methods.every((one) => one.includes("alipay.overseas.tax.order.query")));
});

test("what cannot be resumed says so, and sends nothing", async () => {
  const provider = new Infallible();
  const payer = new alipay.Client({ account: provider.alipayAccount(), transport: provider });
  const other = new antom.Client({
    account: provider.antomAccount(),
    transport: new Replay(),
    clock: new FrozenClock(),
  });
  const stranger = await other.outcome.refund(antomRequest("REFUND1"));
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error("no");
      },
    },
  );
  const wrong: unknown[] = [
    undefined,
    null,
    5,
    {},
    [],
    "",
    "{}",
    "null",
    "[1]",
    "\uD800",
    "[".repeat(100_000),
    '{"operation":"alipay.pay_tax_refund","key":"ORDER1"}',
    '{"operation":"__proto__","key":"ORDER1"}',
    { outcome: "succeeded" },
    stranger,
    hostile,
  ];
  for (const given of wrong) {
    const error = await thrownBy(payer.resume(given as never));
    assert.ok(error instanceof ConfigurationError, inspect(given).slice(0, 80));
  }
  assert.equal(provider.requests.length, 0);
});

test("an open refund of another account is refused", async () => {
  const provider = new Infallible();
  const first = new alipay.Client({
    account: provider.alipayAccount(),
    transport: new Replay(),
    clock: new FrozenClock(),
  });
  const open = (await first.outcome.payTaxRefund(alipayRequest("ORDER1"))) as Unknown;
  const account = provider.alipayAccount({ appId: "9021000100000009" });
  const second = new alipay.Client({ account, transport: provider });
  for (const given of [open, open.state ?? "", { ...open, state: undefined }]) {
    const error = await thrownBy(second.resume(given));
    assert.ok(error instanceof ConfigurationError);
    assert.equal(error.code, "state_other_account");
  }
  assert.equal(provider.requests.length, 0);
});

test("what is wrong with a request is thrown before anything is sent", async () => {
  const provider = new Infallible();
  const payer = new antom.Client({ account: provider.antomAccount(), transport: provider });
  await assert.rejects(payer.refund(antomRequest("")), InvalidRequest);
  await assert.rejects(payer.refund(undefined as never), InvalidRequest);
  await assert.rejects(
    payer.outcome.refund({ ...antomRequest("R1"), refundRequest: "R1" } as never),
    InvalidRequest,
  );
  await assert.rejects(payer.submit.refund(antomRequest("R1")), ConfigurationError);
  assert.equal(provider.requests.length, 0);
});

test("what a call may be called with is the same whichever way it is called", async () => {
  const provider = new Infallible();
  const payer = new antom.Client({ account: provider.antomAccount(), transport: provider });
  const { refund } = payer;
  await assert.rejects(refund(antomRequest("R1")), ConfigurationError);
  const { refund: outcomeOf } = payer.outcome;
  assert.equal((await outcomeOf(antomRequest("R1"))).outcome, "succeeded");
  assert.deepEqual(Object.keys(payer.submit), ["refund"]);
  assert.equal(refund.name, "refund");
  assert.equal("inquireRefund" in antom.Client.prototype, true);
});

test("a client takes an account's settings too", () => {
  const [own, platform] = [keyPair(), keyPair()];
  const settings = {
    clientId: "SANDBOX_5YOWN",
    merchantPrivateKey: own.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    platformPublicKey: platform.publicKey,
  };
  assert.equal(new alipayPlus.Client({ account: settings }).account.name, "SANDBOX_5YOWN");
  assert.throws(
    () => new antom.Client({ account: { ...settings, platformPublicKey: own.publicKey } }),
    ConfigurationError,
  );
});

test("a copy with other options shares everything else", async () => {
  const provider = new Infallible();
  const payer = new alipay.Client({
    account: provider.alipayAccount(),
    transport: provider,
    options: { signal: AbortSignal.abort() },
  });
  const copy = payer.withOptions({ signal: new AbortController().signal });
  assert.ok(copy instanceof alipay.Client);
  assert.ok((await copy.payTaxRefund(alipayRequest("ORDER1"))).taxNo);
  assert.equal((await payer.outcome.payTaxRefund(alipayRequest("ORDER1"))).outcome, "unknown");
  await payer.close();
  await assert.rejects(copy.payTaxRefund(alipayRequest("ORDER1")), /client: is closed/);
});

test("a closed client begins nothing more, and finishes what it has begun", async () => {
  const provider = new Infallible();
  let answerNow = () => assert.fail();
  const held = new Promise<void>((resolve) => (answerNow = resolve as never));
  const payer = new alipay.Client({
    account: provider.alipayAccount(),
    transport: { exchange: (request) => held.then(() => provider.exchange(request)) },
  });
  const call = payer.payTaxRefund(alipayRequest("ORDER1"));
  await payer.close();
  await payer.close();
  await payer[Symbol.asyncDispose]();
  await assert.rejects(payer.payTaxRefund(alipayRequest("ORDER2")), ConfigurationError);
  await assert.rejects(payer.resume("{}"), ConfigurationError);
  answerNow();
  assert.ok((await call).taxNo);
});

test("nothing that is shown of a client, a request or an answer is personal", async () => {
  const provider = new Infallible();
  const payer = new alipay.Client({ account: provider.alipayAccount(), transport: provider });
  const error = await thrownBy(
    new alipay.Client({
      account: provider.alipayAccount(),
      transport: new Replay([new TransportFault("reset", "x")]),
      clock: new FrozenClock(),
    }).payTaxRefund(alipayRequest("ORDER1")),
  );
  await payer.payTaxRefund(alipayRequest("ORDER1"));
  const [request] = provider.requests;
  const answered = await provider.exchange(request!);
  const shown = [payer, error, request, answered, [payer], { request }].flatMap((one) => [
    inspect(one, { depth: 10, showHidden: true }),
    JSON.stringify(one),
  ]);
  assert.doesNotMatch(shown.join("\n"), new RegExp(`${BARCODE}|PRIVATE KEY|sign=`));
});

test("a refund that never ends holds nothing but its slot", async () => {
  const never = new Never();
  const stop = new AbortController();
  const payer = new alipay.Client({
    account: new Infallible().alipayAccount(),
    transport: never,
    maxInFlight: 1,
    options: { signal: stop.signal },
  });
  const calls = [1, 2, 3].map((at) => payer.outcome.payTaxRefund(alipayRequest(`ORDER${at}`)));
  while (never.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
  stop.abort();
  for (const outcome of await Promise.all(calls)) assert.equal(outcome.outcome, "unknown");
  assert.equal(never.requests.length, 1);
});
