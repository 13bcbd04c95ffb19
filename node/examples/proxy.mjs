// Through a proxy, and with certificates of one's own.
//
// `httpTransport`, the default, takes certificates and an agent of yours. For a proxy give `fetchTransport` the package
// undici: its `fetch` together with one of its dispatchers. Neither ever sends a request a second time by itself.
//
// Run it: `node examples/proxy.mjs` (needs undici)

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect } from "node:net";
import { rootCertificates } from "node:tls";

import { fetchTransport, httpTransport, Money } from "taxrefund";
import { startSandbox } from "taxrefund/testing";
import { fetch, ProxyAgent } from "undici";

/** A proxy that wants a password. `EnvHttpProxyAgent` reads HTTPS_PROXY and NO_PROXY instead. */
function throughProxy(uri, user, password, authorities) {
  const token = `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  // `requestTls` is about the provider behind the proxy, `proxyTls` about the proxy itself.
  const dispatcher = new ProxyAgent({ uri, token, requestTls: { ca: authorities } });
  return { dispatcher, transport: fetchTransport({ fetch, dispatcher }) };
}

/** Without a proxy: an authority of the house beside the public ones, and a certificate of the client's own. */
function withCertificates(house, cert, key) {
  return httpTransport({ ca: [...rootCertificates, ...house], cert, key });
}

/** Stands for the proxy of your network: opens tunnels for who knows the password. */
async function startProxy() {
  const proxy = createServer().on("connect", (request, socket, head) => {
    if (request.headers["proxy-authorization"] !== "Basic ZGVzazpzZWNyZXQ=") {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    tunnels.push(request.url);
    const [host, port] = request.url.split(":");
    const there = connect(Number(port), host, () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      there.write(head);
      there.pipe(socket).pipe(there);
    });
    there.on("error", () => socket.destroy());
    socket.on("error", () => there.destroy());
  });
  const tunnels = [];
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return { proxy, tunnels, uri: `http://127.0.0.1:${proxy.address().port}` };
}

function refund(outOrderNo) {
  return {
    outOrderNo,
    identifyAccountType: "barcode",
    identifyAccountNo: "281234567890123456",
    taxRefundAmount: Money.parse("100.00", "SGD"),
  };
}

const sandbox = await startSandbox();
const { proxy, tunnels, uri } = await startProxy();
const trusted = throughProxy(uri, "desk", "secret", rootCertificates);
const stranger = throughProxy(uri, "desk", "wrong", rootCertificates);
const direct = withCertificates([]);
try {
  const paid = await sandbox.alipayClient({ transport: trusted.transport }).payTaxRefund(refund("TRX1"));
  console.log(`TRX1 paid under ${paid.taxNo}, through ${tunnels.length} tunnel`);

  const refused = await sandbox
    .alipayClient({ transport: stranger.transport })
    .outcome.payTaxRefund(refund("TRX2"));
  console.log(`TRX2 is ${refused.outcome}: ${refused.reason}; the proxy wants another password`);

  await sandbox.alipayClient({ transport: direct }).payTaxRefund(refund("TRX3"));
  console.log("TRX3 paid directly");

  assert.equal(tunnels.length, 1);
  assert.equal(refused.reason.code, "proxy");
  for (const [key, times] of [
    ["TRX1", 1],
    ["TRX2", 0],
    ["TRX3", 1],
  ]) {
    assert.equal(await sandbox.paidTimes(key), times);
  }
} finally {
  direct.close();
  await Promise.all([trusted.dispatcher.destroy(), stranger.dispatcher.destroy()]);
  await new Promise((resolve) => proxy.close(resolve));
  await sandbox.stop();
}
