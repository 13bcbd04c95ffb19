/** What the README and the guide show is right: it compiles, and what can run here runs. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

import * as ts from "typescript";

import * as everything from "taxrefund";
import { TaxRefundError } from "taxrefund";

const PAGES = ["node/README.md", "docs/guides/node.md"];
const REPOSITORY = process.env["TAXREFUND_REPOSITORY"];

interface Program {
  readonly file: string;
  readonly text: string;
}

let folder = "";
const programs: Program[] = [];

before(async () => {
  assert.ok(REPOSITORY, "TAXREFUND_REPOSITORY: where the repository is");
  // Below the package, so that it is found by its name.
  folder = await mkdtemp(join(__dirname, "..", "docs-"));
  for (const page of PAGES) {
    const text = await readFile(join(REPOSITORY, page), "utf8");
    for (const [, kind, program] of text.matchAll(/^```(js|ts)\n(.*?)^```$/gms)) {
      const file = join(folder, `${programs.length}.m${kind}`);
      programs.push({ file, text: program ?? "" });
      await writeFile(file, program ?? "");
    }
  }
});

after(() => rm(folder, { recursive: true, force: true }));

test("every program of the README and the guide compiles", () => {
  assert.ok(programs.length >= 10, `only ${programs.length} programs were found`);
  const compiled = ts.createProgram(
    programs.map(({ file }) => file),
    {
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      strict: true,
      // Plain JavaScript says no types of its own.
      noImplicitAny: false,
      allowJs: true,
      checkJs: true,
      noEmit: true,
      skipLibCheck: true,
      types: ["node"],
    },
  );
  const problems = ts.getPreEmitDiagnostics(compiled).map((one) => {
    const at = one.file?.getLineAndCharacterOfPosition(one.start ?? 0);
    const where = `${one.file?.fileName.split("/").at(-1) ?? ""}:${at === undefined ? 0 : at.line + 1}`;
    return `${where}: ${ts.flattenDiagnosticMessageText(one.messageText, "\n")}`;
  });
  assert.deepEqual(problems, []);
});

test("what pays against the simulator does what the README says", async () => {
  const place = join(folder, "paying");
  await mkdir(place);
  const paying = programs.find(({ text }) => text.includes("startSandbox("));
  assert.ok(paying);
  const run = async () =>
    (await promisify(execFile)(process.execPath, [paying.file], { cwd: place })).stdout.split("\n");
  assert.deepEqual(await run(), ["paid: 2088000001561216745374079074", "in the simulator's ledger: 1x", ""]);
  // The journal stayed, the simulator is a new one.
  assert.deepEqual(await run(), ["paid: 2088000001561216745374079074", "in the simulator's ledger: 0x", ""]);
});

test("the tests that the documentation shows pass", async () => {
  const own = programs.find(({ text }) => text.includes('from "node:test"'));
  assert.ok(own);
  const env = { ...process.env };
  // Or it would report to the runner above instead of to us.
  delete env["NODE_TEST_CONTEXT"];
  const { stdout } = await promisify(execFile)(process.execPath, ["--test-reporter=tap", own.file], { env });
  assert.match(stdout, /^# pass 1$/m);
});

test("the forged notification of the guide is refused", async (t) => {
  const guide = programs.find(({ text }) => text.includes("aForgedNotificationIsRefused"));
  assert.ok(guide);
  const example = (await import(pathToFileURL(guide.file).href)) as Record<
    string,
    (t: unknown) => Promise<void>
  >;
  await example["aForgedNotificationIsRefused"]?.(t);
});

test("the README's table names every error class", async () => {
  const readme = await readFile(join(REPOSITORY ?? "", "node/README.md"), "utf8");
  const table = readme.split("\n").filter((line) => line.startsWith("| `"));
  const unnamed = Object.entries(everything)
    .filter(
      ([, one]) =>
        typeof one === "function" && one !== TaxRefundError && one.prototype instanceof TaxRefundError,
    )
    .filter(([name]) => !table.some((line) => line.includes(`\`${name}\``)))
    .map(([name]) => name);
  assert.deepEqual(unnamed, []);
});
