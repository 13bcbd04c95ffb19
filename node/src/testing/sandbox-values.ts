/** What the simulator tells, as typed values. */

/** How to call the open gateway of the simulator. All keys are public TEST keys. */
export interface GatewayCredentials {
  /** The one address of all gateway interfaces. */
  readonly gatewayUrl: string;
  /** The app in public key mode. */
  readonly appId: string;
  /** The app in certificate mode (same key pairs). */
  readonly certificateAppId: string;
  /** The caller's private key, PKCS#8 PEM. */
  readonly partnerPrivateKeyPem: string;
  readonly partnerPublicKeyPem: string;
  /** The key answers and notifications are verified with. */
  readonly platformPublicKeyPem: string;
  /** What the simulator signs with: for test notifications. */
  readonly platformPrivateKeyPem: string;
  /** Certificate mode: the app's certificate. */
  readonly appCertificatePem: string;
  /** Certificate mode: the platform's certificate followed by its issuer. */
  readonly platformCertificatePem: string;
  /** Certificate mode: the root bundle. */
  readonly rootCertificatesPem: string;
  readonly appCertSn: string;
  readonly alipayCertSn: string;
  readonly alipayRootCertSn: string;
}

/** How to call a protocol that signs in headers. All keys are public TEST keys. */
export interface CallerCredentials {
  /** Scheme, host and port; the path is the protocol's own. */
  readonly baseUrl: string;
  /** The sandbox client id (`SANDBOX_...`). */
  readonly clientId: string;
  /** A client id without that prefix: Antom then uses the plain `/ams/api` paths. */
  readonly plainClientId: string;
  /** The only key version known. */
  readonly keyVersion: string;
  readonly partnerPrivateKeyPem: string;
  readonly partnerPublicKeyPem: string;
  readonly platformPublicKeyPem: string;
  /** What the simulator signs with: for test notifications. */
  readonly platformPrivateKeyPem: string;
}

/** Identities and TEST keys of all three protocols. */
export interface SandboxCredentials {
  readonly baseUrl: string;
  readonly alipay: GatewayCredentials;
  readonly alipayPlus: CallerCredentials;
  readonly antom: CallerCredentials;
}

/** What became of one idempotency key. */
export interface LedgerEntry {
  /** `alipay`, `alipay_plus` or `antom`. */
  readonly protocol: string;
  /** The app id or client id. */
  readonly account: string;
  readonly key: string;
  /** The interface that owns the key. */
  readonly operation: string;
  /** What the money was for: the form's number, or the payment's id. */
  readonly form: string | undefined;
  readonly currency: string;
  /** In the currency's smallest unit. */
  readonly amount: string;
  /** How often money moved under this key. */
  readonly paidTimes: number;
  readonly state: "absent" | "succeeded" | "failed" | "in_process" | "unresolved" | "recorded";
  /** The platform's number. */
  readonly reference: string | undefined;
  /** Authenticated requests per interface. */
  readonly requests: Readonly<Record<string, number>>;
  /** Whether a complete, genuine answer to a request that pays or records was ever handed to the connection. */
  readonly answerDelivered: boolean;
}

/** One form or payment for which money moved more than once. */
export interface DoublePaid {
  readonly protocol: string;
  readonly account: string;
  /** The form's number; for Antom `paymentId/CURRENCY/amount`. */
  readonly form: string;
  readonly paidTimes: number;
  /** The keys under which it moved. */
  readonly keys: readonly string[];
}

/** The truth about who was paid how often. */
export interface Ledger {
  /** The seed all choices came from. */
  readonly seed: number;
  readonly totals: {
    readonly keys: number;
    /** Entries for which money moved. */
    readonly paidKeys: number;
    /** How often money moved. */
    readonly paidTimes: number;
    /** Authenticated requests seen for these keys. */
    readonly requests: number;
    /** Money moved per protocol and currency, in the smallest unit; the name is `protocol/CURRENCY`. */
    readonly paidMinor: Readonly<Record<string, number>>;
  };
  /** Every key that pays or records, whether it was accepted or not. */
  readonly entries: readonly LedgerEntry[];
  readonly doublePaid: readonly DoublePaid[];
}

/** One authenticated request, as the simulator's log keeps it. */
export interface SandboxRequest {
  /** Counts all authenticated requests, from 1. */
  readonly number: number;
  /** When, in UTC+8. */
  readonly at: string;
  readonly protocol: string;
  /** The interface's short name. */
  readonly interface: string;
  readonly account: string;
  /** The idempotency key; a traveller's account or code is masked. */
  readonly key: string;
  /** Of the business bytes as sent. */
  readonly businessSha256: string;
  /** The rules that took hold. */
  readonly faults: readonly string[];
  /** What the platform answered, or `none` if the request never reached it. */
  readonly answer: string;
}

/** One notification and how it was taken. */
export interface SandboxNotification {
  readonly protocol: string;
  /** The idempotency key it is about. */
  readonly key: string;
  /** Where it was sent. */
  readonly url: string;
  readonly kind: "genuine" | "forged" | "contradicting";
  /** How often it was sent. */
  readonly attempts: number;
  /** Whether the last reply was the acknowledgement the protocol asks for. */
  readonly acknowledged: boolean;
}

/** The ledger as the simulator writes it. @internal */
export interface PlainLedger {
  readonly totals: { readonly paid_minor: object };
  readonly entries: readonly { readonly requests: object }[];
}

/** Names of protocols and interfaces are data: they stay as they are. @internal */
export function ledgerOf(plain: PlainLedger): Ledger {
  const ledger = camel(plain) as Ledger;
  return Object.freeze({
    ...ledger,
    totals: Object.freeze({ ...ledger.totals, paidMinor: Object.freeze({ ...plain.totals.paid_minor }) }),
    entries: Object.freeze(
      ledger.entries.map((entry, at) =>
        Object.freeze({ ...entry, requests: Object.freeze({ ...plain.entries[at]?.requests }) }),
      ),
    ),
  });
}

/** The same, frozen, with JavaScript's names; `null` is left out. @internal */
export function camel(plain: unknown): unknown {
  if (Array.isArray(plain)) return Object.freeze(plain.map(camel));
  if (typeof plain !== "object" || plain === null) return plain;
  const named: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(plain)) {
    if (value === null) continue;
    named[name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())] = camel(value);
  }
  return Object.freeze(named);
}
