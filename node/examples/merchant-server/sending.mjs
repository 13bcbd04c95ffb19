/** The worker: sends what is recorded, for as long as the server runs. */
import { setTimeout as wait } from "node:timers/promises";

import { Worker } from "taxrefund";

import { log, told } from "./log.mjs";

/** How long it rests when the journal could not be used. */
const REST_MS = 1_000;

export class Sending {
  /** Whether refunds are being sent. */
  isWell = true;
  #isHalted = false;
  #stopping = new AbortController();
  #ended;

  constructor(journal, client) {
    this.#ended = this.#run(journal, client);
  }

  /** What is under way is finished and recorded; the rest is given back. */
  async stop() {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(journal, client) {
    const { signal } = this.#stopping;
    const onEvent = (event) => this.#hear(event);
    do {
      try {
        const worker = new Worker(journal, client, { until: "stopped", lookEveryMs: 50, onEvent });
        this.isWell = true;
        log("worker_stopped", { summary: String(await worker.run({ signal })) });
      } catch (error) {
        this.isWell = false;
        log("worker_failed", told(error));
      }
      await wait(REST_MS, undefined, { signal }).catch(() => undefined);
      // With a wrong configuration every new run would only spoil a few refunds more: somebody puts it right first.
    } while (!signal.aborted && !this.#isHalted);
  }

  /** What somebody wants to find in a log. */
  #hear(event) {
    if (event.event === "ended") {
      const { key, state, reason, nextStep } = event;
      log("refund_ended", { key, state, code: reason?.code, subCode: reason?.subCode, nextStep });
    } else if (event.event === "halted" || event.event === "skipped") {
      log("needs_somebody", { ...event });
    }
    if (event.event === "halted") {
      this.#isHalted = true;
      this.isWell = false;
    }
  }
}
