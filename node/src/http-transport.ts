/** The built-in transport: Node's own HTTP and HTTPS, connections kept alive, nothing sent twice. */
import type * as http from "node:http";
import type { SecureContextOptions } from "node:tls";

import type * as nodeTransport from "./node-transport.js";
import type { HttpRequest, HttpResponse, Transport } from "./transport.js";

/** Settings of the network. Certificates and keys are as `node:tls` takes them. */
export interface HttpTransportSettings {
  /** Certificate authorities to trust *instead of* Node's; add `tls.rootCertificates` to trust both. */
  readonly ca?: SecureContextOptions["ca"] | null;
  /** The client's own certificate, its chain included, where the network asks for one. */
  readonly cert?: SecureContextOptions["cert"] | null;
  /** Its private key. */
  readonly key?: SecureContextOptions["key"] | null;
  /** What the key is encrypted with. */
  readonly passphrase?: string | null;
  /** Connecting, TLS included, must be done after this; 5,000 ms. */
  readonly connectTimeoutMs?: number | null;
  /** Connections kept without a request, per host; 64. They are closed after 15 seconds. */
  readonly idleConnections?: number | null;
  /** An agent of your own, such as one for a proxy. Then the settings above are its part, and it must not repeat requests. */
  readonly agent?: http.Agent | null;
}

/** HTTPS over connections that are kept; plain HTTP goes to this machine only. */
export interface HttpTransport extends Transport {
  exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse>;
  /** Closes its connections. Exchanges under way end as `reset`. */
  close(): void;
}

/**
 * A transport with its own connections. Throws `ConfigurationError` for a setting that cannot be used.
 *
 * It follows no redirect, repeats nothing, takes answers of at most 1 MiB that are not compressed, and always checks
 * certificates, whatever the environment says. It reads no proxy from the environment: give an `agent`, or see
 * `fetchTransport`.
 */
export function httpTransport(settings: HttpTransportSettings = {}): HttpTransport {
  return new (node().NodeTransport)(settings);
}

let shared: HttpTransport | undefined;

/** The transport of clients that are given none. They share its connections. */
export function defaultTransport(): HttpTransport {
  return (shared ??= httpTransport());
}

/** Loaded late: Node's HTTP and TLS are the larger part of the time that the package takes to load. */
function node(): typeof nodeTransport {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require("./node-transport.js") as typeof nodeTransport;
}
