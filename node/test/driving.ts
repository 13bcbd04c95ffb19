/** What tests of the driver share. */
import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import type { TestContext } from "node:test";

import { alipay, type Outcome, type Transport, type Unknown } from "taxrefund";

import { FrozenClock } from "../src/testing/clock.js";
import { Infallible } from "../src/testing/infallible.js";

type Settings = Omit<ConstructorParameters<typeof alipay.Client>[0], "account">;

/** A client over a transport, by a clock that stands still. */
export function client(transport: Transport, settings: Settings = {}): alipay.Client {
  const account = new Infallible().alipayAccount();
  return new alipay.Client({ account, clock: new FrozenClock(), transport, ...settings });
}

/** What a call throws. */
export async function thrownBy(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => assert.fail("nothing was thrown"),
    (error: unknown) => error,
  );
}

/** A turn of the event loop. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Refuses every outcome but an unknown one. */
export function isUnknown(outcome: Outcome): asserts outcome is Unknown {
  assert.equal(outcome.outcome, "unknown");
}

/** Warnings of the process while a test runs. */
export function warnings(t: TestContext): string[] {
  const seen: string[] = [];
  t.mock.method(process, "emitWarning", (warning: string) => {
    seen.push(warning);
  });
  return seen;
}

/** A key of a signer's. */
export function keyPair(): { privateKey: KeyObject; publicKey: string } {
  const made = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const publicKey = made.publicKey.export({ type: "spki", format: "pem" }) as string;
  return { privateKey: made.privateKey, publicKey };
}
