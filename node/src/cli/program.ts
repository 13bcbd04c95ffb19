/** The command line as a whole: which commands there are, and how what goes wrong is told. */
import { parseArgs, type ParseArgsConfig } from "node:util";

import { TaxRefundError } from "../errors.js";
import { Configuration, load } from "./config.js";
import { doctor } from "./doctor.js";
import { CommandError, ERROR, EXIT_CODES, FINE, UsageError } from "./ending.js";
import { explain } from "./explain.js";
import { sandbox } from "./sandbox.js";
import { version } from "../version.js";
import { note, out } from "./terminal.js";

/** What the command line gave. */
export type Values = Readonly<Record<string, unknown>>;

/** One command. */
export interface Command {
  readonly name: string;
  readonly help: string;
  readonly usage: string;
  readonly description: string;
  readonly details: string;
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  /** Whether it is about configured accounts. */
  readonly isConfigured: boolean;
  readonly run: (values: Values, words: readonly string[], configuration: Configuration) => Promise<number>;
}

const COMMANDS: readonly Command[] = [doctor, explain, sandbox];

const SETTINGS = `settings:
  --config FILE         the configuration, TOML or JSON
  --account NAME        only this account of the configuration; may be repeated
  --set NAME=VALUE      any other setting, such as alipay.endpoint=URL; may be repeated

  from taxrefund.toml (or .json) here or in ~/.config/taxrefund, or --config FILE, or
  TAXREFUND_CONFIG; then from the environment (TAXREFUND_ALIPAY_APP_ID,
  TAXREFUND_ALIPAY_MERCHANT_PRIVATE_KEY_FILE, …); then from the command line. Later ones win.

      [accounts.alipay]
      protocol = "alipay"                  # or "alipay_plus", "antom"
      app_id = "2014072300007148"
      merchant_private_key_file = "merchant.pem"
      alipay_public_key_file = "alipay.pem"`;

const SETTING_OPTIONS = {
  config: { type: "string" },
  account: { type: "string", multiple: true },
  set: { type: "string", multiple: true },
} as const;

const USAGE = "taxrefund [--help] [--version] COMMAND …";

/** Runs a command; resolves to its exit code. */
export async function run(given: readonly string[]): Promise<number> {
  // Whoever read our output may have seen enough (`taxrefund explain 40004 | head -1`).
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(FINE);
    throw error;
  });
  const at = wordIn(given);
  const name = given[at];
  const command = COMMANDS.find((one) => one.name === name);
  try {
    if (command === undefined) return outside(given, name);
    return await inside(command, [...given.slice(0, at), ...given.slice(at + 1)]);
  } catch (error) {
    if (error instanceof UsageError) {
      const shown = command === undefined ? "taxrefund" : `taxrefund ${command.name}`;
      note(`usage: ${command?.usage ?? USAGE}\nerror: ${error.message}\nhelp: ${shown} --help`);
      return ERROR;
    }
    if (error instanceof CommandError || error instanceof TaxRefundError) {
      note(`error: ${error.message}`);
      return ERROR;
    }
    if (isSystemError(error)) {
      note(`error: ${error.path === undefined ? "" : `${error.path}: `}${error.code ?? error.message}`);
      return ERROR;
    }
    throw error;
  }
}

/** Where the command's name stands: settings may stand before it. */
function wordIn(given: readonly string[]): number {
  const { tokens } = parseArgs({
    args: [...given],
    options: SETTING_OPTIONS,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens.find((token) => token.kind === "positional")?.index ?? given.length;
}

function outside(given: readonly string[], name: string | undefined): number {
  const { values } = parsed(
    { help: { type: "boolean", short: "h" }, version: { type: "boolean" } },
    given,
    true,
  );
  if (name !== undefined) {
    throw new UsageError(`${name} is no command; there are ${COMMANDS.map((one) => one.name).join(", ")}`);
  }
  if (values["version"] === true) {
    out(`taxrefund ${version}`);
    return FINE;
  }
  const commands = COMMANDS.map((one) => `  ${one.name.padEnd(10)}${one.help}`).join("\n");
  out(`usage: ${USAGE}

Looks at the keys and the way to Alipay, Alipay+ and Antom, explains their codes, and simulates
them. Refunds are paid from programs; the Python package's command pays files.

commands:
${commands}

${SETTINGS}

${EXIT_CODES}`);
  return values["help"] === true ? FINE : ERROR;
}

async function inside(command: Command, given: readonly string[]): Promise<number> {
  const { isConfigured, options } = command;
  const all = {
    help: { type: "boolean", short: "h" },
    ...options,
    ...(isConfigured && SETTING_OPTIONS),
  } as const;
  const { values, positionals } = parsed(all, given, true);
  if (values["help"] === true) {
    const settings = isConfigured ? `\n\n${SETTINGS}` : "";
    out(
      `usage: ${command.usage}\n\n${command.description}\n\n${command.details}${settings}\n\n${EXIT_CODES}`,
    );
    return FINE;
  }
  if (isConfigured && positionals.length > 0) throw new UsageError(`unknown: ${positionals.join(" ")}`);
  const { config, set } = values as { config?: string; set?: string[] };
  const configuration = isConfigured ? load(config, process.env, set ?? []) : new Configuration();
  try {
    return await command.run(values, positionals, configuration);
  } finally {
    for (const warning of configuration.warnings) note(`warning: ${warning}`);
  }
}

function parsed(
  options: NonNullable<ParseArgsConfig["options"]>,
  args: readonly string[],
  allowPositionals: boolean,
): { values: Values; positionals: string[] } {
  try {
    return parseArgs({ args: [...args], options, allowPositionals, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error));
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
