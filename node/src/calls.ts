/** The methods of clients as types, made of the generated operations: a method has its operation's name and its docs. */
import type { Submitted } from "./entries.js";
import type { CallOptions } from "./options.js";
import type { Outcome } from "./outcome.js";

/** What is asked and answered, as the generated `Operations` say it. */
interface Asked<Q, R> {
  request: Q;
  response: R;
}

/** A method per operation. It gives the verified response, or throws `RefundFailed` or `RefundUnknown`. */
export type Calls<O> = {
  [M in keyof O]: O[M] extends Asked<infer Q, infer R>
    ? (request: Q, options?: CallOptions) => Promise<R>
    : never;
};

/** A method per operation. It gives the outcome as a value. */
export type OutcomeCalls<O> = {
  readonly [M in keyof O]: O[M] extends Asked<infer Q, infer R>
    ? (request: Q, options?: CallOptions) => Promise<Outcome<R>>
    : never;
};

/** A method per operation that a journal records. It is on disk when the promise resolves, and sent by a worker. */
export type SubmitCalls<O> = {
  readonly [M in keyof O as O[M] extends { effect: "reads" } ? never : M]: O[M] extends Asked<
    infer Q,
    unknown
  >
    ? (request: Q, options?: SubmitOptions) => Promise<Submitted>
    : never;
};

/** What is recorded beside a request. */
export type SubmitOptions = Pick<CallOptions, "form" | "secondRefundForForm">;

/** Whatever one of the operations answers. */
export type AnyResponse<O> = unknown extends O
  ? unknown
  : { [M in keyof O]: O[M] extends Asked<infer _Q, infer R> ? R : never }[keyof O];
