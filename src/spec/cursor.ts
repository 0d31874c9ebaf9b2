/** @file A place in a list of tokens, and the messages about what stands there. */

import type { Diagnostic } from "../diag/diagnostic.ts";
import { quoted } from "../diag/diagnostic.ts";
import type { Position, Source } from "./source.ts";
import type { Token } from "./tokens.ts";

export class Cursor {
  readonly source: Source;
  readonly #tokens: readonly Token[];
  #index = 0;

  constructor(source: Source, tokens: readonly Token[]) {
    [this.source, this.#tokens] = [source, tokens];
  }

  /** The token at this place, or `ahead` places on; `undefined` behind the last. */
  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#index + ahead];
  }

  next(): Token | undefined {
    return this.#tokens[this.#index++];
  }

  /** Whether a symbol or a keyword stands here. */
  sees(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token?.text === text && (token.kind === "symbol" || token.kind === "name");
  }

  seesName(ahead = 0): boolean {
    return this.peek(ahead)?.kind === "name";
  }

  accept(text: string): Token | undefined {
    return this.sees(text) ? this.next() : undefined;
  }

  expect(text: string, context: string): Token {
    const token = this.accept(text);
    if (token === undefined) throw this.unexpected(`\`${text}\` ${context}`);
    return token;
  }

  expectName(want: string): Token {
    const token = this.peek();
    if (token?.kind !== "name") throw this.unexpected(want);
    this.#index++;
    return token;
  }

  /** Where this place is in the text; behind the last token it is the column after it. */
  get position(): Position {
    const token = this.peek();
    if (token !== undefined) return token;
    const last = this.#tokens.at(-1);
    return last === undefined ? { line: 1, column: 1 } : { line: last.line, column: last.end };
  }

  /** The message that something else stands here than `want`. */
  unexpected(want: string, action?: string): Diagnostic {
    const token = this.peek();
    const got = token === undefined ? "the end of the line" : `\`${quoted(shown(token))}\``;
    return this.source.wrong("A3006", this.position, got, want, action);
  }
}

const shown = (token: Token): string =>
  token.subscript.length === 0 ? token.text : `${token.text}_{${token.subscript.join(",")}}`;
