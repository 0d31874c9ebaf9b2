/** @file Expressions and the two sides of an equation, by recursive descent. */
import { negate, type Rational } from "../base/rational.ts";
import { quoted } from "../diag/diagnostic.ts";
import { Cursor } from "./cursor.ts";
import type { Statement } from "./document.ts";
import { functionName, functionNames, takesProduct } from "./functions.ts";
import { numberValue, parseSize } from "./sizes.ts";
import { closest, type Position, type Source } from "./source.ts";
import type { Bounds, Comparison, Expression, Form, IndexItem } from "./syntax.ts";
import type { Token } from "./tokens.ts";

/** What a name in an expression may be. */
export interface Names {
  /** Tensors, constants: what stands alone as a value. */
  readonly values: ReadonlySet<string>;
  readonly sizes: ReadonlySet<string>;
}

/** The left-hand side: a name, and its indices if it has some (`:` keeps an axis in its place). */
export interface Target {
  readonly name: string;
  readonly indices: readonly string[] | undefined;
  readonly position: Position;
}

/** Brackets inside brackets. */
const deepestNesting = 200;
/** Height of an expression: also the number of terms in a sum. */
const deepestTree = 1000;

const comparisons = new Set<string>(["<", "<=", ">", ">=", "==", "!="] satisfies Comparison[]);
const isComparison = (text: string): text is Comparison => comparisons.has(text);

/** Reads the left-hand side only: which name the equation defines. */
export function parseTarget(source: Source, statement: Statement): { target: Target; rest: Cursor } {
  const cursor = new Cursor(source, statement.tokens);
  const token = cursor.expectName("an equation `name = …`");
  const indices = cursor.accept("[") === undefined ? undefined : targetIndices(cursor);
  cursor.expect("=", "and what it is equal to");
  return { target: { name: token.text, indices, position: token }, rest: cursor };
}

function targetIndices(cursor: Cursor): string[] {
  const indices: string[] = [];
  do {
    indices.push(cursor.accept(":")?.text ?? cursor.expectName("an index letter or `:`").text);
  } while (cursor.accept(",") !== undefined);
  cursor.expect("]", "after the indices");
  return indices;
}

/** Reads the whole rest of a statement as one expression. */
export function parseExpression(cursor: Cursor, names: Names): Expression {
  const parser = new Parser(cursor, names);
  const expression = parser.expression();
  if (cursor.peek() !== undefined) throw parser.leftOver();
  return expression;
}

class Parser {
  readonly #cursor: Cursor;
  readonly #names: Names;
  #nesting = 0;
  /** How many |…| are open. */
  #bars = 0;

  constructor(cursor: Cursor, names: Names) {
    [this.#cursor, this.#names] = [cursor, names];
  }

  /** `p or q`, loosest. */
  expression(): Expression {
    let left = this.#conjunction();
    while (this.#cursor.sees("or")) left = this.#infix("or", left, () => this.#conjunction());
    return left;
  }

  /** What is wrong with a token at which no expression can go on. */
  leftOver(): Error {
    const token = this.#cursor.peek();
    if (token !== undefined && ")]}".includes(token.text)) return this.#unbalanced(token, "opens");
    return this.#cursor.unexpected("an operator or the end of the equation");
  }

  #make(position: Position, form: Form, children: readonly Expression[]): Expression {
    const depth = 1 + Math.max(0, ...children.map((child) => child.depth));
    if (depth > deepestTree) throw this.#tooDeep(`more than ${deepestTree} operations inside one another`);
    return { ...form, position, depth };
  }

  #tooDeep(got: string): Error {
    const want = `at most ${deepestTree} operations and ${deepestNesting} brackets inside one another`;
    const action = "name parts of it in equations of their own";
    return this.#cursor.source.wrong("A3022", this.#cursor.position, got, want, action);
  }

