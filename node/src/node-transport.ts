/** How the built-in transport exchanges: by Node's own HTTP and HTTPS, each request once. */
import * as http from "node:http";
import * as https from "node:https";
import type { Duplex } from "node:stream";

import { faultOf } from "./faults.js";
import type { HttpTransport } from "./http-transport.js";
import { type Agents, agentsOf } from "./kept-connections.js";
import { settingsOf } from "./text.js";
import {
  addressed,
  Answer,
  Body,
  FlatHeaders,
  type HttpRequest,
  type HttpResponse,
  MAX_BODY_BYTES,
  MAX_HEADER_BYTES,
  positive,
  refuseEncoded,
  TransportFault,
} from "./transport.js";
import { version } from "./version.js";

const NAMES = ["ca", "cert", "key", "passphrase", "connectTimeoutMs", "idleConnections", "agent"] as const;
const CONNECT_MS = 5_000;
const MOST_ADDRESSES = 64;
const USER_AGENT = `taxrefund-node/${version}`;

/** See `httpTransport`. */
export class NodeTransport implements HttpTransport {
  readonly #agents: Agents;
  readonly #connectMs: number;
  readonly #addresses = new Map<string, Address>();

  constructor(given: unknown) {
    const settings = settingsOf("transport", given, NAMES);
    this.#connectMs = positive("transport.connectTimeoutMs", settings["connectTimeoutMs"], CONNECT_MS);
    this.#agents = agentsOf(settings);
  }

  exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      try {
        if (signal.aborted) throw faultOf(signal.reason);
        const address = this.#addressOf(request.url);
        new Exchange(address, request, signal, resolve, reject).begin(this.#connectMs);
      } catch (error) {
        reject(faultOf(error));
      }
    });
  }

  close(): void {
    this.#agents.plain.destroy();
    this.#agents.secure.destroy();
  }

  /** An address is read once: requests go to very few of them. */
  #addressOf(url: string): Address {
    const origin = url.slice(0, originLength(url));
    let address = this.#addresses.get(origin);
    if (address === undefined) {
      address = addressOf(origin, this.#agents);
      if (this.#addresses.size < MOST_ADDRESSES) this.#addresses.set(origin, address);
    }
    return address;
  }
}

interface Address {
  readonly isSecure: boolean;
  readonly host: string;
  readonly hostname: string;
  readonly port: string | undefined;
  readonly agent: http.Agent;
  readonly send: (options: http.RequestOptions) => http.ClientRequest;
}

function originLength(url: string): number {
  const slash = url.indexOf("/", url.indexOf("://") + 3);
  return slash < 0 ? url.length : slash;
}

function addressOf(origin: string, { plain, secure }: Agents): Address {
  const url = addressed(origin);
  const isSecure = url.protocol === "https:";
  return {
    isSecure,
    host: url.host,
    hostname: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? undefined : url.port,
    agent: isSecure ? secure : plain,
    send: isSecure ? (options) => https.request(options) : (options) => http.request(options),
  };
}

function headersOf(request: HttpRequest, host: string): string[] {
  const headers = ["host", host, "user-agent", USER_AGENT, "accept-encoding", "identity"];
  for (const [name, value] of request.headers) headers.push(name, value);
  headers.push("content-length", String(request.body.length));
  return headers;
}

/** One exchange: settles once, and leaves nothing behind. */
class Exchange {
  #isOpen = true;
  #sending: http.ClientRequest | undefined;
  #connectTimer: NodeJS.Timeout | undefined;
  readonly #body = new Body();
  readonly #stop = () => this.#fail(this.signal.reason);

  constructor(
    private readonly address: Address,
    private readonly request: HttpRequest,
    private readonly signal: AbortSignal,
    private readonly resolve: (answer: HttpResponse) => void,
    private readonly reject: (fault: TransportFault) => void,
  ) {}

  begin(connectMs: number): void {
    const { address, request } = this;
    const { hostname, port, host, agent, isSecure } = address;
    const sending = address.send({
      hostname,
      port,
      path: request.url.slice(originLength(request.url)) || "/",
      method: request.method,
      agent,
      headers: headersOf(request, host),
      maxHeaderSize: MAX_HEADER_BYTES,
    });
    this.#sending = sending;
    this.signal.addEventListener("abort", this.#stop);
    sending.on("response", (answer: http.IncomingMessage) => this.#heard(answer));
    sending.on("error", (error) => this.#fail(error));
    // The last thing that happens to a request, whatever came before.
    sending.on("close", () => this.#fail(undefined));
    sending.once("socket", (socket) => this.#connecting(socket, isSecure, connectMs));
    sending.end(request.body);
  }

  /** A connection that is new has less time than the whole exchange. */
  #connecting(socket: Duplex & { connecting?: boolean }, isSecure: boolean, withinMs: number): void {
    if (socket.connecting !== true || !this.#isOpen) return;
    const timer = setTimeout(() => this.#fail(new TransportFault("timeout", "connecting")), withinMs);
    this.#connectTimer = timer;
    socket.once(isSecure ? "secureConnect" : "connect", () => clearTimeout(timer));
  }

  #heard(answer: http.IncomingMessage): void {
    answer.on("data", (part: Buffer) => this.#add(part));
    answer.on("error", (error) => this.#fail(error));
    answer.on("end", () => this.#end(answer));
    try {
      refuseEncoded(answer.headers["content-encoding"]);
      if (Number(answer.headers["content-length"]) > MAX_BODY_BYTES) throw new TransportFault("too_large");
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (!this.#isOpen) return;
    this.#close();
    // The connection goes too: on one that is used again a late answer could be taken for the next one's.
    this.#sending?.destroy();
    this.reject(faultOf(error));
  }

  #add(part: Buffer): void {
    if (!this.#isOpen) return;
    try {
      this.#body.add(part);
    } catch (error) {
      this.#fail(error);
    }
  }

  #end(answer: http.IncomingMessage): void {
    if (!this.#isOpen) return;
    if (!answer.complete) {
      this.#fail(undefined);
      return;
    }
    this.#close();
    this.resolve(new Answer(answer.statusCode ?? 0, new FlatHeaders(answer.rawHeaders), this.#body.whole()));
  }

  #close(): void {
    this.#isOpen = false;
    clearTimeout(this.#connectTimer);
    this.signal.removeEventListener("abort", this.#stop);
  }
}
