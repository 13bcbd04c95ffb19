/** Money: a whole number of a currency's smallest unit. Nothing here is a floating-point number, and nothing rounds. */
import { inspect } from "node:util";

import { MoneyError } from "./errors.js";
import { native } from "./native.js";
import { calling } from "./problem.js";
import { isWellFormed, kindOf, shown } from "./text.js";

const LARGEST = 2n ** 64n - 1n;
/** Decimals by currency; only currencies that exist get in. */
const known = new Map<string, number>();

/** An exact amount as plain data; a `Money` is one too. A `number` must be whole and at most 2^53 - 1. */
export interface MoneyLike {
  /** A count of the smallest unit. */
  readonly minor: bigint | number;
  /** ISO 4217 code, three capitals. */
  readonly currency: string;
}

/** Money as Alipay+ and Antom write it, as plain data; an `Amount` is one too. */
export interface AmountLike {
  /** ISO 4217 code. */
  readonly currency: string;
  /** Whole number of the smallest unit as text. */
  readonly value: string;
}

/**
 * An exact amount.
 *
 * ```js
 * Money.parse("100.00", "SGD").minor; // 10000n
 * String(new Money({ minor: 10000n, currency: "SGD" })); // "SGD 100.00"
 * ```
 */
export class Money implements MoneyLike {
  /** A count of the smallest unit: cents for SGD, yen for JPY, fils for KWD. */
  readonly minor: bigint;
  /** ISO 4217 code, three capitals. */
  readonly currency: string;

  /**
   * An amount of so many smallest units.
   *
   * @throws {MoneyError} for a currency that does not exist, a fraction, a `number` beyond 2^53 - 1, and what is not within
   * 0 to 2^64 - 1.
   */
  constructor(given: MoneyLike) {
    const [minor, currency] = members("money", given, "minor", "currency");
    this.minor = wholeMinor(minor);
    this.currency = existing(currency);
    Object.freeze(this);
  }

  /** The same as `new Money({ minor, currency })`. */
  static ofMinor(minor: bigint | number, currency: string): Money {
    return new Money({ minor, currency });
  }

  /**
   * Reads exact decimal text in major units: `"100.00"`, `"100"`, `"0.5"`.
   *
   * @throws {MoneyError} for more decimals than the currency has, signs, exponents, spaces and grouping marks.
   */
  static parse(text: string, currency: string): Money {
    if (typeof text !== "string") {
      throw new MoneyError(`amount: must be text, not ${kindOf(text)}${numberHint(text)}`);
    }
    if (!isWellFormed(text)) throw new MoneyError("amount: is no text: it holds a lone surrogate");
    const known = existing(currency);
    return new Money({ minor: calling(() => native.moneyMinor(text, known)), currency });
  }

  /** How many decimals the currency has. */
  get minorUnits(): number {
    return minorUnitsOf(this.currency);
  }

  /** Major units with all decimals of the currency: `100.00`, `100` (JPY). Reads back exactly. */
  get major(): string {
    return calling(() => native.moneyMajor(this.minor, this.currency));
  }

