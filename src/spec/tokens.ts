/**
 * @file Splits a line into tokens. Plain text, LaTeX and Unicode give the same tokens, so nothing behind this file knows
 * which was written. Nothing is wrong here yet: what can't be read becomes a `bad` token, because it may lie in a margin.
 */
import { invariant } from "../base/assert.ts";
import {
  accentMacros,
  environments,
  fontMacros,
  nameMacros,
  operatorMacros,
  type PlainLine,
  plainLine,
  silentMacros,
} from "./macros.ts";
import type { Position } from "./source.ts";

export interface Token extends Position {
  readonly kind:
    | "name"
    | "number"
    | "symbol"
    /** `\frac`, whose two groups follow. */
    | "fraction"
    /** The end of an equation: `\\`. */
    | "break"
    /** Begins a note: `\quad`, `\text{…}`. */
    | "note"
    /** `\tag{…}`, whose text is the number. */
    | "tag"
    | "begin"
    | "end"
    | "bad";
  readonly text: string;
  /** Where there are several or an axis by its place, as in `sum_{B,V}` and `sum_{-1}`; a single name is part of the name. */
  readonly subscript: readonly string[];
  /** The lower bound in `\sum_{k=1}`. */
  readonly lower: string | undefined;
  /** Written as a macro such as `\sum`, which takes what follows and never an argument list. */
  readonly prefix: boolean;
  /** Width of the space before. */
  readonly gap: number;
  /** Column behind the last character. */
  readonly end: number;
}

/** The tokens of one line of the source; `lineNumber` counts from 1. */
export function tokensOf(line: string, lineNumber: number): Token[] {
  return new LineReader(plainLine(line), lineNumber).all();
}

