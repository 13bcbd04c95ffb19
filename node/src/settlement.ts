/**
 * The settlement check: what the journal recorded, held against a provider's list, with the differences by kind.
 *
 * Nothing is paid, asked or changed here. A list is no verified answer: it tells people where to look, and only a resumed
 * refund closes an entry of the journal.
 */
import { inspect } from "node:util";

import { pathOf, sourceOf, whole, type Sink, type Source } from "./files.js";
import { checked, wrong } from "./given.js";
import type { OperationName } from "./journal-types.js";
import { Money } from "./money.js";
import type { OpenJournal } from "./open-journal.js";
import { operationOf } from "./operations.js";
import { exactJson, jsonText } from "./plain.js";
import { oneOf } from "./text.js";

/** How to read a provider's list, a CSV file in UTF-8. Columns and status texts are found whatever their case. */
export interface ListOptions {
  /** The column of the key that the journal has too. Default `key`. */
  keyColumn?: string | undefined;
  /** Default `amount`. */
  amountColumn?: string | undefined;
  /** `major` (the default): `12.34` is SGD 12.34. `minor`: `1234` is. */
  amountUnit?: "major" | "minor" | undefined;
  /** Default `currency`. */
  currencyColumn?: string | undefined;
  /** The list has no such column; every line is in this currency. */
  currency?: string | undefined;
  /** Default `status`. */
  statusColumn?: string | undefined;
  /** The list has no such column; it holds paid refunds only. */
  allPaid?: boolean | undefined;
  /** Status texts that mean paid. Default `SUCCESS`, `SUCCEEDED`, `S`, `PAID`, `SETTLED`, `REFUND_SUCCESS`, `TRADE_SUCCESS`. */
  paidTexts?: readonly string[] | undefined;
  /** Status texts that mean failed. Default `FAIL`, `FAILED`, `F`, `CLOSED`. A text in neither is a problem. */
  failedTexts?: readonly string[] | undefined;
  /** Default `comma`. */
  delimiter?: "comma" | "semicolon" | "tab" | undefined;
}

/** What is compared with a list, and how. */
export interface SettlementOptions extends ListOptions {
  /** What the list is about: `alipay.pay_tax_refund`, `antom.refund`, … */
  operation: OperationName;
  /** The app id or client id, where the journal has several. */
  account?: string | undefined;
  /** Only refunds that were recorded at this time or later. */
  since?: Date | undefined;
  /** Only refunds that were recorded before this time. */
  before?: Date | undefined;
  /** Where to write the differences as CSV, if anywhere. */
  csv?: Sink | undefined;
}

/** What the journal says of a key. */
export interface RecordedRefund {
  readonly operation: string;
  readonly state: "open" | "succeeded" | "failed" | "unknown";
  readonly amount: Money | undefined;
  readonly reference: string | undefined;
}

/** What one line of the list says. */
export interface ListedRefund {
  readonly line: number;
  readonly state: "paid" | "failed" | "unreadable";
  /** As it stands there. */
  readonly status: string;
  readonly amount: Money | undefined;
}

/** One difference of one key; a key can have several. */
export interface Difference {
  readonly kind: "status" | "duplicate" | "extra" | "missing" | "amount";
  readonly severity: "critical" | "serious" | "notice";
  readonly key: string;
  /** `undefined`: the journal does not know the key. */
  readonly journal: RecordedRefund | undefined;
  /** Every line of the key; empty when the list does not have it. */
  readonly list: readonly ListedRefund[];
  /** What to do, in one sentence. */
  readonly advice: string;
}

/** Why a line of the list, or an entry of the journal, was not compared. */
export interface SettlementProblem {
  readonly line: number;
  readonly key: string | undefined;
  readonly column: string;
  readonly rule: string;
  readonly message: string;
}

/** How much was compared, and how it came out. */
export interface SettlementCounts {
  /** Entries of the journal: each is agreeing, differing, open or uncompared. */
  readonly recorded: number;
  readonly lines: number;
  readonly agreeing: number;
  readonly differing: number;
  /** Open and unknown entries that the list does not have: it may be too early for them. */
  readonly open: number;
  readonly uncompared: number;
  readonly amountsUnchecked: number;
  /** Keys that the list has as failed and the journal does not know: no money moved by either. */
  readonly failedUnrecorded: number;
  readonly status: number;
  readonly duplicate: number;
  readonly extra: number;
  readonly missing: number;
  readonly amount: number;
  readonly problems: number;
}

/** The result of a settlement check. */
export class SettlementReport {
  /** Nothing differs and everything was compared. */
  readonly isClean: boolean;
  readonly counts: SettlementCounts;
  /** The most severe first. */
  readonly differences: readonly Difference[];
  /** What kept lines from being compared, the first 1,000. */
  readonly problems: readonly SettlementProblem[];
  /** The whole of it for a terminal. */
  declare readonly table: string;

