/**
 * As much of TOML as a configuration needs: tables, comments, strings of all four kinds, whole numbers, decimals, booleans and
 * arrays. What is beyond that is refused, never guessed at.
 */

/** Where the text is no TOML, or beyond what is read here. It never quotes the text: it may hold private keys. */
export class TomlError extends Error {}

type Table = Record<string, unknown>;

/** Reads a TOML document. */
export function parseToml(text: string): Table {
  return new Reading(text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n")).document();
}

class Reading {
  private at = 0;

  constructor(private readonly text: string) {}

  document(): Table {
    const root = empty();
    let table = root;
    for (;;) {
      this.skip(/[ \t\n]*(#[^\n]*)?/y);
      if (this.at >= this.text.length) return root;
      if (this.text[this.at] === "\n") continue;
      table = this.text[this.at] === "[" ? this.table(root) : this.pair(table);
      this.skip(/[ \t]*(#[^\n]*)?/y);
      if (this.at < this.text.length && this.text[this.at] !== "\n") throw this.wrong();
    }
  }

  private table(root: Table): Table {
    this.expect("[");
    let table = root;
    for (const name of this.path()) {
      if (!Object.hasOwn(table, name)) table[name] = empty();
      const inner = table[name];
      if (typeof inner !== "object" || inner === null || Array.isArray(inner)) throw this.wrong();
      table = inner as Table;
    }
    this.expect("]");
    return table;
  }

  private pair(table: Table): Table {
    const path = this.path();
    const [name] = path;
    if (path.length !== 1 || name === undefined || Object.hasOwn(table, name)) throw this.wrong();
    this.expect("=");
    this.skip(/[ \t]*/y);
    table[name] = this.value();
    return table;
  }

  private path(): string[] {
    const names: string[] = [];
    do {
      this.skip(/[ \t]*/y);
      const bare = this.match(/[A-Za-z0-9_-]+/y);
      names.push(bare ?? this.string());
      this.skip(/[ \t]*/y);
    } while (this.skip(/\./y) !== "");
    return names;
  }

  private value(): unknown {
    const first = this.text[this.at];
    if (first === '"' || first === "'") return this.string();
    if (first === "[") return this.array();
    const word = this.match(/[A-Za-z0-9+._-]+/y) ?? "";
    if (word === "true" || word === "false") return word === "true";
    if (/^[+-]?(0|[1-9](_?\d)*)(\.\d(_?\d)*)?$/.test(word)) return Number(word.replaceAll("_", ""));
    throw this.wrong();
  }

  private array(): unknown[] {
    const items: unknown[] = [];
    const gap = () => this.skip(/(?:[ \t\n]|#[^\n]*)*/y);
    this.expect("[");
    gap();
    while (this.text[this.at] !== "]") {
      items.push(this.value());
      gap();
      if (this.skip(/,/y) === "" && this.text[this.at] !== "]") throw this.wrong();
      gap();
    }
    this.expect("]");
    return items;
  }

  private string(): string {
    const literal = this.match(/'''\n?([^]*?)'''(?!')/y, 1) ?? this.match(/'(?!'')([^'\n]*)'/y, 1);
    if (literal !== undefined) return literal;
    const long = this.match(/"""\n?((?:[^\\"]|\\[^]|"(?!""))*)"""/y, 1);
    const escaped = long?.replace(/\\[ \t]*\n[ \t\n]*/g, "") ?? this.match(/"(?!"")((?:[^\\"\n]|\\.)*)"/y, 1);
    if (escaped === undefined) throw this.wrong();
    return escaped.replace(/\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)/g, (_, code: string) => {
      const character = ESCAPES.get(code) ?? (code.length > 1 ? codePoint(code.slice(1)) : undefined);
      if (character === undefined) throw this.wrong();
      return character;
    });
  }

  private expect(character: string): void {
    if (this.text[this.at] !== character) throw this.wrong();
    this.at += 1;
  }

  private skip(pattern: RegExp): string {
    return this.match(pattern) ?? "";
  }

  private match(pattern: RegExp, group = 0): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found === null) return undefined;
    this.at = pattern.lastIndex;
    return found[group];
  }

  private wrong(): TomlError {
    const before = this.text.slice(0, this.at).split("\n");
    return new TomlError(`line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`);
  }
}

const ESCAPES = new Map(
  Object.entries({ b: "\b", t: "\t", n: "\n", f: "\f", r: "\r", '"': '"', "\\": "\\" }),
);

function codePoint(hex: string): string | undefined {
  const point = Number.parseInt(hex, 16);
  return point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? undefined : String.fromCodePoint(point);
}

function empty(): Table {
  return Object.create(null) as Table;
}
