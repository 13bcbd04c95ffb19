/** How things are written for people. */
import { inspect } from "node:util";

/** A line of what was asked for. */
export function out(text = ""): void {
  process.stdout.write(`${text}\n`);
}

/** A line about the work, beside what was asked for. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Without what could deface a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Surrogate}]/gu, (found) =>
    inspect(found).slice(1, -1),
  );
}

/** Columns under their names, as wide as they need to be. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(printable));
  const widths = header.map((name, at) =>
    Math.max(...[header, ...cells].map((row) => width(row[at] ?? name))),
  );
  const lines = [header, widths.map((wide) => "-".repeat(wide)), ...cells];
  return lines
    .map((line) =>
      line
        .map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - width(cell)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Chinese characters take two columns. */
function width(text: string): number {
  let columns = 0;
  for (const character of text) {
    if (/\p{Mark}/u.test(character)) continue;
    columns +=
      /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff00-\uff60]/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return columns;
}
