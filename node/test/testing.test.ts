import assert from "node:assert/strict";
import { test } from "node:test";

import { ConfigurationError, Money, NotificationRefused, SandboxError, type alipay, antom } from "taxrefund";
import { sandboxFor, startSandbox, testNotification } from "taxrefund/testing";

import { alipayRequest, antomRequest, formRequest } from "./requests.js";

test("a sandbox has ready clients for the three protocols", async (t) => {
  const sandbox = await sandboxFor(t);
  assert.ok((await sandbox.alipayClient().payTaxRefund(alipayRequest("ORDER1"))).taxNo);
  assert.ok((await sandbox.antomClient().refund(antomRequest("RID1"))).refundId);
  await sandbox.alipayPlusClient().syncTaxRefundForm(formRequest("FORM1"));
  const { totals, entries, doublePaid } = await sandbox.ledger();
  assert.deepEqual([totals.paidTimes, entries.length, doublePaid.length], [2, 3, 0]);
  assert.deepEqual(totals.paidMinor, { "alipay/SGD": 10000, "antom/USD": 500 });
  const entry = await sandbox.entry("ORDER1");
  assert.deepEqual([entry?.protocol, entry?.paidTimes, entry?.requests], ["alipay", 1, { pay: 1 }]);
  const [request] = await sandbox.requests();
  assert.ok(request?.interface === "pay" && request.businessSha256.length === 64);
});

test("faults are provoked for one key, and a reset forgets everything", async (t) => {
  const sandbox = await sandboxFor(t);
  await sandbox.provoke("ORDER1", "failed");
  const client = sandbox.alipayClient();
  assert.equal((await client.outcome.payTaxRefund(alipayRequest("ORDER1"))).outcome, "failed");
  assert.equal((await client.outcome.payTaxRefund(alipayRequest("ORDER2"))).outcome, "succeeded");
  assert.equal(await sandbox.paidTimes("ORDER1"), 0);
  await sandbox.reset();
  assert.equal((await sandbox.ledger()).entries.length, 0);
});

test("a payment's refund rules are kept", async (t) => {
  const sandbox = await sandboxFor(t);
  await sandbox.addPayment({ paymentId: "P1", currency: "USD", amountMinor: 100 });
  const request = antomRequest("RID1", { paymentId: "P1" });
  assert.equal((await sandbox.antomClient().outcome.refund(request)).outcome, "failed");
  await assert.rejects(sandbox.addPayment({ payment: "P1" } as never), ConfigurationError);
});

test("a sandbox ends with its test, with await using, and twice without harm", async () => {
  const sandbox = await startSandbox({ seed: 7, faults: "demo", allowRsaSha1: true });
  assert.ok(sandbox.isRunning);
  assert.equal((await sandbox.ledger()).seed, 7);
  await sandbox[Symbol.asyncDispose]();
  await sandbox.stop();
  assert.ok(!sandbox.isRunning);
  await assert.rejects(sandbox.ledger(), ConfigurationError);
});

test("what is wrong with its options is said", async () => {
  for (const options of [{ seed: -1 }, { seed: 1.5 }, { faults: 7 }, { fault: "none" }, { delayMs: 0 }, []]) {
    await assert.rejects(startSandbox(options as object), ConfigurationError, JSON.stringify(options));
  }
  await assert.rejects(startSandbox({ faults: "10=nothing-known" }), (error) => {
    assert.ok(error instanceof SandboxError || error instanceof ConfigurationError);
    return true;
  });
});

for (const protocol of ["alipay", "alipayPlus", "antom"] as const) {
  test(`a test notification of ${protocol} is taken as genuine, a forged one is not`, async (t) => {
    const sandbox = await sandboxFor(t);
    const [account, client] = {
      alipay: () => [sandbox.alipayAccount(), sandbox.alipayClient()] as const,
      alipayPlus: () => [sandbox.alipayPlusAccount(), sandbox.alipayPlusClient()] as const,
      antom: () => [sandbox.antomAccount(), sandbox.antomClient()] as const,
    }[protocol]();
    const path = "/notify?shop=1";
    const amount = { minor: 500n, currency: "USD" };
    const genuine = await testNotification(account, { key: "KEY1", settlement: "failed", path, amount });
    const read = await client.verifyNotification(genuine);
    assert.deepEqual([read.key, read.settlement], ["KEY1", "failed"]);
    if (protocol !== "alipay") assert.ok(read.amount?.money.equals(Money.parse("5.00", "USD")));
    const forged = await testNotification(account, { key: "KEY1", path, forged: true });
    await assert.rejects(client.verifyNotification(forged), NotificationRefused);
    const named = await testNotification(account, {
      key: "KEY1",
      fields: { shop: "&=%退税" },
      reference: "R1",
    });
    const told = await client.verifyNotification(named);
    assert.deepEqual([told.fields["shop"], told.reference], ["&=%退税", "R1"]);
  });
}

test("an account that does not expect the TEST keys is told so, rather than a test that fails", async (t) => {
  const sandbox = await sandboxFor(t);
  const { partnerPublicKeyPem } = sandbox.credentials.antom;
  const account: alipay.Account = sandbox.alipayAccount({ alipayPublicKey: partnerPublicKeyPem });
  await assert.rejects(testNotification(account, { key: "KEY1" }), /does not expect the TEST keys/);
  await assert.rejects(testNotification({} as never, { key: "KEY1" }), ConfigurationError);
  await assert.rejects(testNotification(account, {} as never), ConfigurationError);
  assert.ok(antom.operations.refund.name === "antom.refund");
});
