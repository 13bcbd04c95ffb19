/** The settings of one source: checked, and put over those of earlier ones. */
import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";

import { CommandError } from "./ending.js";
import { nearest, spellings, type Setting } from "./settings.js";

/** A setting's value, and who said so. Whatever is shown of it is where it stands, never what it is. */
export interface Given {
  readonly value: unknown;
  readonly source: string;
  /** `value` is the path of a file (or an array of them). */
  readonly isFile: boolean;
}

/** Settings by their names. */
export type Target = Map<string, Given>;

/** Where settings stand. */
export interface Place {
  readonly source: string;
  /** What relative paths are relative to. */
  readonly folder: string;
}

/** Checks settings and takes them; a name that is none is an error. */
export function take(
  target: Target,
  settings: readonly Setting[],
  { source, folder }: Place,
  content: Readonly<Record<string, unknown>>,
): void {
  const known = spellings(settings);
  const taken = new Map<string, string>();
  for (const [name, value] of Object.entries(content)) {
    // How a JSON file is commented.
    if (name.startsWith("#")) continue;
    const setting = known.get(name);
    if (setting === undefined) {
      throw new CommandError(`${source}: ${name} is no setting; ${nearest(name, [...known.keys()])}`);
    }
    const other = taken.get(setting.name);
    if (other !== undefined)
      throw new CommandError(`${source}: ${other} and ${name} are both given; give one`);
    taken.set(setting.name, name);
    const isFile = name !== setting.name;
    const read = isFile
      ? paths(name, value, { source, folder })
      : valueOf(setting, value, { source, folder });
    target.set(setting.name, { value: read, source: `${source}: ${name}`, isFile });
  }
}

function paths(name: string, value: unknown, { source, folder }: Place): string | string[] {
  const isMany = name.endsWith("_files");
  const named = isMany && typeof value === "string" ? value.split(delimiter).filter(Boolean) : value;
  if (isMany && Array.isArray(named) && named.every((one) => typeof one === "string")) {
    return named.map((one) => within(folder, one));
  }
  if (!isMany && typeof named === "string") return within(folder, named);
  throw new CommandError(`${source}: ${name} must be the name of a file`);
}

/** A value of the kind that the setting has; out of the environment all of them are texts. */
function valueOf({ name, kind }: Setting, value: unknown, { source, folder }: Place): unknown {
  if ((kind === "text" || kind === "key") && typeof value === "string") {
    return name === "journal" && !value.includes("://") ? within(folder, value) : value;
  }
  if (kind === "keys") {
    const texts: unknown = typeof value === "string" ? [value] : value;
    if (Array.isArray(texts) && texts.every((text) => typeof text === "string")) return texts;
  }
  if (kind === "flag") {
    const flag = typeof value === "boolean" ? value : FLAGS.get(String(value).toLowerCase());
    if (flag !== undefined) return flag;
  }
  const number = numberOf(value);
  if (kind === "seconds" && number !== undefined) return number;
  if (kind === "number" && Number.isSafeInteger(number)) return number;
  if (kind === "spans") {
    const given: unknown = typeof value === "string" ? value.split(",") : value;
    const spans = Array.isArray(given) ? given.map(numberOf) : [undefined];
    if (!spans.includes(undefined)) return spans;
  }
  throw new CommandError(`${source}: ${name} must be ${KINDS.get(kind) ?? "a text"}`);
}

const FLAGS = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["false", false],
  ["0", false],
  ["no", false],
]);

const KINDS = new Map([
  ["spans", "numbers of seconds, such as 120,600"],
  ["number", "a whole number"],
  ["seconds", "a number of seconds"],
  ["flag", "true or false"],
]);

function within(folder: string, path: string): string {
  return resolve(folder, path.startsWith("~/") ? join(homedir(), path.slice(2)) : path);
}

function numberOf(value: unknown): number | undefined {
  const text = typeof value === "number" ? String(value) : typeof value === "string" ? value.trim() : "";
  return /^\d+(\.\d*)?$/.test(text) ? Number(text) : undefined;
}
