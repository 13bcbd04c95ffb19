/** The time, and waiting. A clock of one's own is for tests; see `FrozenClock` in `taxrefund/testing`. */
import { ConfigurationError } from "./errors.js";
import { shaped } from "./shapes.js";
import { kindOf, shown } from "./text.js";

/** What a client asks for the time. All in milliseconds. */
export interface Clock {
  /** Since any fixed moment; never goes back. Waits and deadlines are measured with it. */
  monotonicMs(): number;
  /** Since 1970-01-01 UTC. Goes into timestamps only. */
  epochMs(): number;
  /** Waits this long, or until the signal is aborted. Early is harmless: the rest is waited for again. */
  sleep(ms: number, signal: AbortSignal): Promise<unknown>;
}

const METHODS = ["monotonicMs", "epochMs", "sleep"] as const;
/** The longest wait that a timer takes; the rest of a longer one is waited for again. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = Object.freeze({
  monotonicMs: () => performance.now(),
  epochMs: () => Date.now(),
  sleep: (ms: number, signal: AbortSignal): Promise<unknown> =>
    new Promise<void>((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const awake = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", awake);
        resolve();
      };
      const timer = setTimeout(awake, timerMs(ms));
      signal.addEventListener("abort", awake);
    }),
});

/** What a timer is set to: whole milliseconds, rounded up. */
export function timerMs(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), LONGEST_TIMER_MS);
}

/** A clock that was given, or the machine's. Throws `ConfigurationError` for what is none. */
export function clockOf(given: unknown): Clock {
  if (given === undefined || given === null) return systemClock;
  return shaped<Clock>("clock", "an object with monotonicMs, epochMs and sleep", given, METHODS);
}

/** The monotonic time. Throws `ConfigurationError` for a clock that gives none. */
export function monotonicOf(clock: Clock): number {
  return reading("clock.monotonicMs", clock.monotonicMs());
}

/** The time since 1970, in whole milliseconds. Throws `ConfigurationError` for a clock that gives none. */
export function epochOf(clock: Clock): number {
  return Math.floor(reading("clock.epochMs", clock.epochMs()));
}

function reading(field: string, given: unknown): number {
  if (typeof given === "number" && given >= 0 && given <= Number.MAX_SAFE_INTEGER) return given;
  const is = typeof given === "number" ? shown(given) : kindOf(given);
  throw new ConfigurationError(`${field}: must give milliseconds, 0 or more; gave ${is}`, { field });
}
