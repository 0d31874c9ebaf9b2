/** @file Expressions, by recursive descent and precedence climbing. */
import { quoted } from "../diag/diagnostic.ts";
import type { Cursor } from "./cursor.ts";
import { functionName, functionNames, takesOptions, takesProduct, takesWholes } from "./functions.ts";
import { Grouping, isClosing } from "./grouping.ts";
import { parseIndex } from "./indices.ts";
import { modelUsed } from "./library.ts";
import { numberValue, parseSize, type Size } from "./sizes.ts";
import { type Position, suggestion } from "./source.ts";
import { calledFunction, type Subscripted, subscripted } from "./subscripts.ts";
import {
  type Bounds,
  type Comparison,
  type Expression,
  type IndexItem,
  type Infix,
  partsOfIndex,
} from "./syntax.ts";
import type { Token } from "./tokens.ts";

/** What a name in an expression may be. */
export interface Names {
  /** Tensors, constants: what stands alone as a value. */
  readonly values: ReadonlySet<string>;
  readonly sizes: ReadonlySet<string>;
  /** Models that can be used as functions. */
  readonly models: ReadonlySet<string>;
  /** Indices of the equation. */
  readonly letters: ReadonlySet<string>;
  /** What the axes of a tensor are called, if they have names. */
  axes(name: string): readonly string[] | undefined;
}

const comparisons: ReadonlySet<string> = new Set(["<", "<=", ">", ">=", "==", "!="] satisfies Comparison[]);
const isComparison = (operator: Infix): operator is Comparison => comparisons.has(operator);

/** How tightly operators bind. */
const strength: Readonly<Record<Infix, number>> = {
  or: 1,
  and: 2,
  "<": 3,
  "<=": 3,
  ">": 3,
  ">=": 3,
  "==": 3,
  "!=": 3,
  "+": 4,
  "-": 4,
  "*": 6,
  "/": 6,
  ".": 7,
  juxtaposed: 8,
};
/** A sign takes the product behind it. */
const signStrength = 6;
const loosest = 1;
const isInfix = (text: string): text is Infix => Object.hasOwn(strength, text);

/** Reads everything that the cursor has as one expression. */
export function parseExpression(cursor: Cursor, names: Names): Expression {
  return new Parser(cursor, names).whole();
}

class Parser {
  readonly #cursor: Cursor;
  readonly #names: Names;
  readonly #grouping: Grouping;

  constructor(cursor: Cursor, names: Names) {
    [this.#cursor, this.#names, this.#grouping] = [cursor, names, new Grouping(cursor)];
  }

  whole(): Expression {
    const expression = this.#expression();
    const token = this.#cursor.peek();
    if (token === undefined) return expression;
    if (isClosing(token)) throw this.#grouping.unbalanced(token, "opens");
    throw this.#cursor.unexpected("an operator or the end of the equation");
  }

  #expression(): Expression {
    return this.#chain(loosest);
  }

