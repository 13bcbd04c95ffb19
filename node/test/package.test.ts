import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import test from "node:test";

import * as taxrefund from "taxrefund";
import * as testing from "taxrefund/testing";

const near = createRequire(__filename);

interface Manifest {
  private?: boolean;
  version: string;
  dependencies?: object;
  optionalDependencies?: Record<string, string>;
}

function manifest(): Manifest {
  return JSON.parse(readFileSync(near.resolve("taxrefund/package.json"), "utf8")) as Manifest;
}

/** What a program printed on standard error, or nothing where it ended well. */
function failureOf(program: string, cwd = __dirname): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-e", program], { cwd, encoding: "utf8" });
  assert.equal(stdout, "");
  return status === 0 ? stderr : stderr || `status ${status}`;
}

test("an ES module and a CommonJS module get the same classes", async () => {
  const required: [string, Record<string, unknown>][] = [
    ["taxrefund", taxrefund],
    ["taxrefund/testing", testing],
  ];
  for (const [name, common] of required) {
    const imported = (await import(name)) as Record<string, unknown>;
    const names = (module: object) =>
      Object.keys(module).filter((one) => one !== "default" && one !== "module.exports");
    const wanted = names(near(name) as object).sort();
    assert.ok(wanted.length > 0);
    assert.deepEqual(names(imported).sort(), wanted);
    for (const one of wanted) assert.equal(imported[one], common[one], one);
  }
});

test("the package needs no other package at run time", () => {
  assert.equal(manifest().dependencies, undefined);
});

test("the packed package asks for native modules of its own version alone", (t) => {
  const { private: isRepository, optionalDependencies, version } = manifest();
  if (isRepository === true) {
    t.skip("the repository's own manifest asks for none");
    return;
  }
  const versions = Object.values(optionalDependencies ?? {});
  assert.ok(versions.length > 0);
  assert.deepEqual(new Set(versions), new Set([version]));
});

test("the version is the manifest's", () => {
  assert.equal(taxrefund.version, manifest().version);
});

test("a program that only loads the package ends by itself and says nothing", () => {
  assert.equal(failureOf('require("taxrefund"); require("taxrefund/testing");'), "");
});

test("what is inside the package cannot be reached by its path", () => {
  assert.throws(() => near("taxrefund/dist/native.js"), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" });
});

/** The package by itself: its compiled files and a manifest, in a folder of their own. */
function alone(version: string): string {
  const place = mkdtempSync(join(tmpdir(), "taxrefund-"));
  cpSync(dirname(near.resolve("taxrefund")), join(place, "dist"), { recursive: true });
  writeFileSync(join(place, "package.json"), JSON.stringify({ version }));
  return place;
}

const USED = 'require("./dist/index.js").Money.parse("1.00", "SGD")';

test("without a native module the first use says which package is missing", () => {
  const place = alone("0.0.0");
  try {
    const said = failureOf(USED, place);
    assert.match(said, new RegExp(`taxrefund-${process.platform}-${process.arch}`));
    assert.match(said, /--omit=optional/);
  } finally {
    rmSync(place, { recursive: true });
  }
});

test("a native module of another version is refused, and both versions are said", () => {
  const place = alone("0.0.0");
  try {
    mkdirSync(join(place, "native"));
    copyFileSync(nativeModule(), join(place, "native", "taxrefund.node"));
    assert.match(
      failureOf(USED, place),
      new RegExp(`version ${manifest().version}, the package of 0\\.0\\.0`),
    );
  } finally {
    rmSync(place, { recursive: true });
  }
});

/** Where the native module of the package under test is. */
function nativeModule(): string {
  const beside = join(dirname(near.resolve("taxrefund")), "..", "native", "taxrefund.node");
  if (existsSync(beside)) return beside;
  const { platform, arch } = process;
  const names = [`taxrefund-${platform}-${arch}`, `taxrefund-${platform}-${arch}-gnu`];
  const found = names.flatMap((name) => {
    try {
      return [near.resolve(name)];
    } catch {
      return [];
    }
  });
  return found[0] ?? "";
}
