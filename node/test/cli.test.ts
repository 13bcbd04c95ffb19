import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type TestContext, test } from "node:test";

import { sandboxFor } from "taxrefund/testing";

import { parseToml, TomlError } from "../src/cli/toml.js";
import { folderFor } from "./journal-files.js";

const PROGRAM = join(__dirname, "..", "src", "cli", "main.js");
const LIMITED = { timeout: 120_000 };

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command, in a folder of its own, with nothing of this machine's settings. */
class Office {
  constructor(readonly folder: string) {}

  static async for(t: TestContext): Promise<Office> {
    return new Office(await folderFor(t));
  }

  start(args: readonly string[], environment: Record<string, string> = {}) {
    const env = {
      PATH: process.env["PATH"],
      HOME: this.folder,
      XDG_CONFIG_HOME: this.folder,
      ...environment,
    };
    return spawn(process.execPath, [PROGRAM, ...args], { cwd: this.folder, env, stdio: "pipe" });
  }

  async run(args: readonly string[], environment: Record<string, string> = {}): Promise<Said> {
    const process = this.start(args, environment);
    process.stdin.end();
    const [out, err] = [text(process.stdout), text(process.stderr)];
    const code = await new Promise<number | null>((resolve) => process.once("close", resolve));
    return { code, out: await out, err: await err };
  }

  async file(name: string, content: string): Promise<string> {
    const path = join(this.folder, name);
    await writeFile(path, content, { mode: 0o600 });
    return path;
  }
}

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  let read = "";
  for await (const chunk of stream) read += String(chunk);
  return read;
}

/** A configuration that leads to a sandbox. */
async function configured(
  t: TestContext,
): Promise<{ office: Office; sandbox: Awaited<ReturnType<typeof sandboxFor>> }> {
  const [office, sandbox] = [await Office.for(t), await sandboxFor(t)];
  const { alipay } = sandbox.credentials;
  await office.file("own.pem", alipay.partnerPrivateKeyPem);
  await office.file("alipay.pem", alipay.platformPublicKeyPem);
  const lines = [
    "[accounts.singapore]",
    'protocol = "alipay"',
    'environment = "sandbox"',
    `endpoint = "${alipay.gatewayUrl}"`,
    `app_id = "${alipay.appId}"`,
    'merchant_private_key_file = "own.pem"     # beside this file',
    'alipay_public_key_file = "alipay.pem"',
  ];
  await office.file("taxrefund.toml", lines.join("\n"));
  return { office, sandbox };
}

test("help and version are answered, for every command", LIMITED, async (t) => {
  const office = await Office.for(t);
  const { code, out } = await office.run(["--help"]);
  assert.equal(code, 0);
  for (const word of ["doctor", "explain", "sandbox", "exit codes", "TAXREFUND_CONFIG"])
    assert.ok(out.includes(word));
  for (const command of ["doctor", "explain", "sandbox"]) {
    const told = await office.run([command, "--help"]);
    assert.ok(
      told.code === 0 && told.out.startsWith(`usage: taxrefund ${command}`) && told.out.includes("examples:"),
    );
  }
  assert.match((await office.run(["--version"])).out, /^taxrefund \d+\.\d+\.\d+\n$/);
  assert.equal((await office.run([])).code, 1);
});

test("a wrong command line is told with the usage, never with a stack", LIMITED, async (t) => {
  const office = await Office.for(t);
  const wrong = [
    ["pay"],
    ["--x"],
    ["sandbox", "--x"],
    ["sandbox", "--port", "many"],
    ["explain"],
    ["doctor", "now"],
  ];
  for (const args of wrong) {
    const { code, out, err } = await office.run(args);
    assert.deepEqual([code, out], [1, ""], args.join(" "));
    assert.match(err, /^usage: taxrefund .*\nerror: .+\nhelp: taxrefund .*--help\n$/, args.join(" "));
  }
});

