/** A transport over anything that is like `fetch`: undici with a dispatcher (proxy, own CA, client certificate), a mock. */
import { faultOf } from "./faults.js";
import { shaped } from "./shapes.js";
import { settingsOf, unfit } from "./text.js";
import {
  addressed,
  Answer,
  Body,
  type HttpRequest,
  type HttpResponse,
  MAX_BODY_BYTES,
  refuseEncoded,
  type Transport,
  TransportFault,
} from "./transport.js";

/** What `fetch` is called with. */
export interface FetchInit {
  readonly method: string;
  readonly headers: [string, string][];
  /** The bytes, as a body that can be sent once only. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly duplex: "half";
  readonly redirect: "manual";
  readonly credentials: "omit";
  readonly cache: "no-store";
  readonly signal: AbortSignal;
  readonly dispatcher?: unknown;
}

/** As much of an answer of `fetch` as is used. */
export interface FetchResponse {
  readonly status: number;
  readonly type?: string;
  readonly headers: { get(name: string): string | null } & Iterable<[string, string]>;
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** Anything like `fetch`. */
export type FetchLike = (url: string, init: never) => PromiseLike<FetchResponse>;

/** What to fetch with. */
export interface FetchTransportSettings {
  /** `fetch`; Node's own when left out. With a dispatcher of the package `undici`, give that package's `fetch`. */
  readonly fetch?: FetchLike | null;
  /** An undici dispatcher: `ProxyAgent`, `EnvHttpProxyAgent`, `Agent` with `connect: { ca, cert, key }`, … */
  readonly dispatcher?: object | null;
}

/**
 * A transport over `fetch`. Throws `ConfigurationError` for a setting that cannot be used.
 *
 * It follows no redirect, repeats nothing, and takes answers of at most 1 MiB that are not compressed. A dispatcher that
 * retries must not be given. `httpTransport` needs far less CPU where there is no proxy.
 */
export function fetchTransport(settings: FetchTransportSettings = {}): Transport {
  const { fetch, dispatcher } = settingsOf("transport", settings, ["fetch", "dispatcher"]);
  if (fetch != null && typeof fetch !== "function") throw unfit("transport.fetch", "a function", fetch);
  if (dispatcher != null) shaped("transport.dispatcher", "a dispatcher of undici", dispatcher, DISPATCHER);
  return new FetchTransport(fetch as Fetch | undefined, dispatcher ?? undefined);
}

const DISPATCHER = ["dispatch"] as never[];

type Fetch = (url: string, init: FetchInit) => PromiseLike<FetchResponse>;

class FetchTransport implements Transport {
  constructor(
    private readonly given: Fetch | undefined,
    private readonly dispatcher: unknown,
  ) {}

  async exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    addressed(request.url);
    const fetch = this.given ?? (globalThis.fetch as unknown as Fetch);
    try {
      return await answerOf(await fetch(request.url, this.#init(request, signal)));
    } catch (error) {
      throw signal.aborted ? faultOf(signal.reason) : faultOf(error);
    }
  }

  #init(request: HttpRequest, signal: AbortSignal): FetchInit {
    const headers: [string, string][] = [["accept-encoding", "identity"]];
    for (const [name, value] of request.headers) headers.push([name, value]);
    // Without its length it would be sent in chunks.
    headers.push(["content-length", String(request.body.length)]);
    return {
      method: request.method,
      headers,
      // Bytes given as they are would be sent again by `fetch` itself when the answer is 421.
      body: once(request.body),
      duplex: "half",
      redirect: "manual",
      credentials: "omit",
      cache: "no-store",
      signal,
      ...(this.dispatcher === undefined ? {} : { dispatcher: this.dispatcher }),
    };
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  await Promise.resolve();
  yield bytes;
}

async function answerOf(answer: FetchResponse): Promise<HttpResponse> {
  const { status, headers } = answer;
  // Browsers' way of `redirect: "manual"`: nothing is said of where it would have gone.
  if (answer.type === "opaqueredirect") throw new TransportFault("malformed", "a redirect");
  try {
    refuseEncoded(headers.get("content-encoding"));
    if (Number(headers.get("content-length")) > MAX_BODY_BYTES) throw new TransportFault("too_large");
  } catch (error) {
    letGo(answer);
    throw error;
  }
  const body = new Body();
  if (answer.body !== null) {
    // Leaving the loop early, by a body that is too large, lets go of the connection.
    for await (const part of answer.body) body.add(part);
  }
  return new Answer(status, headers, body.whole());
}

/** Ends a body that is not read, and with it the connection. */
function letGo(answer: FetchResponse): void {
  const body = answer.body as { cancel?: () => Promise<unknown> } | null;
  body?.cancel?.().catch(() => undefined);
}
