import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";

import { AnswerRefused, ConfigurationError, alipay, alipayPlus, antom, signing } from "taxrefund";
import { type Sandbox, startSandbox } from "taxrefund/testing";

let sandbox: Sandbox;
const folder = mkdtempSync(join(tmpdir(), "taxrefund-account-"));
test.before(async () => {
  sandbox = await startSandbox();
});
test.after(async () => {
  rmSync(folder, { recursive: true });
  await sandbox.stop();
});

const keys = () => sandbox.credentials.alipay;

function account(changes: object = {}): alipay.Account {
  return new alipay.Account({
    appId: keys().appId,
    merchantPrivateKey: keys().partnerPrivateKeyPem,
    alipayPublicKey: keys().platformPublicKeyPem,
    ...changes,
  });
}

function refused(make: () => unknown): ConfigurationError {
  try {
    make();
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error));
    return error;
  }
  return assert.fail("nothing was refused");
}

test("a key is text, bytes, DER or a file's URL", () => {
  const pem = keys().partnerPrivateKeyPem;
  const der = Buffer.from(pem.trim().split("\n").slice(1, -1).join(""), "base64");
  const file = join(folder, "key.pem");
  writeFileSync(file, `\ufeff${pem.replaceAll("\n", "\r\n")}`);
  for (const merchantPrivateKey of [pem, Buffer.from(pem), new Uint8Array(der), pathToFileURL(file)]) {
    assert.equal(account({ merchantPrivateKey }).name, keys().appId);
  }
});

test("what is wrong with a key is named with its setting", () => {
  const own = keys().partnerPublicKeyPem;
  const none = pathToFileURL(join(folder, "none.pem"));
  const cases: [object, string][] = [
    [{ merchantPrivateKey: own }, "key_public_given_as_private"],
    [{ merchantPrivateKey: "key.pem" }, "key_path_given"],
    [{ merchantPrivateKey: Buffer.alloc(0) }, "key_empty"],
    [{ merchantPrivateKey: none }, "file"],
    [{ merchantPrivateKey: pathToFileURL(folder) }, "file"],
    [{ merchantPrivateKey: new URL("https://example.com/key.pem") }, "configuration"],
    [{ merchantPrivateKey: null }, "configuration"],
    [{ alipayPublicKey: own }, "key_platform_is_own"],
    [{ alipayPublicKey: null }, "configuration"],
    [{ charset: "latin-1" }, "configuration"],
    [{ endpoint: "http://example.com" }, "endpoint"],
  ];
  for (const [changes, code] of cases) {
    const error = refused(() => account(changes));
    assert.equal(error.code, code, inspect(changes));
    assert.ok(!error.message.includes(keys().partnerPrivateKeyPem.slice(60, 90)));
  }
});

test("settings of the wrong type, and settings that do not exist, are named", () => {
  const cases: [object, RegExp][] = [
    [{ appId: 5 }, /^appId: must be a string, not a number/],
    [{ appId: undefined }, /^appId: must be a string, not undefined/],
    [{ appId: "\ud800" }, /^appId: holds a lone surrogate/],
    [{ merchantPrivateKey: 5 }, /^merchantPrivateKey: must be text, bytes or a file: URL/],
    [{ endpoint: Buffer.from("x") }, /^endpoint: must be a string/],
    [{ alipayCertificates: [5] }, /^alipayCertificates\[0\]: must be text/],
    [{ merchantPrivateKey: null, signer: () => 1 }, /^signer: must be \{ publicKey, sign\(message\) \}/],
    [
      { merchantPrivateKey: null, signer: { publicKey: 5, sign: () => 1 } },
      /^signer\.publicKey: must be text/,
    ],
    [{ signer: { publicKey: "x", sign: () => 1 } }, /either the private key, or a signer/],
    [{ alipayPublickey: "x" }, /^account: has no setting alipayPublickey; it has appId, /],
  ];
  for (const [changes, words] of cases) assert.match(refused(() => account(changes)).message, words);
  for (const given of [undefined, null, 5, "x", []]) {
    assert.match(refused(() => new alipay.Account(given as never)).message, /^account: must be an object/);
  }
  assert.match(
    refused(() => sandbox.antomAccount({ keyVersion: "1" as never })).message,
    /^keyVersion: must be/,
  );
  assert.match(
    refused(() => sandbox.antomAccount({ sandboxPath: 1 as never })).message,
    /^sandboxPath: must be/,
  );
});

