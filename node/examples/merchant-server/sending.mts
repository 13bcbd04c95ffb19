/** The worker: sends what is recorded, for as long as the server runs. */
import { setTimeout as wait } from "node:timers/promises";

import { Worker, type Journal, type WorkerEvent, type alipay } from "taxrefund";

import { log, told } from "./log.mjs";

/** How long it rests when the journal could not be used. */
const REST_MS = 1_000;

export class Sending {
  /** Whether refunds are being sent. */
  isWell = true;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;

  constructor(journal: Journal, client: alipay.Client) {
    this.#ended = this.#run(journal, client);
  }

  /** What is under way is finished and recorded; the rest is given back. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(journal: Journal, client: alipay.Client): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const worker = new Worker(journal, client, { until: "stopped", lookEveryMs: 50, onEvent: tell });
        this.isWell = true;
        const summary = await worker.run({ signal });
        log("worker_stopped", { summary: String(summary) });
        // An account that was halted stays so until somebody has put its configuration right.
        if (summary.halted.length > 0) this.isWell = false;
      } catch (error) {
        this.isWell = false;
        log("worker_failed", told(error));
      }
      if (!signal.aborted) await wait(REST_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

/** What somebody wants to find in a log. */
function tell(event: WorkerEvent): void {
  if (event.event === "ended") {
    const { key, state, reason, nextStep } = event;
    log("refund_ended", { key, state, code: reason?.code, subCode: reason?.subCode, nextStep });
  } else if (event.event === "halted" || event.event === "skipped") {
    log("needs_somebody", { ...event });
  }
}
