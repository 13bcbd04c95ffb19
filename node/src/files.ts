/** Files that are read and written beside a journal. */
import { open, rename, rm } from "node:fs/promises";
import { basename, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { types } from "node:util";

import { FileError } from "./errors.js";
import { isBytes, wrong } from "./given.js";
import { requiredText, unfit } from "./text.js";

/** A file to read: its path, its `file:` URL, or its content. */
export type Source = string | URL | Uint8Array;

/** A file to write: its path, or its `file:` URL. */
export type Sink = string | URL;

/** The native side's word for a source: a path as text, or the content. @internal */
export function sourceOf(field: string, given: unknown): string | Uint8Array {
  return isBytes(given) ? given : pathOf(field, given);
}

/** A path as text. @internal */
export function pathOf(field: string, given: unknown): string {
  if (given instanceof URL) {
    if (given.protocol !== "file:") throw wrong(field, `must be a file: URL, not ${given.protocol}`);
    return fileURLToPath(given);
  }
  if (typeof given !== "string") {
    const hint = types.isPromise(given) ? "; is an await missing?" : "";
    throw unfit(field, "a path, a file: URL or the bytes of a file", given, hint);
  }
  const path = requiredText(field, given);
  if (path === "" || path.includes("\0")) throw wrong(field, "is no path: it is empty, or holds a NUL");
  return path;
}

/** The file's name without its folders, where it has one. @internal */
export function nameOf(source: string | Uint8Array): string | undefined {
  return typeof source === "string" ? basename(source) : undefined;
}

/** By the ending of its name. @internal */
export function isJsonLines(source: string | Uint8Array): boolean {
  return typeof source === "string" && JSON_ENDINGS.has(extname(source).toLowerCase());
}

const JSON_ENDINGS = new Set([".jsonl", ".ndjson", ".json"]);

let unfinished = 0;

/**
 * Has a file written. It appears whole, or stays as it was: whoever reads it never sees half of it.
 *
 * @internal
 */
export async function whole<T>(path: string, write: (unfinishedPath: string) => Promise<T>): Promise<T> {
  unfinished += 1;
  const beside = `${path}.${process.pid}-${unfinished}.unfinished`;
  try {
    const result = await write(beside);
    const file = await open(beside, "r+");
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
    return result;
  } catch (error) {
    throw isSystemError(error) ? fileError(path, error) : error;
  } finally {
    await rm(beside, { force: true }).catch(() => undefined);
  }
}

/** What the system says of a file, as an error of this package. @internal */
export function fileError(path: string, error: NodeJS.ErrnoException): FileError {
  return new FileError(`${path}: ${error.code ?? error.message}`, { cause: error });
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error;
}
