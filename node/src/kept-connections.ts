/** Connections that are kept between requests. One on which something comes that nobody asked for is not used again. */
import { X509Certificate } from "node:crypto";
import * as http from "node:http";
import * as https from "node:https";
import type { Duplex } from "node:stream";
import { createSecureContext, type SecureContext } from "node:tls";

import { ConfigurationError } from "./errors.js";
import { shaped } from "./shapes.js";
import { positive } from "./transport.js";

/** Who makes and keeps connections. */
export interface Agents {
  readonly plain: http.Agent;
  readonly secure: http.Agent;
}

/** Idle connections are closed after this: longer than that, something on the way may have forgotten them. */
const IDLE_MS = 15_000;
const IDLE_CONNECTIONS = 64;
const OURS = ["ca", "cert", "key", "passphrase", "idleConnections"] as const;

/** Agents for a transport's settings. Throws `ConfigurationError` for one that cannot be used. */
export function agentsOf(settings: Readonly<Record<string, unknown>>): Agents {
  const given = settings["agent"];
  if (given !== undefined && given !== null) {
    const agent = givenAgent(given, settings);
    return { plain: agent, secure: agent };
  }
  const maxFreeSockets = positive("transport.idleConnections", settings["idleConnections"], IDLE_CONNECTIONS);
  const kept = { keepAlive: true, maxFreeSockets, timeout: IDLE_MS };
  const secureContext = secureContextOf(settings);
  return {
    plain: new PlainAgent(kept),
    // Said here, it counts for more than what the environment says.
    secure: new SecureAgent({ ...kept, ...(secureContext && { secureContext }), rejectUnauthorized: true }),
  };
}

/* What Node's own `keepSocketAlive` says is whether the connection is kept, which its types do not know. */

class PlainAgent extends http.Agent {
  override keepSocketAlive(socket: Duplex): boolean {
    socket.on("data", end);
    const keep: (one: Duplex) => unknown = (one) => super.keepSocketAlive(one);
    return keep(socket) !== false;
  }

  override reuseSocket(socket: Duplex, request: http.ClientRequest): void {
    socket.off("data", end);
    super.reuseSocket(socket, request);
  }
}

class SecureAgent extends https.Agent {
  override keepSocketAlive(socket: Duplex): boolean {
    socket.on("data", end);
    const keep: (one: Duplex) => unknown = (one) => super.keepSocketAlive(one);
    return keep(socket) !== false;
  }

  override reuseSocket(socket: Duplex, request: http.ClientRequest): void {
    socket.off("data", end);
    super.reuseSocket(socket, request);
  }
}

/** Whatever comes while a connection waits: it could be taken for the answer to the next request. */
function end(this: Duplex): void {
  this.destroy();
}

function givenAgent(given: unknown, settings: Readonly<Record<string, unknown>>): http.Agent {
  for (const name of OURS) {
    if (settings[name] === undefined || settings[name] === null) continue;
    throw new ConfigurationError(`transport.${name}: is the agent's part when an agent is given`, {
      field: `transport.${name}`,
    });
  }
  return shaped<http.Agent>("transport.agent", "an agent of node:http or node:https", given, ["destroy"]);
}

/** What certificates and keys come to; nothing when there are none. */
function secureContextOf(settings: Readonly<Record<string, unknown>>): SecureContext | undefined {
  const given: Record<string, unknown> = {};
  for (const name of ["ca", "cert", "key", "passphrase"] as const) {
    if (settings[name] !== undefined && settings[name] !== null) given[name] = settings[name];
  }
  const names = Object.keys(given);
  if (names.length === 0) return undefined;
  try {
    // Node passes over an authority that it cannot read; nothing would be trusted then, and nobody would know why.
    for (const authority of [given["ca"] ?? []].flat()) new X509Certificate(authority as string | Buffer);
    return createSecureContext(given);
  } catch (cause) {
    const field = `transport.${names[0] ?? "ca"}`;
    throw new ConfigurationError(`transport: ${names.join(", ")} cannot be used as PEM`, { field, cause });
  }
}
