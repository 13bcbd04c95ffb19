/** Keeps the process alive while somebody awaits what happens on a thread of the native module, and not longer. */

let waiting = 0;
let timer: NodeJS.Timeout | undefined;

/**
 * The same promise; while it is open, the process does not end by itself. Native threads alone do not keep it alive, and
 * an `await` does not either.
 *
 * @internal
 */
export async function alive<T>(promise: Promise<T>): Promise<T> {
  hold();
  try {
    return await promise;
  } finally {
    release();
  }
}

/** Holds the process until {@link release} is called as often. @internal */
export function hold(): void {
  waiting += 1;
  // An empty timer is the plainest handle there is; it never needs to fire.
  timer ??= setInterval(() => undefined, LONG_MS);
}

/** See {@link hold}. @internal */
export function release(): void {
  waiting -= 1;
  if (waiting === 0) {
    clearInterval(timer);
    timer = undefined;
  }
}

const LONG_MS = 2_147_483_647;
