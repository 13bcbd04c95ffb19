/**
 * The kinds of fields that requests have, and how each is written.
 *
 * A value is read once, and only own members count: a getter cannot change its mind between the check and the use, and what
 * somebody put into a prototype is nothing that was asked.
 */
import { types } from "node:util";

import { gatewayTime, offsetTime } from "./dates.js";
import { TaxRefundError } from "./errors.js";
import { writeFree } from "./free-json.js";
import type { Field, Item, Model } from "./model.js";
import { Amount, Money } from "./money.js";
import { nearest } from "./names.js";
import { isWellFormed, kindOf, printable, shortened, shown } from "./text.js";
import { MOST_ITEMS, type Writing } from "./writing.js";

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

/** A model's members under their wire names; nothing when the value is no object. */
export function writeModel(
  writing: Writing,
  model: Model,
  path: string,
  value: unknown,
): Record<string, unknown> | null {
  return writing.attempt(path, () => {
    if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
      return writing.violate(
        path,
        "type",
        `must be an object with the members of ${model.name}`,
        kindOf(value),
      );
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
      if (written !== null) wire[field.wire] = written;
    }
    fillCurrencies(writing, model, path, wire, currencies);
    return wire;
  });
}

/** Own members by name, each read once; those that the model has not are violations. */
function ownMembers(writing: Writing, model: Model, path: string, value: object): Map<string, unknown> {
  const given = new Map<string, unknown>();
  for (const name of Reflect.ownKeys(value)) {
    if (writing.isFull) break;
    const written = printable(String(name));
    const known = typeof name === "string" && model.byName.has(name);
    const at = joined(path, known ? name : shortened(written));
    const one = writing.attempt(at, () => (value as Record<string | symbol, unknown>)[name]);
    if (known) given.set(name, one);
    else if (one !== undefined) unknownMember(writing, model, at, written, one);
  }
  return given;
}

function unknownMember(writing: Writing, model: Model, at: string, name: string, value: unknown): void {
  const names = [...model.byName.keys()];
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
  const wrong = (wanted: string): null =>
    writing.violate(at, "type", `must be ${wanted}`, givenAs(field, value));
  switch (field.kind) {
    case "text":
      return typeof value === "string" ? writing.text(at, value) : wrong("a string");
    case "integer":
      return integer(writing, field, at, value);
    case "flag":
      return typeof value === "boolean" ? value : wrong("true or false");
    case "minor":
      if (typeof value === "string") return writing.text(at, value);
      return minor(writing, field, at, value, currencies);
    case "gateway_time":
    case "offset_time":
      if (typeof value === "string") return writing.text(at, value);
      if (!types.isDate(value)) return wrong("a string or a Date");
      return typed(writing, at, value, () =>
        field.kind === "gateway_time" ? gatewayTime(value) : offsetTime(value),
      );
    case "amount":
      return amount(writing, field, at, value);
    case "model":
      return typeof field.item === "object" ? writeModel(writing, field.item, at, value) : null;
    case "list":
      return list(writing, field, at, value);
    case "object":
      return writeFree(writing, at, value, field.sensitive);
  }
}

function integer(writing: Writing, field: Field, at: string, value: unknown): number | null {
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
): string | null {
  if (!hasOwn(value, "minor")) {
    return writing.violate(at, "type", `must be a string or Money${exactly(value)}`, givenAs(field, value));
  }
  const money = typed(writing, at, value, () => new Money(value as unknown as Money));
  if (money === null) return null;
  if (field.currency !== undefined) {
    const before = currencies.get(field.currency) ?? money.currency;
    if (before !== money.currency) contradicts(writing, at, field.currency, before, money.currency);
    currencies.set(field.currency, before);
  }
  return String(money.minor);
}

function amount(writing: Writing, field: Field, at: string, value: unknown): Record<string, string> | null {
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

function list(writing: Writing, field: Field, at: string, value: unknown): unknown[] | null {
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
  if (typeof value === "string") return writing.text(at, value);
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
    const field = model.byName.get(name);
    if (field === undefined) continue;
    const given = wire[field.wire];
    if (given === undefined) wire[field.wire] = currency;
    else if (given !== currency) contradicts(writing, joined(path, name), name, given, currency);
  }
}

function contradicts(writing: Writing, at: string, name: string, one: unknown, other: string): void {
  writing.violate(
    at,
    "currency",
    `must agree with the Money it belongs to, which is ${other}; leave ${name} out, or make them agree`,
    shown(one),
  );
}

/** What a value's own check says becomes a violation of its field. */
function typed<T>(writing: Writing, at: string, value: unknown, make: () => T): T | null {
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
