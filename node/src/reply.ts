/** What is sent back to a provider that notified. */
import { type Plain, jsonText, list, number, text } from "./plain.js";

/**
 * An HTTP answer to send back, exactly: `response.writeHead(reply.status, reply.headers).end(reply.body)` in node:http, and
 * `new Response(reply.body, reply)` where handlers return one.
 */
export interface Reply {
  readonly status: number;
  /** Header values by their names. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body; as bytes it is UTF-8. */
  readonly body: string;
}

/** A reply from its JSON object. */
export function replyOf(plain: Plain): Reply {
  const headers: Record<string, string> = {};
  for (const pair of list(plain, "headers")) {
    if (!Array.isArray(pair)) continue;
    const [name, value] = pair as unknown[];
    // Defined, not assigned: no name may reach a prototype.
    Object.defineProperty(headers, String(name), {
      value: String(value),
      enumerable: true,
      configurable: true,
    });
  }
  return Object.freeze({
    status: number(plain, "status") || 400,
    headers: Object.freeze(headers),
    body: text(plain, "body"),
  });
}

/** A reply as the native module reads it. */
export function replyJson(reply: Reply): string {
  const headers = Object.entries(reply.headers);
  return jsonText({ status: reply.status, headers, body: reply.body });
}
