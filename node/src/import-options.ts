/** How a file, or rows of a program, are read. */
import { isJsonLines, nameOf } from "./files.js";
import { checked, wrong } from "./given.js";
import type { OperationName } from "./journal-types.js";
import { jsonText } from "./plain.js";

/** How rows of a program are recorded. */
export interface RowsOptions {
  /** The batch's name in the journal. */
  batch: string;
  /** What each row asks for. Needed where the account has several operations. */
  operation?: OperationName | undefined;
  /** Names the cells of rows that are arrays. */
  columns?: readonly string[] | undefined;
  /**
   * The request field with the number of the tax refund form, where the operation has none of its own (Antom): one form is
   * paid once.
   */
  formField?: string | undefined;
  /** Lines recorded in one transaction. Default 256. */
  chunk?: number | undefined;
}

/** How a file is recorded. */
export interface ImportOptions extends Omit<RowsOptions, "batch"> {
  /** Its name in the journal; the file's name unless given. */
  batch?: string | undefined;
  /** Whether it is JSON lines rather than CSV; by the file's name unless given (`.jsonl`, `.ndjson`, `.json`). */
  jsonLines?: boolean | undefined;
}

/** @internal */
export const IMPORT_OPTIONS = {
  operation: "any",
  batch: "text",
  jsonLines: "flag",
  columns: "texts",
  formField: "text",
  chunk: "count",
} as const;

/** For a file. @internal */
export function importOptions(source: string | Uint8Array, given: ImportOptions | undefined): string {
  const {
    batch = nameOf(source),
    jsonLines = isJsonLines(source),
    columns,
    formField,
    chunk,
  } = checked("options", given, IMPORT_OPTIONS);
  if (batch === undefined) throw wrong("options.batch", "is needed: these bytes have no name of their own");
  if (columns !== undefined) throw wrong("options.columns", "is for rows; a CSV file has its header");
  const format = jsonLines ? "json_lines" : "csv";
  return jsonText({ batch, format, form_field: formField, chunk });
}

/** For rows of a program. @internal */
export function rowsOptions(given: RowsOptions | ImportOptions | undefined): string {
  const { batch, formField, chunk } = checked<ImportOptions>("options", given, IMPORT_OPTIONS);
  if (batch === undefined) throw wrong("options.batch", "is needed: rows have no name of their own");
  return jsonText({ batch, format: "json_lines", form_field: formField, chunk });
}
