import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { alipay, httpTransport } from "taxrefund";

import { Infallible } from "../src/testing/infallible.js";
import { closing, lineServer, requestTo, says, send } from "./lines.js";
import { alipayRequest } from "./requests.js";

test("connections are kept, and closed with the transport", async (t) => {
  const server = await lineServer(t, says(200));
  const transport = httpTransport();
  for (let at = 0; at < 20; at += 1) await send(transport, server);
  assert.equal(server.connections.length, 1);
  const [socket] = server.connections;
  const closed = new Promise((resolve) => socket?.once("close", resolve));
  transport.close();
  await closed;
});

test("an answer that nobody asked for is never taken for the next one's", async (t) => {
  const surplus = says(200, '{"stale":true}');
  const server = await lineServer(t, (socket, _, at) => {
    socket.write(at === 1 ? says(200, '{"at":1}') + surplus : says(200, `{"at":${at}}`));
  });
  const transport = closing(t);
  const first = await send(transport, server);
  assert.equal(Buffer.from(first.body).toString(), '{"at":1}');
  const second = await send(transport, server);
  assert.equal(Buffer.from(second.body).toString(), '{"at":2}');
  assert.equal(server.connections.length, 2);
});

test("bytes on a connection that waits end it", async (t) => {
  const server = await lineServer(t, (socket, _, at) => void socket.write(says(200, `{"at":${at}}`)));
  const transport = closing(t);
  await send(transport, server);
  const [socket] = server.connections;
  await new Promise((resolve) => setImmediate(resolve));
  const closed = new Promise((resolve) => socket?.once("close", resolve));
  socket?.write(says(200, '{"stale":true}'));
  await closed;
  assert.equal(Buffer.from((await send(transport, server)).body).toString(), '{"at":2}');
});

test("sockets stay within the number of exchanges, and a lost answer is asked about", async (t) => {
  const provider = new Infallible();
  let most = 0;
  let connections = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const sent = {
        ...requestTo(""),
        url: `http://127.0.0.1${request.url ?? ""}`,
        body: Buffer.concat(parts),
      };
      void provider.exchange(sent).then(({ status, headers, body }) => {
        if (provider.requests.length % 50 === 0) request.socket.destroy();
        else response.writeHead(status, Object.fromEntries(headers)).end(body);
      });
    });
  });
  server.on("connection", (socket) => {
    most = Math.max(most, (connections += 1));
    socket.on("close", () => (connections -= 1));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  const { port } = server.address() as { port: number };
  const account = provider.alipayAccount({ endpoint: `http://127.0.0.1:${port}/gateway.do` });
  const transport = closing(t);
  const payer = new alipay.Client({
    account,
    transport,
    maxInFlight: 16,
    options: { sandboxWaitPermille: 1 },
  });
  const calls = Array.from({ length: 300 }, (_, at) => payer.payTaxRefund(alipayRequest(`ORDER${at}`)));
  const paid = await Promise.all(calls);
  assert.equal(new Set(paid.map((one) => one.taxNo)).size, 300);
  assert.ok(most <= 16 + 1, String(most));
  transport.close();
  server.closeAllConnections();
});
