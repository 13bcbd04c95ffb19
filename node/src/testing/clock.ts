/** A clock that stands still until it is moved. */
import type { Clock } from "../clock.js";
import { ConfigurationError } from "../errors.js";
import { shown } from "../text.js";

const BEGINNING_MS = Date.UTC(2026, 10, 23, 1);

/**
 * Waits take no time and move the clock; `waits` tells what was waited for.
 *
 * @example
 * ```ts
 * const clock = new FrozenClock();
 * const client = new alipay.Client({ account, transport, clock });
 * ```
 */
export class FrozenClock implements Clock {
  /** What was waited for, in milliseconds. */
  readonly waits: number[] = [];
  readonly #beganMs: number;
  #elapsedMs = 0;

  /** It begins at this moment. */
  constructor(at: Date = new Date(BEGINNING_MS)) {
    this.#beganMs = at.getTime();
  }

  /** Milliseconds since the clock was made. */
  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** Milliseconds since 1970. */
  epochMs(): number {
    return this.#beganMs + this.#elapsedMs;
  }

  /** Moves the clock instead, and lets others run; a wait that was aborted before takes no time. */
  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.waits.push(ms);
    if (!signal.aborted) this.advance(ms);
    await Promise.resolve();
  }

  /** Moves the clock forward. */
  advance(ms: number): void {
    if (!(ms >= 0)) {
      throw new ConfigurationError(`ms: a clock does not go back, given: ${shown(ms)}`, { field: "ms" });
    }
    // Upwards: a wait that came out a little short would be handed out again.
    this.#elapsedMs += Math.ceil(ms);
  }

  /** The time it shows. */
  get now(): Date {
    return new Date(this.epochMs());
  }
}
