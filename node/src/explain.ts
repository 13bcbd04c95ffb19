/** What a code means and what to do about it, and what each next step asks of whom. In English and Chinese. */
import { ConfigurationError } from "./errors.js";
import type { NextStep } from "./generated/codes.js";
import { native } from "./native.js";
import { isPlain, maybeText, plainOf, text } from "./plain.js";
import { calling } from "./problem.js";
import { printable, shown, unfit } from "./text.js";

/** The languages that texts exist in. */
export type Language = "en" | "zh";

/** What one code means. */
export interface Explanation {
  /** Whose code; `undefined` for this library's own words for faults. */
  readonly protocol: string | undefined;
  readonly code: string;
  readonly meaning: string;
  /** What to do. */
  readonly action: string;
}

/** What the people around a refund do at a next step. */
export interface StepExplanation {
  readonly step: string;
  /** What the person at the counter does. */
  readonly clerk: string;
  /** What the engineer does. */
  readonly engineer: string;
  /** What the traveller is told. */
  readonly traveller: string;
}

/**
 * Everything known of a code: provider codes, sub codes, faults (`timeout`), states (`status:F`); empty for an unknown one.
 *
 * @throws {ConfigurationError} for a code that is no text, and another language.
 */
export function explainCode(code: string, language: Language = "en"): readonly Explanation[] {
  if (typeof code !== "string") throw unfit("code", "a string", code);
  const found: unknown = JSON.parse(calling(() => native.explain(printable(code), nameOf(language))));
  const plain = Array.isArray(found) ? found.filter(isPlain) : [];
  return Object.freeze(
    plain.map((one) =>
      Object.freeze({
        protocol: maybeText(one, "protocol"),
        code: text(one, "code"),
        meaning: text(one, "meaning"),
        action: text(one, "action"),
      }),
    ),
  );
}

/**
 * What to do at a next step.
 *
 * @throws {ConfigurationError} for a step that does not exist, and another language.
 */
export function explainStep(step: NextStep, language: Language = "en"): StepExplanation {
  if (typeof step !== "string") throw unfit("step", "a string", step);
  const found = calling(() => native.explainStep(printable(step), nameOf(language)));
  if (found === null) {
    throw new ConfigurationError(`step: ${shown(step)} is no next step; see NextStep`, { field: "step" });
  }
  const one = plainOf(found);
  return Object.freeze({
    step: text(one, "step"),
    clerk: text(one, "clerk"),
    engineer: text(one, "engineer"),
    traveller: text(one, "traveller"),
  });
}

/** What a code means within one protocol: the sub code first, which says more; empty when nothing is known. */
export function meaningOf(
  protocol: string,
  code: string,
  subCode: string | undefined,
  language: Language = "en",
): string {
  for (const one of [subCode, code]) {
    if (!one) continue;
    const found = explainCode(one, language).find(
      (known) => known.protocol === undefined || known.protocol === protocol,
    );
    if (found !== undefined) return found.meaning;
  }
  return "";
}

function nameOf(language: Language): string {
  if (language === "en") return "english";
  if ((language as unknown) === "zh") return "chinese";
  throw new ConfigurationError(`language: must be en or zh, is ${shown(language)}`, { field: "language" });
}
