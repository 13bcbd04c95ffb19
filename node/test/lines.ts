/** A server that says exactly what a test tells it to, byte for byte, and counts what it was sent. */
import { createServer, type Server, type Socket } from "node:net";
import type { TestContext } from "node:test";

import {
  type HttpRequest,
  type HttpResponse,
  httpTransport,
  type HttpTransport,
  type HttpTransportSettings,
  type Transport,
} from "taxrefund";

/** What is done with a whole request. */
export type Reaction = (socket: Socket, request: string, at: number) => void;

export interface LineServer {
  readonly url: string;
  readonly port: number;
  /** Whole requests, as they came. */
  readonly requests: string[];
  /** Connections that were ever made. */
  readonly connections: Socket[];
  readonly server: Server;
}

/** Answers with a status, a body of JSON and more headers. */
export function says(status: number, body = "{}", ...headers: string[]): string {
  const all = [`HTTP/1.1 ${status} X`, `content-length: ${Buffer.byteLength(body)}`, ...headers];
  return `${all.join("\r\n")}\r\n\r\n${body}`;
}

/** Runs until the test ends. With a greeting it says that to whoever connects, and hangs up. */
export async function lineServer(
  t: TestContext,
  reaction: Reaction | string,
  greeting?: string,
): Promise<LineServer> {
  const requests: string[] = [];
  const connections: Socket[] = [];
  const react: Reaction = typeof reaction === "string" ? (socket) => void socket.write(reaction) : reaction;
  const server = createServer((socket) => {
    connections.push(socket);
    socket.on("error", () => undefined);
    if (greeting !== undefined) socket.end(greeting);
    let read = "";
    socket.on("data", (part) => {
      read += part.toString("latin1");
      for (let length = whole(read); length > 0; length = whole(read)) {
        const request = read.slice(0, length);
        read = read.slice(length);
        requests.push(request);
        react(socket, request, requests.length);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    for (const socket of connections) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, port, requests, connections, server };
}

/** The length of the first whole request, 0 when it is not whole yet. */
function whole(read: string): number {
  const head = read.indexOf("\r\n\r\n");
  if (head < 0) return 0;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(read.slice(0, head + 2))?.[1] ?? 0);
  return read.length >= head + 4 + length ? head + 4 + length : 0;
}

/** A request to an address. */
export function requestTo(url: string, body = "a=1"): HttpRequest {
  return {
    method: "POST",
    url: `${url}/gateway.do?charset=utf-8`,
    headers: [["content-type", "application/x-www-form-urlencoded; charset=utf-8"]],
    body: Buffer.from(body),
    timeoutMs: 10_000,
    interface: "pay",
  };
}

/** A transport that is closed when the test ends. */
export function closing(t: TestContext, settings?: HttpTransportSettings): HttpTransport {
  const transport = httpTransport(settings);
  t.after(() => transport.close());
  return transport;
}

/** One exchange with a server. */
export async function send(
  transport: Transport,
  to: LineServer | string,
  signal: AbortSignal = new AbortController().signal,
): Promise<HttpResponse> {
  return transport.exchange(requestTo(typeof to === "string" ? to : to.url), signal);
}
