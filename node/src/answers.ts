/**
 * Answers as the caller sees them. The documents and the gateways disagree about what is text, so numbers and flags read as
 * text, and `"true"` and `"false"` as flags; a member without its documented shape reads as `undefined`.
 */
import { inspect, type InspectOptionsStylized } from "node:util";

import type { Field, Item, Model } from "./model.js";
import { Amount } from "./money.js";
import { type Plain, isPlain, own } from "./plain.js";

const prototypes = new WeakMap<Model, object>();

/** A response; whatever a provider sent, this gives one. Its members are frozen, and `console.log` shows nothing personal. */
export function fromWire(model: Model, plain: unknown): object {
  return readModel(model, isPlain(plain) ? plain : {}, false) ?? {};
}

/** What may be shown of a response: names of everything, values of what is not personal. */
export function redacted(model: Model, response: object): Record<string, unknown> {
  const view: Record<string, unknown> = {};
  for (const field of model.fields) {
    const value = (response as Record<string, unknown>)[field.name];
    if (value !== undefined) put(view, field.name, shownValue(field, value));
  }
  const extra = (response as { extra?: unknown }).extra;
  if (model.keepsExtra && isPlain(extra) && Object.keys(extra).length > 0) {
    // What these hold is not known, so their names are all that is shown.
    put(view, "extra", `«${Object.keys(extra).join(", ")}»`);
  }
  return view;
}

function readModel(model: Model, plain: Plain, isPart: boolean): object | undefined {
  const made = Object.create(prototypeOf(model)) as object;
  for (const field of model.fields) {
    const value = read(field, own(plain, field.wire));
    if (value === undefined && field.required && isPart) return undefined;
    // Absent members are own ones too: nothing in a prototype can stand in for what was not answered.
    put(made, field.name, value);
  }
  if (model.keepsExtra) {
    const named = new Set(model.fields.map((field) => field.wire));
    const extra = Object.create(null) as Record<string, unknown>;
    for (const [name, value] of Object.entries(plain)) if (!named.has(name)) extra[name] = deepFrozen(value);
    put(made, "extra", Object.freeze(extra));
  }
  return Object.freeze(made);
}

function read(field: Field, value: unknown): unknown {
  if (value === undefined || value === null) return undefined;
  switch (field.kind) {
    case "text":
    case "minor":
    case "gateway_time":
    case "offset_time":
      return scalarText(value);
    case "integer":
      return readInteger(value);
    case "flag":
      return value === true || value === "true"
        ? true
        : value === false || value === "false"
          ? false
          : undefined;
    case "amount":
      return readAmount(value);
    case "model":
      return typeof field.item === "object" && isPlain(value)
        ? readModel(field.item, value, true)
        : undefined;
    case "list":
      return readList(field.item, value);
    case "object":
      return isPlain(value) ? deepFrozen(value) : undefined;
  }
}

function scalarText(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
}

function readInteger(value: unknown): number | undefined {
  const whole = typeof value === "string" && /^[0-9]{1,16}$/.test(value) ? Number(value) : value;
  return typeof whole === "number" && Number.isSafeInteger(whole) ? whole : undefined;
}

function readAmount(value: unknown): Amount | undefined {
  if (!isPlain(value)) return undefined;
  const currency = own(value, "currency") ?? "";
  const number = scalarText(own(value, "value") ?? "");
  if (typeof currency !== "string" || number === undefined) return undefined;
  return new Amount({ currency, value: number });
}

function readList(item: Item | undefined, value: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.map((one: unknown) => {
    if (item === "text") return scalarText(one);
    if (!isPlain(one)) return undefined;
    return typeof item === "object" ? readModel(item, one, true) : deepFrozen(one);
  });
  return items.includes(undefined) ? undefined : Object.freeze(items);
}

function deepFrozen(value: unknown): unknown {
  if (typeof value === "object" && value !== null) {
    for (const one of Object.values(value)) deepFrozen(one);
    Object.freeze(value);
  }
  return value;
}

function prototypeOf(model: Model): object {
  let found = prototypes.get(model);
  if (found === undefined) {
    found = Object.freeze(
      Object.create(Object.prototype, {
        [inspect.custom]: {
          value(this: object, _depth: number, options: InspectOptionsStylized): string {
            return `${model.name} ${inspect(redacted(model, this), options)}`;
          },
        },
      }) as object,
    );
    prototypes.set(model, found);
  }
  return found;
}

function shownValue(field: Field, value: unknown): unknown {
  if (field.sensitive) return typeof value === "string" ? `«${value.length} characters»` : "«hidden»";
  if (field.kind === "object") return `«${Object.keys(value as object).length} members»`;
  if (field.kind === "list" && Array.isArray(value)) {
    const { item } = field;
    if (item === "text") return value;
    return typeof item === "object"
      ? value.map((one) => redacted(item, one as object))
      : `«${value.length} items»`;
  }
  if (field.kind === "model" && typeof field.item === "object") return redacted(field.item, value as object);
  return value;
}

/** An own member, whatever a prototype has under its name. */
function put(into: object, name: string, value: unknown): void {
  Object.defineProperty(into, name, { value, enumerable: true, writable: true, configurable: true });
}
