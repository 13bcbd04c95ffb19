/** Whatever is put in: a result, or one of this package's errors. Never another error, a crash or an unhandled rejection. */
import assert from "node:assert/strict";
import test from "node:test";
import { inspect } from "node:util";

import fc from "fast-check";
import {
  Amount,
  InvalidRequest,
  Money,
  RefundUnknown,
  TaxRefundError,
  alipay,
  alipayPlus,
  antom,
  dates,
  doctor,
  explainCode,
  explainStep,
  rawBodyOf,
  signing,
  verifyNotification,
} from "taxrefund";
import { type Sandbox, startSandbox } from "taxrefund/testing";

import { type Operation, fromWire, requestJson } from "../src/model.js";
import { outcomeOf } from "../src/outcome.js";
import { errorOf } from "../src/problem.js";
import { alipayRequest } from "./requests.js";

const MANY = { numRuns: 150, seed: 20261123 } as const;
const OPERATIONS: Operation[] = [alipay, alipayPlus, antom].flatMap((protocol) =>
  Object.values<Operation>(protocol.operations),
);

let sandbox: Sandbox;
const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
test.before(async () => {
  process.on("unhandledRejection", note);
  sandbox = await startSandbox();
});
test.after(async () => {
  await sandbox.stop();
  await new Promise(setImmediate);
  process.off("unhandledRejection", note);
  assert.deepEqual(unhandled, []);
});

/** Text of any code units, lone surrogates included. */
const text = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
  maxLength: 30,
});
const scalar = fc.oneof(
  text,
  fc.constantFrom<unknown>(
    undefined,
    null,
    NaN,
    Infinity,
    -0,
    2 ** 53,
    "",
    "__proto__",
    Symbol("x"),
    () => 1,
  ),
  fc.boolean(),
  fc.double(),
  fc.integer(),
  fc.bigInt(),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array({ maxLength: 20 }),
);
/** Made only inside a property: fast-check looks into the values that it draws, which these do not bear. */
const HOSTILE: readonly (() => unknown)[] = [
  () =>
    new Proxy(
      {},
      { get: fail, ownKeys: fail, getPrototypeOf: fail, has: fail, getOwnPropertyDescriptor: fail },
    ),
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
  () => new Proxy([], { get: fail }),
  () => new Proxy([], { get: (_, name) => (name === "length" ? 2 ** 32 - 2 : "x") }),
  () => new Proxy(new Date(), {}),
  () => new Proxy(() => 1, { apply: fail }),
  () =>
    Object.defineProperties(
      {},
      { minor: { get: fail, enumerable: true }, value: { get: fail, enumerable: true } },
    ),
  () => ({
    toString: fail,
    valueOf: fail,
    toJSON: fail,
    [Symbol.toPrimitive]: fail,
    [Symbol.iterator]: fail,
  }),
  () => ({ then: fail }),
  () => Object.defineProperty({}, "then", { get: fail, enumerable: true }),
  () => Object.create(null) as object,
  () => JSON.parse('{"__proto__": {"polluted": true}, "constructor": {"prototype": {}}}') as object,
  () => new (class Odd extends Array<unknown> {})(3),
  () => "x".repeat(2_000_000),
  () => new Map([["a", 1]]),
  () => Promise.resolve(1),
  () => circular(),
  () => new Money({ minor: 1n, currency: "SGD" }),
  () => new Amount({ currency: "SGD", value: "x" }),
  () => new AbortController().signal,
  () => new URL("file:///nowhere/key.pem"),
  () => new SharedArrayBuffer(8),
];

class Hostile {
  constructor(readonly number: number) {}
}

/** What was drawn, with everything hostile made. */
function real(drawn: unknown): unknown {
  if (drawn instanceof Hostile) return HOSTILE[drawn.number]?.();
  if (Array.isArray(drawn)) return drawn.map(real);
  if (typeof drawn !== "object" || drawn === null) return drawn;
  if (drawn instanceof Date || drawn instanceof Uint8Array) return drawn;
  const made = {};
  for (const [name, value] of Object.entries(drawn)) {
    Object.defineProperty(made, name, {
      value: real(value),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return made;
}

const anything: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.nat(HOSTILE.length - 1).map((number) => new Hostile(number)),
    fc.array(tie("any"), { maxLength: 4 }),
    fc.dictionary(text, tie("any"), { maxKeys: 4, noNullPrototype: false }),
  ),
})).any;
const json: fc.Arbitrary<unknown> = fc.jsonValue({ maxDepth: 4, stringUnit: "binary" });

