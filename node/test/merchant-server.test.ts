import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";

import { type Sandbox, sandboxFor, testNotification } from "taxrefund/testing";

import { folderFor } from "./journal-files.js";
import { BARCODE } from "./requests.js";

const PROGRAM = join(__dirname, "..", "examples", "merchant-server", "main.mjs");
const LOOKS = 4_000;
/** A hang is a failure with a name. */
const LIMITED = { timeout: 180_000 };
const FAULTS = [
  "20=lost-answer",
  "10=lost-answer*2",
  "10=in-process*2",
  "5=system-error*2",
  "5=business-failed-paid",
  "5=result-unknown",
  "5=stranger-key",
  "5=failed",
  "35=none",
].join(";");

interface Seen {
  readonly status: "pending" | "succeeded" | "failed" | "unknown";
  readonly reference?: string;
  readonly nextStep?: string;
}

/** A merchant server as a process of its own. */
class Merchant {
  readonly said: string[] = [];
  url = "";
  private readonly hears = new EventEmitter();
  private ended = 0;
  private process: ChildProcess | undefined;

  constructor(
    private readonly environment: Readonly<Record<string, string>>,
    private port = 0,
  ) {}

  static async in(t: TestContext, sandbox: Sandbox, changes: Record<string, string> = {}): Promise<Merchant> {
    const folder = await folderFor(t);
    const { alipay } = sandbox.credentials;
    const [own, theirs] = [join(folder, "merchant.pem"), join(folder, "alipay.pem")];
    await writeFile(own, alipay.partnerPrivateKeyPem);
    await writeFile(theirs, alipay.platformPublicKeyPem);
    const merchant = new Merchant({
      MERCHANT_JOURNAL: join(folder, "refunds.db"),
      MERCHANT_OWNER: "counter",
      MERCHANT_TAKE_UP_AGAIN_AFTER_MS: Array(20).fill("100").join(","),
      MERCHANT_SANDBOX_WAIT_PERMILLE: "2",
      ALIPAY_APP_ID: alipay.appId,
      ALIPAY_MERCHANT_PRIVATE_KEY_FILE: own,
      ALIPAY_PUBLIC_KEY_FILE: theirs,
      ALIPAY_ENVIRONMENT: "sandbox",
      ALIPAY_ENDPOINT: alipay.gatewayUrl,
      ...changes,
    });
    t.after(() => merchant.kill());
    return merchant;
  }

  /** The same shop, another process. */
  beside(changes: Record<string, string>): Merchant {
    return new Merchant({ ...this.environment, ...changes });
  }

  async start(): Promise<void> {
    const env = { PATH: process.env["PATH"], ...this.environment, MERCHANT_PORT: String(this.port) };
    const started = spawn(process.execPath, [PROGRAM], { env, stdio: ["ignore", "pipe", "inherit"] });
    this.process = started;
    const lines = createInterface({ input: started.stdout });
    const isUp = new Promise<void>((resolve, reject) => {
      lines.on("line", (line) => {
        this.said.push(line);
        const { event, port } = JSON.parse(line) as { event: string; port?: number };
        if (event === "refund_ended") {
          this.ended += 1;
          this.hears.emit("ended");
        }
        if (event === "listening" && port !== undefined) {
          this.port = port;
          this.url = `http://127.0.0.1:${port}`;
          resolve();
        }
      });
      started.once("exit", (code) =>
        reject(new Error(`it ended with ${String(code)}: ${this.said.at(-1) ?? ""}`)),
      );
    });
    if (this.environment["MERCHANT_ROLE"] !== "worker") await isUp;
    else isUp.catch(() => undefined);
  }

  /** As a power cut does. */
  async kill(): Promise<void> {
    await this.end("SIGKILL");
  }

  /** Resolves to the exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const { process: started } = this;
    this.process = undefined;
    if (started === undefined) return null;
    const ended = once(started, "exit") as Promise<[number | null]>;
    if (started.exitCode !== null || started.signalCode !== null) return started.exitCode;
    started.kill(signal);
    return (await ended)[0];
  }

  /** When so many more refunds have ended, as its log says. */
  async hasEnded(number: number): Promise<void> {
    const wanted = this.ended + number;
    while (this.ended < wanted) await once(this.hears, "ended");
  }

