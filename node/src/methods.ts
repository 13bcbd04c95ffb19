/** A method per operation, made of the protocol's table. */
import type { Ending } from "./client-core.js";
import type { Submitted } from "./entries.js";
import type { Operation } from "./model.js";

/** The operations of a protocol by their methods' names. */
export type OperationTable = Readonly<Record<string, Operation>>;

/** What the methods of a client call. */
export interface Calling {
  ending(operation: Operation, request: unknown, options: unknown): Promise<Ending<unknown>>;
  submit(operation: Operation, request: unknown, options: unknown): Promise<Submitted>;
}

type Method = (this: unknown, request: unknown, options?: unknown) => Promise<unknown>;

/** The methods of `client.outcome`. */
export function outcomeMethods(operations: OperationTable, core: Calling): Record<string, unknown> {
  return methods(operations, (operation) => async (request, options) => {
    const { outcome } = await core.ending(operation, request, options);
    return outcome;
  });
}

/** The methods of `client.submit`: what a journal records. */
export function submitMethods(operations: OperationTable, core: Calling): Record<string, unknown> {
  const recorded = Object.entries(operations).filter(([, operation]) => operation.effect !== "reads");
  return methods(
    Object.fromEntries(recorded),
    (operation) => (request, options) => core.submit(operation, request, options),
  );
}

/** A function per operation, under its own name. */
export function methods(
  operations: OperationTable,
  make: (operation: Operation) => Method,
): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  for (const [name, operation] of Object.entries(operations)) {
    made[name] = Object.defineProperty(make(operation), "name", { value: name });
  }
  return made;
}
