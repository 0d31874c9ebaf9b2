/** @file A place in a text, which moves on as words and signs are taken. Blanks and comments are skipped. */
import { Contradiction } from "../common/contradiction.ts";

/** How deep types, attributes, regions and locations may hold each other: their parser recurses. */
const nestingLimit = 128;
const shownLength = 40;

const blank = /\s*(?:\/\/[^\n]*\s*)*/y;
const word = /[A-Za-z_][\w$.]*/y;
const integer = /-?(?:0x[0-9A-Fa-f]+|\d+)/y;

export class Cursor {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  /** The last line that was asked for, and where it starts. */
  #line = 1;
  #counted = 0;

  constructor(text: string) {
    this.#text = text;
    this.#skip();
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** The line of the next word; places are asked for in order. */
  get line(): number {
    for (;;) {
      const end = this.#text.indexOf("\n", this.#counted);
      if (end < 0 || end >= this.#at) return this.#line;
      this.#line++;
      this.#counted = end + 1;
    }
  }

  /** What a sticky pattern matches here, if anything. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined) return undefined;
    this.#at += found.length;
    this.#skip();
    return found;
  }

  sees(sign: string): boolean {
    return this.#text.startsWith(sign, this.#at);
  }
  take(sign: string): boolean {
    if (!this.sees(sign)) return false;
    this.#at += sign.length;
    this.#skip();
    return true;
  }
  expect(sign: string): void {
    if (!this.take(sign)) throw this.fault(`\`${sign}\``);
  }

  word(): string | undefined {
    return this.match(word);
  }
  /** Takes this word and no longer one. */
  takeWord(wanted: string): boolean {
    const start = this.#at;
    if (this.word() === wanted) return true;
    this.#at = start;
    return false;
  }
  integer(): number {
    const text = this.match(integer);
    const value = Number(text);
    if (text === undefined || !Number.isFinite(value)) throw this.fault("an integer");
    return value;
  }

  /** The content of a string in quotes. */
  string(): string | undefined {
    if (!this.sees('"')) return undefined;
    let end = this.#at + 1;
    for (;;) {
      end = this.#text.indexOf('"', end);
      if (end < 0) throw this.fault("a string with both quotes");
      if (!this.#isEscaped(end)) break;
      end++;
    }
    const content = this.#text.slice(this.#at + 1, end);
    this.#at = end + 1;
    this.#skip();
    return content.includes("\\") ? unescaped(content) : content;
  }

  /** Whether an odd number of backslashes stands before a place. */
  #isEscaped(place: number): boolean {
    let start = place;
    while (this.#text[start - 1] === "\\") start--;
    return (place - start) % 2 === 1;
  }

  /** Items between signs, with commas between them. */
  list<T>(open: string, close: string, item: () => T): T[] {
    this.expect(open);
    return this.rest(close, item);
  }
  /** Items up to a sign. */
  rest<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.take(close)) {
      if (items.length > 0) this.expect(",");
      items.push(item());
    }
    return items;
  }

  nested<T>(run: () => T): T {
    if (this.#depth >= nestingLimit) throw this.fault(`at most ${nestingLimit} levels`);
    this.#depth++;
    try {
      return run();
    } finally {
      this.#depth--;
    }
  }

  /** The text of brackets and all between them, from an opening one on. */
  balanced(): string {
    const start = this.#at;
    const open: string[] = [];
    do {
      const sign = this.match(/[^\s"<>()[\]{}-]+|->|-|[<>()[\]{}]/y) ?? this.string();
      if (sign === undefined) throw this.fault("closed brackets");
      const closing = { "<": ">", "(": ")", "[": "]", "{": "}" }[sign];
      if (closing !== undefined) open.push(closing);
      else if (/^[>)\]}]$/.test(sign) && open.pop() !== sign) throw this.fault("closed brackets");
    } while (open.length > 0);
    return this.#text.slice(start, this.#at).trim();
  }

  fault(want: string): Contradiction {
    const rest = this.#text.slice(this.#at, this.#at + shownLength).split("\n")[0] ?? "";
    return new Contradiction(`line ${this.line}`, rest === "" ? "the end of the text" : rest, want);
  }

  #skip(): void {
    blank.lastIndex = this.#at;
    this.#at += blank.exec(this.#text)?.[0].length ?? 0;
  }
}

/** `\n`, `\t`, `\"`, `\\`, and two hexadecimal digits of a byte. */
const unescaped = (text: string): string =>
  text.replace(/\\([nt"\\]|[0-9A-Fa-f]{2})/g, (_, code: string) => {
    const known = { n: "\n", t: "\t", '"': '"', "\\": "\\" }[code];
    return known ?? String.fromCharCode(Number.parseInt(code, 16));
  });
