import assert from "node:assert/strict";
import { sign as rsa } from "node:crypto";
import { test } from "node:test";

import { alipay, SigningFailed, type Transport } from "taxrefund";

import { FrozenClock } from "../src/testing/clock.js";
import { Infallible } from "../src/testing/infallible.js";
import { isUnknown, keyPair, settled, warnings } from "./driving.js";
import { alipayRequest } from "./requests.js";

test("a signer at once or with a promise pays", async () => {
  const { privateKey, publicKey } = keyPair();
  for (const sign of [
    (message: Buffer) => rsa("sha256", message, privateKey),
    async (message: Buffer) => rsa("sha256", message, privateKey),
  ]) {
    const provider = new Infallible();
    const account = provider.alipayAccount({ merchantPrivateKey: null, signer: { publicKey, sign } });
    const payer = new alipay.Client({ account, transport: provider });
    assert.ok((await payer.payTaxRefund(alipayRequest("ORDER1"))).taxNo);
  }
});

test("a signer that gives no signature sends nothing", async (t) => {
  const shown = warnings(t);
  const { publicKey } = keyPair();
  const made: (() => unknown)[] = [
    () => new Uint8Array(),
    () => new Uint8Array(256),
    () => undefined,
    () => "c2lnbmF0dXJl",
    () => Promise.resolve(1),
    () => {
      throw new Error("E12345678");
    },
    () => Promise.reject(new Error("E12345678")),
    () => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error -- anything can be thrown
      throw "E12345678";
    },
    () => {
      throw new SigningFailed("the service is down");
    },
  ];
  const reasons: string[] = [];
  for (const sign of made) {
    const provider = new Infallible();
    const account = provider.alipayAccount({
      merchantPrivateKey: null,
      signer: { publicKey, sign: sign as never },
    });
    const outcome = await new alipay.Client({ account, transport: provider }).outcome.payTaxRefund(
      alipayRequest("ORDER1"),
    );
    isUnknown(outcome);
    assert.equal(outcome.reason.code, "signer_failed");
    assert.equal(provider.requests.length, 0);
    reasons.push(outcome.reason.message ?? "");
  }
  await settled();
  assert.match(reasons.join("\n"), /the service is down/);
  assert.doesNotMatch(reasons.join() + shown.join(), /E12345678/);
});

test("a signer that hangs ends with the deadline, or with an abort", async () => {
  const { publicKey } = keyPair();
  const stop = new AbortController();
  const provider = new Infallible();
  const sign = () => {
    setImmediate(() => stop.abort());
    return new Promise<never>(() => undefined);
  };
  const account = provider.alipayAccount({ merchantPrivateKey: null, signer: { publicKey, sign } });
  const payer = new alipay.Client({ account, transport: provider });
  const late = await payer.outcome.payTaxRefund(alipayRequest("ORDER1"), { deadlineMs: 5 });
  isUnknown(late);
  assert.equal(late.reason.code, "signer_failed");
  const aborted = await payer.outcome.payTaxRefund(alipayRequest("ORDER2"), { signal: stop.signal });
  isUnknown(aborted);
  assert.equal(aborted.reason.code, "cancelled");
  assert.equal(provider.requests.length, 0);
});

test("the time in the queue is none of the signer's", async () => {
  const { privateKey, publicKey } = keyPair();
  const provider = new Infallible();
  const clock = new FrozenClock();
  let answerNow = () => assert.fail();
  const held = new Promise<void>((resolve) => (answerNow = resolve as never));
  const account = provider.alipayAccount({
    merchantPrivateKey: null,
    signer: { publicKey, sign: async (message) => rsa("sha256", message, privateKey) },
  });
  const transport: Transport = { exchange: (request) => held.then(() => provider.exchange(request)) };
  const payer = new alipay.Client({ account, transport, clock, maxInFlight: 1 });
  const calls = ["ORDER1", "ORDER2"].map((key) => payer.outcome.payTaxRefund(alipayRequest(key)));
  await settled();
  clock.advance(400_000);
  answerNow();
  const [, second] = await Promise.all(calls);
  assert.equal(second?.outcome, "succeeded");
});
