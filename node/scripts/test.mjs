// Builds the package, compiles the tests and examples, and runs the tests against the build:
// `npm test`, or `npm test -- client journal` for some areas alone.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { build } from "./build.mjs";
import { compileTests } from "./compile-tests.mjs";

const root = dirname(import.meta.dirname);

build();
compileTests();
const areas = process.argv.slice(2).map((area) => area.replace(/^.*\//, "").replace(/\.test\.ts$/, ""));
const env = { ...process.env, TAXREFUND_REPOSITORY: dirname(root) };
const { status } = spawnSync(process.execPath, ["--test", "--test-reporter=spec", ...testFiles()], {
  cwd: root,
  stdio: "inherit",
  env,
});
process.exit(status ?? 1);

/** The compiled tests of the areas that were named, or all. */
function testFiles() {
  const wanted =
    areas.length === 0 ? /\.test\.m?js$/ : new RegExp(`(^|/)(${areas.join("|")})\\.test\\.m?js$`);
  return ["test", "examples"].flatMap((folder) =>
    readdirSync(join(root, "build", folder), { recursive: true })
      .filter((name) => wanted.test(name))
      .map((name) => join("build", folder, name))
      .sort(),
  );
}
