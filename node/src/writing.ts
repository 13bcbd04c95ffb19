/** What is found wrong while a request is written, and how much of a request is looked at. */
import type { Violation } from "./errors.js";

/** Characters of a whole request. None of any provider comes near; a larger one is a mistake, and would only cost memory. */
const LONGEST = 1_000_000;
/** Items of a list, and values of free JSON in the whole request. */
export const MOST_ITEMS = 10_000;

const MOST_VIOLATIONS = 100;

/** Collects what is wrong. */
export class Writing {
  readonly violations: Violation[] = [];
  /** The first error of a getter or a proxy. */
  cause: unknown;
  /** Values of free JSON that may still be written. */
  budget = MOST_ITEMS;
  #characters = LONGEST;

  /** Whether more violations would help nobody. */
  get isFull(): boolean {
    return this.violations.length >= MOST_VIOLATIONS;
  }

  violate(path: string, rule: string, message: string, given: string): null {
    if (!this.isFull) this.violations.push(Object.freeze({ path, rule, message, given }));
    return null;
  }

  /** The text, if there is room for it. */
  text(path: string, text: string): string | null {
    if (text.length > this.#characters) {
      const shown = `«${text.length} characters»`;
      return this.violate(path, "length", `makes the request longer than ${LONGEST} characters`, shown);
    }
    this.#characters -= text.length;
    return text;
  }

  /** What `read` gives; a getter or proxy that throws is a violation too. */
  attempt<T>(path: string, read: () => T): T | null {
    try {
      return read();
    } catch (error) {
      this.cause ??= error;
      return this.violate(path, "read", "cannot be read: a getter or proxy of it threw", "«unreadable»");
    }
  }
}