  async take(key: string, changes: object = {}): Promise<Response> {
    const refund = {
      orderNumber: key,
      code: BARCODE,
      amount: "100.00",
      currency: "SGD",
      form: `FORM${key}`,
      ...changes,
    };
    return fetch(`${this.url}/refunds`, { method: "POST", body: JSON.stringify(refund) });
  }

  async seen(key: string): Promise<Seen> {
    return (await (await fetch(`${this.url}/refunds/${key}`)).json()) as Seen;
  }

  /** Looks, a bounded number of times, until nothing is under way any more. */
  async settled(): Promise<void> {
    let last = "";
    for (let looks = 0; looks < LOOKS; looks += 1) {
      const response = await fetch(`${this.url}/healthz`);
      const counts = (await response.json()) as { open: number; waiting: number };
      if (counts.open + counts.waiting === 0) return;
      last = JSON.stringify(counts);
      await wait(10);
    }
    assert.fail(`not settled after ${LOOKS} looks: ${last}`);
  }
}

test("killed and restarted under load, it pays nobody twice and loses nothing", LIMITED, async (t) => {
  const sandbox = await sandboxFor(t, { faults: FAULTS, seed: 11 });
  const merchant = await Merchant.in(t, sandbox);
  await merchant.start();
  const keys = Array.from({ length: 300 }, (_, number) => `ORDER${number}`);
  const queue = [...keys];
  let alive = Promise.resolve();

  /** Asks again, with the same number, until there is an answer. */
  const answered = async (ask: () => Promise<Response>): Promise<Response> => {
    for (let tries = 0; tries < LOOKS; tries += 1) {
      const response = await ask().catch(() => undefined);
      if (response?.ok === true) return response;
      await alive;
      await wait(1);
    }
    return assert.fail("it was never answered");
  };

  /** Somebody at a counter: hands a refund in, and looks whether it is through before the next traveller comes. */
  const clerk = async () => {
    for (let key = queue.shift(); key !== undefined; key = queue.shift()) {
      const [number, looks] = [key, 20];
      const taken = await answered(() => merchant.take(number));
      assert.equal(taken.status, 202);
      for (let look = 0; look < looks; look += 1) {
        const response = await answered(() => fetch(`${merchant.url}/refunds/${number}`));
        const seen = (await response.json().catch(() => undefined)) as Seen | undefined;
        if (seen !== undefined && seen.status !== "pending") break;
        await wait(5);
      }
    }
  };

  /** Power cuts, each when this life of the server has paid some. */
  const cuts = async () => {
    for (let cut = 0; cut < 5; cut += 1) {
      await merchant.hasEnded(25);
      alive = merchant.kill().then(() => merchant.start());
      await alive;
    }
  };
  await Promise.all([cuts(), ...Array.from({ length: 16 }, clerk)]);
  await merchant.settled();

  const ledger = await sandbox.ledger();
  assert.deepEqual(ledger.doublePaid, []);
  const paid = new Map(ledger.entries.map((entry) => [entry.key, entry]));
  const states = new Map<string, number>();
  for (const key of keys) {
    const { status, reference } = await merchant.seen(key);
    const entry = paid.get(key);
    states.set(status, (states.get(status) ?? 0) + 1);
    assert.notEqual(status, "pending", key);
    if (status === "succeeded") assert.deepEqual([entry?.paidTimes, reference], [1, entry?.reference], key);
    if (status === "failed") assert.equal(entry?.paidTimes ?? 0, 0, `${key} was paid and is called failed`);
    assert.ok((entry?.paidTimes ?? 0) <= 1, `${key} was paid twice`);
  }
  assert.deepEqual(
    [...paid.keys()].filter((key) => !keys.includes(key)),
    [],
  );
  assert.ok((states.get("succeeded") ?? 0) > keys.length / 2, JSON.stringify([...states]));
  assert.ok((states.get("failed") ?? 0) > 0, JSON.stringify([...states]));
  assert.equal(states.get("unknown") ?? 0, 0, JSON.stringify([...states]));
  const told = merchant.said.join("\n");
  assert.ok(!told.includes(BARCODE) && !told.includes("PRIVATE KEY"));
});