test("explain tells codes and steps in two languages, and says what it does not know", LIMITED, async (t) => {
  const office = await Office.for(t);
  const known = await office.run(["explain", "timeout", "resume_later"]);
  assert.equal(known.code, 0);
  assert.match(known.out, /^timeout \(taxrefund\): [^]*\n {2}to do: [^]*\nresume_later:\n {2}clerk: /);
  const chinese = await office.run(["explain", "--zh", "resume_later"]);
  assert.match(chinese.out, /收银员/);
  const unknown = await office.run(["explain", "NEVER_SEEN\u001b[31m", "timeout"]);
  assert.equal(unknown.code, 1);
  assert.ok(unknown.out.includes("timeout") && unknown.err.includes("is not known here"));
  assert.ok(!unknown.err.includes("\u001b"));
});

test("doctor finds a good configuration good", LIMITED, async (t) => {
  const { office } = await configured(t);
  const { code, out, err } = await office.run(["doctor"]);
  assert.equal(code, 0, out + err);
  for (const word of ["merchant_private_key", "SANDBOX, no real money", "DNS", "TCP", "HTTP 200", "clock"]) {
    assert.ok(out.includes(word), word);
  }
  assert.ok(!out.includes("PRIVATE KEY") && err === "");
});

test("doctor says what is wrong, and goes on with the rest", LIMITED, async (t) => {
  const { office, sandbox } = await configured(t);
  const swapped = await office.run([
    "doctor",
    "--offline",
    "--set",
    "singapore.alipay_public_key_file=own.pem",
  ]);
  assert.equal(swapped.code, 2);
  assert.match(swapped.out, /WRONG/);
  const gone = await office.run(["--set", "singapore.endpoint=http://127.0.0.1:1/gateway.do", "doctor"]);
  assert.equal(gone.code, 2);
  assert.match(gone.out, /TCP +WRONG +127\.0\.0\.1:1 takes no connection \(ECONNREFUSED\): a firewall/);
  assert.match(gone.err, /1 of \d+ looks found something wrong/);
  await sandbox.stop();
  await chmod(join(office.folder, "own.pem"), 0o644);
  const open = await office.run(["doctor", "--offline"]);
  assert.match(open.out, /everybody on this machine may read it: chmod 600/);
});

test("what is wrong with the settings is said by its place, and never quoted", LIMITED, async (t) => {
  const { office } = await configured(t);
  const secret = "MIIEvQIBADANBg";
  const cases: [string[], Record<string, string>, RegExp][] = [
    [["doctor", "--account", "tokyo"], {}, /there is no such account; there are: singapore/],
    [["doctor", "--set", "singapore.app_idd=1"], {}, /app_idd is no setting; did you mean app_id\?/],
    [["doctor", "--set", `singapore.merchant_private_key=${secret}`], {}, /can be seen by everybody/],
    [["doctor", "--set", "x"], {}, /--set takes NAME=VALUE/],
    [
      ["doctor"],
      { TAXREFUND_EXCHANGE: "1" },
      /TAXREFUND_EXCHANGE is no setting; did you mean TAXREFUND_EXCHANGES\?/,
    ],
    [["doctor"], { TAXREFUND_EXCHANGES: "many" }, /exchanges must be a whole number/],
    [["doctor", "--config", "none.toml"], {}, /there is no configuration file none\.toml/],
    [
      ["doctor", "--config", await office.file("a.toml", `x = 1\nkey = "${secret}`)],
      {},
      /not TOML .*line 2, column 7/,
    ],
    [["doctor", "--config", await office.file("a.json", `{\n"key": ${secret}}`)], {}, /a\.json is not JSON/],
    [
      ["doctor", "--config", await office.file("b.toml", "[accounts.x]\n")],
      {},
      /accounts\.x\.protocol is missing/,
    ],
    [["doctor", "--config", await office.file("c.toml", "")], {}, /there is no account/],
  ];
  for (const [args, environment, message] of cases) {
    const { code, out, err } = await office.run(args, environment);
    assert.deepEqual([code, out], [1, ""], err);
    assert.match(err, message);
    assert.ok(err.startsWith("error: ") && !err.includes(secret) && !err.includes("    at "), err);
  }
});

