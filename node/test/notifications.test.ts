import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingHttpHeaders, createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import test from "node:test";
import { inspect } from "node:util";

import {
  ConfigurationError,
  type Inbound,
  Money,
  NotificationRefused,
  type Reply,
  alipayPlus,
  type antom,
  rawBodyOf,
  signing,
  verifyNotification,
} from "taxrefund";
import { type Sandbox, type TestNotification, startSandbox, testNotification } from "taxrefund/testing";

import { antomRequest } from "./requests.js";

let sandbox: Sandbox;
test.before(async () => {
  sandbox = await startSandbox();
});
test.after(() => sandbox.stop());

const PATH = "/notify/antom?shop=1";

function letter(): Promise<TestNotification> {
  return testNotification(sandbox.antomAccount(), {
    key: "RID1",
    path: PATH,
    amount: Money.parse("5.00", "USD"),
    fields: { customer: "Ada Lovelace", number: "long" },
  });
}

test("a genuine message is read and has its reply", async () => {
  const read = await verifyNotification(sandbox.antomAccount(), await letter());
  assert.deepEqual([read.protocol, read.key, read.settlement], ["antom", "RID1", "succeeded"]);
  assert.ok(read.amount?.money.equals(Money.parse("5.00", "USD")));
  assert.deepEqual([read.reply.status, read.reply.body.includes('"resultStatus":"S"')], [200, true]);
  assert.equal(read.fields["customer"], "Ada Lovelace");
  assert.ok(Object.isFrozen(read) && Object.isFrozen(read.reply) && Object.isFrozen(read.fields));
});

test("headers and bodies are taken in every server's shape", async () => {
  const client = sandbox.antomClient();
  const { path, headers, rawBody } = await letter();
  const shapes: Inbound["headers"][] = [
    headers,
    headers as IncomingHttpHeaders,
    new Headers(headers),
    Object.entries(headers),
    new Map(Object.entries(headers)),
    Object.entries(headers).flat(),
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]])),
  ];
  for (const shape of shapes) {
    assert.equal((await client.verifyNotification({ headers: shape, rawBody, path })).key, "RID1");
  }
  const { buffer, byteOffset, length } = rawBody;
  const copy = buffer.slice(byteOffset, byteOffset + length);
  for (const body of [new Uint8Array(rawBody), rawBody.toString("utf8"), copy as ArrayBuffer]) {
    assert.equal((await client.verifyNotification({ headers, rawBody: body, path })).key, "RID1");
  }
});

test("the open gateway's form is read, and answered with its word", async () => {
  const account = sandbox.alipayAccount();
  const { headers, rawBody } = await testNotification(account, { key: "ORDER1", settlement: "failed" });
  const read = await verifyNotification(account, { headers, rawBody });
  assert.deepEqual([read.key, read.settlement, read.reply.body], ["ORDER1", "failed", "success"]);
  assert.ok(read.id);
});

test("what was changed is refused with a reply that acknowledges nothing", async () => {
  const { path, headers, rawBody } = await letter();
  const changed = [
    Buffer.from(rawBody.toString().replace("RID1", "RID2")),
    Buffer.alloc(0),
    Buffer.from("{}"),
    Buffer.from([0xff]),
    Buffer.concat([rawBody, Buffer.from(" ")]),
  ];
  const tries: Inbound[] = [
    ...changed.map((body) => ({ path, headers, rawBody: body })),
    { path: "/notify/antom", headers, rawBody },
    { path, headers: {}, rawBody },
    { path, headers: { ...headers, signature: [headers["signature"] ?? "", "x"] }, rawBody },
    await testNotification(sandbox.antomAccount(), { key: "RID1", path, forged: true }),
  ];
  for (const inbound of tries) {
    await assert.rejects(verifyNotification(sandbox.antomAccount(), inbound), (error) => {
      assert.ok(error instanceof NotificationRefused, String(error));
      assert.ok(error.fault !== "" && error.reply.body.includes('"resultStatus":"F"'));
      return true;
    });
  }
});

