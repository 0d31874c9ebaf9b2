/** @file Operations of keras.ops in functional models, as the file names them: `Multiply`, `Matmul`, `Mean`. */
import { at, range } from "../../../base/assert.ts";
import { rational } from "../../../base/rational.ts";
import type { Node } from "../../../ir/graph.ts";
import { type Dtype, discreteDtypes, isReal, realDtypes } from "../../../ir/type.ts";
import {
  acosh,
  asinh,
  atanh,
  ceil,
  cosh,
  floor,
  floorQuotient,
  named,
  remainder,
  sign,
  sinh,
  trunc,
} from "../formulas.ts";
import { numberNode } from "../literals.ts";
import type { Plain } from "../maker.ts";
import { power } from "../powers.ts";
import { maximum, minimum } from "./activations.ts";
import { softmaxOver } from "./dense.ts";
import type { Layer, Lower, Rows } from "./layer.ts";
import { NotCovered } from "./problem.ts";
import { isNode, type Value } from "./values.ts";

/** An argument as a tensor; a number has the dtype of the tensor beside it, if that can hold it. */
export function operand(c: Layer, index: number, name: string, like: Node | undefined): Node {
  const given = c.argument(index, name);
  if (given !== undefined && isNode(given)) return given;
  if (typeof given === "number" || typeof given === "boolean") {
    const value = Number(given);
    const dtype = like?.type.dtype ?? "float32";
    const fits = isReal(dtype) || (Number.isInteger(value) && dtype !== "bool");
    const own: Dtype = fits ? dtype : "float32";
    // What was written in Python is a number of double precision.
    return Number.isFinite(value) ? c.constant(c.exact(value), own) : numberNode(c, value, own, {});
  }
  throw new NotCovered(`an argument ${name} that is neither a tensor nor a number`);
}
function pair(c: Layer): [Node, Node] {
  const likes = [c.argument(0, "x1"), c.argument(1, "x2")].find(
    (value) => value !== undefined && isNode(value),
  );
  const like = likes !== undefined && isNode(likes) ? likes : undefined;
  return [operand(c, 0, "x1", like), operand(c, 1, "x2", like)];
}
const binary =
  (make: (c: Layer, x: Node, y: Node) => Node): Lower =>
  (c) =>
    make(c, ...pair(c));
const unary =
  (make: (c: Layer, x: Node) => Node): Lower =>
  (c) =>
    make(c, c.input);
const plain = (op: Plain): Lower => unary((c, x) => c.apply(op, [real(c, x)], {}));
const real = (c: Layer, x: Node): Node => (isReal(x.type.dtype) ? x : c.cast(x, "float32"));

const exp = (c: Layer, x: Node): Node => c.apply("Exp", [real(c, x)], {});
const log = (c: Layer, x: Node): Node => c.apply("Log", [real(c, x)], {});

/** Axes that an operation reduces: all where none is named. */
function reducedAxes(c: Layer, x: Node): number[] {
  const rank = x.type.shape.length;
  return c.config.axes("axis", rank, range(rank));
}
const reduction =
  (make: (c: Layer, x: Node, axes: readonly number[]) => Node): Lower =>
  (c) => {
    const x = c.input;
    const axes = reducedAxes(c, x);
    const result = make(c, x, axes);
    if (!c.config.bool("keepdims", false)) return result;
    return c.reshape(
      result,
      x.type.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)),
    );
  };
const over = (op: "Sum" | "Max" | "Mean"): Lower =>
  reduction((c, x, axes) => c.apply(op, [op === "Mean" ? real(c, x) : x], { axes }));
const variance = (c: Layer, x: Node, axes: readonly number[]): Node =>
  c.apply("Variance", [real(c, x)], { axes, correction: 0 });
const negative = (c: Layer, x: Node): Node => c.apply("Neg", [x], {});
const smallest = reduction((c, x, axes) => negative(c, c.apply("Max", [negative(c, x)], { axes })));
/** Whether one holds: the largest of truths as numbers. */
const any = (c: Layer, x: Node, axes: readonly number[]): Node => {
  const numbers = c.cast(c.truth(x), "int32");
  return c.less(c.constant(0, "int32"), c.apply("Max", [numbers], { axes }));
};
const logSumExp = reduction((c, x, axes) => {
  const [axis, ...more] = axes;
  if (axis === undefined || more.length > 0) throw new NotCovered("logsumexp over several axes");
  return c.apply("LogSumExp", [x], { axis });
});

const powered: Lower = (c) => {
  const [x, y] = pair(c);
  return power(c, real(c, x), y);
};

const clip: Lower = (c) => {
  const x = c.input;
  const bound = (name: string): Node => c.rational(c.config.number(name), x);
  return minimum(c, maximum(c, x, bound("x_min")), bound("x_max"));
};

const where: Lower = (c) => {
  const condition = operand(c, 0, "condition", undefined);
  const given = [c.argument(1, "x1"), c.argument(2, "x2")];
  const like = given.find((value): value is Node => value !== undefined && isNode(value));
  return c.where(c.truth(condition), operand(c, 1, "x1", like), operand(c, 2, "x2", like));
};

export function dtypeNamed(value: Value | undefined): Dtype {
  const name = typeof value === "string" ? value : "";
  const found = [...realDtypes, ...discreteDtypes].find((dtype) => dtype === name);
  if (found !== undefined) return found;
  throw new NotCovered(`the dtype ${name}`);
}
const cast: Lower = (c) => {
  const x = c.input;
  const dtype = dtypeNamed(c.config.text("dtype"));
  if (dtype === "bool") return c.truth(x);
  if (isReal(x.type.dtype) && !isReal(dtype)) throw new NotCovered("rounding to integers");
  return c.cast(x, dtype);
};

