/** @file From a document to its statements: finds the mathematics in Markdown, joins lines, and cuts margins off. */
import { assertNever, at } from "../base/assert.ts";
import type { Position, Source } from "./source.ts";
import { type Token, tokensOf } from "./tokens.ts";

/** A signature, an equation or a line of a where list. */
export interface Statement {
  readonly tokens: readonly Token[];
  readonly inWhere: boolean;
  /** The number that the author gave to the equation, without parentheses. */
  readonly number: string | undefined;
  /** The text as written, without its margin. */
  readonly code: string;
}

interface Block {
  /** Of the first line, counted from 1. */
  readonly line: number;
  readonly lines: readonly string[];
}

const fence = /^\s*(`{3,}|~{3,})\s*(\S*)/;

/** All statements of a Markdown document with math blocks, or of a text that is mathematics throughout. */
export function statementsOf(source: Source): Statement[] {
  const blocks = isMarkdown(source) ? mathBlocks(source) : [{ line: 1, lines: source.lines }];
  return blocks.flatMap((block) => new BlockReader(source).read(block));
}

const isMarkdown = (source: Source): boolean => source.lines.some((line) => fence.exec(line)?.[2] === "math");

function mathBlocks(source: Source): Block[] {
  const blocks: Block[] = [];
  let open: { mark: string; math: boolean; start: number } | undefined;
  for (const [index, line] of source.lines.entries()) {
    const [, mark = "", language = ""] = fence.exec(line) ?? [];
    if (open === undefined) {
      if (mark !== "") open = { mark, math: language === "math", start: index };
    } else if (mark.startsWith(open.mark) && language === "") {
      if (open.math) blocks.push({ line: open.start + 2, lines: source.lines.slice(open.start + 1, index) });
      open = undefined;
    }
  }
  if (open?.math === true) {
    const start: Position = { line: open.start + 1, column: 1 };
    throw source.wrong(
      "A3002",
      start,
      "the block goes on to the end of the document",
      `a line ${open.mark} that ends it`,
    );
  }
  return blocks;
}

/** `(2)`, `(2a)`, `(3.1)`, `(A.1)`. */
const numberForm = /^\(((?:[A-Z]\.?)?\d+(?:\.\d+)*[a-z]?)\)/;
/** Spaces that separate an equation from its margin. */
const marginWidth = 3;
/** Symbols that cannot begin a margin, because an equation may go on with them. */
const infix = new Set([
  "+",
  "-",
  "*",
  "/",
  ".",
  "×",
  "=",
  "==",
  "<",
  ">",
  "<=",
  ">=",
  "!=",
  "^",
  "->",
  ",",
  ")",
  "]",
  "}",
]);
/** `and` is a word. */
const isInfix = ({ text }: Token): boolean => infix.has(text) || text === "and" || text === "or";
const relation = new Set(["=", "->", ":", "in"]);
/** Before these a `;` is punctuation. */
const ending: ReadonlySet<Token["kind"]> = new Set<Token["kind"]>(["break", "note", "tag", "end"]);

class BlockReader {
  readonly #source: Source;
  readonly #done: Statement[] = [];
  #tokens: Token[] = [];
  #number: string | undefined;
  #depth = 0;
  /** Inside |…|. */
  #inBars = false;
  #related = false;
  #inMargin = false;
  /** Behind a `\\`, when what follows decides whether the equation goes on. */
  #isBroken = false;
  #inWhere = false;
  #environments = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  read({ line, lines }: Block): Statement[] {
    for (const [index, text] of lines.entries()) this.#line(text, line + index);
    this.#finish();
    return this.#done;
  }

  #line(text: string, number: number): void {
    if (this.#environments === 0) this.#inMargin = false;
    const tokens = tokensOf(text, number);
    // `where` begins the list of symbols at any indentation; `where(` is the function.
    if (tokens[0]?.text === "where" && tokens[1]?.text !== "(") this.#finish();
    // The next model of the document.
    if (this.#inWhere && beginsModel(tokens)) {
      this.#finish();
      this.#inWhere = false;
    }
    for (const [index, token] of tokens.entries()) {
      if (index === 0 && this.#environments === 0 && !this.#continues(token, tokens)) this.#finish();
      const beforeMargin = index > 0 && this.#isMarginAt(token);
      if (beforeMargin && this.#isComplete() && !infix.has(token.text)) {
        this.#number ??= numberForm.exec(text.slice(token.column - 1))?.[1];
        this.#inMargin = true;
      }
      const next = tokens[index + 1];
      const isFollowed = next !== undefined && !ending.has(next.kind) && !this.#isMarginAt(next);
      if (isFollowed && this.#isEndOf(token)) this.#separate(token);
      else this.#take(token);
    }
  }

  #isMarginAt({ gap }: Token): boolean {
    return this.#environments === 0 && gap >= marginWidth;
  }

  /** Whether a statement ends with this token though the line goes on: with `;`, or with the `:` behind `for l = 1..L`. */
  #isEndOf({ text }: Token): boolean {
    if (this.#inWhere || this.#inMargin || !this.#isComplete()) return false;
    return text === (this.#tokens[0]?.text === "for" ? ":" : ";");
  }

  #separate(token: Token): void {
    if (token.text === ":") this.#push(token);
    this.#finish();
  }

  /** Whether a line that begins with this token goes on with the statement before it. */
  #continues(token: Token, line: readonly Token[]): boolean {
    const [first, last] = [this.#tokens[0], this.#tokens.at(-1)];
    if (first === undefined || last === undefined) return true;
    if (this.#depth > 0 && !this.#inWhere) return true;
    if (token.column <= indentOf(first, this.#source)) return false;
    if (this.#inWhere) return true;
    if (first.text === "for" || token.text === "for") return false;
    if (this.#related && definesAgain(line)) return false;
    const isSignature = this.#tokens.some((item) => item.text === "->");
    return infix.has(token.text) || awaitsMore(last) || (this.#related && !isSignature);
  }

  #take(token: Token): void {
    if (this.#isBroken && token.kind !== "note") this.#resume(token);
    switch (token.kind) {
      case "begin":
        this.#finish();
        this.#environments++;
        return;
      case "end":
        this.#finish();
        this.#environments--;
        return;
      case "break":
        return this.#break();
      case "tag":
        this.#number = token.text;
        return;
      case "note":
        if (this.#isComplete() && !this.#isBroken) this.#inMargin = true;
        this.#numberInText(token);
        return;
      case "name":
      case "number":
      case "symbol":
      case "fraction":
      case "bad":
        if (this.#inMargin) return;
        if (token.text === "where" && this.#tokens.length === 0) this.#inWhere = true;
        else this.#push(token);
        return;
      default:
        assertNever(token.kind);
    }
  }

  /** `\\` ends an equation, unless it can't end there or what follows begins with an operator. */
  #break(): void {
    if (this.#inWhere) this.#finish();
    else this.#isBroken = true;
  }

  #resume(token: Token): void {
    this.#isBroken = false;
    const last = this.#tokens.at(-1);
    const isOpen = this.#depth > 0 || (last !== undefined && awaitsMore(last) && !this.#endsSentence(last));
    if (isOpen || isInfix(token)) this.#inMargin = false;
    else this.#finish();
  }

  /** `\text{(2)}` numbers an equation too. */
  #numberInText(token: Token): void {
    this.#number ??= numberForm.exec(token.text)?.[1];
  }

  #push(token: Token): void {
    this.#tokens.push(token);
    if (token.kind !== "symbol") return;
    if ("([{".includes(token.text)) this.#depth++;
    if (")]}".includes(token.text)) this.#depth--;
    if ("|‖".includes(token.text)) this.#inBars = !this.#inBars;
    if (this.#depth === 0 && relation.has(token.text)) this.#related = true;
  }

  #isComplete(): boolean {
    const last = this.#tokens.at(-1);
    return (
      this.#depth === 0 &&
      !this.#inBars &&
      this.#related &&
      last !== undefined &&
      (!awaitsMore(last) || this.#endsSentence(last))
    );
  }

  /** Papers put a comma or a full stop behind an equation; the dot of an inner product has a space before it. */
  #endsSentence(token: Token): boolean {
    return ",.;".includes(token.text) && token.gap === 0 && this.#tokens.some(({ text }) => text === "=");
  }

  #finish(): void {
    const last = this.#tokens.at(-1);
    const isPunctuated = !this.#inWhere && last !== undefined && this.#endsSentence(last);
    const tokens = isPunctuated ? this.#tokens.slice(0, -1) : this.#tokens;
    if (tokens.length > 0) {
      const code = codeOf(tokens, this.#source);
      this.#done.push({ tokens, inWhere: this.#inWhere, number: this.#number, code });
    }
    this.#tokens = [];
    [this.#number, this.#depth, this.#inBars] = [undefined, 0, false];
    [this.#related, this.#inMargin, this.#isBroken] = [false, false, false];
  }
}

/** Whether a line is a signature, `Name(inputs) -> outputs`. */
const beginsModel = (line: readonly Token[]): boolean => {
  const [first, second, input, colon] = line.filter(({ kind }) => kind !== "begin");
  const isHead = first?.kind === "name" && second?.text === "(";
  // A signature may be broken before its arrow; prose in brackets declares nothing.
  const isDeclared = input?.kind === "name" && (colon?.text === ":" || colon?.text === "in");
  return isHead && (isDeclared || line.some(({ kind, text }) => kind === "symbol" && text === "->"));
};

/** Whether a line is an equation of its own, however deep it stands: `name = …`, `name[i] = …` or `name{axis} = …`. */
function definesAgain(line: readonly Token[]): boolean {
  const end = line[1]?.text === "[" ? "]" : line[1]?.text === "{" ? "}" : undefined;
  const close = end === undefined ? 0 : line.findIndex((token) => token.text === end);
  return line[0]?.kind === "name" && line[close + 1]?.text === "=";
}

/** Whether nothing can end with this token. */
const awaitsMore = ({ text }: Token): boolean => infix.has(text) && !")]}".includes(text);

/** Column of the first thing on the token's line, or of the token itself behind `where`. */
function indentOf(token: Token, source: Source): number {
  const line = source.lines[token.line - 1] ?? "";
  const isBehindWhere = line.slice(0, token.column - 1).trim() === "where";
  return isBehindWhere ? token.column : line.length - line.trimStart().length + 1;
}

function codeOf(tokens: readonly Token[], source: Source): string {
  const spans = new Map<number, { start: number; end: number }>();
  for (const { line, column, end } of tokens) {
    spans.set(line, { start: spans.get(line)?.start ?? column, end });
  }
  return [...spans]
    .map(([line, { start, end }]) =>
      at(source.lines, line - 1)
        .slice(start - 1, end - 1)
        .trim(),
    )
    .join(" ");
}
