/** Paths of fields: the core names them as the wire does, errors name them as the caller does. */
import type { Model, Operation } from "./model.js";

const operations = new Map<string, Operation>();

/** Remembers an operation by its name; the generated modules do so when they are loaded. */
export function register(operation: Operation): void {
  operations.set(operation.name, operation);
}

/** The operation of this name, when its protocol is loaded. */
export function operationNamed(name: string): Operation | undefined {
  return operations.get(name);
}

/**
 * A path as JavaScript writes it: `merchants.0.merchantMCC` of an operation is `merchants[0].merchantMcc`. Names
 * inside a free object stay as they are.
 */
export function jsPath(path: string, operation: string): string {
  let within: Model | undefined = operations.get(operation)?.request;
  let free = false;
  let written = "";
  for (const step of path.split(".")) {
    if (/^\d+$/.test(step)) {
      written += `[${step}]`;
      continue;
    }
    const field = within?.fields.find((one) => one.wire === step);
    const name = free ? step : (field?.name ?? camelCase(step));
    written += written === "" ? name : `.${name}`;
    free ||= field?.kind === "object" || field?.item === "object";
    within = typeof field?.item === "object" ? field.item : undefined;
  }
  return written;
}

/** `pay_tax_refund` is `payTaxRefund`, `merchantMCC` is `merchantMcc`. */
export function camelCase(name: string): string {
  return name
    .replace(/_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase())
    .replace(/([A-Z])([A-Z]+)(?![a-z])/g, (_, first: string, rest: string) => first + rest.toLowerCase());
}
