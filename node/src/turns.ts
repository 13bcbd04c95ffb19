/** Lets a bounded number of things happen at the same time; the others wait for their turn, in order. */
export class Turns {
  private free: number;
  private readonly queue: (() => void)[] = [];
  private first = 0;

  /** So many at the same time. */
  constructor(atOnce: number) {
    this.free = atOnce;
  }

  /** Runs `work` when it is its turn. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) {
      this.free -= 1;
    } else {
      await new Promise<void>((resolve) => this.queue.push(resolve));
    }
    try {
      return await work();
    } finally {
      this.next();
    }
  }

  private next(): void {
    const next = this.queue[this.first];
    if (next === undefined) {
      this.free += 1;
      return;
    }
    // Moved rather than shifted: a queue of a hundred thousand would be copied for every turn.
    this.first += 1;
    if (this.first > 1024 && this.first * 2 > this.queue.length) {
      this.queue.splice(0, this.first);
      this.first = 0;
    }
    next();
  }
}
