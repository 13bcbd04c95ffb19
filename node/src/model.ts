/** What the generated modules stand on: the tables of models and operations, and requests as JSON text. */
import { InvalidRequest } from "./errors.js";
import { type Kind, writeModel } from "./fields.js";
import { camelCase, register } from "./paths.js";
import { jsonText } from "./plain.js";
import { Writing } from "./writing.js";

export { fromWire } from "./answers.js";

/** What is asked, what is answered, or a part of either. */
export type Role = "request" | "response" | "part";

/** What every response has. */
export interface Response {
  /** What no document names, as it came. It may hold personal data. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** One member of a model. */
export interface Field {
  /** Its name here. */
  readonly name: string;
  /** Its name on the wire. */
  readonly wire: string;
  readonly kind: Kind;
  readonly required: boolean;
  /** Personal data, or a secret: never shown. */
  readonly sensitive: boolean;
  /** The sibling that holds the currency of an amount given as text. */
  readonly currency: string | undefined;
  /** What a list holds, or the model itself. */
  readonly item: Item | undefined;
}

/** What a list holds. */
export type Item = Model | "text" | "object";

/** A field as the generated modules write it. */
export interface FieldSpec {
  readonly name: string;
  readonly wire: string;
  readonly kind: Kind;
  readonly required?: boolean;
  readonly sensitive?: boolean;
  readonly currency?: string;
  readonly item?: Item;
}

/** The shape of a request, a response or a part of them. */
export interface Model {
  readonly name: string;
  readonly role: Role;
  readonly fields: readonly Field[];
  /** The same by their names here. */
  readonly byName: ReadonlyMap<string, Field>;
  /** Keeps what no document names in `extra`. */
  readonly keepsExtra: boolean;
}

/** What an operation leaves behind. */
export type Effect = "moves_money" | "records" | "reads";

/** One operation of a protocol. */
export interface Operation {
  /** `alipay.pay_tax_refund`, … */
  readonly name: string;
  /** The client's method: `payTaxRefund`. */
  readonly method: string;
  readonly request: Model;
  readonly response: Model;
  readonly effect: Effect;
  /** The fields that every repeat of a request must keep. */
  readonly idempotencyKey: readonly string[];
  /** The provider publishes the interface as a draft. */
  readonly draft: boolean;
}

/** A model's table. */
export function model(name: string, role: Role, specs: readonly FieldSpec[], keepsExtra = false): Model {
  const fields = Object.freeze(specs.map(fieldOf));
  const byName = new Map(fields.map((field) => [field.name, field]));
  return Object.freeze({ name, role, fields, byName, keepsExtra });
}

/** An operation's table; it is known by its name from then on. */
export function operation(
  name: string,
  request: Model,
  response: Model,
  effect: Effect,
  idempotencyKey: readonly string[],
  draft: boolean,
): Operation {
  const method = camelCase(name.slice(name.lastIndexOf(".") + 1));
  const made = Object.freeze({ name, method, request, response, effect, idempotencyKey, draft });
  register(made);
  return made;
}

/**
 * A request as it travels: plain values under their wire names, what is absent left out. It is about types; what a value
 * may be is the core's to say.
 *
 * @throws {InvalidRequest} that names everything that is of a wrong type, missing or unknown.
 */
export function toWire(wanted: Model, value: unknown, operationName = wanted.name): Record<string, unknown> {
  const writing = new Writing();
  const written = writeModel(writing, wanted, "", value);
  if (written === null || writing.violations.length > 0) {
    throw new InvalidRequest("the request cannot be used", {
      operation: operationName,
      violations: writing.violations,
      cause: writing.cause,
    });
  }
  return written;
}

/**
 * The JSON text of a request, for the native module. It holds whatever the request holds, personal data included.
 *
 * @throws {InvalidRequest} as {@link toWire} does.
 */
export function requestJson(asked: Operation, request: unknown): string {
  return jsonText(toWire(asked.request, request, asked.name));
}

/** Every member is the field's own, so that nothing in `Object.prototype` makes a field required or shows it. */
function fieldOf(spec: FieldSpec): Field {
  const has = <K extends keyof FieldSpec>(name: K): FieldSpec[K] | undefined =>
    Object.hasOwn(spec, name) ? spec[name] : undefined;
  return Object.freeze({
    name: spec.name,
    wire: spec.wire,
    kind: spec.kind,
    required: has("required") ?? false,
    sensitive: has("sensitive") ?? false,
    currency: has("currency"),
    item: has("item"),
  });
}
