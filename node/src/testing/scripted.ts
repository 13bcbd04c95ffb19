/** Transports and a `fetch` that follow a script; no network is touched. */
import type { FetchInit, FetchLike } from "../fetch-transport.js";
import { Answer, type HttpRequest, type HttpResponse, type Transport, TransportFault } from "../transport.js";
import type { FrozenClock } from "./clock.js";

/** One line of a script: an answer, an error to throw, or a function of the request that gives or throws one. */
export type Line =
  | HttpResponse
  | Error
  | ((request: HttpRequest, signal: AbortSignal) => HttpResponse | PromiseLike<HttpResponse>);

/**
 * Gives these answers, one after the other. When the script is over, nothing can be reached any more.
 *
 * @example
 * ```ts
 * const provider = new Infallible();
 * const script = new Replay([new TransportFault("reset"), provider]);
 * const client = new alipay.Client({ account: provider.alipayAccount(), transport: script, clock: new FrozenClock() });
 * ```
 */
export class Replay implements Transport {
  /** Those that were sent. */
  readonly requests: HttpRequest[] = [];
  readonly #script: readonly (Line | Transport)[];

  /** A transport among the lines answers one request. */
  constructor(script: Iterable<Line | Transport> = []) {
    this.#script = [...script];
  }

  /** The next line of the script. */
  async exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const line = this.#script[this.requests.length];
    this.requests.push(request);
    if (line === undefined) throw new TransportFault("connect_failed", "the script is over");
    if (line instanceof Error) throw line;
    if (typeof line === "function") return line(request, signal);
    return "exchange" in line ? line.exchange(request, signal) : line;
  }
}

/** Takes every request and never answers: each exchange ends when its time is up, which moves the given clock. */
export class Never implements Transport {
  /** Those that were sent. */
  readonly requests: HttpRequest[] = [];

  /** Without a clock, exchanges end by the machine's. */
  constructor(private readonly clock?: FrozenClock) {}

  /** Nothing comes back. */
  exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    this.requests.push(request);
    if (this.clock !== undefined) {
      this.clock.advance(request.timeoutMs);
      return Promise.reject(new TransportFault("timeout"));
    }
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(new TransportFault("timeout")), { once: true });
    });
  }
}

/** An answer with these headers and this body, as text or bytes. */
export function answer(
  status: number,
  body: string | Uint8Array = "",
  headers: Iterable<readonly [string, string]> = [],
): HttpResponse {
  return new Answer(status, [...headers], typeof body === "string" ? Buffer.from(body) : body);
}

/** What a scripted `fetch` was asked. */
export interface Fetched {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

/** One line of a script for `fetch`: a response, an error to throw, or a function that gives or throws one. */
export type FetchLine = Response | Error | ((asked: Fetched) => Response | PromiseLike<Response>);

/**
 * A `fetch` that gives these responses, one after the other; `requests` are those that it was asked for. When the script is
 * over, it fails as `fetch` does when nothing can be reached.
 *
 * @example
 * ```ts
 * const fetch = scriptedFetch([new Response("<html>", { status: 502 })]);
 * const client = new alipay.Client({ account, transport: fetchTransport({ fetch }) });
 * ```
 */
export function scriptedFetch(
  script: Iterable<FetchLine> = [],
): FetchLike & { readonly requests: Fetched[] } {
  const lines = [...script];
  const requests: Fetched[] = [];
  const fetch = async (url: string, init: FetchInit): Promise<Response> => {
    const line = lines[requests.length];
    const parts: Uint8Array[] = [];
    for await (const part of init.body) parts.push(part);
    const asked = { url, method: init.method, headers: init.headers, body: Buffer.concat(parts) };
    requests.push(asked);
    if (line === undefined) throw new TypeError("fetch failed", { cause: { code: "ECONNREFUSED" } });
    if (line instanceof Error) throw line;
    return typeof line === "function" ? line(asked) : line;
  };
  return Object.assign(fetch as unknown as FetchLike, { requests });
}
