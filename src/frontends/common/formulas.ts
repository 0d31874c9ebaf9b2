/** @file Functions of numbers that follow from those of the operator table, as the formulas that define them. */
import type { FunctionName } from "../../base/functions.ts";
import { rational } from "../../base/rational.ts";
import type { Node } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import type { Maker } from "./maker.ts";

const exp = (make: Maker, x: Node): Node => make.apply("Exp", [x], {});
const log = (make: Maker, x: Node): Node => make.apply("Log", [x], {});
const abs = (make: Maker, x: Node): Node => make.apply("Abs", [x], {});
const neg = (make: Maker, x: Node): Node => make.apply("Neg", [x], {});
const sqrt = (make: Maker, x: Node): Node => make.apply("Sqrt", [x], {});
const square = (make: Maker, x: Node): Node => make.mul(x, x);
const like = (make: Maker, x: Node, value: number): Node =>
  make.constant(value, isReal(x.type.dtype) ? x.type.dtype : "float32");
const half = (make: Maker, x: Node): Node =>
  make.mul(make.constant(rational(1, 2), like(make, x, 0).type.dtype), x);

/** A function that is known by its name. */
export const named = (make: Maker, name: FunctionName, ...args: readonly Node[]): Node =>
  make.apply("Function", args, { name });

/** Integers are their own integer part. */
const ofReals =
  (formula: (make: Maker, x: Node) => Node) =>
  (make: Maker, x: Node): Node =>
    isReal(x.type.dtype) ? formula(make, x) : x;
export const floor: (make: Maker, x: Node) => Node = ofReals((make, x) => named(make, "floor", x));
export const ceil: (make: Maker, x: Node) => Node = ofReals((make, x) =>
  neg(make, named(make, "floor", neg(make, x))),
);
export const round: (make: Maker, x: Node) => Node = ofReals((make, x) => named(make, "round", x));
/** Towards zero. */
export const trunc: (make: Maker, x: Node) => Node = ofReals((make, x) =>
  make.where(make.less(x, like(make, x, 0)), ceil(make, x), floor(make, x)),
);

/** x / y rounded down; of integers the quotient that the operator table has. */
export function floorQuotient(make: Maker, x: Node, y: Node): Node {
  if (isReal(x.type.dtype) || isReal(y.type.dtype)) return floor(make, make.div(x, y));
  return make.apply("Quotient", [x, y], {});
}
/** x / y rounded towards zero. */
export function truncatedQuotient(make: Maker, x: Node, y: Node): Node {
  if (isReal(x.type.dtype) || isReal(y.type.dtype)) return trunc(make, make.div(x, y));
  const size = make.apply("Quotient", [abs(make, x), abs(make, y)], {});
  return make.mul(make.mul(sign(make, x), sign(make, y)), size);
}
/** What x leaves when it is divided by y: with the sign of y, as Python's %, or with the sign of x, as C's. */
export const remainder = (make: Maker, x: Node, y: Node): Node =>
  make.sub(x, make.mul(y, floorQuotient(make, x, y)));
export const truncatedRemainder = (make: Maker, x: Node, y: Node): Node =>
  make.sub(x, make.mul(y, truncatedQuotient(make, x, y)));

/** −1, 0 or 1. */
export function sign(make: Maker, x: Node): Node {
  const zero = make.constant(0, x.type.dtype);
  const dtype = x.type.dtype === "bool" ? "int64" : x.type.dtype;
  return make.sub(make.cast(make.less(zero, x), dtype), make.cast(make.less(x, zero), dtype));
}

// Hyperbolic functions and their inverses.

export const sinh = (make: Maker, x: Node): Node =>
  half(make, make.sub(exp(make, x), exp(make, neg(make, x))));
export const cosh = (make: Maker, x: Node): Node =>
  half(make, make.add(exp(make, x), exp(make, neg(make, x))));
/** sign(x) log(|x| + √(x² + 1)), which is odd. */
export function asinh(make: Maker, x: Node): Node {
  const size = abs(make, x);
  const root = sqrt(make, make.add(square(make, x), like(make, x, 1)));
  return make.mul(sign(make, x), log(make, make.add(size, root)));
}
export const acosh = (make: Maker, x: Node): Node =>
  log(make, make.add(x, sqrt(make, make.sub(square(make, x), like(make, x, 1)))));
export function atanh(make: Maker, x: Node): Node {
  const one = like(make, x, 1);
  return half(make, log(make, make.div(make.add(one, x), make.sub(one, x))));
}

// What is not a number, or not finite.

const negativeInfinity = (make: Maker, x: Node): Node =>
  make.apply("NamedConstant", [], { name: "negative infinity", dtype: like(make, x, 0).type.dtype });
export const isNegativeInfinity = (make: Maker, x: Node): Node => make.equal(x, negativeInfinity(make, x));
export const isPositiveInfinity = (make: Maker, x: Node): Node =>
  make.equal(x, neg(make, negativeInfinity(make, x)));
export const isInfinite = (make: Maker, x: Node): Node =>
  make.equal(abs(make, x), neg(make, negativeInfinity(make, x)));
/** Only NaN differs from itself. */
export const isNotANumber = (make: Maker, x: Node): Node => make.not(make.equal(x, x));
export const isFinite = (make: Maker, x: Node): Node =>
  make.less(abs(make, x), neg(make, negativeInfinity(make, x)));

// Products, which the operator table has of two numbers only.

/** The product along an axis of known size, halves at a time; the axis stays, with size 1. */
export function product(make: Maker, x: Node, axis: number, size: number): Node {
  if (size === 0) {
    const shape = x.type.shape.with(axis, 1);
    return make.stretch(make.constant(1, x.type.dtype), shape);
  }
  if (size === 1) return x;
  const middle = Math.floor(size / 2);
  const multiplied = make.mul(make.slice(x, axis, 0, middle), make.slice(x, axis, middle, 2 * middle));
  const rest = size % 2 === 0 ? [] : [make.slice(x, axis, size - 1, size)];
  return product(make, make.concat([multiplied, ...rest], axis), axis, middle + rest.length);
}

/** Products of all elements up to each one along an axis of known size (Hillis and Steele 1986). */
export function runningProduct(make: Maker, x: Node, axis: number, size: number): Node {
  let result = x;
  for (let reach = 1; reach < size; reach *= 2) {
    const multiplied = make.mul(
      make.slice(result, axis, reach, size),
      make.slice(result, axis, 0, size - reach),
    );
    result = make.concat([make.slice(result, axis, 0, reach), multiplied], axis);
  }
  return result;
}