  /** Operands and the operators between them that bind at least so tightly. */
  #chain(weakest: number): Expression {
    let left = this.#signed(weakest);
    let compares = false;
    for (;;) {
      const operator = this.#operator();
      if (operator === undefined || strength[operator] < weakest) return left;
      if (compares && isComparison(operator)) throw this.#cursor.unexpected("`and` between two comparisons");
      compares = isComparison(operator);
      const { position } = this.#cursor;
      if (operator !== "juxtaposed") this.#cursor.next();
      left = this.#grouping.combine(operator, left, this.#chain(strength[operator] + 1), position);
    }
  }

  #signed(weakest: number): Expression {
    const sign = this.#cursor.accept("-");
    if (sign === undefined) return this.#postfix();
    return this.#grouping.negation(
      sign,
      this.#grouping.nested(() => this.#chain(Math.max(weakest, signStrength))),
    );
  }

  /** The operator that stands here; between two operands without one it is juxtaposition. */
  #operator(): Infix | undefined {
    const token = this.#cursor.peek();
    if (token === undefined) return undefined;
    if (token.text === "×") return "*";
    // Inside brackets `=` can only compare.
    if (token.text === "=" && this.#grouping.isInside) return "==";
    if (isInfix(token.text) && token.kind !== "number" && token.text !== "juxtaposed") return token.text;
    return this.#beginsOperand(token) ? "juxtaposed" : undefined;
  }

  #beginsOperand(token: Token): boolean {
    if (token.kind !== "symbol") return ["name", "number", "fraction"].includes(token.kind);
    const isBar = token.text === "|" || token.text === "‖";
    return token.text === "(" || token.text === "{" || (isBar && !this.#grouping.isInsideBars);
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

  #index(tensor: Expression, open: Token): Expression {
    const items = this.#grouping.bracketed(open, "]", () =>
      this.#separated(() => parseIndex(this.#grouping, () => this.#expression(), this.#names.axes)),
    );
    const inside = items.flatMap(partsOfIndex);
    return this.#grouping.make(open, { kind: "index", tensor, items }, [tensor, ...inside]);
  }

  #power(base: Expression, caret: Token): Expression {
    this.#cursor.next();
    const grouped = this.#cursor.sees("{") && this.#cursor.sees("T", 1) && this.#cursor.sees("}", 2);
    if (this.#cursor.sees("T") || grouped) {
      for (let count = grouped ? 3 : 1; count > 0; count--) this.#cursor.next();
      return this.#grouping.make(caret, { kind: "transpose", operand: base }, [base]);
    }
    const sign = this.#cursor.accept("-");
    const operand = this.#operand();
    const exponent = sign === undefined ? operand : this.#grouping.negation(sign, operand);
    return this.#grouping.make(caret, { kind: "power", base, exponent }, [base, exponent]);
  }

  #operand(): Expression {
    const token = this.#cursor.peek();
    if (token?.kind === "name") return this.#name(token);
    if (token?.kind === "number") {
      this.#cursor.next();
      return this.#grouping.make(token, { kind: "number", value: numberValue(this.#cursor, token) }, []);
    }
    if (token?.kind === "fraction") return this.#fraction(token);
    if (token?.kind === "symbol") {
      if (token.text === "(") return this.#group(token, ")");
      if (token.text === "{") return this.#group(token, "}");
      if (token.text === "[") return this.#list(token);
      if (token.text === "|") return this.#between(token, "abs");
      if (token.text === "‖") return this.#between(token, "norm");
      if (isClosing(token) && !this.#grouping.isInside) throw this.#grouping.unbalanced(token, "opens");
    }
    throw this.#cursor.unexpected("a value: a name, a number or a bracket");
  }

  #group(open: Token, close: string): Expression {
    return { ...this.#grouping.bracketed(open, close, () => this.#expression()), grouped: true };
  }

  #fraction(token: Token): Expression {
    this.#cursor.next();
    const [above, below] = this.#grouping.nested(() => [this.#operand(), this.#operand()] as const);
    return this.#grouping.combine("/", above, below, token);
  }

  #list(open: Token): Expression {
    const items = this.#grouping.bracketed(open, "]", () =>
      this.#cursor.sees("]") ? [] : this.#separated(() => this.#expression()),
    );
    return this.#grouping.make(open, { kind: "list", items }, items);
  }

  #between(bar: Token, name: string): Expression {
    const inside = this.#grouping.bracketed(bar, bar.text, () => this.#expression());
    return this.#call(bar, name, [], [inside]);
  }

  #separated<T>(item: () => T): T[] {
    const items = [item()];
    while (this.#cursor.accept(",") !== undefined) items.push(item());
    return items;
  }

  #call(
    position: Position,
    name: string,
    subscript: readonly string[],
    args: readonly Expression[],
    bounds?: Bounds,
  ): Expression {
    return this.#grouping.make(position, { kind: "call", name, subscript, args, bounds }, args);
  }

  #name(token: Token): Expression {
    const { values, sizes, letters, models } = this.#names;
    const model = modelUsed(models, token, this.#cursor.peek(1));
    if (model !== undefined) return this.#use(token, model);
    if (token.subscript.length === 0 && (values.has(token.text) || sizes.has(token.text))) {
      this.#cursor.next();
      const axes = this.#cursor.sees("[") ? undefined : this.#names.axes(token.text);
      if (axes !== undefined) {
        if (this.#cursor.sees("{") && this.#cursor.peek()?.gap === 0)
          throw this.#cursor.unexpected("the name alone, or other indices in brackets: `x[…]`");
        return this.#indexedBy(token, token.text, axes);
      }
      return this.#grouping.make(token, { kind: "name", name: token.text }, []);
    }
    if (letters.has(token.text) && !this.#cursor.sees("(", 1)) {
      this.#cursor.next();
      return this.#grouping.make(token, { kind: "letter", name: token.text }, []);
    }
    const isCalled = this.#cursor.sees("(", 1) && functionName(token.text) !== undefined;
    const indexed = isCalled ? undefined : subscripted(token, (name) => values.has(name));
    if (indexed !== undefined) return this.#subscripted(token, indexed);
    const called = calledFunction(token);
    if (called === undefined) throw this.#unknown(token);
    this.#cursor.next();
    return this.#application(token, called.name, called.subscript);
  }

  #use(token: Token, model: string): Expression {
    this.#cursor.next();
    const open = this.#cursor.peek() ?? token;
    const argument = (): Expression => this.#option() ?? this.#whole();
    const args = this.#grouping.bracketed(open, ")", () => this.#separated(argument));
    return this.#grouping.make(token, { kind: "use", model, written: token.text, args }, args);
  }

  #subscripted(token: Token, { name, indices }: Subscripted): Expression {
    this.#cursor.next();
    return this.#indexedBy(token, name, indices);
  }

  #indexedBy(token: Token, name: string, indices: readonly string[]): Expression {
    const { line, column } = token;
    const items = indices.map(
      (index): IndexItem => ({ kind: "letter", name: index, position: { line, column } }),
    );
    const tensor = this.#grouping.make(token, { kind: "name", name }, []);
    return this.#grouping.make(token, { kind: "index", tensor, items }, [tensor]);
  }

  /** `f(x, y)`, `f_k (x) y` or `f x`: the arguments of a function. */
  #application(token: Token, name: string, subscript: readonly string[]): Expression {
    const open = this.#cursor.peek();
    const isPrefix = (token.prefix && subscript.length > 0) || (takesProduct(name) && (open?.gap ?? 0) > 0);
    if (open?.text === "(" && !isPrefix) {
      const value = takesWholes(name)
        ? (): Expression => this.#whole()
        : (): Expression => this.#expression();
      const argument = takesOptions(name) ? (): Expression => this.#option() ?? value() : value;
      const args = this.#grouping.bracketed(open, ")", () => this.#separated(argument));
      return this.#call(token, name, subscript, args);
    }
    const bounds = this.#bounds(token);
    const operand = this.#grouping.nested(() =>
      takesProduct(name) ? this.#chain(signStrength) : this.#postfix(),
    );
    return this.#call(token, name, subscript, [operand], bounds);
  }

  /** An argument that is a whole tensor: a name alone is the tensor with its axes in their places. */
  #whole(): Expression {
    const token = this.#cursor.peek();
    const isAlone = this.#cursor.sees(",", 1) || this.#cursor.sees(")", 1);
    if (token === undefined || !isAlone || this.#names.axes(token.text) === undefined)
      return this.#expression();
    this.#cursor.next();
    return this.#grouping.make(token, { kind: "name", name: token.text }, []);
  }

  /** `stride = 2`. */
  #option(): Expression | undefined {
    const token = this.#cursor.peek();
    if (token?.kind !== "name" || !this.#cursor.sees("=", 1)) return undefined;
    this.#cursor.next();
    this.#cursor.next();
    const value = this.#expression();
    return this.#grouping.make(token, { kind: "option", name: token.text, value }, [value]);
  }

  /** What stands above and below a sum sign. */
  #bounds(token: Token): Bounds | undefined {
    if (token.lower === undefined) return undefined;
    this.#cursor.expect("^", "and the upper bound of the sum");
    const open = this.#cursor.peek();
    const upper: Size =
      open?.text === "{"
        ? this.#grouping.bracketed(open, "}", () => parseSize(this.#cursor, "whole"))
        : parseSize(this.#cursor, "one factor");
    return { lower: token.lower, upper };
  }

  #unknown(token: Token): Error {
    const { source } = this.#cursor;
    const open = this.#cursor.peek(1);
    const isCall = open?.text === "(" && open.gap === 0 && token.text.length > 1;
    const known = isCall ? functionNames : [...this.#names.values, ...this.#names.sizes];
    const isDotted = token.text.split(".").every((part) => this.#names.values.has(part));
    const action = isDotted
      ? "write spaces around the dot of an inner product"
      : suggestion(token.text, known);
    const below = token.subscript.length === 0 ? "" : `_{${token.subscript.join(",")}}`;
    const got = `\`${quoted(token.text + below)}\``;
    return isCall
      ? source.wrong("A3009", token, got, "a function of the notation, or a declared symbol", action)
      : source.wrong(
          "A3008",
          token,
          got,
          "a symbol that the signature, an equation or the where list names",
          action,
        );
  }
}