  /** @internal */
  constructor(told: Told) {
    const { counts, differences, problems } = told.report;
    this.isClean = told.clean;
    this.counts = countsOf(counts);
    this.differences = Object.freeze(differences.map(differenceOf));
    this.problems = Object.freeze(problems.map(problemOf));
    Object.defineProperty(this, "table", { value: told.table, enumerable: false });
    Object.freeze(this);
  }

  /** The table. */
  toString(): string {
    return this.table;
  }

  /** @internal */
  [inspect.custom](): string {
    const { differing, problems } = this.counts;
    return `SettlementReport(${this.isClean ? "clean" : `${differing} differing, ${problems} problems`})`;
  }
}

/** See `Journal.settle`. @internal */
export async function settle(
  journal: OpenJournal,
  list: Source,
  given: SettlementOptions,
): Promise<SettlementReport> {
  const options = checked("options", given, OPTIONS);
  if ((options as Partial<SettlementOptions>).operation === undefined) {
    throw wrong(
      "options.operation",
      "is needed: a list is about one operation, such as alipay.pay_tax_refund",
    );
  }
  const scope = jsonText({
    operation: operationOf(options.operation).name,
    account: options.account,
    from_ms: options.since?.getTime(),
    before_ms: options.before?.getTime(),
  });
  const [file, readAs] = [sourceOf("list", list), listJson(options)];
  const compare = (csv?: string) =>
    journal.ask(
      async (native) =>
        new SettlementReport(exactJson(await native.settlement(file, readAs, scope, csv)) as Told),
    );
  return options.csv === undefined ? compare() : whole(pathOf("options.csv", options.csv), compare);
}

function listJson(options: ListOptions): string {
  return jsonText({
    key_column: options.keyColumn ?? "key",
    amount_column: options.amountColumn ?? "amount",
    amount_unit: oneOf("options.amountUnit", options.amountUnit ?? "major", ["major", "minor"]),
    currency:
      options.currency === undefined
        ? { column: options.currencyColumn ?? "currency" }
        : { fixed: options.currency },
    status: options.allPaid === true ? "all_paid" : { column: options.statusColumn ?? "status" },
    delimiter: oneOf("options.delimiter", options.delimiter ?? "comma", ["comma", "semicolon", "tab"]),
    paid_texts: options.paidTexts,
    failed_texts: options.failedTexts,
  });
}

const OPTIONS = {
  operation: "any",
  account: "text",
  since: "date",
  before: "date",
  csv: "any",
  keyColumn: "text",
  amountColumn: "text",
  amountUnit: "text",
  currencyColumn: "text",
  currency: "text",
  statusColumn: "text",
  allPaid: "flag",
  paidTexts: "texts",
  failedTexts: "texts",
  delimiter: "text",
} as const;

interface Told {
  readonly clean: boolean;
  readonly table: string;
  readonly report: {
    readonly counts: Readonly<Record<string, number>>;
    readonly differences: readonly PlainDifference[];
    readonly problems: readonly (Omit<SettlementProblem, "key"> & { readonly key?: string | null })[];
  };
}

interface PlainAmount {
  readonly currency?: string | null;
  readonly amount_minor?: number | string | null;
}

interface PlainDifference extends Omit<Difference, "journal" | "list"> {
  readonly journal?:
    (Omit<RecordedRefund, "amount" | "reference"> & PlainAmount & { reference?: string | null }) | null;
  readonly list: readonly (Omit<ListedRefund, "amount"> & PlainAmount)[];
}

function differenceOf(plain: PlainDifference): Difference {
  const { journal, list } = plain;
  return Object.freeze({
    kind: plain.kind,
    severity: plain.severity,
    key: plain.key,
    journal:
      journal == null
        ? undefined
        : Object.freeze({
            operation: journal.operation,
            state: journal.state,
            amount: moneyOf(journal),
            reference: journal.reference ?? undefined,
          }),
    list: Object.freeze(
      list.map((line) =>
        Object.freeze({ line: line.line, state: line.state, status: line.status, amount: moneyOf(line) }),
      ),
    ),
    advice: plain.advice,
  });
}

function problemOf(plain: Told["report"]["problems"][number]): SettlementProblem {
  const { line, column, rule, message } = plain;
  return Object.freeze({ line, key: plain.key ?? undefined, column, rule, message });
}

function countsOf(plain: Readonly<Record<string, number>>): SettlementCounts {
  const counts: Record<string, number> = {};
  for (const [name, count] of Object.entries(plain)) {
    counts[name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())] = count;
  }
  return Object.freeze(counts) as unknown as SettlementCounts;
}

function moneyOf({ currency, amount_minor }: PlainAmount): Money | undefined {
  if (currency == null || amount_minor == null) return undefined;
  return new Money({ minor: BigInt(amount_minor), currency });
}