function fail(): never {
  // Nothing of this package's: it must come out as the cause of something that is.
  throw new RangeError("hostile");
}

function circular(): object {
  const circle: Record<string, unknown> = {};
  circle["again"] = [circle];
  return circle;
}

/** The result, or nothing after one of this package's errors; any other error fails the test. */
function typed<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    assertTyped(error);
    return undefined;
  }
}

async function typedAsync<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    assertTyped(error);
    return undefined;
  }
}

function assertTyped(error: unknown): void {
  assert.ok(error instanceof TaxRefundError, inspect(error));
  assert.ok(!/panic|native module failed/i.test(error.message), error.message);
  JSON.stringify(error);
  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
}

for (const operation of OPERATIONS) {
  test(`any members of any request: ${operation.name}`, () => {
    const names = operation.request.fields.map((field) => field.name);
    const member = fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...names) },
      { weight: 1, arbitrary: text },
    );
    fc.assert(
      fc.property(fc.dictionary(member, anything, { maxKeys: 8 }), (drawn) => {
        const written = typed(() => requestJson(operation, real(drawn)));
        if (written !== undefined) JSON.parse(written);
      }),
      { ...MANY, numRuns: 60 },
    );
  });
}

test("anything in place of a request", () => {
  fc.assert(
    fc.property(anything, fc.constantFrom(...OPERATIONS), (request, operation) => {
      typed(() => requestJson(operation, real(request)));
    }),
    MANY,
  );
});

test("any text in an otherwise good request is refused by name, or paid once", async () => {
  const client = sandbox.alipayClient();
  const names = Object.keys(alipayRequest("ORDER1"));
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.constantFrom(...names), text, { minKeys: 1, maxKeys: 3 }),
      async (changes) => {
        try {
          await client.payTaxRefund(alipayRequest("ORDER1", changes));
        } catch (error) {
          assertTyped(error);
          assert.ok(error instanceof InvalidRequest && error.violations.length > 0, inspect(error));
        }
      },
    ),
    { ...MANY, numRuns: 60 },
  );
  assert.ok((await sandbox.ledger()).entries.every((entry) => entry.paidTimes <= 1));
});

test("any answer's object is read and shown", () => {
  fc.assert(
    fc.property(json, fc.constantFrom(...OPERATIONS), (said, operation) => {
      const filled = Object.fromEntries(operation.response.fields.map((field) => [field.wire, said]));
      for (const plain of [said, filled]) inspect(fromWire(operation.response, plain));
    }),
    MANY,
  );
});

test("any outcome of the native side is one of the three, and shows nothing odd", () => {
  const outcome = fc.record(
    {
      outcome: fc.oneof(fc.constantFrom("succeeded", "failed", "unknown"), json),
      response: json,
      reference: json,
      report: json,
      reason: json,
      next_step: json,
      resume: json,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.oneof(outcome, json), fc.constantFrom(...OPERATIONS), (plain, operation) => {
      const made = outcomeOf(JSON.stringify(plain), operation, "2014");
      assert.ok(["succeeded", "failed", "unknown"].includes(made.outcome));
      inspect(made);
      if (made.outcome === "unknown") String(new RefundUnknown(made).stack);
    }),
    MANY,
  );
});

test("any problem of the native side is an error of this package", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        json.map((plain) => JSON.stringify(plain)),
        text,
      ),
      (message) => {
        assert.ok(errorOf(new Error(message)) instanceof TaxRefundError);
      },
    ),
    MANY,
  );
});

