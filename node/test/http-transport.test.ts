import assert from "node:assert/strict";
import { Agent } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { test, type TestContext } from "node:test";

import {
  ConfigurationError,
  fetchTransport,
  type HttpResponse,
  httpTransport,
  type Transport,
  TransportFault,
} from "taxrefund";

import { authority } from "./authority.js";
import { closing, lineServer, says, send } from "./lines.js";

/** Both built-in transports keep the same promises. */
const KINDS: readonly (readonly [name: string, make: (t: TestContext) => Transport])[] = [
  ["httpTransport", (t) => closing(t)],
  ["fetchTransport", () => fetchTransport()],
];

async function faultOf(exchange: Promise<HttpResponse>): Promise<string> {
  const error = await exchange.then(
    (answer) => assert.fail(`answered ${answer.status}`),
    (error: unknown) => error,
  );
  assert.ok(error instanceof TransportFault, String(error));
  return error.fault;
}

for (const [kind, make] of KINDS) {
  test(`${kind}: the bytes go out as they are, once, and nothing encoded is asked for`, async (t) => {
    const server = await lineServer(t, says(200, '{"a":1}', "x-one: 1", "x-one: 2"));
    const answer = await send(make(t), server);
    assert.equal(answer.status, 200);
    assert.equal(Buffer.from(answer.body).toString(), '{"a":1}');
    const [sent = ""] = server.requests;
    assert.match(sent, /^POST \/gateway\.do\?charset=utf-8 HTTP\/1\.1\r\n/);
    assert.match(sent, new RegExp(`\\r\\nhost: 127\\.0\\.0\\.1:${server.port}\\r\\n`, "i"));
    assert.match(sent, /\r\naccept-encoding: identity\r\n/i);
    assert.match(sent, /\r\ncontent-length: 3\r\n/i);
    assert.doesNotMatch(sent, /transfer-encoding|cookie/i);
    assert.match(sent, /\r\n\r\na=1$/);
    assert.equal(server.requests.length, 1);
  });

  test(`${kind}: a redirect is an answer, and is not followed`, async (t) => {
    const other = await lineServer(t, says(200));
    for (const status of [301, 302, 303, 307, 308]) {
      const server = await lineServer(t, says(status, "", `location: ${other.url}/`));
      assert.equal((await send(make(t), server)).status, status);
    }
    assert.equal(other.requests.length, 0);
  });

  test(`${kind}: an answer that asks for another try gets none`, async (t) => {
    for (const status of [401, 407, 408, 421, 425, 429, 500, 502, 503]) {
      const server = await lineServer(t, says(status, "", "retry-after: 0"));
      await send(make(t), server).catch(() => undefined);
      assert.equal(server.requests.length, 1, String(status));
    }
  });

  test(`${kind}: a connection that closes once the request was read is not used to send it again`, async (t) => {
    const server = await lineServer(t, (socket, _, at) => {
      if (at < 4) socket.write(says(200));
      else socket.destroy();
    });
    const transport = make(t);
    for (let at = 1; at < 4; at += 1) await send(transport, server);
    assert.equal(await faultOf(send(transport, server)), "reset");
    assert.equal(server.requests.length, 4);
    // Fewer than the requests: some were sent on a connection that had been used.
    assert.ok(server.connections.length < 3, String(server.connections.length));
  });

  test(`${kind}: nor is one that ends`, async (t) => {
    const server = await lineServer(t, (socket, _, at) => {
      if (at < 4) socket.write(says(200));
      else socket.end();
    });
    const transport = make(t);
    for (let at = 1; at < 4; at += 1) await send(transport, server);
    assert.equal(await faultOf(send(transport, server)), "reset");
    assert.equal(server.requests.length, 4);
  });

  test(`${kind}: half an answer is none`, async (t) => {
    for (const half of [
      "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{}",
      "HTTP/1.1 200 OK\r\ncontent-le",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{}",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n",
    ]) {
      const server = await lineServer(t, (socket) => socket.end(half));
      assert.match(await faultOf(send(make(t), server)), /^(reset|malformed)$/);
      assert.equal(server.requests.length, 1);
    }
  });

  test(`${kind}: what is not HTTP is malformed`, async (t) => {
    for (const said of ["<html>", "HTTP/1.1 abc\r\n\r\n", says(200, "{}", "content-length: 3")]) {
      const server = await lineServer(t, (socket) => socket.end(said));
      assert.match(await faultOf(send(make(t), server)), /^(malformed|reset)$/);
    }
  });

  test(`${kind}: an answer may be 1 MiB, and not a byte more`, async (t) => {
    const most = "x".repeat(1024 * 1024);
    const fits = await lineServer(t, says(200, most));
    assert.equal((await send(make(t), fits)).body.length, most.length);
    const told = await lineServer(t, says(200, `${most}y`));
    assert.equal(await faultOf(send(make(t), told)), "too_large");
    const chunk = `10000\r\n${"x".repeat(65536)}\r\n`;
    const endless = await lineServer(t, (socket) => {
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      const more = () => {
        while (!socket.destroyed && socket.write(chunk));
      };
      socket.on("drain", more);
      more();
    });
    assert.equal(await faultOf(send(make(t), endless)), "too_large");
  });

  test(`${kind}: headers beyond 64 KiB are too large`, async (t) => {
    const server = await lineServer(t, says(200, "{}", `x-much: ${"x".repeat(70_000)}`));
    const fault = await send(make(t), server).then(
      // Undici takes them up to its own limit; the driver counts again.
      (answer) => ([...answer.headers].flat().join("").length > 65_536 ? "too_large" : "taken"),
      (error: unknown) => (error as TransportFault).fault,
    );
    assert.equal(fault, "too_large");
  });

  test(`${kind}: an encoded answer is malformed`, async (t) => {
    for (const encoding of ["gzip", "br", "deflate", "x-secret", "identity, gzip"]) {
      const server = await lineServer(t, says(200, "{}", `content-encoding: ${encoding}`));
      assert.equal(await faultOf(send(make(t), server)), "malformed", encoding);
    }
    const plain = await lineServer(t, says(200, "{}", "content-encoding: Identity"));
    assert.equal((await send(make(t), plain)).status, 200);
  });

  test(`${kind}: an abort ends an exchange at once, wherever it is`, async (t) => {
    for (const said of ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{"]) {
      const stop = new AbortController();
      const server = await lineServer(t, (socket) => {
        socket.write(said, () => setImmediate(() => stop.abort(new TransportFault("timeout"))));
      });
      assert.equal(await faultOf(send(make(t), server, stop.signal)), "timeout");
      const [socket] = server.connections;
      if (socket?.destroyed === false) await new Promise((resolve) => socket.once("close", resolve));
    }
    const before = await lineServer(t, says(200));
    const aborted = AbortSignal.abort(new TransportFault("timeout"));
    assert.equal(await faultOf(send(make(t), before, aborted)), "timeout");
    assert.equal(before.requests.length, 0);
  });

  test(`${kind}: what cannot be reached says how`, async (t) => {
    const gone = await lineServer(t, says(200));
    await new Promise((resolve) => gone.server.close(resolve));
    assert.equal(await faultOf(send(make(t), gone)), "refused");
    assert.equal(await faultOf(send(make(t), "https://taxrefund.invalid")), "dns");
    assert.equal(await faultOf(send(make(t), "http://192.0.2.1")), "connect_failed");
    assert.equal(await faultOf(send(make(t), "ftp://127.0.0.1")), "connect_failed");
    assert.equal(await faultOf(send(make(t), "http://127.0.0.1.example.com")), "connect_failed");
    assert.equal(await faultOf(send(make(t), "nonsense")), "connect_failed");
    const text = await lineServer(t, "", "no TLS here");
    assert.match(await faultOf(send(make(t), text.url.replace("http:", "https:"))), /^(tls|reset)$/);
  });

  test(`${kind}: a certificate that nobody vouches for is refused`, async (t) => {
    const { key, cert } = authority();
    const server = createSecureServer({ key, cert }, (_, response) => response.end("{}"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    t.after(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as { port: number };
    assert.equal(await faultOf(send(make(t), `https://localhost:${port}`)), "tls");
    server.closeAllConnections();
  });
}

interface Peer {
  getPeerCertificate(): { readonly subject: { readonly CN: string } };
}

test("a certificate of one's own authority is taken, whatever the environment says of others", async (t) => {
  const { key, cert } = authority();
  const server = createSecureServer(
    { key, cert, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const { subject } = (request.socket as unknown as Peer).getPeerCertificate();
      response.end(JSON.stringify({ caller: subject.CN }));
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as { port: number };
  const answer = await send(closing(t, { ca: cert, cert, key }), `https://localhost:${port}`);
  assert.deepEqual(JSON.parse(Buffer.from(answer.body).toString()), { caller: "localhost" });
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  t.after(() => delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"]);
  assert.equal(await faultOf(send(closing(t), `https://localhost:${port}`)), "tls");
  server.closeAllConnections();
});

test("a repeated header stays repeated", async (t) => {
  const server = await lineServer(t, says(200, "{}", "signature: one", "Signature: two"));
  const answer = await send(closing(t), server);
  const signatures = [...answer.headers].filter(([name]) => name.toLowerCase() === "signature");
  assert.deepEqual(signatures, [
    ["signature", "one"],
    ["Signature", "two"],
  ]);
});

test("a server that wants another protocol is no answer", async (t) => {
  const server = await lineServer(
    t,
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
  );
  assert.equal(await faultOf(send(closing(t), server)), "reset");
});

test("informational answers are no answers", async (t) => {
  const server = await lineServer(t, `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${says(200)}`);
  assert.equal((await send(closing(t), server)).status, 200);
});

test("connecting has its own, shorter time", async (t) => {
  // A certificate request that is never answered: the handshake does not end.
  const server = await lineServer(t, () => undefined);
  const transport = closing(t, { connectTimeoutMs: 20 });
  assert.equal(await faultOf(send(transport, server.url.replace("http:", "https:"))), "timeout");
});

test("an agent of one's own is used", async (t) => {
  const server = await lineServer(t, says(200));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  await send(closing(t, { agent }), server);
  assert.equal(Object.values(agent.freeSockets).length, 1);
});

test("settings that cannot be used are named", () => {
  const wrong: [object, string][] = [
    [{ agent: 1 }, "transport.agent"],
    [{ agent: new Agent(), ca: "x" }, "transport.ca"],
    [{ ca: "no certificate" }, "transport.ca"],
    [{ cert: "x", key: 5 }, "transport.cert"],
    [{ connectTimeoutMs: -1 }, "transport.connectTimeoutMs"],
    [{ connectTimeoutMs: "1" }, "transport.connectTimeoutMs"],
    [{ rejectUnauthorized: false }, "transport"],
    [{ proxy: "http://x" }, "transport"],
  ];
  for (const [settings, field] of wrong) {
    assert.throws(
      () => httpTransport(settings),
      (error: unknown) => error instanceof ConfigurationError && error.field === field,
    );
  }
  assert.throws(() => fetchTransport({ fetch: 1 as never }), ConfigurationError);
  assert.throws(() => fetchTransport({ dispatcher: {} }), ConfigurationError);
});
