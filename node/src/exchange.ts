/** One exchange or one signature by code of the host, which may do anything: it settles once, in time, with something known. */
import { timerMs } from "./clock.js";
import { isWellFormed, kindOf, printable } from "./text.js";
import {
  FlatHeaders,
  type HttpRequest,
  type HttpResponse,
  MAX_BODY_BYTES,
  MAX_HEADER_BYTES,
  type Transport,
  TransportFault,
} from "./transport.js";
import { unexpected } from "./unexpected.js";

/** What came of an exchange. */
export type Exchanged =
  | { readonly is: "answer"; readonly status: number; readonly headers: string[]; readonly body: Uint8Array }
  | { readonly is: "fault"; readonly fault: string; readonly detail: string; readonly unexpected?: string }
  | { readonly is: "stopped" };

/** How work is ended from outside. */
export interface Stoppable {
  /** Ends what is under way; there is at most one thing. */
  stop: (() => void) | undefined;
}

/** What came of work that was waited for. */
export type Settled<T> =
  | { readonly is: "value"; readonly value: T }
  | { readonly is: "error"; readonly error: unknown }
  | { readonly is: "late" }
  | { readonly is: "stopped" };

/** Sends a request once. Never rejects, and is over when the request's time is up or it is stopped. */
export async function exchanged(
  transport: Transport,
  request: HttpRequest,
  stoppable: Stoppable,
): Promise<Exchanged> {
  const controller = new AbortController();
  const work = () => transport.exchange(request, controller.signal);
  const settled = await within(work, request.timeoutMs, stoppable);
  switch (settled.is) {
    case "value":
      return answered(settled.value);
    case "error":
      return faulted(settled.error);
    case "late":
      controller.abort(new TransportFault("timeout"));
      return { is: "fault", fault: "timeout", detail: "" };
    case "stopped":
      controller.abort(new TransportFault("reset", "the call was aborted"));
      return settled;
  }
}

/** Waits for work, but not longer than this, and not when it is stopped. Whatever it does later is heard by nobody. */
export function within<T>(
  work: () => PromiseLike<T> | T,
  patienceMs: number,
  stoppable: Stoppable,
): Promise<Settled<T>> {
  return new Promise((resolve) => {
    const end = (settled: Settled<T>) => {
      clearTimeout(timer);
      if (stoppable.stop === stop) stoppable.stop = undefined;
      resolve(settled);
    };
    const stop = () => end({ is: "stopped" });
    const timer = setTimeout(() => end({ is: "late" }), timerMs(patienceMs));
    stoppable.stop = stop;
    try {
      Promise.resolve(work()).then(
        (value) => end({ is: "value", value }),
        (error: unknown) => end({ is: "error", error }),
      );
    } catch (error) {
      end({ is: "error", error });
    }
  });
}

function answered(given: HttpResponse): Exchanged {
  try {
    const { status, headers, body } = shaped(given);
    if (body.length > MAX_BODY_BYTES) return { is: "fault", fault: "too_large", detail: "" };
    return { is: "answer", status, headers: flat(headers), body };
  } catch (error) {
    return faulted(error);
  }
}

/** What was given, each member read once, if it is an answer at all. */
function shaped(given: unknown): HttpResponse {
  if (typeof given !== "object" || given === null) throw new NoAnswer(kindOf(given));
  const { status, headers, body } = given as Record<keyof HttpResponse, unknown>;
  if (typeof status !== "number" || !Number.isInteger(status) || status < 100 || status > 999) {
    throw new NoAnswer("a status that is none");
  }
  if (typeof headers !== "object" || headers === null || !(Symbol.iterator in headers)) {
    throw new NoAnswer("headers that are no pairs");
  }
  if (!(body instanceof Uint8Array)) throw new NoAnswer(`${kindOf(body)} as the body, not bytes`);
  return { status, headers: headers as HttpResponse["headers"], body };
}

function flat(headers: HttpResponse["headers"]): string[] {
  const names = headers instanceof FlatHeaders ? headers.flat : pairs(headers);
  let bytes = 0;
  for (const text of names) bytes += text.length + 2;
  if (bytes > MAX_HEADER_BYTES) throw new TransportFault("too_large");
  return names as string[];
}

function pairs(headers: Iterable<readonly unknown[]>): string[] {
  const names: string[] = [];
  let bytes = 0;
  for (const pair of headers) {
    const [name, value] = pair;
    if (typeof name !== "string" || typeof value !== "string")
      throw new NoAnswer("headers that are no pairs");
    names.push(isWellFormed(name) ? name : printable(name), isWellFormed(value) ? value : printable(value));
    // Looked at here too: an iterable need not have an end.
    bytes += name.length + value.length + 4;
    if (bytes > MAX_HEADER_BYTES) throw new TransportFault("too_large");
  }
  return names;
}

function faulted(error: unknown): Exchanged {
  if (error instanceof TransportFault) {
    const [fault, detail] = faultTexts(error);
    return { is: "fault", fault, detail };
  }
  // Whether something was sent is not known; whoever wrote the transport wants to see it.
  const name = unexpected("the transport", error);
  return { is: "fault", fault: "reset", detail: "", unexpected: name };
}

function faultTexts(error: TransportFault): [fault: string, detail: string] {
  const { fault, detail } = error as { fault: unknown; detail: unknown };
  return [
    typeof fault === "string" ? printable(fault) : "reset",
    typeof detail === "string" ? printable(detail).slice(0, 200) : "",
  ];
}

/** What a transport gave instead of an answer. */
class NoAnswer extends Error {
  constructor(what: string) {
    super(`the transport gave ${what}`);
  }
}
