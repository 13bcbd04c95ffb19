/** Whether a provider can be reached from here, step by step, and whether the clocks agree. */
import { lookup } from "node:dns/promises";
import * as http from "node:http";
import * as https from "node:https";
import * as net from "node:net";
import * as tls from "node:tls";

import type { Configuration } from "./config.js";

const TIMEOUT_MS = 10_000;
/** Providers refuse requests by a clock that is some minutes off; the answer's Date counts whole seconds. */
const SKEW_S = 60;

/** One thing that was looked at. */
export interface Look {
  readonly account: string;
  readonly what: string;
  readonly isFine: boolean;
  readonly found: string;
}

/** Name, connection, TLS, an answer and its date. Whatever HTTP status is answered, it is an answer. */
export async function lookAt(
  account: string,
  endpoint: string,
  configuration: Configuration,
): Promise<Look[]> {
  const url = new URL(endpoint);
  const proxy = proxyOf(url, configuration);
  const looks: Look[] = [];
  const add = (what: string, isFine: boolean, found: string) => looks.push({ account, what, isFine, found });
  if (!(await isConnected(proxy ?? url, proxy === undefined ? "" : "proxy ", add))) return looks;
  try {
    const began = Date.now();
    const { status, date, protocol } = await answer(url, proxy, configuration);
    const ended = Date.now();
    if (protocol !== undefined) add("TLS", true, `${protocol}, the certificate is good`);
    add("answer", true, `HTTP ${status} (any will do) after ${ended - began} ms`);
    compareClocks(date, (began + ended) / 2, add);
  } catch (error) {
    const why = wordOf(error);
    if (isTls(error)) {
      add(
        "TLS",
        false,
        `${why}: something between here and ${url.hostname} may open the connection, or an authority is missing`,
      );
    } else {
      add("answer", false, `${url.hostname} gave none (${why})`);
    }
  }
  return looks;
}

type Add = (what: string, isFine: boolean, found: string) => void;

function proxyOf(url: URL, configuration: Configuration): URL | undefined {
  const proxy = configuration.general.get("proxy")?.value;
  return url.protocol === "https:" && typeof proxy === "string" ? new URL(proxy) : undefined;
}

async function isConnected(url: URL, of: string, add: Add): Promise<boolean> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = portOf(url);
  try {
    const addresses = (await lookup(host, { all: true })).map((one) => one.address).sort();
    add(`${of}DNS`, true, `${host} is ${addresses.slice(0, 3).join(", ")}`);
  } catch (error) {
    add(
      `${of}DNS`,
      false,
      `${host} has no address here (${wordOf(error)}): check its spelling and this machine's DNS`,
    );
    return false;
  }
  try {
    (await connected(() => net.connect({ host, port }), "connect")).destroy();
    add(`${of}TCP`, true, `${host}:${port} takes connections`);
    return true;
  } catch (error) {
    add(
      `${of}TCP`,
      false,
      `${host}:${port} takes no connection (${wordOf(error)}): a firewall, a proxy, or the wrong address`,
    );
    return false;
  }
}

function portOf(url: URL): number {
  return Number(url.port) || (url.protocol === "https:" ? 443 : 80);
}

async function connected<S extends net.Socket>(connect: () => S, event: string): Promise<S> {
  const socket = connect();
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once(event, () => resolve());
      socket.once("error", reject);
      socket.setTimeout(TIMEOUT_MS, () => reject(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return socket;
}

interface Answer {
  readonly status: number;
  readonly date: string | undefined;
  readonly protocol: string | undefined;
}

async function answer(url: URL, proxy: URL | undefined, configuration: Configuration): Promise<Answer> {
  const given = configuration.general.get("extra_authorities");
  const extra = given === undefined ? [] : [configuration.content(given)].flat();
  const ca = extra.length === 0 ? undefined : [...tls.rootCertificates, ...extra];
  const through = proxy === undefined ? undefined : await tunnelled(url, proxy);
  const options: https.RequestOptions = {
    agent: false,
    timeout: TIMEOUT_MS,
    ca,
    headers: { connection: "close" },
    ...(through && {
      createConnection: () => tls.connect({ socket: through, servername: url.hostname, ca }),
    }),
  };
  return new Promise<Answer>((resolve, reject) => {
    const send = url.protocol === "https:" ? https.get : http.get;
    const request = send(url, options, (response) => {
      const { socket } = response;
      const protocol = socket instanceof tls.TLSSocket ? (socket.getProtocol() ?? "TLS") : undefined;
      resolve({ status: response.statusCode ?? 0, date: response.headers.date, protocol });
      response.destroy();
    });
    request.once("timeout", () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    request.once("error", reject);
  });
}

/** A connection through a proxy. Its password is sent to it, and never shown. */
async function tunnelled(url: URL, proxy: URL): Promise<net.Socket> {
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const headers =
    user === ":" ? {} : { "proxy-authorization": `Basic ${Buffer.from(user).toString("base64")}` };
  const path = `${url.hostname}:${portOf(url)}`;
  return new Promise<net.Socket>((resolve, reject) => {
    const request = http.request({
      host: proxy.hostname,
      port: portOf(proxy),
      method: "CONNECT",
      path,
      headers: { host: path, ...headers },
      timeout: TIMEOUT_MS,
      agent: false,
    });
    request.once("connect", (response, socket) => {
      if (response.statusCode === 200) {
        resolve(socket);
      } else {
        socket.destroy();
        reject(new Error(`the proxy answered ${response.statusCode ?? 0}`));
      }
    });
    request.once("timeout", () =>
      request.destroy(new Error(`the proxy did not answer within ${TIMEOUT_MS / 1000} s`)),
    );
    request.once("error", reject);
    request.end();
  });
}

function compareClocks(date: string | undefined, hereMs: number, add: Add): void {
  const thereMs = Date.parse(date ?? "");
  if (Number.isNaN(thereMs)) {
    add("clock", true, "not compared: the answer has no date");
    return;
  }
  const offS = (hereMs - thereMs) / 1000 - 0.5;
  const off = Math.abs(offS);
  if (off <= SKEW_S) {
    add("clock", true, `agrees with the provider's within ${Math.max(1, Math.round(off))} s`);
    return;
  }
  const direction = offS > 0 ? "ahead of" : "behind";
  add(
    "clock",
    false,
    `this machine's is ${off.toFixed(0)} s ${direction} the provider's: set it (NTP), or requests are refused`,
  );
}

function wordOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}

function isTls(error: unknown): boolean {
  const { code = "" } = error as NodeJS.ErrnoException;
  return /^(ERR_TLS|ERR_SSL|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO|EPROTO|HOSTNAME)/.test(code);
}
