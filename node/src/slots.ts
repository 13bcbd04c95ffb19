/** How many exchanges there may be at the same time, and who is next. */

/** Somebody who waits for a slot. */
export interface Place {
  readonly taken: () => void;
  queue: Queue | undefined;
  before: Place | undefined;
  after: Place | undefined;
}

/**
 * A number of slots. Whoever gives one back hands it to the next who waits: first refunds that have begun, so that what
 * may have been paid is settled before more is sent, then those that have not.
 */
export class Slots {
  #free: number;
  readonly #begun: Queue = { first: undefined, last: undefined };
  readonly #fresh: Queue = { first: undefined, last: undefined };

  constructor(number: number) {
    this.#free = number;
  }

  /** Takes a slot that is free; `false` when there is none. */
  take(): boolean {
    if (this.#free === 0) return false;
    this.#free -= 1;
    return true;
  }

  /** Queues for one; `taken` is called when it is there. */
  queue(hasBegun: boolean, taken: () => void): Place {
    const queue = hasBegun ? this.#begun : this.#fresh;
    const place: Place = { taken, queue, before: queue.last, after: undefined };
    if (queue.last === undefined) queue.first = place;
    else queue.last.after = place;
    queue.last = place;
    return place;
  }

  /** Leaves the queue; does nothing for who has his slot already. */
  leave(place: Place): void {
    const { queue, before, after } = place;
    if (queue === undefined) return;
    if (before === undefined) queue.first = after;
    else before.after = after;
    if (after === undefined) queue.last = before;
    else after.before = before;
    place.queue = place.before = place.after = undefined;
  }

  /** Gives a slot back. */
  giveBack(): void {
    const next = this.#begun.first ?? this.#fresh.first;
    if (next === undefined) {
      this.#free += 1;
      return;
    }
    this.leave(next);
    next.taken();
  }
}

interface Queue {
  first: Place | undefined;
  last: Place | undefined;
}
