/** `taxrefund explain CODE...`: what a code or a next step means, and what to do. */
import { ConfigurationError } from "../errors.js";
import { explainCode, explainStep, type Language, type StepExplanation } from "../explain.js";
import type { NextStep } from "../generated/codes.js";
import { ERROR, FINE, UsageError } from "./ending.js";
import type { Command, Values } from "./program.js";
import { note, out, printable } from "./terminal.js";

export const explain: Command = {
  name: "explain",
  help: "what a code or a next step means, and what to do",
  usage: "taxrefund explain [--zh] CODE...",
  description: `Knows the providers' codes and sub codes, states (status:F), this program's words for faults
(timeout) and the next steps. Needs no configuration.`,
  details: `options:
  --zh              in Chinese

examples:
  taxrefund explain TAX_REFUND_FAILED timeout resume_later
  taxrefund explain --zh 40004`,
  options: { zh: { type: "boolean" } },
  isConfigured: false,
  run: (values, codes) => Promise.resolve(tell(values, codes)),
};

function tell(values: Values, codes: readonly string[]): number {
  if (codes.length === 0) throw new UsageError("a code, a fault or a next step is needed");
  const language: Language = values["zh"] === true ? "zh" : "en";
  const unknown = codes.filter((code) => !isExplained(code, language));
  for (const code of unknown) {
    note(
      `${printable(code)} is not known here: no published page names it. What counts is the refund's state in the ` +
        "journal: failed is verified; unknown means that money may have moved, so keep the number, enter nothing again, " +
        "and ask the provider's support",
    );
  }
  return unknown.length > 0 ? ERROR : FINE;
}

function isExplained(code: string, language: Language): boolean {
  const found = explainCode(code, language);
  for (const one of found) {
    out(`${one.code} (${one.protocol ?? "taxrefund"}): ${one.meaning}\n  to do: ${one.action}`);
  }
  const step = stepOf(code, language);
  if (step === undefined) return found.length > 0;
  const [clerk, engineer, traveller] =
    language === "zh" ? ["收银员", "工程师", "旅客"] : ["clerk", "engineer", "traveller"];
  out(
    `${step.step}:\n  ${clerk}: ${step.clerk}\n  ${engineer}: ${step.engineer}\n  ${traveller}: ${step.traveller}`,
  );
  return true;
}

function stepOf(name: string, language: Language): StepExplanation | undefined {
  try {
    return explainStep(name as NextStep, language);
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  }
}
