import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";

import { type alipay, antom, RefundUnknown, type Transport, TransportFault, systemClock } from "taxrefund";

import { Infallible } from "../src/testing/infallible.js";
import { Never, Replay } from "../src/testing/scripted.js";
import { client, isUnknown, settled, thrownBy } from "./driving.js";
import { alipayRequest, antomRequest } from "./requests.js";

test("a call whose signal was aborted before sends nothing, and says why", async () => {
  const script = new Replay();
  const signal = AbortSignal.abort("shop closed");
  const payer = client(script);
  const outcome = await payer.outcome.payTaxRefund(alipayRequest("ORDER1"), { signal });
  isUnknown(outcome);
  assert.equal(outcome.reason.code, "cancelled");
  assert.equal(outcome.report.attempts.length, 0);
  await assert.rejects(payer.payTaxRefund(alipayRequest("ORDER1"), { signal }), (error: unknown) => {
    assert.ok(error instanceof RefundUnknown);
    assert.equal(error.cause, "shop closed");
    assert.ok(error.state);
    return true;
  });
  assert.equal(script.requests.length, 0);
});

test("an abort during a wait ends the call at once, and leaves a refund that can be resumed", async () => {
  const provider = new Infallible();
  const stop = new AbortController();
  const events: string[] = [];
  const payer = client(new Replay([new TransportFault("reset"), provider]), {
    clock: systemClock,
    observer: (event) => {
      events.push(event.event);
      if (event.event === "waiting") setImmediate(() => stop.abort(new Error("enough")));
    },
  });
  const call = payer.payTaxRefund(alipayRequest("ORDER1"), { signal: stop.signal });
  const error = await thrownBy(call);
  assert.ok(error instanceof RefundUnknown);
  assert.equal(error.code, "cancelled");
  assert.equal((error.cause as Error).message, "enough");
  assert.equal(error.report.attempts.length, 1);
  assert.deepEqual(events, ["began", "sending", "heard", "waiting", "ended"]);
  assert.ok(((await error.resume()) as alipay.PayTaxRefundResponse).taxNo);
});

test("an abort during an exchange ends the call at once, and the request with it", async () => {
  const stop = new AbortController();
  let requestSignal: AbortSignal | undefined;
  const transport: Transport = {
    exchange: (_, signal) => {
      requestSignal = signal;
      setImmediate(() => stop.abort());
      return new Promise(() => undefined);
    },
  };
  const outcome = await client(transport).outcome.payTaxRefund(alipayRequest("ORDER1"), {
    signal: stop.signal,
  });
  isUnknown(outcome);
  assert.equal(outcome.reason.code, "cancelled");
  assert.equal(outcome.report.attempts.length, 1);
  assert.equal(requestSignal?.aborted, true);
});

test("an abort while waiting for a slot sends nothing, and takes no slot with it", async () => {
  const provider = new Infallible();
  let release = () => assert.fail();
  const held = new Promise<void>((resolve) => (release = resolve as never));
  const transport: Transport = {
    exchange: async (request) => {
      await held;
      return provider.exchange(request);
    },
  };
  const payer = client(transport, { maxInFlight: 1 });
  const first = payer.payTaxRefund(alipayRequest("ORDER1"));
  const stop = new AbortController();
  const second = payer.outcome.payTaxRefund(alipayRequest("ORDER2"), { signal: stop.signal });
  await settled();
  stop.abort();
  isUnknown(await second);
  const third = payer.payTaxRefund(alipayRequest("ORDER3"));
  release();
  assert.ok((await first).taxNo && (await third).taxNo);
  assert.equal(provider.requests.length, 2);
});

test("one signal serves any number of calls with one listener, and is left without", async () => {
  const provider = new Infallible();
  const { signal } = new AbortController();
  const listeners = () => getEventListeners(signal, "abort").length;
  const seen = new Set<number>();
  const transport: Transport = {
    exchange: (request) => {
      seen.add(listeners());
      return provider.exchange(request);
    },
  };
  const payer = new antom.Client({ account: provider.antomAccount(), transport, options: { signal } });
  await Promise.all(Array.from({ length: 100 }, (_, at) => payer.refund(antomRequest(`R${at}`))));
  assert.equal(listeners(), 0);
  await payer.refund(antomRequest("R1"));
  assert.equal(listeners(), 0);
  assert.deepEqual([...seen], [1]);
});

test("a signal that is aborted ends all of its calls", async () => {
  const stop = new AbortController();
  const never = new Never();
  const payer = client(never, { options: { signal: stop.signal }, maxInFlight: 2 });
  const calls = Array.from({ length: 5 }, (_, at) => payer.outcome.payTaxRefund(alipayRequest(`ORDER${at}`)));
  while (never.requests.length < 2) await settled();
  stop.abort();
  for (const outcome of await Promise.all(calls)) isUnknown(outcome);
  assert.equal(never.requests.length, 2);
});
