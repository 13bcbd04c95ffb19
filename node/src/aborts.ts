/** Listening to an `AbortSignal` on behalf of any number of calls: with one listener, which is removed with the last. */

type Tell = () => void;

interface Listening {
  readonly told: Set<Tell>;
  readonly listener: () => void;
}

const listening = new WeakMap<AbortSignal, Listening>();

/**
 * Calls `tell` once when the signal is aborted; gives what takes that back. A signal that was aborted before tells
 * nothing: look at it first.
 */
export function whenAborted(signal: AbortSignal, tell: Tell): () => void {
  const { told } = listening.get(signal) ?? listenTo(signal);
  told.add(tell);
  return () => {
    told.delete(tell);
    const now = listening.get(signal);
    if (now?.told === told && told.size === 0) stop(signal, now);
  };
}

function listenTo(signal: AbortSignal): Listening {
  const told = new Set<Tell>();
  const listener = () => {
    stop(signal, now);
    for (const tell of [...told]) tell();
    told.clear();
  };
  const now = { told, listener };
  signal.addEventListener("abort", listener);
  listening.set(signal, now);
  return now;
}

function stop(signal: AbortSignal, now: Listening): void {
  listening.delete(signal);
  signal.removeEventListener("abort", now.listener);
}
