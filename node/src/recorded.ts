/** How a refund stands by what is recorded, as an outcome: also one that is not final. */
import type { PlainEntry, PlainRecord } from "./entries.js";
import type { Account, Journal } from "./native.js";
import { type Plain, isPlain, jsonText, maybeText, number, own } from "./plain.js";
import { called } from "./problem.js";

/**
 * The outcome as JSON; `undefined` for a refund that the journal does not have.
 *
 * One that is not final holds no state: the journal does, and resumes it.
 *
 * @internal
 */
export async function recordedOutcome(
  journal: Journal,
  account: Account,
  key: string,
): Promise<string | undefined> {
  const entry = await called(() => journal.find(account, key));
  if (entry === null) return undefined;
  const final = await called(() => journal.outcome(entry));
  if (final !== null) return final;
  const plain = JSON.parse(entry.json) as PlainEntry;
  const story = JSON.parse(await called(() => journal.story(entry, false))) as PlainRecord[];
  const attempts = story.flatMap((record) => attemptOf(record));
  return jsonText({
    outcome: "unknown",
    reason: reasonOf(plain, attempts),
    next_step: plain.next_step ?? "resume_later",
    report: { operation: plain.operation, key, attempts },
    resume: null,
  });
}

interface Attempt {
  readonly interface: string;
  readonly sent_at_ms: number;
  readonly took_ms: number;
  readonly reason: Reason | null;
}

interface Reason {
  readonly code: string;
  readonly sub_code: string | null;
  readonly verified: boolean;
}

function reasonOf(entry: PlainEntry, attempts: readonly Attempt[]): Reason {
  for (const { reason } of attempts.toReversed()) {
    if (reason !== null && (entry.code == null || entry.code === reason.code)) return reason;
  }
  return { code: entry.code ?? "cancelled", sub_code: entry.sub_code ?? null, verified: false };
}

function attemptOf(record: PlainRecord): Attempt[] {
  const content: Plain = isPlain(record.content) ? record.content : {};
  const called = maybeText(content, "interface");
  if ((record.kind !== "attempt" && record.kind !== "late") || called === undefined) return [];
  const code = maybeText(content, "code");
  const verified = own(content, "verified") === true;
  const sub_code = maybeText(content, "sub_code") ?? null;
  const reason = code === undefined ? null : { code, sub_code, verified };
  return [
    {
      interface: called,
      sent_at_ms: number(content, "sent_at_ms"),
      took_ms: number(content, "took_ms"),
      reason,
    },
  ];
}