test("certificates stand in the public key's place", () => {
  const made = account({
    appId: keys().certificateAppId,
    alipayPublicKey: null,
    appCertificate: keys().appCertificatePem,
    alipayCertificates: [keys().platformCertificatePem],
    alipayRootCertificates: keys().rootCertificatesPem,
    environment: "sandbox",
  });
  assert.deepEqual([made.protocol, made.environment], ["alipay", "sandbox"]);
});

test("the platform's keys may have versions", () => {
  const two = { "1": sandbox.credentials.antom.platformPublicKeyPem, "2": keys().platformPublicKeyPem };
  assert.equal(sandbox.antomAccount({ platformPublicKey: two }).environment, "sandbox");
  const wrong = refused(() => sandbox.antomAccount({ platformPublicKey: { "1": 5 as never } }));
  assert.equal(wrong.field, "platformPublicKey.1");
  assert.equal(
    refused(() => sandbox.antomAccount({ platformPublicKey: 5 as never })).field,
    "platformPublicKey",
  );
});

test("an account shows no key, and is frozen", () => {
  const made = account();
  for (const shown of [inspect(made, { showHidden: true, depth: 5 }), JSON.stringify(made)]) {
    assert.ok(!shown.includes("BEGIN") && !shown.includes(keys().partnerPrivateKeyPem.slice(60, 90)), shown);
  }
  assert.ok(inspect(made).includes(keys().appId));
  assert.throws(() => Object.assign(made, { name: "x" }), TypeError);
  assert.throws(() => Object.assign(made, { stepwise: "x" }), TypeError);
});

test("the three accounts are not mixed up", () => {
  const wrong = refused(() => new antom.Client({ account: sandbox.alipayPlusAccount() as never }));
  assert.equal(wrong.field, "account");
  assert.equal(
    new alipayPlus.Client({ account: sandbox.alipayPlusAccount() }).account.protocol,
    "alipay_plus",
  );
});

test("an answer to an interface that is not known here is verified by the same rules", async () => {
  const caller = sandbox.antomAccount({ platformPublicKey: keys().partnerPublicKeyPem });
  const body = Buffer.from('{"result":{"resultStatus":"S"},"long":20880000015456428337}');
  const [path, time] = ["/ams/api/v1/other", "2026-11-23T00:00:00Z"];
  const message = signing.headerStringToSign(path, caller.name, time, body);
  const signature = await signing.sign(keys().partnerPrivateKeyPem, message);
  const headers = {
    "client-id": caller.name,
    "response-time": time,
    signature: signing.writeSignatureHeader(signature),
  };
  const content = await caller.verifyAnswer(path, { status: 200, headers, rawBody: body });
  assert.deepEqual(content["result"], { resultStatus: "S" });
  const changed = Buffer.concat([body, Buffer.from(" ")]);
  await assert.rejects(
    caller.verifyAnswer(path, { status: 200, headers, rawBody: changed }),
    (error: AnswerRefused) => error instanceof AnswerRefused && error.fault === "bad_signature",
  );
  for (const wrong of [{ status: "200" }, { status: -1 }, { headers: 5 }, { rawBody: {} }]) {
    const answer = { status: 200, headers, rawBody: body, ...wrong } as never;
    await assert.rejects(caller.verifyAnswer(path, answer), ConfigurationError);
  }
});
