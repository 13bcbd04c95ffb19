/**
 * Plain JSON that comes from the native module, read without trust in `Object.prototype`, and JSON text that is made
 * without it.
 */

/** An object of JSON. */
export type Plain = Readonly<Record<string, unknown>>;

/** A string literal, which is passed over, or a number literal. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;
/** Whether there can be a number at all that a double does not hold exactly. */
const INEXACT = /(?:^|[:,[])\s*-?\d+(?:\d{15}|[.eE])/;

/**
 * Reads JSON. A number that JavaScript would change (a long reference, an amount with decimals) becomes the text that
 * was sent.
 */
export function exactJson(text: string): unknown {
  if (!INEXACT.test(text)) return JSON.parse(text);
  return JSON.parse(
    text.replace(STRING_OR_NUMBER, (found) => {
      if (found.startsWith('"')) return found;
      return Number.isSafeInteger(Number(found)) && String(Number(found)) === found ? found : `"${found}"`;
    }),
  );
}

/** Reads a JSON object. */
export function plainOf(text: string): Plain {
  return JSON.parse(text) as Plain;
}

/** An object's own member; what somebody put into `Object.prototype` is none. */
export function own(plain: Plain, name: string): unknown {
  return Object.hasOwn(plain, name) ? plain[name] : undefined;
}

/** A member that is text, or empty text. */
export function text(plain: Plain, name: string): string {
  const value = own(plain, name);
  return typeof value === "string" ? value : "";
}

/** A member that is text, or nothing. */
export function maybeText(plain: Plain, name: string): string | undefined {
  const value = own(plain, name);
  return typeof value === "string" ? value : undefined;
}

/** A member that is a number, or 0. */
export function number(plain: Plain, name: string): number {
  const value = own(plain, name);
  return typeof value === "number" ? value : 0;
}

/** A member that is a list, or an empty one. */
export function list(plain: Plain, name: string): readonly unknown[] {
  const value = own(plain, name);
  return Array.isArray(value) ? value : [];
}

/** Whether something is an object of JSON. */
export function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * JSON text of plain values. `JSON.stringify` would call a `toJSON` that somebody put into a prototype, and so change what
 * is sent.
 */
export function jsonText(value: unknown): string {
  if (Array.isArray(value)) {
    const items: string[] = [];
    for (const item of value) items.push(jsonText(item));
    return `[${items.join(",")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const members: string[] = [];
    for (const name of Object.keys(value)) {
      const member = (value as Record<string, unknown>)[name];
      if (member !== undefined) members.push(`${JSON.stringify(name)}:${jsonText(member)}`);
    }
    return `{${members.join(",")}}`;
  }
  return JSON.stringify(value ?? null);
}
