// Makes the two tarballs that are published: the package, and the native module's for one platform.
//
//     node scripts/pack.mjs --triple linux-x64-gnu --addon FILE --out FOLDER
//
// They are packed from folders of their own, with manifests that say what a user needs and no more. The platform
// packages are named as optional dependencies only here: in the repository nothing may ask a registry for them.

import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";

const root = dirname(import.meta.dirname);
const ONLY_HERE = ["private", "scripts", "devDependencies", "overrides", "//"];

const { values } = parseArgs({
  options: { triple: { type: "string" }, addon: { type: "string" }, out: { type: "string" } },
});
const { triple, addon, out } = values;
if (!triple || !addon || !out) throw new Error("--triple, --addon and --out are needed");

const platform = join(root, "npm", triple);
pack(root, { optionalDependencies: platforms() }, (folder) => {
  cpSync(join(root, "dist"), join(folder, "dist"), { recursive: true });
});
pack(platform, {}, (folder) => copyFileSync(addon, join(folder, "taxrefund.node")));

/** Lays a package out below the folder for the tarballs, and packs it. */
function pack(source, added, fill) {
  const manifest = manifestOf(source);
  const folder = join(resolve(out), manifest.name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ONLY_HERE) delete manifest[name];
  writeFileSync(join(folder, "package.json"), `${JSON.stringify({ ...manifest, ...added }, null, 2)}\n`);
  if (existsSync(join(source, "README.md")))
    copyFileSync(join(source, "README.md"), join(folder, "README.md"));
  for (const name of ["LICENSE-MIT", "LICENSE-APACHE"])
    copyFileSync(join(root, "..", name), join(folder, name));
  fill(folder);
  const npm = spawnSync("npm", ["pack", "--silent", "--pack-destination", resolve(out)], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    // npm is a script there, which only a shell starts.
    shell: process.platform === "win32",
  });
  if (npm.status !== 0) throw new Error(`npm pack of ${manifest.name} failed`);
}

/** Every platform's package, in the version of this one. */
function platforms() {
  const { version } = manifestOf(root);
  const names = readdirSync(join(root, "npm")).map((name) => manifestOf(join(root, "npm", name)).name);
  return Object.fromEntries(names.sort().map((name) => [name, version]));
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}
