/** @file Expressions of numbers only, which are computed exactly while reading. */
import { assertNever } from "../base/assert.ts";
import { add, invert, isInteger, multiply, negate, one, type Rational, rational } from "../base/rational.ts";
import { symbol } from "../ir/dim.ts";
import type { Scope } from "./scope.ts";
import { sizeFrom } from "./sizes.ts";
import type { Expression } from "./syntax.ts";

/** Larger numbers than this are left to the graph. */
const mostDigits = 1000;
const largestPower = 1000n;

/** The exact values of constant expressions, each computed once. */
export class Constants {
  readonly #scope: Scope;
  readonly #known = new WeakMap<Expression, Rational | "none">();

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  /** The value, or `undefined` for an expression that has none. */
  of(expression: Expression): Rational | undefined {
    const known = this.#known.get(expression) ?? bounded(this.#compute(expression)) ?? "none";
    this.#known.set(expression, known);
    return known === "none" ? undefined : known;
  }

  #compute(expression: Expression): Rational | undefined {
    switch (expression.kind) {
      case "number":
        return expression.value;
      case "name":
        return this.#named(expression.name);
      case "negation":
        return mapped(this.of(expression.operand), negate);
      case "infix": {
        const left = this.of(expression.left);
        const right = left === undefined ? undefined : this.of(expression.right);
        return left === undefined || right === undefined
          ? undefined
          : combined(expression.operator, left, right);
      }
      case "power": {
        const [base, exponent] = [this.of(expression.base), this.of(expression.exponent)];
        return base === undefined || exponent === undefined ? undefined : power(base, exponent);
      }
      case "letter":
      case "transpose":
      case "call":
      case "use":
      case "index":
      case "list":
      case "option":
        return undefined;
      default:
        return assertNever(expression);
    }
  }

  #named(name: string): Rational | undefined {
    const size = this.#scope.sizeNames.has(name) ? this.#scope.dim(sizeFrom(symbol(name))) : undefined;
    return typeof size === "number" ? rational(size) : this.#scope.constant(name);
  }
}

const mapped = (value: Rational | undefined, f: (value: Rational) => Rational): Rational | undefined =>
  value === undefined ? undefined : f(value);

function bounded(value: Rational | undefined): Rational | undefined {
  if (value === undefined) return undefined;
  const digits = value.numerator.toString(16).length + value.denominator.toString(16).length;
  return digits > mostDigits ? undefined : value;
}

function combined(operator: string, left: Rational, right: Rational): Rational | undefined {
  switch (operator) {
    case "+":
      return add(left, right);
    case "-":
      return add(left, negate(right));
    case "*":
    case ".":
    case "juxtaposed":
      return multiply(left, right);
    case "/":
      return right.numerator === 0n ? undefined : multiply(left, invert(right));
    default:
      return undefined;
  }
}

function power(base: Rational, exponent: Rational): Rational | undefined {
  const size = exponent.numerator < 0n ? -exponent.numerator : exponent.numerator;
  const digits = BigInt(base.numerator.toString(16).length + base.denominator.toString(16).length);
  if (!isInteger(exponent) || size > largestPower || size * digits > BigInt(4 * mostDigits)) return undefined;
  if (exponent.numerator < 0n && base.numerator === 0n) return undefined;
  const raised = size === 0n ? one : rational(base.numerator ** size, base.denominator ** size);
  return exponent.numerator < 0n ? invert(raised) : raised;
}
