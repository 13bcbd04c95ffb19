/** The driver: does what a flow says, tells it what came of it. It decides nothing about money. */
import { whenAborted } from "./aborts.js";
import { type Clock, epochOf, monotonicOf, systemClock, timerMs } from "./clock.js";
import { exchanged, type Exchanged, type Stoppable, within } from "./exchange.js";
import type { Flow, NativeRequest, Step } from "./native.js";
import type { Teller } from "./observe.js";
import { calling } from "./problem.js";
import { type Signer, SigningFailed, signatureOf, signingProblem } from "./signer.js";
import type { Slots } from "./slots.js";
import { stepped } from "./steps.js";
import { requestOf, type Transport } from "./transport.js";

/** What a flow is driven with. */
export interface Drive {
  readonly flow: Flow;
  readonly transport: Transport;
  readonly signer: Signer | undefined;
  readonly clock: Clock;
  readonly slots: Slots;
  readonly teller: Teller;
  readonly signal: AbortSignal | undefined;
  readonly deadlineMs: number | undefined;
}

/** How it ended: the outcome as JSON, and what made the driver give up, if something did. */
export interface Driven {
  readonly outcome: string;
  readonly cause?: unknown;
  /** Whether the cause is nothing that belongs here: a clock that failed, for one. */
  readonly isUnexpected?: boolean;
}

const DEADLINE_MS = 300_000;

/** Drives a flow to its end. Rejects only when not even the state of the refund can be had. */
export function driven(drive: Drive): Promise<Driven> {
  return new Driver(drive).toTheEnd();
}

class Driver implements Stoppable {
  /** Ends what is under way: a wait for a slot, an exchange, a signature, a wait. */
  stop: (() => void) | undefined;
  #isAborted = false;
  #hasSlot = false;
  readonly #drive: Drive;

  constructor(drive: Drive) {
    this.#drive = drive;
  }

  async toTheEnd(): Promise<Driven> {
    const { flow, clock, signal } = this.#drive;
    if (signal?.aborted === true) return { outcome: givenUp(flow, clock), cause: signal.reason };
    const forget = signal === undefined ? undefined : whenAborted(signal, () => this.#abort());
    try {
      const outcome = await this.#steps();
      if (outcome !== undefined) return { outcome };
      return { outcome: givenUp(flow, clock), cause: signal?.reason };
    } catch (error) {
      return { outcome: givenUp(flow, clock, error), cause: error, isUnexpected: true };
    } finally {
      forget?.();
      this.#giveBack();
    }
  }

  /** The outcome; `undefined` when the call was aborted. */
  async #steps(): Promise<string | undefined> {
    const { flow, clock, teller } = this.#drive;
    // What is signed must be sent right away: nothing is advanced towards a send without a slot.
    if (!(await this.#slot(false))) return undefined;
    const began = monotonicOf(clock);
    let step: Step | undefined = await stepped((steps, id) =>
      flow.start(steps, id, monotonicOf(clock), epochOf(clock)),
    );
    while (step !== undefined && step.kind !== "done") {
      if (this.#isAborted) return undefined;
      switch (step.kind) {
        case "sign":
          step = await this.#sign(step.message, began);
          break;
        case "send":
          step = await this.#send(step);
          break;
        case "wait":
          this.#giveBack();
          teller.tell("waiting", { waitMs: step.waitMs });
          await this.#wait(step.waitMs);
          if (!(await this.#slot(true))) return undefined;
          step = await stepped((steps, id) => flow.woke(steps, id, monotonicOf(clock), epochOf(clock)));
          break;
      }
    }
    return step?.outcome;
  }

  async #send(asked: NativeRequest): Promise<Step | undefined> {
    const { flow, transport, clock, teller } = this.#drive;
    const hears = teller.hears("heard");
    const [began, sentAtMs] = hears ? [monotonicOf(clock), epochOf(clock)] : [0, 0];
    teller.tell("sending", { interface: asked.interface });
    const came = await exchanged(transport, requestOf(asked), this);
    if (came.is === "stopped") return undefined;
    const [now, epoch] = [monotonicOf(clock), epochOf(clock)];
    if (hears) {
      const tookMs = Math.max(0, Math.floor(now - began));
      teller.tell("heard", { interface: asked.interface, sentAtMs, tookMs, ...told(came) });
    }
    if (came.is === "fault")
      return stepped((steps, id) => flow.faulted(steps, id, came.fault, came.detail, now, epoch));
    return stepped((steps, id) => flow.answered(steps, id, came.status, came.headers, came.body, now, epoch));
  }

  async #sign(message: Buffer, began: number): Promise<Step | undefined> {
    const { flow, signer, clock, deadlineMs = DEADLINE_MS } = this.#drive;
    const sign = async () => {
      if (signer === undefined) throw new SigningFailed("there is no signer");
      return signatureOf(await signer.sign(message));
    };
    const made = await within(sign, Math.max(began + deadlineMs - monotonicOf(clock), 0), this);
    if (made.is === "stopped") return undefined;
    // The time is taken when it is made: that may have taken long.
    const [now, epoch] = [monotonicOf(clock), epochOf(clock)];
    if (made.is === "value") return stepped((steps, id) => flow.signed(steps, id, made.value, now, epoch));
    const why = made.is === "late" ? "no signature before the deadline" : signingProblem(made.error);
    return stepped((steps, id) => flow.signingFailed(steps, id, why, now, epoch));
  }

  async #wait(ms: number): Promise<void> {
    const { clock } = this.#drive;
    if (clock !== systemClock) {
      const controller = new AbortController();
      const slept = await within(() => clock.sleep(ms, controller.signal), Infinity, this);
      if (slept.is === "stopped") controller.abort();
      if (slept.is === "error") throw slept.error;
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timerMs(ms));
      this.stop = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.stop = undefined;
  }

  /** `false` when the call was aborted before there was one. */
  async #slot(hasBegun: boolean): Promise<boolean> {
    const { slots } = this.#drive;
    if (this.#isAborted) return false;
    this.#hasSlot = slots.take();
    if (this.#hasSlot) return true;
    await new Promise<void>((resolve) => {
      const place = slots.queue(hasBegun, () => {
        this.#hasSlot = true;
        resolve();
      });
      this.stop = () => {
        slots.leave(place);
        resolve();
      };
    });
    this.stop = undefined;
    return !this.#isAborted;
  }

  #giveBack(): void {
    if (!this.#hasSlot) return;
    this.#hasSlot = false;
    this.#drive.slots.giveBack();
  }

  #abort(): void {
    this.#isAborted = true;
    this.stop?.();
  }
}

/** What a heard event says of it. */
function told(
  came: Exclude<Exchanged, { is: "stopped" }>,
): { status: number } | { fault: string; detail?: string } {
  if (came.is === "answer") return { status: came.status };
  return { fault: came.fault, ...(came.unexpected === undefined ? {} : { detail: came.unexpected }) };
}

/** The outcome of a flow that nobody drives any more, as JSON. A clock that fails must not cost the state. */
function givenUp(flow: Flow, clock: Clock, error?: unknown): string {
  let now: [monotonic: number, epoch: number] = [0, 0];
  try {
    now = [monotonicOf(clock), epochOf(clock)];
  } catch {
    // The times only go into the report.
  }
  try {
    return calling(() => flow.cancel(...now));
  } catch (cancelling) {
    throw error ?? cancelling;
  }
}
