import assert from "node:assert/strict";
import { test } from "node:test";

import { type Transport, systemClock } from "taxrefund";

import { Infallible } from "../src/testing/infallible.js";
import { answer, type Line, Replay } from "../src/testing/scripted.js";
import { client, isUnknown, settled, warnings } from "./driving.js";
import { alipayRequest } from "./requests.js";

test("a transport that never settles ends by the request's timeout", async () => {
  const transport: Transport = { exchange: () => new Promise(() => undefined) };
  const outcome = await client(transport, { clock: systemClock }).outcome.payTaxRefund(
    alipayRequest("ORDER1"),
    {
      timeoutMs: 5,
      deadlineMs: 50,
    },
  );
  isUnknown(outcome);
  assert.equal(outcome.report.attempts[0]?.reason?.code, "timeout");
});

const THROWN: readonly unknown[] = [
  new TypeError("«secret»"),
  "«secret»",
  undefined,
  null,
  0,
  Symbol("«secret»"),
  { then: "«secret»" },
  new Proxy(
    {},
    {
      get: () => {
        throw new Error("«secret»");
      },
      getPrototypeOf: () => {
        throw new Error("«secret»");
      },
    },
  ),
];

test("whatever a transport throws counts as a broken connection, and its text is shown to nobody", async (t) => {
  const shown = warnings(t);
  for (const thrown of THROWN) {
    const provider = new Infallible();
    const lines: Line[] = [
      () => {
        throw thrown;
      },
      (request) => provider.exchange(request),
    ];
    const rejects: Line[] = [
      async () => {
        throw thrown;
      },
      (request) => provider.exchange(request),
    ];
    for (const script of [lines, rejects]) {
      const outcome = await client(new Replay(script)).outcome.payTaxRefund(alipayRequest("ORDER1"));
      assert.equal(outcome.outcome, "succeeded");
      assert.equal(outcome.report.attempts[0]?.reason?.code, "reset");
      assert.doesNotMatch(JSON.stringify(outcome), /secret/);
    }
  }
  await settled();
  assert.ok(shown.includes("the transport threw TypeError"));
  assert.doesNotMatch(shown.join(), /secret/);
});

const NO_ANSWERS: readonly unknown[] = [
  undefined,
  null,
  200,
  "",
  [],
  {},
  { status: "200", headers: [], body: Buffer.alloc(0) },
  { status: 200.5, headers: [], body: Buffer.alloc(0) },
  { status: -1, headers: [], body: Buffer.alloc(0) },
  { status: Number.NaN, headers: [], body: Buffer.alloc(0) },
  { status: 200, headers: {}, body: Buffer.alloc(0) },
  { status: 200, headers: [1], body: Buffer.alloc(0) },
  { status: 200, headers: [["a"]], body: Buffer.alloc(0) },
  { status: 200, headers: "ab", body: Buffer.alloc(0) },
  { status: 200, headers: [], body: "{}" },
  { status: 200, headers: [], body: { length: 1 } },
  {
    get status(): never {
      throw new Error("no");
    },
  },
];

test("what is no answer counts as a broken connection", async (t) => {
  warnings(t);
  for (const given of NO_ANSWERS) {
    const provider = new Infallible();
    const script = new Replay([() => given as never, (request) => provider.exchange(request)]);
    const outcome = await client(script).outcome.payTaxRefund(alipayRequest("ORDER1"));
    assert.equal(outcome.outcome, "succeeded");
    assert.equal(outcome.report.attempts[0]?.reason?.code, "reset");
  }
});

test(
  "headers without an end, and bodies that are too large, are too large",
  { timeout: 20_000 },
  async () => {
    function* endless(): Generator<[string, string]> {
      for (;;) yield ["", ""];
    }
    const huge = new Uint8Array(1024 * 1024 + 1);
    for (const given of [{ status: 200, headers: endless(), body: huge }, answer(200, huge)]) {
      const outcome = await client(new Replay([given])).outcome.payTaxRefund(alipayRequest("ORDER1"));
      assert.equal(outcome.report.attempts[0]?.reason?.code, "too_large");
    }
  },
);

test("a transport that answers twice is heard once", async () => {
  const provider = new Infallible();
  const transport: Transport = {
    exchange: (request) =>
      ({
        then: (resolve: (answer: unknown) => void, reject: (error: unknown) => void) => {
          void provider.exchange(request).then((answer) => {
            resolve(answer);
            resolve({ status: 500 });
            reject(new Error("twice"));
          });
        },
      }) as never,
  };
  const outcome = await client(transport).outcome.payTaxRefund(alipayRequest("ORDER1"));
  assert.equal(outcome.outcome, "succeeded");
  assert.equal(outcome.report.attempts.length, 1);
});

test("a transport that fails after its time is heard by nobody", async () => {
  const transport: Transport = {
    exchange: (_, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => setImmediate(() => reject(new Error("late"))));
      }),
  };
  const outcome = await client(transport, { clock: systemClock }).outcome.payTaxRefund(
    alipayRequest("ORDER1"),
    {
      timeoutMs: 5,
      deadlineMs: 20,
    },
  );
  isUnknown(outcome);
  await settled();
});

test("headers that are no text lose their surrogates, not the call", async () => {
  const script = new Replay([answer(200, "{}", [["a\uD800", "\uDC00b"]])]);
  const outcome = await client(script).outcome.payTaxRefund(alipayRequest("ORDER1"));
  isUnknown(outcome);
  assert.equal(outcome.report.attempts[0]?.reason?.verified, false);
});