test("it ends gracefully: what is under way is recorded, nothing stays leased", LIMITED, async (t) => {
  const sandbox = await sandboxFor(t, { faults: "50=delay;50=none", delayMs: 50, seed: 3 });
  const merchant = await Merchant.in(t, sandbox);
  await merchant.start();
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, number) => merchant.take(`ORDER${number}`)),
  );
  assert.ok(answers.every(({ status }) => status === 202));
  assert.equal(await merchant.end("SIGTERM"), 0);
  assert.match(merchant.said.at(-1) ?? "", /"event":"stopped"/);
  await merchant.start();
  await merchant.settled();
  const ledger = await sandbox.ledger();
  assert.deepEqual([ledger.totals.paidTimes, ledger.doublePaid.length], [30, 0]);
  assert.equal(await merchant.end("SIGTERM"), 0);
});

test("a worker in another process sends what the web process takes", LIMITED, async (t) => {
  const sandbox = await sandboxFor(t, { faults: "30=lost-answer;70=none", seed: 5 });
  const web = await Merchant.in(t, sandbox, { MERCHANT_ROLE: "web", MERCHANT_OWNER: "web" });
  const worker = web.beside({ MERCHANT_ROLE: "worker", MERCHANT_OWNER: "worker" });
  t.after(() => worker.kill());
  await web.start();
  for (const key of ["ORDER1", "ORDER2", "ORDER3"]) assert.equal((await web.take(key)).status, 202);
  assert.equal((await web.seen("ORDER1")).status, "pending");
  await worker.start();
  await web.settled();
  assert.equal((await web.seen("ORDER1")).status, "succeeded");
  assert.equal((await sandbox.ledger()).totals.paidTimes, 3);
  assert.deepEqual([await worker.end("SIGTERM"), await web.end("SIGTERM")], [0, 0]);
});

test("what is wrong is answered as such, and nothing of it is recorded", LIMITED, async (t) => {
  const sandbox = await sandboxFor(t);
  const merchant = await Merchant.in(t, sandbox, { MERCHANT_ROLE: "web" });
  await merchant.start();
  assert.equal((await merchant.take("ORDER1")).status, 202);
  const statuses = [
    await merchant.take("ORDER1"),
    await merchant.take("ORDER1", { amount: "99.00" }),
    await merchant.take("ORDER2", { form: "FORMORDER1" }),
    await merchant.take("ORDER-3"),
    await merchant.take("ORDER4", { amount: 100.5 }),
    await merchant.take("ORDER5", { code: "x".repeat(70_000) }),
    await fetch(`${merchant.url}/refunds`, { method: "POST", body: "{" }),
    await fetch(`${merchant.url}/refunds/NOPE`),
    await fetch(`${merchant.url}/refunds/%ff`),
    await fetch(`${merchant.url}/elsewhere`),
  ].map(({ status }) => status);
  assert.deepEqual(statuses, [202, 409, 409, 422, 422, 400, 400, 404, 400, 404]);
  const account = sandbox.alipayAccount();
  const notify = async (forged: boolean) => {
    const { path, headers, rawBody } = await testNotification(account, {
      key: "ORDER1",
      path: "/notifications?shop=1",
      forged,
    });
    const response = await fetch(merchant.url + path, {
      method: "POST",
      headers,
      body: new Uint8Array(rawBody),
    });
    return response.text();
  };
  assert.notEqual(await notify(true), "success");
  assert.equal((await merchant.seen("ORDER1")).status, "pending");
  assert.equal(await notify(false), "success");
  assert.equal((await merchant.seen("ORDER1")).status, "succeeded");
  const counts = (await (await fetch(`${merchant.url}/healthz`)).json()) as Record<string, number>;
  assert.deepEqual([counts["open"], counts["succeeded"]], [0, 1]);
});
