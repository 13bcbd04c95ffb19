// Compiles the tests and the examples into build/. There they find the package under its own name, as everybody does;
// build/src, through which they reach what is not public, is the compiled package itself and no second copy of it.

import { cpSync, existsSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { tsc } from "./build.mjs";

const root = dirname(import.meta.dirname);
const place = join(root, "build");

export function compileTests() {
  rmSync(place, { recursive: true, force: true });
  tsc("tsconfig.test.json");
  rmSync(join(place, "src"), { recursive: true, force: true });
  symlinkSync(join(root, "dist"), join(place, "src"), "junction");
  for (const folder of ["test", "examples"]) copyTheRest(join(root, folder), join(place, folder));
}

/** What the compiler leaves behind: fixtures, programs in plain JavaScript. */
function copyTheRest(from, to) {
  if (!existsSync(from)) return;
  cpSync(from, to, {
    recursive: true,
    filter: (path) => !/\.m?ts$/.test(path) && !path.includes("node_modules"),
  });
}

if (process.argv[1] === import.meta.filename) compileTests();
