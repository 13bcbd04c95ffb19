/** Looks at keys and certificates before the first refund, and says what is wrong with them. Nothing is sent. */
import { type KeyMaterial, optionalKey } from "./account.js";
import { native } from "./native.js";
import { isPlain, jsonText, list, maybeText, own, plainOf, text } from "./plain.js";
import { calling } from "./problem.js";
import { optionalText, settingsOf } from "./text.js";

/** What was seen of one thing. */
export interface Finding {
  readonly subject: string;
  readonly whatItIs: string;
  /** The stable code of what is wrong; `undefined` when nothing is. */
  readonly problem: string | undefined;
  /** What to do; empty where there is nothing to do. */
  readonly advice: string;
}

/** What was found. As a string it is the whole of it for a person; no key material is in it. */
export interface Diagnosis {
  readonly environment: string | undefined;
  readonly findings: readonly Finding[];
  readonly healthy: boolean;
  /** The whole of it. */
  readonly text: string;
  /** The same. */
  toString(): string;
}

/** What to examine: alone, and whether it belongs together. */
export interface Examined {
  readonly environment?: string | null | undefined;
  readonly merchantPrivateKey?: KeyMaterial | null | undefined;
  readonly merchantPublicKey?: KeyMaterial | null | undefined;
  readonly platformPublicKey?: KeyMaterial | null | undefined;
  readonly appCertificate?: KeyMaterial | null | undefined;
  readonly platformCertificate?: KeyMaterial | null | undefined;
  readonly rootBundle?: KeyMaterial | null | undefined;
}

const KEYS = {
  merchantPrivateKey: "merchant_private_key",
  merchantPublicKey: "merchant_public_key",
  platformPublicKey: "platform_public_key",
  appCertificate: "app_certificate",
  platformCertificate: "platform_certificate",
  rootBundle: "root_bundle",
} as const;

/**
 * Examines whatever is given. What is wrong with a key is a finding, no error.
 *
 * @throws {ConfigurationError} for what is no key material at all, and a file that cannot be read.
 */
export function diagnose(examined: Examined): Diagnosis {
  const given = settingsOf("diagnose", examined, ["environment", ...Object.keys(KEYS)]);
  const input: Record<string, unknown> = { environment: optionalText("environment", given["environment"]) };
  for (const [name, wire] of Object.entries(KEYS)) input[wire] = optionalKey(name, given[name]);
  const now = Math.floor(Date.now() / 1000);
  const plain = plainOf(calling(() => native.doctor(jsonText(input), now)));
  const findings = list(plain, "findings")
    .filter(isPlain)
    .map((one) =>
      Object.freeze({
        subject: text(one, "subject"),
        whatItIs: text(one, "what_it_is"),
        problem: maybeText(one, "problem"),
        advice: text(one, "advice"),
      }),
    );
  const words = text(plain, "text");
  const diagnosis = {
    environment: maybeText(plain, "environment"),
    findings: Object.freeze(findings),
    healthy: own(plain, "healthy") === true,
    text: words,
  };
  Object.defineProperty(diagnosis, "toString", { value: () => words });
  return Object.freeze(diagnosis);
}
