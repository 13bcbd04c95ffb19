import assert from "node:assert/strict";
import { test } from "node:test";

import { type alipay, antom, RefundUnknown, type Transport, TransportFault } from "taxrefund";

import { FrozenClock } from "../src/testing/clock.js";
import { Infallible } from "../src/testing/infallible.js";
import { Never, Replay } from "../src/testing/scripted.js";
import { client, isUnknown, settled, thrownBy, warnings } from "./driving.js";
import { alipayRequest, antomRequest } from "./requests.js";

test("a repeat sends the same business bytes, signed anew", async () => {
  const provider = new Infallible();
  const script = new Replay([new TransportFault("reset"), new TransportFault("timeout"), provider]);
  const payer = client(script);
  const request = alipayRequest("ORDER1");
  const call = payer.payTaxRefund(request);
  (request as { outOrderNo: string }).outOrderNo = "ORDER2";
  assert.ok((await call).taxNo);
  const sent = script.requests.map((one) => {
    const fields = new URLSearchParams(`${new URL(one.url).search.slice(1)}&${one.body.toString()}`);
    return { business: fields.get("biz_content"), time: fields.get("timestamp"), sign: fields.get("sign") };
  });
  assert.equal(sent.length, 3);
  assert.equal(new Set(sent.map((one) => one.business)).size, 1);
  assert.match(sent[0]?.business ?? "", /"ORDER1"/);
  assert.equal(new Set(sent.map((one) => one.time)).size, 3);
  assert.equal(new Set(sent.map((one) => one.sign)).size, 3);
});

test("the deadline holds by the client's clock", async () => {
  const clock = new FrozenClock();
  const outcome = await client(new Never(clock), { clock }).outcome.payTaxRefund(alipayRequest("ORDER1"), {
    deadlineMs: 60_000,
  });
  isUnknown(outcome);
  assert.equal(outcome.reason.code, "deadline");
  assert.ok(clock.monotonicMs() <= 60_000);
});

class FailingClock extends FrozenClock {
  constructor(private readonly fail: () => number) {
    super();
  }

  override monotonicMs(): number {
    return this.waits.length > 0 ? this.fail() : super.monotonicMs();
  }
}

test("a clock that fails costs no refund", async (t) => {
  warnings(t);
  const broken = new Error("no clock");
  const failures: (() => unknown)[] = [
    () => {
      throw broken;
    },
    () => Number.NaN,
    () => -1,
    () => "soon",
    () => undefined,
    () => Infinity,
  ];
  for (const fail of failures) {
    const provider = new Infallible();
    const payer = client(new Replay([new TransportFault("reset")]), {
      clock: new FailingClock(fail as () => number),
    });
    const error = await thrownBy(payer.payTaxRefund(alipayRequest("ORDER1")));
    assert.ok(error instanceof RefundUnknown);
    assert.ok(error.state && error.cause instanceof Error);
    const better = client(provider);
    assert.ok(((await better.resume(error.state)) as alipay.PayTaxRefundResponse).taxNo);
  }
});

test("a clock whose sleep fails costs no refund", async (t) => {
  warnings(t);
  class Sleepless extends FrozenClock {
    override sleep(): Promise<void> {
      return Promise.reject(new Error("no sleep"));
    }
  }
  const outcome = await client(new Replay([]), { clock: new Sleepless() }).outcome.payTaxRefund(
    alipayRequest("ORDER1"),
  );
  isUnknown(outcome);
  assert.ok(outcome.state);
});

test("a sleep that ends early is gone on with, and none is cut short", async () => {
  class Impatient extends FrozenClock {
    override sleep(ms: number, signal: AbortSignal): Promise<void> {
      return super.sleep(ms / 2 > 1 ? ms / 2 : ms, signal);
    }
  }
  const clock = new Impatient();
  await client(new Replay([]), { clock }).outcome.payTaxRefund(alipayRequest("ORDER1"), { attempts: 3 });
  assert.ok(clock.waits.length > 2);
  assert.ok(clock.monotonicMs() >= 6000);
});

test("what an observer throws changes nothing", async (t) => {
  const shown = warnings(t);
  for (const observer of [
    () => {
      throw new RangeError("«secret»");
    },
    async () => {
      throw new RangeError("«secret»");
    },
  ]) {
    const outcome = await client(new Infallible(), { observer }).outcome.payTaxRefund(
      alipayRequest("ORDER1"),
    );
    assert.equal(outcome.outcome, "succeeded");
  }
  await settled();
  assert.ok(shown.some((text) => text.startsWith("the observer threw RangeError")));
  assert.doesNotMatch(shown.join(), /secret/);
});

test("no more exchanges than allowed at a time, and refunds that have begun go first", async () => {
  const provider = new Infallible();
  const order: string[] = [];
  let atOnce = 0;
  let most = 0;
  const lost = new Set<string>();
  let allThree = () => assert.fail();
  const three = new Promise<void>((resolve) => (allThree = resolve as never));
  const transport: Transport = {
    exchange: async (request) => {
      most = Math.max(most, (atOnce += 1));
      if (atOnce === 3) allThree();
      await three;
      atOnce -= 1;
      const key = /"(R\d+)"/.exec(request.body.toString())?.[1] ?? "";
      order.push(key);
      if (lost.has(key)) return provider.exchange(request);
      lost.add(key);
      throw new TransportFault("reset");
    },
  };
  const payer = new antom.Client({
    account: provider.antomAccount(),
    transport,
    clock: new FrozenClock(),
    maxInFlight: 3,
  });
  await Promise.all(Array.from({ length: 50 }, (_, at) => payer.refund(antomRequest(`R${at + 10}`))));
  assert.equal(most, 3);
  assert.equal(order.length, 100);
  // The first refund was settled long before the last one began.
  assert.ok(order.lastIndexOf("R10") < order.indexOf("R59"));
});
