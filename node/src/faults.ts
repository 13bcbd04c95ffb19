/** What Node, its TLS and undici call a fault, in the words of the flow. Their texts may name addresses and are left out. */
import { TransportFault, type TransportFaultName } from "./transport.js";

const BY_CODE = new Map<string, TransportFaultName>([
  ["ECONNREFUSED", "refused"],
  ["ENOTFOUND", "dns"],
  ["ETIMEDOUT", "timeout"],
  ["ESOCKETTIMEDOUT", "timeout"],
  ["UND_ERR_CONNECT_TIMEOUT", "timeout"],
  ["UND_ERR_HEADERS_TIMEOUT", "timeout"],
  ["UND_ERR_BODY_TIMEOUT", "timeout"],
  ["EHOSTUNREACH", "connect_failed"],
  ["ENETUNREACH", "connect_failed"],
  ["EADDRNOTAVAIL", "connect_failed"],
  ["EMFILE", "connect_failed"],
  ["ENFILE", "connect_failed"],
  ["EACCES", "connect_failed"],
  ["ECONNRESET", "reset"],
  ["EPIPE", "reset"],
  ["UND_ERR_SOCKET", "reset"],
  ["UND_ERR_PRX_TLS", "proxy"],
  ["HPE_HEADER_OVERFLOW", "too_large"],
  ["UND_ERR_HEADERS_OVERFLOW", "too_large"],
  ["UND_ERR_RES_EXCEEDED_MAX_SIZE", "too_large"],
  ["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", "malformed"],
  ["ERR_HTTP_CONTENT_LENGTH_MISMATCH", "malformed"],
  ["ERR_INVALID_PROTOCOL", "connect_failed"],
]);

const BY_BEGINNING: readonly (readonly [string, TransportFaultName])[] = [
  ["EAI_", "dns"],
  ["HPE_", "malformed"],
  ["ERR_TLS_", "tls"],
  ["ERR_SSL_", "tls"],
  ["ERR_OSSL_", "tls"],
  ["EPROTO", "tls"],
  ["CERT_", "tls"],
  ["CRL_", "tls"],
  ["UNABLE_TO_", "tls"],
  ["SELF_SIGNED_", "tls"],
  ["DEPTH_ZERO_", "tls"],
  ["INVALID_CA", "tls"],
  ["INVALID_PURPOSE", "tls"],
  ["HOSTNAME_MISMATCH", "tls"],
  ["ERROR_IN_CERT_", "tls"],
];

/** How far causes are looked through. */
const DEPTH = 6;

/** The fault behind an error: the first that is known, from the outermost to its last cause. */
export function faultOf(error: unknown): TransportFault {
  if (error instanceof TransportFault) return error;
  let at: unknown = error;
  for (let depth = 0; depth < DEPTH && typeof at === "object" && at !== null; depth += 1) {
    const { code, message, cause, errors } = at as Record<string, unknown>;
    if (at instanceof TransportFault) return at;
    const name = typeof code === "string" ? named(code) : undefined;
    if (name !== undefined)
      return new TransportFault(name, name === "tls" ? String(code) : "", { cause: error });
    if (typeof message === "string" && /^Proxy response/i.test(message)) {
      return new TransportFault("proxy", "", { cause: error });
    }
    at = cause ?? (Array.isArray(errors) ? (errors as unknown[])[0] : undefined);
  }
  return new TransportFault("reset", "", { cause: error });
}

function named(code: string): TransportFaultName | undefined {
  return BY_CODE.get(code) ?? BY_BEGINNING.find(([beginning]) => code.startsWith(beginning))?.[1];
}
