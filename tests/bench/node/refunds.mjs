// Refunds from Node, over and over, for `cargo xtask bench`, which puts this file where the packages are installed.
//
// The argument says whose. The first line on standard input says where the gateway is and with which keys; every further
// one asks for refunds, `{"times": 2000, "together": 1000, "watched": true}`, and is answered with a line of JSON: the seconds
// of CPU and of the clock that they took; watched, the event loop's delay meanwhile and the memory in use afterwards as well.

import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import process from "node:process";

/** `taxrefund`'s client, as a server has it. */
async function ours({ host, merchant_private_key, platform_public_key, alipay: given }) {
  const { alipay } = await import("taxrefund");
  const client = new alipay.Client({
    account: {
      appId: given.app_id,
      merchantPrivateKey: merchant_private_key,
      alipayPublicKey: platform_public_key,
      endpoint: `${host}/gateway.do`,
    },
  });
  const request = camelCased(given.request);
  return () => client.payTaxRefund(request);
}

/** `alipay-sdk`, as its documentation shows it, with the check of the answer's signature, which it leaves out by itself. */
async function official({ host, merchant_pkcs8_base64, platform_base64, alipay: given }) {
  const { AlipaySdk } = await import("alipay-sdk");
  const sdk = new AlipaySdk({
    appId: given.app_id,
    privateKey: merchant_pkcs8_base64,
    keyType: "PKCS8",
    alipayPublicKey: platform_base64,
    gateway: `${host}/gateway.do`,
  });
  const parameters = { bizContent: camelCased(given.request) };
  return async () => {
    const answer = await sdk.exec("alipay.overseas.tax.order.pay", parameters, { validateSign: true });
    if (answer.code !== "10000") throw new Error(JSON.stringify(answer));
  };
}

function camelCased(request) {
  const named = ([name, value]) => [name.replace(/_(.)/g, (_, letter) => letter.toUpperCase()), value];
  return Object.fromEntries(Object.entries(request).map(named));
}

/** Makes so many refunds, of which so many are always under way. */
async function made(refund, times, together) {
  let left = times;
  const one = async () => {
    while (left > 0) {
      left -= 1;
      await refund();
    }
  };
  await Promise.all(Array.from({ length: Math.min(together, times) }, one));
}

async function measured(refund, { times, together, watched }) {
  // Both cost time themselves.
  const delay = watched ? monitorEventLoopDelay({ resolution: 1 }) : undefined;
  delay?.enable();
  const [clock, cpu] = [performance.now(), process.cpuUsage()];
  await made(refund, times, together);
  const { user, system } = process.cpuUsage(cpu);
  const took = { cpu_s: (user + system) / 1e6, clock_s: (performance.now() - clock) / 1000 };
  if (delay === undefined) return took;
  delay.disable();
  globalThis.gc();
  return { ...took, delay_p99_ms: delay.percentile(99) / 1e6, rss_mb: process.memoryUsage.rss() / 1e6 };
}

async function* linesOf(input) {
  let rest = "";
  input.setEncoding("utf8");
  for await (const chunk of input) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    yield* lines;
  }
}

const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const lines = linesOf(process.stdin);
const setup = JSON.parse((await lines.next()).value);
const refund = await { ours, official }[process.argv[2]](setup);
say({ ready: true });
for await (const line of lines) say(await measured(refund, JSON.parse(line)));
// A client that is not closed keeps its idle connections, and they end with the process.
process.exit(0);
