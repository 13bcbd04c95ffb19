/** What code of the host threw where nobody expected it: shown to its engineers, never in an outcome. */
import { isA, kindOf, printable, shortened } from "./text.js";

const MOST_KINDS = 64;
const seen = new Map<string, number>();

/**
 * Shows something that a transport, a signer, an observer or a clock threw as a warning of the process, and gives its
 * type's name. Its text is left out, which may hold anything. What is thrown again and again is shown the first, second,
 * fourth, eighth, … time.
 */
export function unexpected(who: string, error: unknown): string {
  const name = thrownName(error);
  const about = `${who} threw ${name}`;
  const times = (seen.get(about) ?? 0) + 1;
  if (times === 1 && seen.size >= MOST_KINDS) return name;
  seen.set(about, times);
  if ((times & (times - 1)) === 0) {
    const often = times === 1 ? "" : ` (${String(times)} times now)`;
    process.emitWarning(about + often, { type: "TaxRefundWarning", detail: placesOf(error) });
  }
  return name;
}

/** The name of a thrown thing's type. */
export function thrownName(error: unknown): string {
  if (!isA(error, Error)) return kindOf(error);
  try {
    const name: unknown = error.constructor.name;
    return typeof name === "string" && name !== "" ? shortened(printable(name)) : "Error";
  } catch {
    return "Error";
  }
}

/** Where it was thrown, without its text. */
function placesOf(error: unknown): string {
  try {
    const stack: unknown = (error as Error).stack;
    if (typeof stack !== "string") return "";
    return stack
      .split("\n")
      .filter((line) => line.startsWith("    at "))
      .slice(0, 10)
      .join("\n");
  } catch {
    return "";
  }
}