test("accounts can be made of variables alone", LIMITED, async (t) => {
  const [office, sandbox] = [await Office.for(t), await sandboxFor(t)];
  const { antom } = sandbox.credentials;
  const { code, out } = await office.run(["doctor"], {
    TAXREFUND_ANTOM_CLIENT_ID: antom.clientId,
    TAXREFUND_ANTOM_ENDPOINT: antom.baseUrl,
    TAXREFUND_ANTOM_MERCHANT_PRIVATE_KEY: antom.partnerPrivateKeyPem,
    TAXREFUND_ANTOM_PLATFORM_PUBLIC_KEY: antom.platformPublicKeyPem,
  });
  assert.equal(code, 0, out);
});

for (const kind of ["toml", "json"]) {
  test(`the sandbox writes a ready configuration (${kind}), and ends with its input`, LIMITED, async (t) => {
    const office = await Office.for(t);
    const config = join(office.folder, `taxrefund.${kind}`);
    const running = office.start([
      "sandbox",
      "--write-config",
      config,
      "--exit-with-stdin",
      "--ledger-on-exit",
    ]);
    t.after(() => running.kill("SIGKILL"));
    const lines = createInterface({ input: running.stdout })[Symbol.asyncIterator]();
    const first = (await lines.next()) as { value: string };
    assert.match(first.value, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal((await stat(config)).mode & 0o077, 0);
    const { code, out } = await office.run(["doctor"]);
    assert.equal(code, 0, out);
    const exited = new Promise((resolve) => running.once("exit", resolve));
    running.stdin.end();
    const last = (await lines.next()) as { value: string };
    assert.deepEqual((JSON.parse(last.value) as { double_paid: unknown }).double_paid, []);
    assert.equal(await exited, 0);
  });
}

test(
  "the sandbox ends with a signal and by itself, and writes over nobody's configuration",
  LIMITED,
  async (t) => {
    const office = await Office.for(t);
    const config = await office.file("taxrefund.toml", "# my own accounts\n");
    const refused = await office.run(["sandbox", "--write-config", config]);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /may hold real accounts/);
    assert.equal(await readFile(config, "utf8"), "# my own accounts\n");
    assert.equal((await office.run(["sandbox", "--run-for", "0"])).code, 0);
    const wrong = await office.run(["sandbox", "--faults", "10=nothing-known"]);
    assert.ok(wrong.code === 1 && wrong.err.startsWith("error: ") && !wrong.err.includes("    at "));
    const running = office.start(["sandbox"]);
    await createInterface({ input: running.stdout })[Symbol.asyncIterator]().next();
    const exited = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGTERM");
    assert.equal(await exited, 0);
  },
);

test("as much of TOML is read as a configuration needs; the rest is refused by its place", () => {
  const read = parseToml(
    [
      "# comment",
      'journal = "a\\tb\\u9000"  # and another',
      "numbers = [1, 2.5,",
      "  3_000, # within",
      "]",
      "flag = true",
      "[accounts.singapore]",
      "literal = 'C:\\path'",
      "long = '''",
      "-----BEGIN",
      "-----END'''",
      '"quoted key" = """a\\',
      '   b"""',
      "[accounts.tokyo]",
      "empty = ''",
    ].join("\r\n"),
  );
  assert.deepEqual(JSON.parse(JSON.stringify(read)), {
    journal: "a\tb退",
    numbers: [1, 2.5, 3000],
    flag: true,
    accounts: {
      singapore: { literal: "C:\\path", long: "-----BEGIN\n-----END", "quoted key": "ab" },
      tokyo: { empty: "" },
    },
  });
  const wrong = [
    "a",
    "a =",
    "a = b",
    "a = 1 2",
    "a = 1\na = 2",
    "a.b = 1",
    "[[a]]",
    "a = {}",
    "a = 1979-05-27",
    'a = "\\x"',
    "a = '",
    "[a",
    "a = [1 2]",
    "a = 01",
  ];
  for (const text of wrong) assert.throws(() => parseToml(text), TomlError, text);
  assert.equal(Object.getPrototypeOf(parseToml("[__proto__]\nx = 1")["__proto__"]), null);
});
