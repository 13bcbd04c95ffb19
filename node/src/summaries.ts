/** What an import and a result file tell: frozen values. */

import { Counts, type PlainCounts } from "./entries.js";

/** A line that was not recorded; nothing is sent for it. */
export class LineProblem {
  readonly line: number;
  /** `invalid_request`, `key_reused`, `form_taken`, … */
  readonly code: string;
  readonly problem: string;

  /** @internal */
  constructor(plain: { line: number; code: string; problem: string }) {
    this.line = plain.line;
    this.code = plain.code;
    this.problem = plain.problem;
    Object.freeze(this);
  }

  /** One line for a person. */
  toString(): string {
    return `line ${this.line}: ${this.code}: ${this.problem}`;
  }
}

/** What an import did. */
export class ImportSummary {
  readonly lines: number;
  /** Refunds recorded, to be sent. */
  readonly new: number;
  /** Lines that an earlier import of this file recorded. */
  readonly known: number;
  /** Lines that repeat another line, of this file or another batch: nothing is to be done for them. */
  readonly repeated: number;
  /** Lines that were not recorded. */
  readonly wrong: number;
  /** What is wrong with them, the first 1,000. */
  readonly problems: readonly LineProblem[];

  /** @internal */
  constructor(plain: PlainImport) {
    this.lines = plain.lines;
    this.new = plain.new;
    this.known = plain.known;
    this.repeated = plain.repeated;
    this.wrong = plain.wrong;
    this.problems = Object.freeze(plain.problems.map((problem) => new LineProblem(problem)));
    Object.freeze(this);
  }

  /** One line for a person. */
  toString(): string {
    return (
      `${counted(this.lines)}: ${this.new} new, ${this.known} recorded before, ${this.repeated} ` +
      `repeat another line, ${this.wrong} wrong`
    );
  }
}

/** What a result file holds. */
export class ResultSummary {
  readonly lines: number;
  /** The lines that are refunds of their own. */
  readonly states: Counts;
  readonly repeated: number;
  /** Lines that were never sent. */
  readonly wrong: number;

  /** @internal */
  constructor(plain: PlainResult) {
    this.lines = plain.lines;
    this.states = new Counts(plain.states);
    this.repeated = plain.repeated;
    this.wrong = plain.wrong;
    Object.freeze(this);
  }

  /** Every line has succeeded, or repeats another. */
  get isDone(): boolean {
    return this.states.succeeded + this.repeated === this.lines;
  }

  /** One line for a person. */
  toString(): string {
    return `${counted(this.lines)}: ${this.states.toString()}, ${this.repeated} repeat another line, ${this.wrong} wrong`;
  }
}

/** An import's summary as the core writes it. */
export interface PlainImport {
  readonly lines: number;
  readonly new: number;
  readonly known: number;
  readonly repeated: number;
  readonly wrong: number;
  readonly problems: readonly { line: number; code: string; problem: string }[];
}

/** A result file's summary as the core writes it. */
export interface PlainResult {
  readonly lines: number;
  readonly states: PlainCounts;
  readonly repeated: number;
  readonly wrong: number;
}

function counted(lines: number): string {
  return `${lines} line${lines === 1 ? "" : "s"}`;
}