const symbolForm = /->|\.\.|==|<=|>=|!=|[=+\-*/.^|<>()[\]{},:;×‖]/y;
// In `1..T` the dots are no part of a number.
const numberForm = /(?:\d+(?:\.(?!\.)\d*)?|\.\d+)(?:[eE][+-]?\d+)?(?:\.(?!\.)[\d.]*)?/y;
const nameForm = /[A-Za-z][A-Za-z0-9]*/y;
const macroForm = /\\(?:[A-Za-z]+\*?|.)/y;
const spaceForm = /(?:\s|~|\\[,;:! ]|[&$])+/y;
const namePart = /^[A-Za-z0-9][A-Za-z0-9_.']*$/;
const fromLast = /^-[1-9]\d?$/;
/** Whether a subscript counts axes from the last, which is -1. */
export const isFromLast = (subscript: string): boolean => fromLast.test(subscript);
/** The step before or after, as in `h_{t-1}`, which belongs to the name. */
const neighbour = /^([A-Za-z][A-Za-z0-9]*)([-+])1$/;
const displayDelimiters = new Set(["[", "]", "(", ")"]);
const longestGroup = 200;
const prefixMacros = new Set(["sum", "max", "min"]);

type Extra = Partial<Pick<Token, "subscript" | "lower" | "prefix">>;

class LineReader {
  readonly #text: string;
  readonly #columns: readonly number[];
  readonly #line: number;
  readonly #tokens: Token[] = [];
  #place = 0;
  #start = 0;
  #gap = 0;

  constructor({ text, columns }: PlainLine, line: number) {
    [this.#text, this.#columns, this.#line] = [text, columns, line];
  }

  all(): Token[] {
    while (this.#skipSpace()) {
      this.#start = this.#place;
      this.#token();
      invariant(this.#place > this.#start, "a token has a length");
    }
    return this.#tokens;
  }

  /** Whether a token follows; comments end the line. */
  #skipSpace(): boolean {
    const runs = this.#match(spaceForm)?.match(/\s+/g) ?? [];
    this.#gap = runs.reduce((most, run) => Math.max(most, run.length), this.#gap);
    return this.#place < this.#text.length && !"#%".includes(this.#text.charAt(this.#place));
  }

  #match(form: RegExp): string | undefined {
    form.lastIndex = this.#place;
    const [found] = form.exec(this.#text) ?? [];
    if (found !== undefined) this.#place += found.length;
    return found;
  }

  #push(kind: Token["kind"], text: string, extra: Extra = {}): void {
    const [column, end] = [this.#columns[this.#start] ?? 1, this.#columns[this.#place] ?? 1];
    const { subscript = [], lower, prefix = false } = extra;
    this.#tokens.push({
      kind,
      text,
      subscript,
      lower,
      prefix,
      line: this.#line,
      column,
      gap: this.#gap,
      end,
    });
    this.#gap = 0;
  }

  #token(): void {
    const macro = this.#match(macroForm);
    if (macro !== undefined) return this.#macro(macro.slice(1));
    const number = this.#match(numberForm);
    if (number !== undefined) return this.#push("number", number);
    const name = this.#match(nameForm);
    if (name !== undefined) return this.#name(name, false);
    const symbol = this.#match(symbolForm);
    if (symbol !== undefined) return this.#push("symbol", symbol);
    const character = String.fromCodePoint(this.#text.codePointAt(this.#place) ?? 0);
    this.#place += character.length;
    this.#push("bad", character);
  }

  #macro(name: string): void {
    if (this.#text.startsWith("{}", this.#place)) this.#place += 2;
    const plain = name.replace(/\*$/, "");
    if (name === "\\") return this.#break();
    if (silentMacros.has(plain)) return this.#silent();
    if (plain === "begin" || plain === "end") return this.#environment(plain);
    if (plain === "tag") return this.#grouped((text) => this.#push("tag", text));
    if (plain === "label") return this.#grouped(() => {});
    if (plain === "text" || plain === "mbox") return this.#grouped((text) => this.#words(text));
    if (plain === "quad" || plain === "qquad") return this.#push("note", "");
    if (/^[td]?frac$/.test(plain)) return this.#push("fraction", "/");
    if (fontMacros.has(plain)) return this.#grouped((text) => this.#name(plainName(text), false));
    if (accentMacros.has(plain))
      return this.#grouped((text) => this.#name(`${plainName(text)}_${plain}`, false));
    const operator = operatorMacros.get(plain);
    if (operator !== undefined) return this.#push("symbol", operator);
    if (name === "|" || plain === "lVert" || plain === "rVert" || plain === "Vert")
      return this.#push("symbol", "‖");
    if (displayDelimiters.has(name)) return;
    if (!/^[A-Za-z]+$/.test(name)) return this.#push("bad", `\\${name}`);
    this.#name(nameMacros.get(name) ?? name, prefixMacros.has(name));
  }

  #break(): void {
    this.#match(/\[[^\]]*\]/y);
    this.#push("break", "");
  }

  /** `\left.` has no bracket at all. */
  #silent(): void {
    this.#match(/\.(?!\d)/y);
  }

  #environment(kind: "begin" | "end"): void {
    this.#grouped((text) => this.#push(environments.has(text) ? kind : "bad", text));
  }

  /** Words in text: a function's name when arguments follow, else a note. */
  #words(text: string): void {
    const word = text.trim();
    if (word === "where" || word === "and" || word === "for") return this.#push("name", word);
    const named = namePart.test(word) && /^\s*(?:\\left\s*)?[(_]/.test(this.#text.slice(this.#place));
    if (named) this.#name(word, false);
    else this.#push("note", word);
  }

  /** Reads `{…}` and hands over what is inside; an open group is bad. */
  #grouped(use: (text: string) => void): void {
    this.#match(/\s+/y);
    const inside = this.#group();
    if (inside === undefined) this.#push("bad", this.#text.slice(this.#start, this.#place));
    else use(inside);
  }

  /** The text of a `{…}` at this place. */
  #group(): string | undefined {
    if (this.#text.charAt(this.#place) !== "{") return undefined;
    let depth = 0;
    const stop = Math.min(this.#text.length, this.#place + longestGroup);
    for (let i = this.#place; i < stop; i++) {
      if (this.#text.charAt(i) === "{") depth++;
      if (this.#text.charAt(i) === "}") depth--;
      if (depth > 0) continue;
      const inside = this.#text.slice(this.#place + 1, i);
      this.#place = i + 1;
      return inside;
    }
    return undefined;
  }

  /** A name with what belongs to it: primes, dotted parts, subscripts, and the number of a layer as in `W^{(1)}`. */
  #name(head: string, prefix: boolean): void {
    let [name, items] = [head, [] as readonly string[]];
    let lower: string | undefined;
    for (;;) {
      const more = this.#match(/'+|\.[A-Za-z0-9]+/y);
      if (more !== undefined) {
        name += more;
        continue;
      }
      const layer = this.#match(/\^\{\(\w{1,20}\)\}/y);
      if (layer !== undefined) {
        name += `_${layer.slice(3, -2)}`;
        continue;
      }
      if (prefix) this.#match(/(?:\s|\\(?:no)?limits)*(?=_)/y);
      if (this.#text.charAt(this.#place) !== "_") break;
      this.#place++;
      const written = this.#group() ?? this.#match(/[A-Za-z0-9]+|\\[A-Za-z]+/y);
      const read = written === undefined ? undefined : subscriptItems(written);
      if (read === undefined) return this.#push("bad", this.#text.slice(this.#start, this.#place));
      ({ items, lower } = read);
      if (items.length > 1 || items.some(isFromLast)) break;
      if (neighbour.test(items.join())) return this.#push("name", `${name}_{${items.join()}}`);
      name += `_${items.join()}`;
    }
    if (!/^[A-Za-z]/.test(name) || !namePart.test(name)) return this.#push("bad", name);
    this.#push("name", name, {
      subscript: items.length > 1 || items.some(isFromLast) ? items : [],
      lower,
      prefix,
    });
  }
}

/** The names in a subscript such as `{B,V}` or `{k=1}`; `undefined` for anything else. */
function subscriptItems(
  written: string,
): { readonly items: readonly string[]; readonly lower: string | undefined } | undefined {
  const [names = "", lower, ...rest] = written.split("=");
  const items = names.split(",").map(plainName);
  const isNeighbour = items.length === 1 && neighbour.test(items.join());
  const isSubscript = (item: string): boolean => namePart.test(item) || isFromLast(item);
  const fits = (isNeighbour || items.every(isSubscript)) && rest.length === 0;
  return fits && (lower === undefined || items.length === 1) ? { items, lower: lower?.trim() } : undefined;
}

/** The name inside typeface macros: `\mathrm{in}` is `in`, `log\_softmax` is `log_softmax`. */
function plainName(text: string): string {
  return text
    .replaceAll("\\_", "_")
    .replace(/\\(?:text|math[a-z]+|boldsymbol|bm)\b/g, "")
    .replace(/\\(?=[A-Za-z])/g, "")
    .replace(/[{}\s]|\\[,;:!]/g, "");
}