  #unbalanced(token: Token, verb: "opens" | "closes"): Error {
    const got = `\`${token.text}\` that nothing ${verb}`;
    return this.#cursor.source.wrong("A3005", token, got, "brackets in pairs");
  }

  #infix(
    operator: (Form & { kind: "infix" })["operator"],
    left: Expression,
    right: () => Expression,
  ): Expression {
    const token = this.#cursor.next() ?? left.position;
    return this.#combine(operator, left, right(), token);
  }

  #combine(
    operator: (Form & { kind: "infix" })["operator"],
    left: Expression,
    right: Expression,
    { line, column }: Position,
  ): Expression {
    return this.#make({ line, column }, { kind: "infix", operator, left, right }, [left, right]);
  }

  #conjunction(): Expression {
    let left = this.#comparison();
    while (this.#cursor.sees("and")) left = this.#infix("and", left, () => this.#comparison());
    return left;
  }

  #comparison(): Expression {
    const left = this.#sum();
    const text = this.#cursor.peek()?.text ?? "";
    // Inside brackets `=` can only compare.
    const sign = text === "=" && this.#nesting > 0 ? "==" : text;
    return isComparison(sign) ? this.#infix(sign, left, () => this.#sum()) : left;
  }

  #sum(): Expression {
    let left = this.#signed();
    for (;;) {
      if (this.#cursor.sees("+")) left = this.#infix("+", left, () => this.#signed());
      else if (this.#cursor.sees("-")) left = this.#infix("-", left, () => this.#signed());
      else return left;
    }
  }

  #signed(): Expression {
    const token = this.#cursor.accept("-");
    return token === undefined ? this.#product() : this.#negation(token, this.#product());
  }

  #negation({ line, column }: Position, operand: Expression): Expression {
    if (operand.kind === "number")
      return { ...operand, value: negate(operand.value), position: { line, column } };
    return this.#make({ line, column }, { kind: "negation", operand }, [operand]);
  }

  /** Factors between `*` and `/`, each of which may have a sign. */
  #product(): Expression {
    let left = this.#inner();
    for (;;) {
      const text = this.#cursor.peek()?.text;
      if (text === "*" || text === "×") left = this.#infix("*", left, () => this.#signedInner());
      else if (text === "/") left = this.#infix("/", left, () => this.#signedInner());
      else return left;
    }
  }

  #signedInner(): Expression {
    const token = this.#cursor.accept("-");
    return token === undefined ? this.#inner() : this.#negation(token, this.#inner());
  }

  /** Inner products `x . y`. */
  #inner(): Expression {
    let left = this.#juxtaposed();
    while (this.#cursor.sees(".")) left = this.#infix(".", left, () => this.#juxtaposed());
    return left;
  }

  #juxtaposed(): Expression {
    let left = this.#postfix();
    for (
      let token = this.#cursor.peek();
      token !== undefined && this.#beginsOperand(token);
      token = this.#cursor.peek()
    ) {
      left = this.#combine("juxtaposed", left, this.#postfix(), token);
    }
    return left;
  }

  #beginsOperand(token: Token): boolean {
    if (token.kind === "name") return token.text !== "and" && token.text !== "or";
    if (token.kind === "number" || token.kind === "fraction") return true;
    return token.text === "(" || token.text === "{" || (token.text === "|" && this.#bars === 0);
  }

  /** An operand with its indices, powers and transpositions. */
  #postfix(): Expression {
    let operand = this.#operand();
    for (;;) {
      const token = this.#cursor.peek();
      if (token?.kind !== "symbol") return operand;
      if (token.text === "[") operand = this.#index(operand, token);
      else if (token.text === "^") operand = this.#power(operand, token);
      else return operand;
    }
  }

  #power(base: Expression, caret: Token): Expression {
    this.#cursor.next();
    const position = { line: caret.line, column: caret.column };
    const grouped = this.#cursor.sees("{") && this.#cursor.sees("T", 1) && this.#cursor.sees("}", 2);
    if (this.#cursor.sees("T") || grouped) {
      for (let count = grouped ? 3 : 1; count > 0; count--) this.#cursor.next();
      return this.#make(position, { kind: "transpose", operand: base }, [base]);
    }
    const sign = this.#cursor.accept("-");
    const exponent = sign === undefined ? this.#operand() : this.#negation(sign, this.#operand());
    return this.#make(position, { kind: "power", base, exponent }, [base, exponent]);
  }

  #operand(): Expression {
    const token = this.#cursor.peek();
    switch (token?.kind) {
      case "number":
        this.#cursor.next();
        return this.#number(token, numberValue(this.#cursor, token));
      case "name":
        return this.#name(token);
      case "fraction":
        return this.#fraction(token);
      case "symbol":
        if (token.text === "(") return this.#bracketed(token, ")", () => this.expression());
        if (token.text === "{") return this.#bracketed(token, "}", () => this.expression());
        if (token.text === "[") return this.#list(token);
        if (token.text === "|") return this.#absolute(token);
        if (token.text === "‖") return this.#norm(token);
    }
    if (token !== undefined && ")]}".includes(token.text) && this.#nesting === 0)
      throw this.#unbalanced(token, "opens");
    throw this.#cursor.unexpected("a value: a name, a number or a bracket");
  }

  #number({ line, column }: Position, value: Rational): Expression {
    return this.#make({ line, column }, { kind: "number", value }, []);
  }

  /** What is inside brackets; the opening one stands here. */
  #bracketed<T>(open: Token, close: string, inside: () => T): T {
    this.#cursor.next();
    if (++this.#nesting > deepestNesting)
      throw this.#tooDeep(`more than ${deepestNesting} brackets inside one another`);
    const bars = this.#bars;
    this.#bars = close === "|" ? bars + 1 : 0;
    const result = inside();
    const token = this.#cursor.peek();
    if (token === undefined) throw this.#unbalanced(open, "closes");
    if (token.text !== close) throw this.#mismatch(token, close, open);
    this.#cursor.next();
    this.#bars = bars;
    this.#nesting--;
    return result;
  }

  #mismatch(token: Token, close: string, open: Token): Error {
    if (!")]}".includes(token.text)) return this.#cursor.unexpected(`an operator or \`${close}\``);
    const got = `\`${token.text}\` where \`${open.text}\` of column ${open.column} is open`;
    return this.#cursor.source.wrong("A3005", token, got, `\`${close}\` first`);
  }

  #fraction(token: Token): Expression {
    this.#cursor.next();
    const [above, below] = [this.#operand(), this.#operand()];
    return this.#combine("/", above, below, token);
  }

  #absolute(open: Token): Expression {
    const inside = this.#bracketed(open, "|", () => this.expression());
    return this.#call(open, "abs", [], [inside]);
  }

  #norm(open: Token): Expression {
    const inside = this.#bracketed(open, "‖", () => this.expression());
    return this.#call(open, "norm", [], [inside]);
  }

  #call(
    { line, column }: Position,
    name: string,
    subscript: readonly string[],
    args: readonly Expression[],
    bounds?: Bounds,
  ): Expression {
    return this.#make({ line, column }, { kind: "call", name, subscript, args, bounds }, args);
  }

  #name(token: Token): Expression {
    const { values, sizes } = this.#names;
    if (token.subscript.length === 0 && (values.has(token.text) || sizes.has(token.text))) {
      this.#cursor.next();
      return this.#make({ line: token.line, column: token.column }, { kind: "name", name: token.text }, []);
    }
    const called = calledFunction(token);
    if (called === undefined) throw this.#unknown(token);
    this.#cursor.next();
    return this.#application(token, called.name, called.subscript);
  }

  /** `f(x, y)`, `f_k (x) y` or `f x`: the arguments of a function. */
  #application(token: Token, name: string, subscript: readonly string[]): Expression {
    const open = this.#cursor.peek();
    const isCall =
      open?.text === "(" && !(token.prefix && subscript.length > 0) && !(takesProduct(name) && open.gap > 0);
    if (isCall)
      return this.#call(
        token,
        name,
        subscript,
        this.#bracketed(open, ")", () => this.#args()),
      );
    const bounds = this.#bounds(token);
    const operand = this.#nested(() => (takesProduct(name) ? this.#product() : this.#postfix()));
    return this.#call(token, name, subscript, [operand], bounds);
  }

  /** Operators before operands nest as brackets do: `sum_i sum_j …`. */
  #nested(read: () => Expression): Expression {
    if (++this.#nesting > deepestNesting)
      throw this.#tooDeep(`more than ${deepestNesting} brackets inside one another`);
    const result = read();
    this.#nesting--;
    return result;
  }

  #args(): Expression[] {
    const args = [this.expression()];
    while (this.#cursor.accept(",") !== undefined) args.push(this.expression());
    return args;
  }

  /** The bounds of `\sum_{k=1}^{K}` must be the whole range of the index, since nothing else can be said here. */
  #bounds(token: Token): Bounds | undefined {
    if (token.lower === undefined) return undefined;
    this.#cursor.expect("^", "and the upper bound of the sum");
    const size = this.#cursor.sees("{")
      ? this.#bracketed(this.#cursor.peek() as Token, "}", () => parseSize(this.#cursor, "whole"))
      : parseSize(this.#cursor, "one factor");
    return { lower: token.lower ?? "", upper: size };
  }

  #unknown(token: Token): Error {
    const { source } = this.#cursor;
    const isCall = this.#cursor.sees("(", 1) && this.#cursor.peek(1)?.gap === 0 && token.text.length > 1;
    const [known, code, what] = isCall
      ? ([functionNames, "A3009", "function"] as const)
      : ([[...this.#names.values, ...this.#names.sizes], "A3008", "symbol"] as const);
    const near = closest(token.text, known);
    const want = isCall
      ? "a function of the notation, or a symbol that the where list declares"
      : "a symbol that the signature, an equation or the where list names";
    const action = near === undefined ? undefined : `did you mean \`${quoted(near)}\`?`;
    return source.wrong(code, token, `the ${what} \`${quoted(token.text)}\` is not known`, want, action);
  }

  #list(open: Token): Expression {
    const items = this.#bracketed(open, "]", () => (this.#cursor.sees("]") ? [] : this.#args()));
    return this.#make({ line: open.line, column: open.column }, { kind: "list", items }, items);
  }

  #index(tensor: Expression, open: Token): Expression {
    const items = this.#bracketed(open, "]", () => {
      const found = [this.#indexItem()];
      while (this.#cursor.accept(",") !== undefined) found.push(this.#indexItem());
      return found;
    });
    const inside = items.flatMap((item) => (item.kind === "expression" ? [item.expression] : []));
    return this.#make({ line: open.line, column: open.column }, { kind: "index", tensor, items }, [
      tensor,
      ...inside,
    ]);
  }

  #indexItem(): IndexItem {
    const token = this.#cursor.peek();
    const { line, column } = this.#cursor.position;
    const position = { line, column };
    const ends = this.#cursor.sees(",", 1) || this.#cursor.sees("]", 1);
    if (token?.kind === "name" && ends && !this.#names.values.has(token.text)) {
      this.#cursor.next();
      return { kind: "letter", name: token.text, position };
    }
    if (this.#cursor.sees(":") || (token?.kind === "number" && this.#cursor.sees(":", 1))) {
      return { ...this.#range(), position };
    }
    return { kind: "expression", expression: this.expression(), position };
  }

  #range(): { kind: "range"; start: number | undefined; stop: number | undefined; step: number } {
    const start = this.#integer();
    this.#cursor.expect(":", "in a range");
    const stop = this.#integer();
    const step = this.#cursor.accept(":") === undefined ? 1 : (this.#integer() ?? 1);
    return { kind: "range", start, stop, step };
  }

  #integer(): number | undefined {
    const token = this.#cursor.peek();
    if (token?.kind !== "number") return undefined;
    const { numerator, denominator } = numberValue(this.#cursor, token);
    if (denominator !== 1n || numerator > BigInt(Number.MAX_SAFE_INTEGER))
      throw this.#cursor.unexpected("a whole number");
    this.#cursor.next();
    return Number(numerator);
  }
}

/** Splits `log_softmax_V` into a function and what is written below it. */
function calledFunction(token: Token): { name: string; subscript: readonly string[] } | undefined {
  const parts = token.text.split("_");
  for (let count = parts.length; count > 0; count--) {
    const name = functionName(parts.slice(0, count).join("_"));
    if (name === undefined) continue;
    const below = parts.slice(count).join("_");
    if (below === "" || token.subscript.length === 0)
      return { name, subscript: below === "" ? token.subscript : [below] };
  }
  return undefined;
}
