/** What was sent and heard of one refund. */
import { inspect, type InspectOptionsStylized } from "node:util";

import { jsPath } from "./paths.js";
import { type Plain, isPlain, list, maybeText, number, own, text } from "./plain.js";

/** Why: a provider's code, or our word for a fault. As text it is the codes, and whether they are verified. */
export interface Reason {
  /** The gateway's `code`, a `resultCode`, or a fault such as `timeout`; `explainCode` knows it. */
  readonly code: string;
  /** The gateway's `sub_code`. */
  readonly subCode?: string | undefined;
  /** The provider's own text, for engineers. It may repeat parts of the request, so text, JSON and `console.log` leave it out. */
  readonly message?: string | undefined;
  /** Whether a verified answer said so. */
  readonly verified: boolean;
  /** `40004 INVALID_PARAMETER`, `timeout (not verified)`. */
  toString(): string;
}

/** One send and what came of it. */
export interface Attempt {
  /** `pay`, `query`, … */
  readonly interface: string;
  /** Milliseconds since 1970, by the driver's clock. */
  readonly sentAtMs: number;
  readonly tookMs: number;
  readonly reason: Reason | undefined;
}

/** Something unusual about a request that did not stop it: it was sent as given. */
export interface Warning {
  /** Where, in JavaScript's names. */
  readonly path: string;
  readonly rule: string;
  readonly message: string;
}

/** Bytes received, kept as proof. They may hold personal data, so JSON and `console.log` leave them out. */
export interface Evidence {
  /** The HTTP status. */
  readonly status: number;
  /** Whether the signature over exactly these bytes was good. */
  readonly verified: boolean;
  /** The signature header, for the protocols that sign by header, with the time it covers. */
  readonly headers: readonly (readonly [string, string])[];
  /** As received, at most 64 KiB of it. */
  readonly body: Buffer;
  /** Whether the body was longer than what is kept. */
  readonly truncated: boolean;
}

/** What was sent and heard. */
export interface Report {
  /** The operation's name: `alipay.pay_tax_refund`. */
  readonly operation: string;
  /** The idempotency key. */
  readonly key: string;
  /** Every send of this run, oldest first. */
  readonly attempts: readonly Attempt[];
  readonly warnings: readonly Warning[];
  /** The provider asked for a lower call rate; whoever paces this account should slow down. */
  readonly slowDown: boolean;
  /** The bytes that decided, or the last ones received. */
  readonly evidence: Evidence | undefined;
}

/** A value that shows only what logs may have. */
export abstract class Shown {
  /** What may be shown. */
  abstract toJSON(): unknown;

  /** @internal */
  [inspect.custom](_depth: number, options: InspectOptionsStylized): string {
    return inspect(this.toJSON(), options);
  }
}

class PlainReason extends Shown implements Reason {
  readonly code: string;
  readonly subCode: string | undefined;
  readonly message: string | undefined;
  readonly verified: boolean;

  constructor(plain: Plain) {
    super();
    this.code = text(plain, "code");
    this.subCode = maybeText(plain, "sub_code");
    this.message = maybeText(plain, "message");
    this.verified = own(plain, "verified") === true;
    Object.freeze(this);
  }

  override toString(): string {
    return reasonText(this);
  }

  toJSON(): Record<string, unknown> {
    const { code, subCode, verified } = this;
    return subCode === undefined ? { code, verified } : { code, subCode, verified };
  }
}

class KeptEvidence extends Shown implements Evidence {
  readonly status: number;
  readonly verified: boolean;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
  readonly truncated: boolean;

  constructor(plain: Plain) {
    super();
    this.status = number(plain, "status");
    this.verified = own(plain, "verified") === true;
    const pairs = list(plain, "headers").filter((pair): pair is unknown[] => Array.isArray(pair));
    this.headers = Object.freeze(
      pairs.map((pair) => Object.freeze([String(pair[0]), String(pair[1])] as const)),
    );
    this.body = Buffer.from(text(plain, "body"), "base64");
    this.truncated = own(plain, "truncated") === true;
    Object.freeze(this);
  }

  toJSON(): Record<string, unknown> {
    const { status, verified, truncated } = this;
    return { status, verified, body: `«${this.body.length} bytes»`, truncated };
  }
}

/** A reason as text: `40004 INVALID_PARAMETER`, `timeout (not verified)`. */
export function reasonText(reason: Reason): string {
  const code = reason.subCode ? `${reason.code} ${reason.subCode}` : reason.code;
  return reason.verified ? code : `${code} (not verified)`;
}

/** A reason from its JSON object. */
export function reasonOf(plain: unknown): Reason {
  return new PlainReason(isPlain(plain) ? plain : {});
}

/** A report from its JSON object. */
export function reportOf(plain: unknown): Report {
  const given = isPlain(plain) ? plain : {};
  const operation = text(given, "operation");
  const evidence = own(given, "evidence");
  return Object.freeze({
    operation,
    key: text(given, "key"),
    attempts: Object.freeze(list(given, "attempts").filter(isPlain).map(attemptOf)),
    warnings: Object.freeze(
      list(given, "warnings")
        .filter(isPlain)
        .map((one) => warningOf(one, operation)),
    ),
    slowDown: own(given, "slow_down") === true,
    evidence: isPlain(evidence) ? new KeptEvidence(evidence) : undefined,
  });
}

function attemptOf(plain: Plain): Attempt {
  const reason = own(plain, "reason");
  return Object.freeze({
    interface: text(plain, "interface"),
    sentAtMs: number(plain, "sent_at_ms"),
    tookMs: number(plain, "took_ms"),
    reason: isPlain(reason) ? reasonOf(reason) : undefined,
  });
}

function warningOf(plain: Plain, operation: string): Warning {
  return Object.freeze({
    path: jsPath(text(plain, "path"), operation),
    rule: text(plain, "rule"),
    message: text(plain, "message"),
  });
}
