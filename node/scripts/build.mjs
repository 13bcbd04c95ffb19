// Compiles the package into dist/: one implementation, in CommonJS, with a thin ESM face for each entry point. The faces
// re-export what CommonJS has, so that a class is the same one whichever way it was come by.

import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";
import ts from "typescript";

const require = createRequire(import.meta.url);
const root = dirname(import.meta.dirname);
const ENTRY_POINTS = ["index", "testing/index"];
const COMMAND = "cli/main.js";

export function build() {
  rmSync(join(root, "dist"), { recursive: true, force: true });
  tsc("tsconfig.json");
  for (const [entryPoint, names] of exportedValues()) {
    const base = entryPoint.split("/").at(-1);
    const face = [
      `import taxrefund from "./${base}.js";`,
      ...names.map((name) => `export const ${name} = taxrefund.${name};`),
    ];
    writeFileSync(join(root, "dist", `${entryPoint}.mjs`), `${face.join("\n")}\n`);
    writeFileSync(join(root, "dist", `${entryPoint}.d.mts`), `export * from "./${base}.js";\n`);
  }
  if (existsSync(join(root, "dist", COMMAND))) chmodSync(join(root, "dist", COMMAND), 0o755);
}

/** Compiles a project; ends this process with the compiler's status when it fails. */
export function tsc(project) {
  const compiler = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
  const { status } = spawnSync(process.execPath, [compiler, "-p", project], { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

/** What exists at run time under each entry point, by the compiler's own knowledge: nothing has to be loaded for it. */
function exportedValues() {
  const configFile = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(configFile.config, ts.sys, root);
  const program = ts.createProgram(fileNames, options);
  const checker = program.getTypeChecker();
  return ENTRY_POINTS.map((entryPoint) => {
    const source = program.getSourceFile(join(root, "src", `${entryPoint}.ts`));
    const module = source && checker.getSymbolAtLocation(source);
    if (!module) throw new Error(`src/${entryPoint}.ts is missing or exports nothing`);
    const values = checker.getExportsOfModule(module).filter((symbol) => isValue(symbol, checker));
    return [entryPoint, values.map((symbol) => symbol.name).sort()];
  });
}

function isValue(symbol, checker) {
  if (!(symbol.flags & ts.SymbolFlags.Alias)) return (symbol.flags & ts.SymbolFlags.Value) !== 0;
  const typeOnly = symbol.declarations?.some((declaration) =>
    ts.isTypeOnlyImportOrExportDeclaration(declaration),
  );
  return !typeOnly && (checker.getAliasedSymbol(symbol).flags & ts.SymbolFlags.Value) !== 0;
}

if (process.argv[1] === import.meta.filename) build();
