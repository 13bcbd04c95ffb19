/**
 * Settings from a file, the environment and the command line; what comes later beats what came earlier.
 *
 * The file is `taxrefund.toml` or `taxrefund.json`. In the environment the same are `TAXREFUND_JOURNAL` and
 * `TAXREFUND_SINGAPORE_APP_ID`; without a file the accounts `alipay`, `alipay_plus` and `antom` can be made of variables alone.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, extname, join } from "node:path";

import { CommandError } from "./ending.js";
import { take, type Given, type Target } from "./layer.js";
import { ACCOUNT, GENERAL, fileName, nearest, spellings, type Setting } from "./settings.js";
import { parseToml, TomlError } from "./toml.js";

const PREFIX = "TAXREFUND_";
const PROTOCOLS = [...ACCOUNT.keys()];

/** What was found. */
export class Configuration {
  file: string | undefined;
  readonly general: Target = new Map();
  /** By their names; `protocol` is among their settings. */
  readonly accounts = new Map<string, Target>();
  readonly warnings = new Set<string>();

  /** The content of a key that is given, or in a file. */
  content(given: Given, secret = false): string | string[] {
    if (!given.isFile) return given.value as string | string[];
    const read = (path: string) => {
      this.lookAt(path, secret);
      return readText(path, given.source);
    };
    return Array.isArray(given.value) ? (given.value as string[]).map(read) : read(given.value as string);
  }

  /** Warns of a secret that everybody on this machine may read. @internal */
  lookAt(path: string, secret: boolean): void {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode ?? 0;
    if (secret && process.platform !== "win32" && (mode & 0o004) !== 0) {
      this.warnings.add(
        `${path} holds a secret and everybody on this machine may read it: chmod 600 ${path}`,
      );
    }
  }

  /** An account's settings, as its class takes them but by their own names. */
  material(name: string): Record<string, unknown> {
    const settings = this.accounts.get(name) ?? new Map<string, Given>();
    const content: Record<string, unknown> = {};
    for (const setting of ACCOUNT.get(protocolOf(settings)) ?? []) {
      const given = settings.get(setting.name);
      if (given !== undefined) content[setting.name] = this.content(given, setting.secret);
    }
    return content;
  }
}

/** The protocol of an account's settings. */
export function protocolOf(settings: Target): string {
  return String(settings.get("protocol")?.value);
}

/** Everything that is set. `flags` are `NAME=VALUE` or `ACCOUNT.NAME=VALUE` of the command line. */
export function load(
  file: string | undefined,
  environment: NodeJS.ProcessEnv,
  flags: readonly string[],
): Configuration {
  const found = new Configuration();
  found.file = fileOf(file, environment);
  if (found.file !== undefined) takeFile(found, found.file);
  takeEnvironment(found, environment);
  for (const flag of flags) takeFlag(found, flag);
  return found;
}

function fileOf(given: string | undefined, environment: NodeJS.ProcessEnv): string | undefined {
  const named = given ?? environment["TAXREFUND_CONFIG"] ?? "";
  if (named !== "") {
    if (!existsSync(named)) throw new CommandError(`there is no configuration file ${named}`);
    return named;
  }
  const own = environment[process.platform === "win32" ? "APPDATA" : "XDG_CONFIG_HOME"];
  const home = join(own === undefined || own === "" ? join(homedir(), ".config") : own, "taxrefund");
  const places = ["taxrefund.toml", "taxrefund.json"];
  return [...places, ...places.map((name) => join(home, name))].find((place) => existsSync(place));
}

function takeFile(found: Configuration, path: string): void {
  const { accounts = {}, ...content } = parsed(path);
  if (!isTable(accounts) || !Object.values(accounts).every(isTable)) {
    throw new CommandError(`${path}: accounts must be tables, such as [accounts.singapore]`);
  }
  const folder = dirname(path);
  take(found.general, GENERAL, { source: path, folder }, content);
  for (const [name, table] of Object.entries(accounts as Record<string, Record<string, unknown>>)) {
    checkName(name, path);
    const { protocol = ACCOUNT.has(name) ? name : undefined, ...settings } = table;
    const source = `${path}: accounts.${name}`;
    const known = typeof protocol === "string" ? ACCOUNT.get(protocol) : undefined;
    if (known === undefined) {
      const hint = protocol === undefined ? "is missing" : `is ${JSON.stringify(protocol)}`;
      throw new CommandError(`${source}.protocol ${hint}; it must be one of ${PROTOCOLS.join(", ")}`);
    }
    const target: Target = new Map([["protocol", { value: protocol, source, isFile: false }]]);
    found.accounts.set(name, target);
    take(target, known, { source, folder }, settings);
    if (hasSecret(known, settings)) found.lookAt(path, true);
  }
  if (hasSecret(GENERAL, content)) found.lookAt(path, true);
}

