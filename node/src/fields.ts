/**
 * The kinds of fields that requests have, and how each is written.
 *
 * A value is read once, and only own members count: a getter cannot change its mind between the check and the use, and what
 * somebody put into a prototype is nothing that was asked.
 */
import { types } from "node:util";

import { gatewayTime, offsetTime } from "./dates.js";
import { TaxRefundError, type Violation } from "./errors.js";
import { writeFree } from "./free-json.js";
import type { Field, Item, Model } from "./model.js";
import { Amount, Money } from "./money.js";
import { nearest } from "./names.js";
import { isWellFormed, kindOf, printable, shortened, shown } from "./text.js";

/** What a field may hold. */
export type Kind =
  | "text"
  | "integer"
  | "flag"
  | "minor"
  | "gateway_time"
  | "offset_time"
  | "amount"
  | "model"
  | "list"
  | "object";

/** No field of any provider comes near; a larger value is a mistake, and would only cost memory. */
const LONGEST_TEXT = 1_000_000;
const MOST_ITEMS = 10_000;
const MOST_VIOLATIONS = 100;

/** Collects what is wrong while a request is written. */
export class Writing {
  readonly violations: Violation[] = [];
  /** The first error of a getter or a proxy. */
  cause: unknown;
  /** Values of free JSON that may still be written. */
  budget = MOST_ITEMS;

  violate(path: string, rule: string, message: string, given: string): undefined {
    if (this.violations.length < MOST_VIOLATIONS) {
      this.violations.push(Object.freeze({ path, rule, message, given }));
    }
    return undefined;
  }

  /** What `read` gives; a getter or proxy that throws is a violation too. */
  attempt<T>(path: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      this.cause ??= error;
      return this.violate(path, "read", "cannot be read: a getter or proxy of it threw", "«unreadable»");
    }
  }
}

/** A model's members under their wire names; nothing when the value is no object. */
export function writeModel(
  writing: Writing,
  model: Model,
  path: string,
  value: unknown,
): Record<string, unknown> | undefined {
  return writing.attempt(path, () => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return writing.violate(path, "type", `must be an object with the members of ${model.name}`, kindOf(value));
    }
    const given = ownMembers(writing, model, path, value);
    const wire = Object.create(null) as Record<string, unknown>;
    const currencies = new Map<string, string>();
    for (const field of model.fields) {
      const at = joined(path, field.name);
      const one = given.get(field.name);
      if (one === undefined || one === null) {
        if (field.required) writing.violate(at, "required", "is required", one === null ? "null" : "nothing");
        continue;
      }
      const written = writing.attempt(at, () => write(writing, field, at, one, currencies));
      if (written !== undefined) wire[field.wire] = written;
    }
    fillCurrencies(writing, model, path, wire, currencies);
    return wire;
  });
}

/** Own members by name, each read once; those that the model has not are violations. */
function ownMembers(writing: Writing, model: Model, path: string, value: object): Map<string, unknown> {
  const given = new Map<string, unknown>();
  for (const name of Reflect.ownKeys(value)) {
    const written = printable(String(name));
    const known = typeof name === "string" && model.fields.some((field) => field.name === name);
    const at = joined(path, known ? name : shortened(written));
    const one = writing.attempt(at, () => (value as Record<string | symbol, unknown>)[name]);
    if (known) given.set(name, one);
    else if (one !== undefined) unknownMember(writing, model, at, written, one);
  }
  return given;
}

function unknownMember(writing: Writing, model: Model, at: string, name: string, value: unknown): void {
  if (writing.violations.length >= MOST_VIOLATIONS) return;
  const names = model.fields.map((field) => field.name);
  const near = nearest(name, names);
  const hint = near === undefined ? `it has ${names.join(", ")}` : `did you mean ${near}?`;
  writing.violate(at, "unknown_field", `is no member of ${model.name}; ${hint}`, kindOf(value));
}

function write(
  writing: Writing,
  field: Field,
  at: string,
  value: unknown,
  currencies: Map<string, string>,
): unknown {
  const wrong = (wanted: string, hint = ""): undefined =>
    writing.violate(at, "type", `must be ${wanted}${hint}`, givenAs(field, value));
  switch (field.kind) {
    case "text":
      return typeof value === "string" ? text(writing, at, value) : wrong("a string");
    case "integer":
      return integer(writing, field, at, value) ?? undefined;
    case "flag":
      return typeof value === "boolean" ? value : wrong("true or false");
    case "minor":
      if (typeof value === "string") return text(writing, at, value);
      return minor(writing, field, at, value, currencies);
    case "gateway_time":
    case "offset_time":
      if (typeof value === "string") return text(writing, at, value);
      if (!types.isDate(value)) return wrong("a string or a Date");
      return typed(writing, at, value, () =>
        field.kind === "gateway_time" ? gatewayTime(value) : offsetTime(value),
      );
    case "amount":
      return amount(writing, field, at, value);
    case "model":
      return typeof field.item === "object" ? writeModel(writing, field.item, at, value) : undefined;
    case "list":
      return list(writing, field, at, value);
    case "object":
      return writeFree(writing, at, value, field.sensitive);
  }
}

