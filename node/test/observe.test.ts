import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { test, type TestContext } from "node:test";

import { alipay, type EndedEvent, type Event, type Observer, TransportFault } from "taxrefund";

import { FrozenClock } from "../src/testing/clock.js";
import { Infallible } from "../src/testing/infallible.js";
import { answer, Replay } from "../src/testing/scripted.js";
import { alipayRequest, BARCODE } from "./requests.js";

/** A refund whose first answer is lost, one that is aborted, one that is paid at once. */
async function eventful(observer?: Observer): Promise<void> {
  const provider = new Infallible();
  const transport = new Replay([new TransportFault("reset"), provider, provider]);
  const account = provider.alipayAccount();
  const payer = new alipay.Client({ account, transport, clock: new FrozenClock(), observer });
  await payer.payTaxRefund(alipayRequest("ORDER1"));
  await payer.outcome.payTaxRefund(alipayRequest("ORDER2"), { signal: AbortSignal.abort() });
  await payer.payTaxRefund(alipayRequest("ORDER3"));
}

const NAMES = ["began", "sending", "heard", "waiting", "ended", "raised"] as const;

/** What the channels carry while a test runs. */
function channelled(t: TestContext): Event[] {
  const seen: Event[] = [];
  const listen = (event: unknown) => void seen.push(event as Event);
  for (const name of NAMES) subscribe(`taxrefund:${name}`, listen);
  t.after(() => {
    for (const name of NAMES) unsubscribe(`taxrefund:${name}`, listen);
  });
  return seen;
}

test("a call tells everything in order, and nothing personal", async () => {
  const seen: Event[] = [];
  await eventful((event) => seen.push(event));
  const first = seen.filter((one) => one.key === "ORDER1");
  assert.deepEqual(
    first.map((one) => one.event),
    ["began", "sending", "heard", "waiting", "sending", "heard", "ended"],
  );
  const heard = first.filter((one) => one.event === "heard");
  assert.deepEqual(
    heard.map((one) => [one.fault, one.status]),
    [
      ["reset", undefined],
      [undefined, 200],
    ],
  );
  assert.equal(new Set(seen.map((one) => one.call)).size, 3);
  const ended = seen.filter((one): one is EndedEvent => one.event === "ended");
  assert.deepEqual(
    ended.map((one) => [one.key, one.outcome, one.attempts, one.reason?.code]),
    [
      ["ORDER1", "succeeded", 2, undefined],
      ["ORDER2", "unknown", 0, "cancelled"],
      ["ORDER3", "succeeded", 1, undefined],
    ],
  );
  assert.doesNotMatch(JSON.stringify(seen), new RegExp(BARCODE));
  assert.ok(seen.every((one) => Object.isFrozen(one)));
});

test("the channels carry the same", async (t) => {
  const seen: Event[] = [];
  const carried = channelled(t);
  await eventful((event) => seen.push(event));
  assert.equal(seen.length, 13);
  assert.deepEqual(carried, seen);
});

test("the channels are heard without an observer", async (t) => {
  const carried = channelled(t);
  await eventful();
  assert.equal(carried.filter((one) => one.event === "ended").length, 3);
});

test("where nobody listens nothing is made, and the clock is not asked for it", async () => {
  let asked = 0;
  class Counting extends FrozenClock {
    override epochMs(): number {
      asked += 1;
      return super.epochMs();
    }
  }
  const provider = new Infallible();
  const settings = { account: provider.alipayAccount(), transport: provider };
  await new alipay.Client({ ...settings, clock: new Counting() }).payTaxRefund(alipayRequest("ORDER1"));
  const quiet = asked;
  asked = 0;
  await new alipay.Client({ ...settings, clock: new Counting(), observer: () => 0 }).payTaxRefund(
    alipayRequest("ORDER1"),
  );
  assert.ok(quiet < asked && quiet <= 3, `${quiet} ${asked}`);
});

test("an answer is told by its status, and what a transport should not throw by its type", async (t) => {
  t.mock.method(process, "emitWarning", () => undefined);
  const seen: Event[] = [];
  const thrower = () => {
    throw new RangeError("«secret»");
  };
  const payer = new alipay.Client({
    account: new Infallible().alipayAccount(),
    transport: new Replay([answer(502, "<html>"), thrower]),
    clock: new FrozenClock(),
    observer: (event) => seen.push(event),
  });
  await payer.outcome.payTaxRefund(alipayRequest("ORDER1"));
  const heard = seen.filter((one) => one.event === "heard");
  assert.deepEqual(
    heard.slice(0, 3).map((one) => [one.status, one.fault, one.detail]),
    [
      [502, undefined, undefined],
      [undefined, "reset", "RangeError"],
      [undefined, "connect_failed", undefined],
    ],
  );
});

test("the provider's own text is in no event", async () => {
  const seen: Event[] = [];
  const payer = new alipay.Client({
    account: new Infallible().alipayAccount(),
    transport: new Replay([
      answer(200, '{"error_response":{"code":"40002","msg":"«secret»","sub_msg":"«secret»"}}'),
    ]),
    clock: new FrozenClock(),
    observer: (event) => seen.push(event),
  });
  await payer.outcome.payTaxRefund(alipayRequest("ORDER1"));
  assert.doesNotMatch(JSON.stringify(seen), /secret/);
});
