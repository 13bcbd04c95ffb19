/** Keeps the event loop free when very many calls are made at once. */
/** Requests that are prepared in one turn of the event loop: a millisecond or so. */
const PER_TURN = 16;

const waiting: (() => void)[] = [];
let first = 0;
let left = PER_TURN;
let isCounting = false;

/** A turn of the event loop in which there is time for one more; nothing when it is this one. */
export function turn(): Promise<void> | undefined {
  if (!isCounting) {
    isCounting = true;
    setImmediate(next);
  }
  if (left > 0) {
    left -= 1;
    return undefined;
  }
  return new Promise((resolve) => waiting.push(resolve));
}

function next(): void {
  const now = waiting.slice(first, first + PER_TURN);
  first += now.length;
  left = PER_TURN - now.length;
  if (first === waiting.length) waiting.length = first = 0;
  isCounting = now.length > 0;
  if (isCounting) setImmediate(next);
  for (const go of now) go();
}
