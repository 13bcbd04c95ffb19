import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";
import { alipay, ConfigurationError, systemClock } from "taxrefund";

import { effective, extrasJson, noOptions, policyJson, submitExtrasJson } from "../src/options.js";
import { FrozenClock } from "../src/testing/clock.js";
import { Infallible } from "../src/testing/infallible.js";
import { alipayRequest } from "./requests.js";

function refused(field: string, message?: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof ConfigurationError, String(error));
    assert.equal(error.field, field, error.message);
    if (message !== undefined) assert.match(error.message, message);
    return true;
  };
}

test("a call's options come before the client's, and what is left out stays", () => {
  const defaults = effective(noOptions, { attempts: 4, timeoutMs: 10.2, form: "F1" });
  const own = effective(defaults, { attempts: 7, timeoutMs: undefined, form: null, seed: 5 });
  assert.deepEqual({ ...own }, { attempts: 7, timeoutMs: 11, form: "F1", seed: 5n });
  assert.equal(policyJson(own), '{"attempts":7,"attempt_timeout_ms":11}');
  assert.equal(extrasJson(own), '{"form":"F1"}');
  assert.equal(policyJson(noOptions), "{}");
  assert.equal(effective(defaults, undefined), defaults);
});

test("an option that does not exist is refused, rather than left out", () => {
  assert.throws(
    () => effective(noOptions, { timeout: 5 }),
    refused("options", /has no setting timeout; it has signal/),
  );
  assert.throws(() => submitExtrasJson(noOptions, { attempts: 3 }), refused("options"));
  assert.equal(submitExtrasJson(noOptions, { form: "F1" }), '{"form":"F1"}');
});

const WRONG: [options: unknown, field: string][] = [
  [5, "options"],
  ["fast", "options"],
  [[], "options"],
  [{ attempts: "3" }, "options.attempts"],
  [{ attempts: 3.5 }, "options.attempts"],
  [{ attempts: -1 }, "options.attempts"],
  [{ attempts: 3n }, "options.attempts"],
  [{ timeoutMs: 0 }, "options.timeoutMs"],
  [{ timeoutMs: Number.NaN }, "options.timeoutMs"],
  [{ deadlineMs: Infinity }, "options.deadlineMs"],
  [{ deadlineMs: "60s" }, "options.deadlineMs"],
  [{ seed: -1 }, "options.seed"],
  [{ seed: 2 ** 60 }, "options.seed"],
  [{ seed: 2n ** 64n }, "options.seed"],
  [{ sandboxWaitPermille: 2 ** 40 }, "options.sandboxWaitPermille"],
  [{ form: 5 }, "options.form"],
  [{ form: "\uD800" }, "options.form"],
  [{ signal: {} }, "options.signal"],
  [{ signal: "abort" }, "options.signal"],
  [{ signal: new AbortController() }, "options.signal"],
];

test("an option of the wrong kind is named", () => {
  for (const [given, field] of WRONG) assert.throws(() => effective(noOptions, given), refused(field));
});

test("an option whose getter throws is refused, with what it threw", () => {
  const cause = new Error("no");
  const given = Object.defineProperty({}, "signal", {
    get: () => {
      throw cause;
    },
  });
  assert.throws(
    () => effective(noOptions, given),
    (error: unknown) => refused("options.signal")(error) && (error as Error).cause === cause,
  );
});

test("an option that the core does not take is refused before anything is sent", async () => {
  const provider = new Infallible();
  const payer = new alipay.Client({ account: provider.alipayAccount(), transport: provider });
  await assert.rejects(payer.payTaxRefund(alipayRequest("ORDER1"), { attempts: 2 }), ConfigurationError);
  await assert.rejects(payer.payTaxRefund(alipayRequest("ORDER1"), { deadlineMs: 1e12 }), ConfigurationError);
  await assert.rejects(
    payer.payTaxRefund(alipayRequest("ORDER1"), { form: "F1" }),
    refused("options.form", /needs a journal/),
  );
  assert.equal(provider.requests.length, 0);
});

test("settings of a client that cannot be used are named", () => {
  const account = new Infallible().alipayAccount();
  const wrong: [unknown, string][] = [
    [undefined, "client"],
    [{}, "account"],
    [{ account: 5 }, "account"],
    [{ account: new Infallible().antomAccount() }, "account"],
    [{ account, transports: 1 }, "client"],
    [{ account, transport: 1 }, "transport"],
    [{ account, transport: {} }, "transport"],
    [{ account, clock: {} }, "clock"],
    [{ account, clock: Date }, "clock"],
    [{ account, observer: {} }, "observer"],
    [{ account, journal: 5 }, "journal"],
    [{ account, journal: {} }, "journal"],
    [{ account, journal: "refunds.db", clock: new FrozenClock() }, "clock"],
    [{ account, maxInFlight: 0 }, "maxInFlight"],
    [{ account, maxInFlight: "5" }, "maxInFlight"],
    [{ account, maxInFlight: 1.5 }, "maxInFlight"],
    [{ account, options: { attempts: "3" } }, "options.attempts"],
  ];
  for (const [settings, field] of wrong) {
    assert.throws(() => new alipay.Client(settings as never), refused(field));
  }
  new alipay.Client({
    account,
    clock: systemClock,
    options: null,
    journal: null,
    observer: null,
    transport: null,
  });
});

test("the machine's clock ends a sleep with its signal", async () => {
  const stop = new AbortController();
  const sleep = systemClock.sleep(1e9, stop.signal);
  stop.abort();
  await sleep;
  await systemClock.sleep(1e9, stop.signal);
  await systemClock.sleep(1, new AbortController().signal);
  assert.ok(systemClock.monotonicMs() >= 0 && systemClock.epochMs() > 1.7e12);
});

test("a frozen clock moves by what was waited for, and never back", async () => {
  const clock = new FrozenClock(new Date("2026-11-23T00:00:00Z"));
  await clock.sleep(1500.2, new AbortController().signal);
  await clock.sleep(1000, AbortSignal.abort());
  assert.deepEqual(clock.waits, [1500.2, 1000]);
  assert.equal(clock.now.toISOString(), "2026-11-23T00:00:01.501Z");
  assert.throws(() => clock.advance(-1), ConfigurationError);
  assert.throws(() => clock.advance(Number.NaN), ConfigurationError);
});

test("whatever a client is made of, it is made or refused by name", async (t) => {
  t.mock.method(process, "emitWarning", () => undefined);
  const account = new Infallible().alipayAccount();
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error("no");
      },
      getPrototypeOf: () => {
        throw new Error("no");
      },
    },
  );
  const anything = fc.oneof(fc.anything({ withNullPrototype: true, withBigInt: true }), fc.constant(hostile));
  const names = [
    "account",
    "journal",
    "transport",
    "clock",
    "observer",
    "options",
    "maxInFlight",
    "__proto__",
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), anything, async (name, given) => {
      const settings = Object.defineProperty({ account }, name, { value: given, enumerable: true });
      let payer: alipay.Client;
      try {
        payer = new alipay.Client(settings);
      } catch (error) {
        assert.ok(error instanceof ConfigurationError, String(error));
        return;
      }
      await payer.close();
    }),
    { numRuns: 1000, seed: 20_261_123 },
  );
  assert.throws(() => new alipay.Client(hostile as never), ConfigurationError);
});
