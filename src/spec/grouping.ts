/** @file What parsing keeps track of: brackets and bars that are open, and how deep the expression is. */
import { negate } from "../base/rational.ts";
import type { Cursor } from "./cursor.ts";
import type { Position } from "./source.ts";
import type { Expression, Form, Infix } from "./syntax.ts";
import type { Token } from "./tokens.ts";

/** Brackets inside brackets. */
const deepestNesting = 200;
/** Height of an expression: also the number of terms in a sum. */
const deepestTree = 1000;

export const isClosing = (token: Token): boolean => ")]}".includes(token.text);

export class Grouping {
  readonly cursor: Cursor;
  #nesting = 0;
  /** How many |…| and ‖…‖ are open since the last bracket. */
  #bars = 0;

  constructor(cursor: Cursor) {
    this.cursor = cursor;
  }

  get isInside(): boolean {
    return this.#nesting > 0;
  }
  get isInsideBars(): boolean {
    return this.#bars > 0;
  }

  /** @throws Diagnostic when the expression gets too high. */
  make({ line, column }: Position, form: Form, children: readonly Expression[]): Expression {
    const depth = 1 + children.reduce((most, child) => Math.max(most, child.depth), 0);
    if (depth > deepestTree) throw this.#tooDeep(`more than ${deepestTree} operations inside one another`);
    return { ...form, position: { line, column }, depth };
  }

  combine(operator: Infix, left: Expression, right: Expression, position: Position): Expression {
    return this.make(position, { kind: "infix", operator, left, right }, [left, right]);
  }

  negation(position: Position, operand: Expression): Expression {
    if (operand.kind !== "number") return this.make(position, { kind: "negation", operand }, [operand]);
    return this.make(position, { kind: "number", value: negate(operand.value) }, []);
  }

  /** What is inside brackets; the opening one stands here. */
  bracketed<T>(open: Token, close: string, inside: () => T): T {
    this.cursor.next();
    const bars = this.#bars;
    this.#bars = close === open.text ? bars + 1 : 0;
    const result = this.nested(inside);
    const token = this.cursor.peek();
    if (token === undefined) throw this.unbalanced(open, "closes");
    if (token.text !== close) throw this.#mismatch(token, close, open);
    this.cursor.next();
    this.#bars = bars;
    return result;
  }

  /** Operators before operands nest as brackets do: `sum_i sum_j …`. */
  nested<T>(read: () => T): T {
    if (++this.#nesting > deepestNesting)
      throw this.#tooDeep(`more than ${deepestNesting} brackets inside one another`);
    const result = read();
    this.#nesting--;
    return result;
  }

  unbalanced(token: Token, verb: "opens" | "closes"): Error {
    const got = `\`${token.text}\` that nothing ${verb}`;
    return this.cursor.source.wrong("A3005", token, got, "brackets in pairs");
  }

  #mismatch(token: Token, close: string, open: Token): Error {
    if (!isClosing(token)) return this.cursor.unexpected(`an operator or \`${close}\``);
    const got = `\`${token.text}\` where the \`${open.text}\` of column ${open.column} is open`;
    return this.cursor.source.wrong("A3005", token, got, `\`${close}\` first`);
  }

  #tooDeep(got: string): Error {
    const want = `at most ${deepestTree} operations and ${deepestNesting} brackets inside one another`;
    const action = "name parts of it in equations of their own";
    return this.cursor.source.wrong("A3022", this.cursor.position, got, want, action);
  }
}
