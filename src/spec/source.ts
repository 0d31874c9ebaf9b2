/** @file The text of a specification, and messages that point into it. */
import { closest } from "../base/closest.ts";
import type { Code } from "../diag/catalogue.ts";
import { Diagnostic, quoted, type Report, Unsupported } from "../diag/diagnostic.ts";

/** A place in the text: lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

const shownWidth = 72;

export class Source {
  readonly file: string;
  readonly lines: readonly string[];
  /** Shown beside the place while an equation is read, such as `equation (2)`. */
  part: string | undefined;

  constructor(file: string, text: string) {
    this.file = file;
    this.lines = text.split(/\r\n|\r|\n/);
  }

  /** The Diagnostic of something wrong at a position; the source line with a caret follows `got`. */
  wrong(code: Code, position: Position, got: string, want: string, action?: string): Diagnostic {
    return new Diagnostic(this.#report(code, position, got, want, action));
  }

  /** The same for a limit of Assay. */
  unsupported(code: Code, position: Position, got: string, want: string): Unsupported {
    return new Unsupported(this.#report(code, position, got, want, undefined));
  }

  #report(code: Code, position: Position, got: string, want: string, action: string | undefined): Report {
    const { line, column } = position;
    return {
      code,
      place: { file: this.file, line, column, ...(this.part === undefined ? {} : { part: this.part }) },
      got: `${got}\n${this.#excerpt(position)}`,
      want,
      ...(action === undefined ? {} : { action }),
    };
  }

  /** The line around the column, at most 72 characters of it, and a caret below. */
  #excerpt({ line, column }: Position): string {
    const text = visible(this.lines[line - 1] ?? "");
    const start = Math.max(0, Math.min(column - 1 - shownWidth / 2, text.length - shownWidth));
    return `${text.slice(start, start + shownWidth).trimEnd()}\n${" ".repeat(column - 1 - start)}^`;
  }
}

/** Control characters and tabs as single visible characters, so that the caret stays below its column. */
const visible = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- making them visible is the purpose
  text.replaceAll("\t", " ").replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/g, "\u00b7");

/** The action that a typing error suggests, when a name is close. */
export function suggestion(name: string, candidates: Iterable<string>): string | undefined {
  const found = closest(name, candidates);
  return found === undefined ? undefined : `did you mean \`${quoted(found)}\`?`;
}