function text(writing: Writing, at: string, value: string): string | undefined {
  if (value.length <= LONGEST_TEXT) return value;
  return writing.violate(at, "length", `must be at most ${LONGEST_TEXT} characters`, `«${value.length} characters»`);
}

function integer(writing: Writing, field: Field, at: string, value: unknown): number | undefined {
  const whole = typeof value === "bigint" ? Number(value) : value;
  if (typeof whole !== "number") {
    return writing.violate(at, "type", "must be a whole number", givenAs(field, value));
  }
  if (Number.isSafeInteger(whole)) return whole;
  return writing.violate(at, "integer", "must be a whole number within 2^53 - 1", givenAs(field, value));
}

function minor(
  writing: Writing,
  field: Field,
  at: string,
  value: unknown,
  currencies: Map<string, string>,
): string | undefined {
  if (!hasOwn(value, "minor")) {
    return writing.violate(at, "type", `must be a string or Money${exactly(value)}`, givenAs(field, value));
  }
  const money = typed(writing, at, value, () => new Money(value as unknown as Money));
  if (money === undefined) return undefined;
  if (field.currency !== undefined) {
    const before = currencies.get(field.currency) ?? money.currency;
    if (before !== money.currency) contradicts(writing, at, field.currency, before, money.currency);
    currencies.set(field.currency, before);
  }
  return String(money.minor);
}

function amount(writing: Writing, field: Field, at: string, value: unknown): Record<string, string> | undefined {
  if (hasOwn(value, "minor")) {
    const money = typed(writing, at, value, () => new Money(value as unknown as Money));
    return money && plainAmount(money.currency, String(money.minor));
  }
  if (!hasOwn(value, "value")) {
    return writing.violate(at, "type", `must be Money or an Amount${exactly(value)}`, givenAs(field, value));
  }
  const given = typed(writing, at, value, () => new Amount(value as unknown as Amount));
  return given && plainAmount(given.currency, given.value);
}

function plainAmount(currency: string, value: string): Record<string, string> {
  return Object.assign(Object.create(null) as Record<string, string>, { currency, value });
}

function list(writing: Writing, field: Field, at: string, value: unknown): unknown[] | undefined {
  if (!Array.isArray(value)) return writing.violate(at, "type", "must be an array", givenAs(field, value));
  const { length } = value;
  if (length > MOST_ITEMS) {
    return writing.violate(at, "items", `must have at most ${MOST_ITEMS} items`, `${length} items`);
  }
  const items: unknown[] = [];
  for (let number = 0; number < length; number += 1) {
    const path = `${at}[${number}]`;
    items.push(writing.attempt(path, () => listItem(writing, field, path, value[number])));
  }
  return items;
}

function listItem(writing: Writing, field: Field, at: string, value: unknown): unknown {
  const item: Item | undefined = field.item;
  if (typeof item === "object") return writeModel(writing, item, at, value);
  if (item === "object") return writeFree(writing, at, value, field.sensitive);
  if (typeof value === "string") return text(writing, at, value);
  return writing.violate(at, "type", "must be a string", givenAs(field, value));
}

/** Money says its currency, which the wire has in a field of its own. */
function fillCurrencies(
  writing: Writing,
  model: Model,
  path: string,
  wire: Record<string, unknown>,
  currencies: ReadonlyMap<string, string>,
): void {
  for (const [name, currency] of currencies) {
    const field = model.fields.find((one) => one.name === name);
    if (field === undefined) continue;
    const given = wire[field.wire];
    if (given === undefined) wire[field.wire] = currency;
    else if (given !== currency) contradicts(writing, joined(path, name), name, String(given), currency);
  }
}

function contradicts(writing: Writing, at: string, name: string, one: string, other: string): void {
  writing.violate(
    at,
    "currency",
    `must agree with the Money it belongs to, which is ${other}; leave ${name} out, or make them agree`,
    shown(one),
  );
}

/** What a value's own check says becomes a violation of its field. */
function typed<T>(writing: Writing, at: string, value: unknown, make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof TaxRefundError)) throw error;
    return writing.violate(at, error.code, error.message, kindOf(value));
  }
}

function hasOwn(value: unknown, name: string): value is object {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name);
}

/** What was given, short; the kind alone where it may be personal. */
function givenAs(field: Field, value: unknown): string {
  const kind = kindOf(value);
  const isScalar = typeof value !== "object" && typeof value !== "function" && typeof value !== "symbol";
  return field.sensitive || !isScalar || value === undefined ? kind : `${shown(value)}, ${kind}`;
}

function exactly(value: unknown): string {
  return typeof value === "number" ? ': a number is not exact money, write Money.parse("100.00", "SGD")' : "";
}

function joined(path: string, name: string): string {
  const step = isWellFormed(name) ? name : printable(name);
  return path === "" ? step : `${path}.${step}`;
}