function hasSecret(settings: readonly Setting[], content: object): boolean {
  return settings.some((setting) => setting.secret && Object.hasOwn(content, setting.name));
}

function checkName(name: string, path: string): void {
  if (/^[a-z0-9_]+$/.test(name)) return;
  throw new CommandError(
    `${path}: the account name ${JSON.stringify(name)} may hold small letters, digits and underscores only, because it ` +
      "is part of variables' names",
  );
}

/** What is wrong with the file is said without quoting it: it may hold private keys. */
function parsed(path: string): Record<string, unknown> {
  const text = readText(path);
  let content: unknown;
  try {
    content = extname(path).toLowerCase() === ".json" ? JSON.parse(text) : parseToml(text);
  } catch (error) {
    if (error instanceof TomlError)
      throw new CommandError(`${path} is not TOML that can be read: see ${error.message}`);
    throw new CommandError(`${path} is not JSON${placeOf(error, text)}`);
  }
  if (!isTable(content)) throw new CommandError(`${path} must hold settings by their names`);
  return content;
}

/** Where JSON ends to be JSON: of the parser's words only the position, for the others quote the text. */
function placeOf(error: unknown, text: string): string {
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  if (position === undefined) return "";
  const before = text.slice(0, Number(position)).split("\n");
  return `: see line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function readText(path: string, source?: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path));
  } catch (error) {
    const why = error instanceof Error && "code" in error ? String(error.code) : "it is not UTF-8";
    const named = source === undefined ? path : `${source}: the file ${path}`;
    throw new CommandError(`${named} cannot be read: ${why}. Nothing was sent.`);
  }
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function takeEnvironment(found: Configuration, environment: NodeJS.ProcessEnv): void {
  const general = spellings(GENERAL);
  const accounts = [...new Set([...found.accounts.keys(), ...PROTOCOLS])].sort((a, b) => b.length - a.length);
  for (const variable of Object.keys(environment).sort()) {
    const value = environment[variable];
    if (!variable.startsWith(PREFIX) || variable === "TAXREFUND_CONFIG" || value === undefined) continue;
    const name = variable.slice(PREFIX.length).toLowerCase();
    const account = accounts.find((one) => name.startsWith(`${one}_`));
    if (general.has(name)) {
      take(found.general, GENERAL, { source: variable, folder: "" }, { [name]: value });
    } else if (account !== undefined) {
      takeAccount(found, account, variable, { [name.slice(account.length + 1)]: value });
    } else {
      const known = [...general.keys()].map((one) => PREFIX + one.toUpperCase());
      known.push(...accounts.map((one) => `${PREFIX}${one.toUpperCase()}_…`));
      throw new CommandError(`${variable} is no setting; ${nearest(variable, known)}`);
    }
  }
}

function takeAccount(
  found: Configuration,
  account: string,
  source: string,
  content: Record<string, unknown>,
): void {
  let settings = found.accounts.get(account);
  if (settings === undefined) {
    if (!ACCOUNT.has(account)) {
      const known = nearest(account, [...found.accounts.keys(), ...PROTOCOLS]);
      throw new CommandError(`${source}: there is no account ${JSON.stringify(account)}; ${known}`);
    }
    settings = new Map([["protocol", { value: account, source, isFile: false }]]);
    found.accounts.set(account, settings);
  }
  take(settings, ACCOUNT.get(protocolOf(settings)) ?? [], { source, folder: "" }, content);
}

function takeFlag(found: Configuration, flag: string): void {
  const at = flag.indexOf("=");
  if (at < 1) throw new CommandError("--set takes NAME=VALUE, or ACCOUNT.NAME=VALUE");
  const [name, value] = [flag.slice(0, at), flag.slice(at + 1)];
  const dot = name.lastIndexOf(".");
  const [account, setting] = dot < 0 ? [undefined, name] : [name.slice(0, dot), name.slice(dot + 1)];
  const target = account === undefined ? undefined : found.accounts.get(account);
  const protocol = target === undefined ? account : protocolOf(target);
  const settings = protocol === undefined ? GENERAL : (ACCOUNT.get(protocol) ?? []);
  const known = spellings(settings).get(setting);
  if (known?.secret === true && setting === known.name) {
    const file = fileName(known);
    const instead = file === undefined ? "the configuration file" : `--set ${name}_file=FILE`;
    throw new CommandError(
      `--set ${name}: a secret on the command line can be seen by everybody on this machine; use ${instead} or the environment`,
    );
  }
  if (account === undefined)
    take(found.general, GENERAL, { source: `--set ${name}`, folder: "" }, { [setting]: value });
  else takeAccount(found, account, `--set ${name}`, { [setting]: value });
}
