/**
 * @file Sizes as torch.export writes them: integers, or SymPy's srepr such as
 * `Add(Symbol('s27', positive=True, integer=True), Integer(1))`.
 */
import { addDims, type Dim, multiplyDims, symbol } from "../../ir/dim.ts";
import type { SymbolicInteger } from "./schema.ts";

/** A size that is not a polynomial: `FloorDiv(…)`, `Max(…)`. */
export class NotPolynomial extends Error {}

const token = /\s*([A-Za-z_]\w*|-?\d+|'[^']*'|[(),=])/y;
const depthLimit = 64;

class Expression {
  readonly #tokens: readonly string[];
  #position = 0;

  constructor(text: string) {
    const tokens: string[] = [];
    token.lastIndex = 0;
    while (token.lastIndex < text.length) {
      const match = token.exec(text);
      if (match?.[1] === undefined) throw new NotPolynomial(text);
      tokens.push(match[1]);
    }
    this.#tokens = tokens;
  }

  whole(): Dim {
    const dim = this.#dim(0);
    if (this.#position !== this.#tokens.length) throw new NotPolynomial(this.#tokens.join(""));
    return dim;
  }

  #dim(depth: number): Dim {
    const head = this.#next();
    if (depth > depthLimit) throw new NotPolynomial(head);
    this.#expect("(");
    if (head === "Integer") return this.#closed(this.#integer());
    if (head === "Symbol") return this.#symbol();
    if (head === "Add") return this.#operands(depth).reduce(addDims, 0);
    if (head === "Mul") return this.#operands(depth).reduce(multiplyDims, 1);
    if (head === "Pow") return this.#power(depth);
    throw new NotPolynomial(head);
  }

  #symbol(): Dim {
    const name = /^'([A-Za-z_]\w*)'$/.exec(this.#next())?.[1];
    if (name === undefined) throw new NotPolynomial("Symbol");
    // Assumptions about the symbol, which don't change its meaning: `, positive=True, integer=True`.
    while (this.#peek() !== ")") this.#next();
    return this.#closed(symbol(name));
  }

  #power(depth: number): Dim {
    const [base, exponent] = this.#operands(depth);
    if (base === undefined || typeof exponent !== "number" || exponent < 0 || exponent > 8) {
      throw new NotPolynomial("Pow");
    }
    return Array.from({ length: exponent }, () => base).reduce<Dim>(multiplyDims, 1);
  }

  #operands(depth: number): Dim[] {
    const operands = [this.#dim(depth + 1)];
    while (this.#peek() === ",") {
      this.#next();
      operands.push(this.#dim(depth + 1));
    }
    return this.#closed(operands);
  }

  #integer(): number {
    const value = Number(this.#next());
    if (!Number.isSafeInteger(value)) throw new NotPolynomial("Integer");
    return value;
  }

  #closed<T>(value: T): T {
    this.#expect(")");
    return value;
  }

  #expect(wanted: string): void {
    if (this.#next() !== wanted) throw new NotPolynomial(this.#tokens.join(""));
  }

  #peek(): string {
    const text = this.#tokens[this.#position];
    if (text === undefined) throw new NotPolynomial(this.#tokens.join(""));
    return text;
  }

  #next(): string {
    const text = this.#peek();
    this.#position++;
    return text;
  }
}

/** Sums of products of names and integers, as PyTorch wrote sizes before 2.6: `2*s0 + 1`, `s0**2`. */
function plainDim(text: string): Dim {
  const factor = (word: string): Dim => {
    const [, name, integer, power] = /^\s*(?:([A-Za-z_]\w*)|(\d+))(?:\*\*([1-8]))?\s*$/.exec(word) ?? [];
    const base = name === undefined ? Number(integer) : symbol(name);
    if (typeof base === "number" && !Number.isSafeInteger(base)) throw new NotPolynomial(text);
    return Array.from({ length: Number(power ?? 1) }, () => base).reduce<Dim>(multiplyDims, 1);
  };
  const terms = text.replaceAll(/\s/g, "").split(/(?<=.)(?=[+-])/);
  return terms
    .map((term) => {
      const sign = term.startsWith("-") ? -1 : 1;
      const factors = term.replace(/^[+-]/, "").split(/(?<!\*)\*(?!\*)/);
      return factors.map(factor).reduce<Dim>(multiplyDims, sign);
    })
    .reduce<Dim>(addDims, 0);
}

/** The dim of a size. Throws NotPolynomial on every other expression. */
export function parseDim(size: SymbolicInteger): Dim {
  if ("as_expr" in size) {
    const text = size.as_expr.expr_str;
    return text.includes("(") ? new Expression(text).whole() : plainDim(text);
  }
  const value = Number(size.as_int);
  if (!Number.isSafeInteger(value)) throw new NotPolynomial(String(size.as_int));
  return value;
}
