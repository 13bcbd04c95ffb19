/** A transport of the host's, as the journal's and the worker's threads use it. */
import { exchanged } from "./exchange.js";
import { type Exchange, type HostTransport, native } from "./native.js";
import { calling } from "./problem.js";
import { requestOf, type Transport } from "./transport.js";
import { unexpected } from "./unexpected.js";

/** Has native threads send over it, on the event loop. */
export function hostTransport(transport: Transport): HostTransport {
  return calling(
    () =>
      new native.HostTransport((exchange) => {
        forward(transport, exchange).catch((error: unknown) => unexpected("the transport", error));
      }),
  );
}

async function forward(transport: Transport, exchange: Exchange): Promise<void> {
  const came = await exchanged(transport, requestOf(exchange), { stop: undefined });
  if (came.is === "answer") exchange.answered(came.status, came.headers, came.body);
  if (came.is === "fault") exchange.faulted(came.fault, came.detail);
}
