/** `taxrefund sandbox`: starts the gateway simulator, for trying things out. */
import { existsSync, readFileSync } from "node:fs";

import { startSandbox, type Sandbox } from "../testing/sandbox.js";
import { CommandError, FINE, UsageError } from "./ending.js";
import type { Command, Values } from "./program.js";
import { note, out } from "./terminal.js";
import { mayWrite, writeConfiguration } from "./written.js";

export const sandbox: Command = {
  name: "sandbox",
  help: "start a gateway simulator on this machine, to try things out",
  usage: "taxrefund sandbox [options]",
  description: `All three providers on one loopback address, with a ledger of who was paid how often, and faults
on demand. The first line printed is its URL. No real money, no account; all keys are public
TEST keys. It ends with Ctrl-C.`,
  details: `options:
  --port N              a free one unless given
  --seed N              where all choices come from; 1 unless given
  --faults MIX          none, demo, a .json file, or inline like 10=lost-answer;90=none
  --delay-ms N          the wait of the scenario delay
  --run-for SECONDS     end after this time
  --exit-with-stdin     end when standard input ends
  --write-config FILE   write a ready configuration with TEST keys (.toml, or .json); never over another one
  --ledger-on-exit      print the ledger as JSON at the end

examples:
  taxrefund sandbox --write-config taxrefund.toml &     then: taxrefund doctor
  taxrefund sandbox --faults demo --seed 3 --ledger-on-exit
  taxrefund sandbox --faults "10=lost-answer;90=none" --run-for 60`,
  options: {
    port: { type: "string" },
    seed: { type: "string" },
    faults: { type: "string" },
    "delay-ms": { type: "string" },
    "run-for": { type: "string" },
    "exit-with-stdin": { type: "boolean" },
    "write-config": { type: "string" },
    "ledger-on-exit": { type: "boolean" },
  },
  isConfigured: false,
  run: simulate,
};

async function simulate(values: Values, words: readonly string[]): Promise<number> {
  if (words.length > 0) throw new UsageError(`unknown: ${words.join(" ")}`);
  const faults = (values["faults"] as string | undefined) ?? "none";
  const config = values["write-config"] as string | undefined;
  const options = {
    port: whole(values, "port"),
    seed: whole(values, "seed"),
    faults: faultsOf(faults),
    // In a demonstration nobody wants to wait for a slow answer.
    delayMs: whole(values, "delay-ms") ?? (faults === "demo" ? 400 : undefined),
  };
  const runForS = whole(values, "run-for");
  if (config !== undefined) mayWrite(config);
  const started = await startSandbox(options);
  // Listened for before its address is told: whoever reads that may end it at once.
  const ended = endOf(values["exit-with-stdin"] === true, runForS);
  try {
    await told(started, config);
    await ended;
    if (values["ledger-on-exit"] === true) out(await started.plainLedger());
  } finally {
    await started.stop();
  }
  return FINE;
}

async function told(started: Sandbox, config: string | undefined): Promise<void> {
  if (config !== undefined) await writeConfiguration(config, started.credentials);
  out(started.baseUrl);
  if (config !== undefined) {
    note(`${config} is written: its accounts lead here, its keys are public TEST keys`);
  }
}

/** Ctrl-C, SIGTERM, the end of standard input, or of the time. */
function endOf(withInput: boolean, runForS: number | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setInterval(() => undefined, 2_147_483_647);
    const limit = runForS === undefined ? undefined : setTimeout(end, runForS * 1000);
    const { stdin } = process;
    function end(): void {
      clearInterval(timer);
      clearTimeout(limit);
      process.off("SIGINT", end).off("SIGTERM", end);
      if (withInput) stdin.off("end", end).off("error", end).pause().unref();
      resolve();
    }
    process.on("SIGINT", end).on("SIGTERM", end);
    if (withInput) stdin.on("end", end).on("error", end).resume();
  });
}

/** What is in the file, where a file is named. */
function faultsOf(given: string): string {
  if (!given.endsWith(".json")) return given;
  if (!existsSync(given)) throw new CommandError(`--faults: ${given} cannot be read: there is no such file`);
  return readFileSync(given, "utf8");
}

function whole(values: Values, name: string): number | undefined {
  const text = values[name] as string | undefined;
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!/^\d+$/.test(text) || number > 2_147_483)
    throw new UsageError(`--${name}: must be a whole number, is ${text}`);
  return number;
}
