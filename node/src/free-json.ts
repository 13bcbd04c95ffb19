/** What no document gives a shape: whatever JSON can hold, but no fraction, as it may be an amount. */
import { isWellFormed, kindOf, printable, shortened, shown } from "./text.js";
import { MOST_ITEMS, type Writing } from "./writing.js";

const DEEPEST = 32;

/** A free object; nothing when it cannot be written. */
export function writeFree(
  writing: Writing,
  path: string,
  value: unknown,
  isSensitive: boolean,
): Record<string, unknown> | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return writing.violate(path, "type", "must be an object", kindOf(value));
  }
  return members(new Walk(writing, isSensitive), path, value, 1);
}

class Walk {
  /** The objects around the one that is written: whoever meets itself there never ends. */
  readonly around = new Set<object>();

  constructor(
    readonly writing: Writing,
    readonly isSensitive: boolean,
  ) {}
}

function any(walk: Walk, path: string, value: unknown, depth: number): unknown {
  const { writing } = walk;
  writing.budget -= 1;
  if (writing.budget < 0) {
    // Once is enough.
    return writing.budget === -1
      ? writing.violate(path, "items", `is too large: at most ${MOST_ITEMS} values are sent`, kindOf(value))
      : null;
  }
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return writing.text(path, value);
  if (typeof value === "number" || typeof value === "bigint") {
    const whole = Number(value);
    if (Number.isSafeInteger(whole)) return whole;
    const hint = "must be a whole number within 2^53 - 1: write any other as text";
    return writing.violate(path, "integer", hint, walk.isSensitive ? kindOf(value) : shown(value));
  }
  if (typeof value !== "object") {
    return writing.violate(path, "type", "is nothing that JSON holds", kindOf(value));
  }
  return Array.isArray(value) ? items(walk, path, value, depth + 1) : members(walk, path, value, depth + 1);
}

function members(walk: Walk, path: string, value: object, depth: number): Record<string, unknown> | null {
  return within(walk, path, value, depth, () => {
    const made = Object.create(null) as Record<string, unknown>;
    for (const name of Reflect.ownKeys(value)) {
      if (walk.writing.isFull || walk.writing.budget < 0) break;
      const at = `${path}.${shortened(printable(String(name)))}`;
      if (typeof name !== "string" || name === "__proto__" || !isWellFormed(name)) {
        walk.writing.violate(at, "unknown_field", "is no name that can be sent", kindOf(name));
        continue;
      }
      if (walk.writing.text(at, name) === null) break;
      const one = walk.writing.attempt(at, () => (value as Record<string, unknown>)[name]);
      if (one !== undefined) made[name] = walk.writing.attempt(at, () => any(walk, at, one, depth));
    }
    return made;
  });
}

function items(walk: Walk, path: string, value: readonly unknown[], depth: number): unknown[] | null {
  return within(walk, path, value, depth, () => {
    const made: unknown[] = [];
    for (let number = 0; number < value.length && walk.writing.budget >= 0; number += 1) {
      const at = `${path}[${number}]`;
      made.push(walk.writing.attempt(at, () => any(walk, at, value[number], depth)));
    }
    return made;
  });
}

function within<T>(walk: Walk, path: string, value: object, depth: number, write: () => T): T | null {
  if (depth > DEEPEST) {
    return walk.writing.violate(path, "depth", `is nested deeper than ${DEEPEST} levels`, kindOf(value));
  }
  if (walk.around.has(value)) {
    return walk.writing.violate(path, "depth", "holds itself", kindOf(value));
  }
  if (!Array.isArray(value) && !isPlainObject(value)) {
    return walk.writing.violate(path, "type", "must be a plain object or an array", kindOf(value));
  }
  walk.around.add(value);
  try {
    return write();
  } finally {
    walk.around.delete(value);
  }
}

/** An object of whichever realm that no class has made: a `Map` or a `Date` would be written as something else. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
