import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";
import { alipay, antom, type HttpResponse, type Outcome, type Transport } from "taxrefund";

import { FrozenClock } from "../src/testing/clock.js";
import { Infallible } from "../src/testing/infallible.js";
import { answer } from "../src/testing/scripted.js";
import { alipayRequest, antomRequest } from "./requests.js";

const RUNS = { numRuns: 150, seed: 20_261_123 };
/** One exchange is enough: what is not believed is repeated, and heard again. */
const OPTIONS = { deadlineMs: 1000, seed: 1 };

function toward(transport: Transport): { alipay: alipay.Client; antom: antom.Client } {
  const provider = new Infallible();
  const clock = () => new FrozenClock();
  return {
    alipay: new alipay.Client({
      account: provider.alipayAccount(),
      transport,
      clock: clock(),
      options: OPTIONS,
    }),
    antom: new antom.Client({
      account: provider.antomAccount(),
      transport,
      clock: clock(),
      options: OPTIONS,
    }),
  };
}

type Change = (genuine: HttpResponse) => HttpResponse;

async function paidWith(change: Change): Promise<Outcome[]> {
  const provider = new Infallible();
  const transport: Transport = { exchange: async (request) => change(await provider.exchange(request)) };
  const payer = toward(transport);
  return [
    await payer.alipay.outcome.payTaxRefund(alipayRequest("ORDER1")),
    await payer.antom.outcome.refund(antomRequest("REFUND1")),
  ];
}

function isNotKnown(outcomes: readonly Outcome[]): void {
  for (const outcome of outcomes) {
    assert.equal(outcome.outcome, "unknown");
    assert.ok(outcome.state);
  }
}

test("the genuine answer is believed", async () => {
  for (const outcome of await paidWith((genuine) => genuine)) assert.equal(outcome.outcome, "succeeded");
});

test("an answer with any byte of its body changed never becomes a value", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const outcomes = await paidWith(({ status, headers, body }) => {
        const changed = Uint8Array.from(body);
        const place = at % changed.length;
        changed[place] = (changed[place] ?? 0) ^ by;
        return answer(status, changed, headers);
      });
      for (const outcome of outcomes) {
        if (outcome.outcome !== "succeeded") {
          assert.equal(outcome.outcome, "unknown");
          continue;
        }
        // A byte outside of what is signed may change; what was signed is what is given.
        assert.equal(outcome.report.evidence?.verified, true);
        assert.ok(["6", "5"].includes(outcome.reference?.[0] ?? "") && outcome.reference?.length === 28);
      }
    }),
    RUNS,
  );
});

test("an answer that is cut short never becomes a value", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 200 }), async (less) => {
      isNotKnown(
        await paidWith(({ status, headers, body }) =>
          answer(status, body.subarray(0, Math.max(0, body.length - less)), headers),
        ),
      );
    }),
    { ...RUNS, numRuns: 60 },
  );
});

test("an answer with another status never becomes a value", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 100, max: 599 }).filter((status) => status !== 200),
      async (status) => {
        isNotKnown(await paidWith(({ headers, body }) => answer(status, body, headers)));
      },
    ),
    { ...RUNS, numRuns: 60 },
  );
});

test("an answer whose signature header is changed, missing or repeated never becomes a value", async () => {
  const changes = fc.constantFrom<(value: string) => [string, string][]>(
    () => [],
    () => [["signature", ""]],
    (value) => [["signature", value.slice(0, -8)]],
    (value) => [["signature", value.replace("RSA256", "none")]],
    (value) => [["signature", value.toLowerCase()]],
    (value) => [
      ["signature", value],
      ["Signature", value],
    ],
  );
  await fc.assert(
    fc.asyncProperty(changes, async (change) => {
      const [, outcome] = await paidWith(({ status, headers, body }) => {
        const pairs = [...headers].flatMap(([name, value]) =>
          name === "signature" ? change(value) : [[name, value] as [string, string]],
        );
        return answer(status, body, pairs);
      });
      assert.equal(outcome?.outcome, "unknown");
    }),
    { ...RUNS, numRuns: 30 },
  );
});

test("an answer to another request never becomes a value", async () => {
  const provider = new Infallible();
  const transport: Transport = {
    exchange: async (request) => {
      const body = Buffer.from(request.body.toString().replace("REFUND1", "REFUND2"));
      return provider.exchange({ ...request, body, headers: request.headers });
    },
  };
  isNotKnown([await toward(transport).antom.outcome.refund(antomRequest("REFUND1"))]);
});

test("whatever bytes come back, and with whatever headers, there is an outcome, and it is no value", async () => {
  const pairs = fc.array(fc.tuple(fc.string({ unit: "binary" }), fc.string({ unit: "binary" })));
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 100, max: 999 }),
      pairs,
      fc.oneof(
        fc.uint8Array({ maxLength: 500 }),
        fc.json().map((text) => Buffer.from(text)),
      ),
      async (status, headers, body) => {
        isNotKnown(await paidWith(() => ({ status, headers, body })));
      },
    ),
    RUNS,
  );
});

test("whatever a transport gives or throws, there is an outcome, and it is no value", async (t) => {
  t.mock.method(process, "emitWarning", () => undefined);
  await fc.assert(
    fc.asyncProperty(
      fc.anything({ withNullPrototype: true, withBigInt: true }),
      fc.boolean(),
      async (given, throws) => {
        const payer = toward({
          exchange: () => {
            if (throws) throw given;
            return given as never;
          },
        });
        isNotKnown([await payer.alipay.outcome.payTaxRefund(alipayRequest("ORDER1"))]);
      },
    ),
    RUNS,
  );
});
