import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const WRITTEN_BY_HAND = ["src/**/*.ts", "test/**/*.{ts,mts}", "examples/**/*.{ts,mts}"];

/** What plain JavaScript finds without an import. */
const GLOBALS = [
  "AbortController",
  "AbortSignal",
  "Buffer",
  "TextDecoder",
  "TextEncoder",
  "URL",
  "URLSearchParams",
  "clearTimeout",
  "console",
  "fetch",
  "performance",
  "process",
  "setImmediate",
  "setTimeout",
  "structuredClone",
];

export default defineConfig(
  globalIgnores(["build", "dist", "native", "npm", "src/generated", "consumers/*/node_modules"]),
  js.configs.recommended,
  {
    files: WRITTEN_BY_HAND,
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: "./tsconfig.test.json", tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-console": "error",
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/consistent-type-exports": "error",
      // Whole numbers say themselves; everything else is still refused.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      // A member out of an index signature may be written as what it is: looked up, and perhaps absent.
      "@typescript-eslint/dot-notation": ["error", { allowIndexSignaturePropertyAccess: true }],
      // A client's methods and their types share a name: the types are made from the generated operations.
      "@typescript-eslint/no-unsafe-declaration-merging": "off",
    },
  },
  {
    // What a user runs writes to the terminal.
    files: ["src/cli/**", "examples/**"],
    rules: { "no-console": "off" },
  },
  {
    files: ["test/**/*.{ts,mts}", "examples/**/*.{ts,mts}"],
    rules: {
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            { from: "package", name: ["test", "it", "describe", "suite", "default"], package: "node:test" },
          ],
        },
      ],
      // A scripted transport or signer is asynchronous by its shape, whether or not it waits.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/no-non-null-assertion": "off",
    },
  },
  {
    files: ["**/*.mjs", "**/*.cjs", "consumers/**/*.{ts,mts,cts}"],
    extends: [tseslint.configs.recommended],
    languageOptions: {
      globals: Object.fromEntries(GLOBALS.map((name) => [name, "readonly"])),
    },
  },
  {
    files: ["**/*.cjs", "consumers/cjs/**"],
    rules: { "@typescript-eslint/no-require-imports": "off" },
    languageOptions: { globals: { require: "readonly", module: "writable", __dirname: "readonly" } },
  },
);