test("any notification is refused, by a typed error", async () => {
  const accounts = [sandbox.alipayAccount(), sandbox.alipayPlusAccount(), sandbox.antomAccount()];
  const headers = fc.oneof(fc.dictionary(text, fc.oneof(text, fc.array(text)), { maxKeys: 4 }), anything);
  const body = fc.oneof(fc.uint8Array({ maxLength: 80 }), text, anything);
  await fc.assert(
    fc.asyncProperty(headers, body, fc.oneof(text, anything), async (drawn, drawnBody, drawnPath) => {
      const [given, rawBody, path] = [real(drawn), real(drawnBody), real(drawnPath)];
      const inbound = { headers: given, rawBody, path } as never;
      for (const account of accounts) {
        assert.equal(await typedAsync(() => verifyNotification(account, inbound)), undefined);
        const answer = { status: 200, headers: given, rawBody } as never;
        assert.equal(await typedAsync(() => account.verifyAnswer(path as string, answer)), undefined);
      }
    }),
    { ...MANY, numRuns: 80 },
  );
  await fc.assert(
    fc.asyncProperty(anything, async (drawn) => {
      const odd = real(drawn);
      assert.equal(await typedAsync(() => verifyNotification(accounts[0]!, odd as never)), undefined);
      assert.equal(
        await typedAsync(() => verifyNotification(odd as never, odd as never, odd as never)),
        undefined,
      );
      assert.equal(await typedAsync(() => rawBodyOf(odd as never)), undefined);
    }),
    MANY,
  );
});

test("any settings of an account", () => {
  const names = [
    "appId",
    "merchantPrivateKey",
    "signer",
    "alipayPublicKey",
    "appCertificate",
    "alipayCertificates",
  ];
  const more = [
    "alipayRootCertificates",
    "environment",
    "endpoint",
    "charset",
    "signType",
    "notifyUrl",
    "other",
  ];
  const settings = fc.dictionary(fc.constantFrom(...names, ...more), anything, { maxKeys: 5 });
  const { appId, partnerPrivateKeyPem, platformPublicKeyPem } = sandbox.credentials.alipay;
  const good = { appId, merchantPrivateKey: partnerPrivateKeyPem, alipayPublicKey: platformPublicKeyPem };
  fc.assert(
    fc.property(settings, (drawn) => {
      typed(() => new alipay.Account({ ...good, ...(real(drawn) as object) }));
    }),
    MANY,
  );
  fc.assert(
    fc.property(fc.oneof(settings, anything), (drawn) => {
      const given = real(drawn);
      typed(() => new alipay.Account(given as never));
      typed(() => new antom.Account(given as never));
      typed(() => new antom.Account({ clientId: "x", platformPublicKey: given } as never));
      typed(() => new alipayPlus.Client({ account: given } as never));
      typed(() => new alipayPlus.Client(given as never));
    }),
    MANY,
  );
});

test("anything for the tools", async () => {
  const tools: ((one: never, other: never) => unknown)[] = [
    (one, other) => explainCode(one, other),
    (one) => explainCode(one),
    (one) => explainStep(one),
    (one) => dates.parseTime(one),
    (one) => dates.gatewayTime(one),
    (one, other) => dates.offsetTime(one, other),
    (one, other) => Money.parse(one, other),
    (one) => Money.parse("1", one),
    (one) => Money.parse(one, "SGD"),
    (one) => new Money(one),
    (one, other) => Money.ofMinor(one, other),
    (one) => Money.ofMinor(1n, "SGD").plus(one),
    (one) => Money.ofMinor(1n, "SGD").equals(one),
    (one) => new Amount(one).money,
    (one, other) => String(new Amount({ currency: one, value: other })),
    (one, other) => signing.formStringToSign(one, other),
    (one, other) => signing.headerStringToSign(one, other, one, other),
    (one, other) => signing.formStringToVerify(one, other),
    (one) => signing.formStringToVerify(one, "V1"),
    (one) => signing.readSignatureHeader(one),
    (one, other) => signing.writeSignatureHeader(one, other),
    (one, other) => signing.sign(one, other),
    (one, other) => signing.verify(one, other, other, one),
    (one, other) => signing.cutOut(one, other, one),
    (one) => signing.certificateSerial(one),
    (one) => signing.rootSerial(one),
    (one) => signing.requestTime(one),
    (one, other) => doctor.diagnose({ merchantPrivateKey: one, platformPublicKey: other }),
    (one) => doctor.diagnose(one),
  ];
  await fc.assert(
    fc.asyncProperty(anything, anything, async (drawn, drawnOther) => {
      const [one, other] = [real(drawn), real(drawnOther)];
      for (const tool of tools) await typedAsync(async () => tool(one as never, other as never));
    }),
    MANY,
  );
});
