/** explain, signing and doctor. */
import assert from "node:assert/strict";
import { createSign, createVerify } from "node:crypto";
import test from "node:test";

import { ConfigurationError, NextStep, doctor, explainCode, explainStep, signing } from "taxrefund";
import { type Sandbox, startSandbox } from "taxrefund/testing";

import { exactJson, jsonText } from "../src/plain.js";
import { nearest } from "../src/names.js";

let sandbox: Sandbox;
test.before(async () => {
  sandbox = await startSandbox();
});
test.after(() => sandbox.stop());

const keys = () => sandbox.credentials.alipay;

test("a code is explained in both languages", () => {
  const [english, ...more] = explainCode("timeout");
  const [chinese] = explainCode("timeout", "zh");
  assert.ok(english && chinese && more.length === 0);
  assert.ok(english.protocol === undefined && english.meaning !== "" && chinese.meaning !== english.meaning);
  assert.deepEqual([explainCode("NEVER_SEEN"), explainCode("\ud800")], [[], []]);
  assert.throws(() => explainCode("timeout", "de" as never), /language: must be en or zh, is "de"/);
  assert.throws(() => explainCode(5 as never), /code: must be a string, not a number/);
});

test("every next step has its words", () => {
  for (const step of Object.values(NextStep)) {
    const { clerk, engineer, traveller } = explainStep(step);
    assert.ok(clerk && engineer && traveller, step);
    assert.match(explainStep(step, "zh").engineer, /\p{Script=Han}/u);
  }
  assert.throws(() => explainStep("run_away" as never), /is no next step/);
  assert.throws(() => explainStep(undefined as never), ConfigurationError);
});

test("signatures are those that any other library makes and checks", async () => {
  const message = Buffer.from("message");
  const { partnerPrivateKeyPem, partnerPublicKeyPem } = keys();
  for (const [type, hash] of [
    ["RSA2", "sha256"],
    ["RSA", "sha1"],
  ] as const) {
    const signature = await signing.sign(partnerPrivateKeyPem, message, type);
    assert.ok(createVerify(hash).update(message).verify(partnerPublicKeyPem, signature));
    const other = createSign(hash).update(message).sign(partnerPrivateKeyPem);
    assert.ok(await signing.verify(partnerPublicKeyPem, message, other, type));
    assert.equal(await signing.verify(partnerPublicKeyPem, Buffer.from("x"), other, type), false);
  }
  const signature = await signing.sign(partnerPrivateKeyPem, message);
  assert.equal(await signing.verify(partnerPublicKeyPem, message, signature, "RSA"), false);
  await assert.rejects(signing.sign("nonsense", message), ConfigurationError);
  await assert.rejects(signing.sign(partnerPrivateKeyPem, "text" as never), /message: must be bytes/);
});

test("what is signed while its bytes are changed is what was given", async () => {
  const message = Buffer.from("message");
  const signed = signing.sign(keys().partnerPrivateKeyPem, message);
  message.fill(0);
  assert.ok(await signing.verify(keys().partnerPublicKeyPem, Buffer.from("message"), await signed));
});

test("the strings that are signed are the protocols'", () => {
  assert.equal(String(signing.formStringToSign({ b: "2", a: "1", sign: "x", c: "" })), "a=1&b=2");
  const text = signing.headerStringToSign("/x", "5Y", "now", Buffer.from("body"));
  assert.equal(String(text), "POST /x\n5Y.now.body");
  const { toVerify, parameters } = signing.formStringToVerify(
    Buffer.from("b=2&a=1&sign=x&sign_type=RSA2"),
    "V1",
  );
  assert.deepEqual([toVerify, parameters["a"]], ["a=1&b=2", "1"]);
  const header = signing.writeSignatureHeader(Buffer.from("sig"), 2);
  const read = signing.readSignatureHeader(header);
  assert.deepEqual([String(read.signature), read.keyVersion], ["sig", "2"]);
  assert.throws(() => signing.formStringToSign({ a: 1 } as never), /params: must be a string/);
  assert.equal(signing.requestTime(new Date(1795395723000)), "1795395723000");
});

test("the signed part of an answer is cut out", () => {
  const body = Buffer.from('{"alipay_overseas_tax_order_pay_response":{"code":"10000"},"sign":"eA=="}');
  const { root, start, end, signature } = signing.cutOut("alipay.overseas.tax.order.pay", body);
  assert.deepEqual([root, signature], ["alipay_overseas_tax_order_pay_response", "eA=="]);
  assert.equal(String(body.subarray(start, end)), '{"code":"10000"}');
});

test("serial numbers of certificates are the gateway's", () => {
  assert.equal(signing.certificateSerial(keys().appCertificatePem), keys().appCertSn);
  assert.equal(signing.rootSerial(keys().rootCertificatesPem), keys().alipayRootCertSn);
});

test("the doctor says what is wrong and shows no key", () => {
  const { partnerPrivateKeyPem: merchantPrivateKey, platformPublicKeyPem, partnerPublicKeyPem } = keys();
  const good = doctor.diagnose({ merchantPrivateKey, platformPublicKey: platformPublicKeyPem });
  assert.ok(good.healthy && good.findings.every((one) => one.problem === undefined));
  const bad = doctor.diagnose({ merchantPrivateKey, platformPublicKey: partnerPublicKeyPem });
  assert.ok(!bad.healthy && bad.findings.some((one) => one.problem !== undefined && one.advice !== ""));
  assert.equal(String(bad), bad.text);
  assert.ok(!JSON.stringify(bad).includes(merchantPrivateKey.slice(60, 90)));
  assert.throws(() => doctor.diagnose({ privateKey: "x" } as never), /has no setting privateKey/);
  assert.throws(() => doctor.diagnose(undefined as never), ConfigurationError);
});

test("a number that JavaScript would change stays text", () => {
  const text =
    '{"a":1,"b":20880000019705987577,"c":1.50,"d":"a 12345678901234567890 \\" 1.5","e":[-2,1e3],"f":9007199254740991}';
  assert.deepEqual(exactJson(text), {
    a: 1,
    b: "20880000019705987577",
    c: "1.50",
    d: 'a 12345678901234567890 " 1.5',
    e: [-2, "1e3"],
    f: 9007199254740991,
  });
});

test("JSON text is made without a look at what prototypes offer", () => {
  const polluted = Array.prototype as unknown as Record<string, unknown>;
  try {
    Object.defineProperty(polluted, "toJSON", { value: () => "polluted", configurable: true });
    assert.equal(jsonText({ a: [1, "x", null, { b: true, c: undefined }] }), '{"a":[1,"x",null,{"b":true}]}');
  } finally {
    Reflect.deleteProperty(polluted, "toJSON");
  }
});

test("the name that was meant is found, and none where none is near", () => {
  const names = ["outOrderNo", "passportNo", "docId"];
  assert.deepEqual(
    ["out_order_no", "PassportNo", "pasportNo", "docid", "x", "somethingElse", "y".repeat(1000)].map((name) =>
      nearest(name, names),
    ),
    ["outOrderNo", "passportNo", "passportNo", "docId", undefined, undefined, undefined],
  );
});