  /**
   * The sum.
   *
   * @throws {MoneyError} for two currencies.
   */
  plus(other: MoneyLike): Money {
    return new Money({ minor: this.minor + this.#beside(other, "add"), currency: this.currency });
  }

  /**
   * The difference.
   *
   * @throws {MoneyError} for two currencies, and when it would be negative.
   */
  minus(other: MoneyLike): Money {
    return new Money({ minor: this.minor - this.#beside(other, "subtract"), currency: this.currency });
  }

  /**
   * Below 0 when this is less, above 0 when it is more, 0 when both are the same: `amounts.sort((a, b) => a.compare(b))`.
   *
   * @throws {MoneyError} for two currencies.
   */
  compare(other: MoneyLike): -1 | 0 | 1 {
    const beside = this.#beside(other, "compare");
    return this.minor < beside ? -1 : this.minor > beside ? 1 : 0;
  }

  /** Whether both are the same amount of the same currency. */
  equals(other: MoneyLike): boolean {
    const { minor, currency } = new Money(other);
    return currency === this.currency && minor === this.minor;
  }

  /** `SGD 100.00` */
  toString(): string {
    return `${this.currency} ${this.major}`;
  }

  /** The smallest units as text, as JSON has no number that is exact everywhere. */
  toJSON(): { minor: string; currency: string } {
    return { minor: String(this.minor), currency: this.currency };
  }

  /**
   * Text, but never a number: `<` and `-` would compare and subtract something else than the amounts.
   *
   * @throws {MoneyError} where a number is wanted.
   */
  [Symbol.toPrimitive](hint: string): string {
    if (hint === "number") {
      throw new MoneyError("money is no number: use compare, equals, plus and minus");
    }
    return this.toString();
  }

  /** @internal */
  [inspect.custom](): string {
    return `Money(${this.toString()})`;
  }

  #beside(other: MoneyLike, verb: string): bigint {
    const { minor, currency } = new Money(other);
    if (currency !== this.currency) {
      throw new MoneyError(`cannot ${verb} ${this.currency} and ${currency}: no rate is known here`);
    }
    return minor;
  }
}

/** Money as Alipay+ and Antom write it: both members are text, judged by the core when a request is prepared. */
export class Amount implements AmountLike {
  /** ISO 4217 code. */
  readonly currency: string;
  /** Whole number of the smallest unit as text: `"10000"` is SGD 100.00. */
  readonly value: string;

  /** @throws {MoneyError} for members that are no text. */
  constructor(given: AmountLike) {
    const [currency, value] = members("amount", given, "currency", "value");
    if (typeof currency !== "string") throw new MoneyError(`currency: must be text, not ${kindOf(currency)}`);
    if (typeof value !== "string") {
      throw new MoneyError(`value: must be text, not ${kindOf(value)}${numberHint(value)}`);
    }
    this.currency = currency;
    this.value = value;
    Object.freeze(this);
  }

  /**
   * The same as `Money`.
   *
   * @throws {MoneyError} when the members are no amount.
   */
  get money(): Money {
    if (!/^[0-9]{1,20}$/.test(this.value)) {
      throw new MoneyError("value: is not a whole number of the smallest unit");
    }
    return new Money({ minor: BigInt(this.value), currency: this.currency });
  }

  /** `SGD 100.00`, or both members as they are when they are no amount. */
  toString(): string {
    try {
      return this.money.toString();
    } catch {
      return `${this.currency} ${this.value} (smallest unit)`;
    }
  }

  /** @internal */
  [inspect.custom](): string {
    return `Amount(${this.toString()})`;
  }
}

/** The count of smallest units, exactly; a `number` only where it is one. */
function wholeMinor(minor: unknown): bigint {
  if (typeof minor === "number" && !Number.isSafeInteger(minor)) {
    const why = Number.isInteger(minor)
      ? "is beyond 2^53 - 1, where numbers are not exact"
      : "is not a whole number";
    throw new MoneyError(`minor: ${shown(minor)} ${why}. Use a bigint, or Money.parse("100.00", "SGD")`);
  }
  if (typeof minor !== "bigint" && typeof minor !== "number") {
    throw new MoneyError(`minor: must be a bigint, not ${kindOf(minor)}`);
  }
  const whole = BigInt(minor);
  if (whole < 0n || whole > LARGEST) {
    throw new MoneyError(`minor: must be 0 to ${LARGEST}, is ${shown(whole)}`);
  }
  return whole;
}

/** A currency that exists. */
function existing(currency: unknown): string {
  if (typeof currency !== "string") throw new MoneyError(`currency: must be text, not ${kindOf(currency)}`);
  minorUnitsOf(currency);
  return currency;
}

function minorUnitsOf(currency: string): number {
  let units = known.get(currency);
  if (units === undefined) {
    if (!isWellFormed(currency)) throw new MoneyError("currency: is no text: it holds a lone surrogate");
    units = calling(() => native.minorUnits(currency));
    known.set(currency, units);
  }
  return units;
}

/** Two members of what should be an object, each read once. */
function members(what: string, given: unknown, one: string, other: string): [unknown, unknown] {
  if (typeof given !== "object" || given === null) {
    throw new MoneyError(`${what}: must be { ${one}, ${other} }, not ${kindOf(given)}`);
  }
  try {
    const plain = given as Record<string, unknown>;
    return [plain[one], plain[other]];
  } catch (cause) {
    throw new MoneyError(`${what}: cannot be read: a getter or proxy of it threw`, { cause });
  }
}

function numberHint(given: unknown): string {
  return typeof given === "number" ? '. A number is not exact: Money.parse("100.00", "SGD")' : "";
}