test("a body that was parsed is refused, with how to get the raw bytes", async () => {
  const { path, headers } = await letter();
  for (const rawBody of [{ result: {} }, [1], 5, null, undefined, true]) {
    await assert.rejects(
      verifyNotification(sandbox.antomAccount(), { path, headers, rawBody: rawBody as never }),
      (error: ConfigurationError) => error instanceof ConfigurationError && error.field === "rawBody",
    );
  }
  await assert.rejects(
    verifyNotification(sandbox.antomAccount(), { path, headers, rawBody: {} as never }),
    /express\.raw\(.+addContentTypeParser.+rawBodyOf\(request\)/,
  );
});

test("what is no message is refused by the name of what is wrong", async () => {
  const good = await letter();
  const cases: [object, string][] = [
    [{ headers: 5 }, "headers"],
    [{ headers: "signature: x" }, "headers"],
    [{ headers: [["one"]] }, "headers"],
    [{ headers: { a: 5 } }, "headers"],
    [{ headers: { a: [null] } }, "headers"],
    [{ path: 5 }, "path"],
    [{ path: "\ud800" }, "path"],
    [{ body: "x" }, "notification"],
  ];
  for (const [changes, field] of cases) {
    await assert.rejects(
      verifyNotification(sandbox.antomAccount(), { ...good, ...changes }),
      (error: ConfigurationError) => error instanceof ConfigurationError && error.field === field,
      inspect(changes),
    );
  }
  await assert.rejects(
    verifyNotification({} as never, good),
    /^ConfigurationError: account: must be an Account/,
  );
  await assert.rejects(verifyNotification(sandbox.antomAccount(), good, NaN), /nowMs/);
  await assert.rejects(verifyNotification(sandbox.antomAccount(), null as never), ConfigurationError);
});

test("bytes that are changed while they are verified change nothing", async () => {
  const { path, headers, rawBody } = await letter();
  const bytes = Buffer.from(rawBody);
  const reading = verifyNotification(sandbox.antomAccount(), { path, headers, rawBody: bytes });
  bytes.fill(0);
  assert.equal((await reading).key, "RID1");
});

test("the reply to Alipay+ is signed, by the account's key or by the host", async () => {
  const { alipayPlus: keys } = sandbox.credentials;
  const sign = (message: Buffer) => signing.sign(keys.partnerPrivateKeyPem, message);
  const signer = { publicKey: keys.partnerPublicKeyPem, sign };
  for (const account of [sandbox.alipayPlusAccount(), sandbox.alipayPlusAccount({ signer })]) {
    const path = "/notify/plus";
    const inbound = await testNotification(account, { key: "CREDIT1", path });
    const { reply } = await verifyNotification(account, inbound);
    const replied = new Headers(reply.headers);
    const { signature } = signing.readSignatureHeader(replied.get("signature") ?? "");
    const time = replied.get("response-time") ?? "";
    const message = signing.headerStringToSign(path, account.name, time, Buffer.from(reply.body));
    assert.ok(await signing.verify(keys.partnerPublicKeyPem, message, signature));
  }
});

test("a host's signer that fails leaves no reply to send, and no rejection unhandled", async () => {
  const { alipayPlus: keys } = sandbox.credentials;
  const ways: (() => unknown)[] = [
    () => {
      throw new Error("the vault is closed");
    },
    () => Promise.reject(new Error("the vault is closed")),
    () => "no bytes",
    () => Buffer.from("no signature"),
  ];
  for (const way of ways) {
    const signer = { publicKey: keys.partnerPublicKeyPem, sign: way as () => Buffer };
    const account = new alipayPlus.Account({
      clientId: keys.clientId,
      signer,
      platformPublicKey: keys.platformPublicKeyPem,
    });
    const inbound = await testNotification(sandbox.alipayPlusAccount(), { key: "CREDIT1" });
    await assert.rejects(verifyNotification(account, inbound), (error: Error) => {
      assert.ok(error instanceof ConfigurationError && !error.message.includes("vault"), error.message);
      return true;
    });
  }
});

test("nothing personal of a notification is shown", async () => {
  const read = await verifyNotification(sandbox.antomAccount(), await letter());
  for (const shown of [inspect(read), JSON.stringify(read)]) {
    assert.ok(shown.includes("RID1") && !shown.includes("Ada"), shown);
  }
});

/** A server on loopback that answers as `answer` says, until the work is done. */
async function serving(
  answer: (request: Parameters<typeof rawBodyOf>[0]) => Promise<Reply>,
  work: (url: URL) => Promise<void>,
) {
  const server = createServer((request, response) => {
    answer(request).then(
      (reply) => response.writeHead(reply.status, reply.headers).end(reply.body),
      () => response.writeHead(500, { connection: "close" }).end(),
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await work(new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
}

test("what the simulator sends is verified in a server of node:http, and its reply is taken", async () => {
  const client = sandbox.antomClient();
  const seen: string[] = [];
  const answer = async (request: Parameters<typeof rawBodyOf>[0]) => {
    const rawBody = await rawBodyOf(request);
    const { headers, url } = request;
    const read = await client.verifyNotification({ headers, rawBody, path: url });
    seen.push(`${read.key} ${read.settlement}`);
    return read.reply;
  };
  await serving(answer, async (url) => {
    const request: antom.RefundRequest = antomRequest("RID9", { refundNotifyUrl: new URL(PATH, url).href });
    await client.refund(request);
    while ((await sandbox.notifications()).every((one) => !one.acknowledged)) await new Promise(setImmediate);
  });
  assert.deepEqual(seen, ["RID9 succeeded"]);
});

test("a body larger than any notification is not taken into memory", async () => {
  const refusals: unknown[] = [];
  const answer = async (request: Parameters<typeof rawBodyOf>[0]) => {
    try {
      await rawBodyOf(request, 1000);
    } catch (error) {
      refusals.push(error);
    }
    return { status: 413, headers: {}, body: "" };
  };
  await serving(answer, async (url) => {
    const request = httpRequest(url, { method: "POST" });
    request.on("error", () => undefined);
    request.end(Buffer.alloc(100_000));
    await once(request, "close");
  });
  assert.ok(
    refusals[0] instanceof ConfigurationError && refusals[0].message.includes("larger than 1000 bytes"),
  );
});

test("a body that something else has read is refused", async () => {
  const refusals: unknown[] = [];
  const answer = async (request: Parameters<typeof rawBodyOf>[0]) => {
    await rawBodyOf(request);
    await rawBodyOf(request).catch((error: unknown) => refusals.push(error));
    return { status: 200, headers: {}, body: "" };
  };
  await serving(answer, async (url) => {
    await (await fetch(url, { method: "POST", body: "x" })).arrayBuffer();
  });
  assert.match(String(refusals[0]), /was read before/);
  for (const odd of [undefined, null, 5, {}])
    await assert.rejects(rawBodyOf(odd as never), ConfigurationError);
});
