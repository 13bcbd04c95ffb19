/** Things of the host's that are taken by their shape: whatever has the right methods will do. */
import { readable, unfit } from "./text.js";

/** The given object, if it has these methods. Throws `ConfigurationError` with the setting's name otherwise. */
export function shaped<T extends object>(
  field: string,
  wanted: string,
  given: unknown,
  methods: readonly (keyof T & string)[],
): T {
  const fits = readable(field, () => {
    if (typeof given !== "object" || given === null) return false;
    return methods.every((name) => typeof (given as Record<string, unknown>)[name] === "function");
  });
  if (fits) return given as T;
  throw unfit(field, wanted, given);
}