const filled = (value: number): Lower =>
  unary((c, x) => {
    const given = c.config.get("dtype");
    const dtype = given === undefined ? x.type.dtype : dtypeNamed(c.config.text("dtype"));
    return c.stretch(c.constant(value, dtype), x.type.shape);
  });

const softmax =
  (op: "Softmax" | "LogSoftmax"): Lower =>
  (c) => {
    const x = real(c, c.input);
    const axes = reducedAxes(c, x);
    if (op === "Softmax") return softmaxOver(c, x, axes);
    return c.apply(op, [x], { axis: at(axes, 0) });
  };

/** x / max(√(sum of squares), ε). */
const normalize: Lower = (c) => {
  const x = c.input;
  if (c.config.int("order", 2) !== 2) throw new NotCovered("a norm of another order");
  const axes = reducedAxes(c, x);
  const epsilon = c.rational(c.config.number("epsilon", rational(1, 10_000_000)), x);
  const squares = c.kept("Sum", c.apply("Square", [x], {}), axes);
  return c.div(x, maximum(c, c.apply("Sqrt", [squares], {}), epsilon));
};

const difference = (c: Layer, x: Node, y: Node): Node => c.sub(x, y);
const quotient = (c: Layer, x: Node, y: Node): Node => c.div(real(c, x), real(c, y));

export const elementwiseOperations: Rows = {
  Add: binary((c, x, y) => c.add(x, y)),
  Subtract: binary(difference),
  Multiply: binary((c, x, y) => c.mul(x, y)),
  Divide: binary(quotient),
  TrueDivide: binary(quotient),
  Maximum: binary(maximum),
  Minimum: binary(minimum),
  Less: binary((c, x, y) => c.less(x, y)),
  Greater: binary((c, x, y) => c.less(y, x)),
  LessEqual: binary((c, x, y) => c.not(c.less(y, x))),
  GreaterEqual: binary((c, x, y) => c.not(c.less(x, y))),
  Equal: binary((c, x, y) => c.equal(x, y)),
  NotEqual: binary((c, x, y) => c.not(c.equal(x, y))),
  LogicalAnd: binary((c, x, y) => c.and(c.truth(x), c.truth(y))),
  LogicalOr: binary((c, x, y) => c.or(c.truth(x), c.truth(y))),
  LogicalNot: unary((c, x) => c.not(c.truth(x))),
  Power: powered,
  Negative: unary(negative),
  Absolute: plain("Abs"),
  Abs: plain("Abs"),
  Exp: plain("Exp"),
  Log: plain("Log"),
  Sqrt: plain("Sqrt"),
  Square: unary((c, x) => c.apply("Square", [x], {})),
  Sin: plain("Sin"),
  Cos: plain("Cos"),
  Erf: plain("Erf"),
  Tanh: plain("Tanh"),
  Reciprocal: plain("Reciprocal"),
  Rsqrt: unary((c, x) => c.apply("Reciprocal", [c.apply("Sqrt", [real(c, x)], {})], {})),
  Expm1: unary((c, x) => c.sub(exp(c, x), c.integer(1, real(c, x)))),
  Log1p: unary((c, x) => log(c, c.add(x, c.integer(1, x)))),
  Log2: unary((c, x) => c.div(log(c, x), log(c, c.integer(2, real(c, x))))),
  Log10: unary((c, x) => c.div(log(c, x), log(c, c.integer(10, real(c, x))))),
  Tan: unary((c, x) => c.div(c.apply("Sin", [x], {}), c.apply("Cos", [x], {}))),
  Sinh: unary((c, x) => sinh(c, real(c, x))),
  Cosh: unary((c, x) => cosh(c, real(c, x))),
  Arcsinh: unary((c, x) => asinh(c, real(c, x))),
  Arccosh: unary((c, x) => acosh(c, real(c, x))),
  Arctanh: unary((c, x) => atanh(c, real(c, x))),
  Arcsin: unary((c, x) => named(c, "asin", real(c, x))),
  Arccos: unary((c, x) => named(c, "acos", real(c, x))),
  Arctan: unary((c, x) => named(c, "atan", real(c, x))),
  Arctan2: binary((c, x, y) => named(c, "atan2", real(c, x), real(c, y))),
  Floor: unary(floor),
  Ceil: unary(ceil),
  Trunc: unary(trunc),
  Mod: binary(remainder),
  FloorDivide: binary(floorQuotient),
  Sign: unary(sign),
  Clip: clip,
  Where: where,
  Cast: cast,
  StopGradient: unary((c, x) => c.apply("StopGradient", [x], {})),
  Copy: unary((_, x) => x),
  ConvertToTensor: unary((_, x) => x),
  OnesLike: filled(1),
  ZerosLike: filled(0),
  Sum: over("Sum"),
  Mean: over("Mean"),
  Max: over("Max"),
  Amax: over("Max"),
  Min: smallest,
  Amin: smallest,
  Any: reduction(any),
  All: reduction((c, x, axes) => c.not(any(c, c.not(c.truth(x)), axes))),
  Var: reduction(variance),
  Std: reduction((c, x, axes) => c.apply("Sqrt", [variance(c, x, axes)], {})),
  Logsumexp: logSumExp,
  Softmax: softmax("Softmax"),
  LogSoftmax: softmax("LogSoftmax"),
  Normalize: normalize,
};
