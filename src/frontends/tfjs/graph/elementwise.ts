/** @file Operations on each number by itself, and reductions. */
import { at, range } from "../../../base/assert.ts";
import { rational } from "../../../base/rational.ts";
import { multiplyDims } from "../../../ir/dim.ts";
import type { Node } from "../../../ir/graph.ts";
import { isReal } from "../../../ir/type.ts";
import {
  acosh,
  asinh,
  atanh,
  ceil,
  cosh,
  floor,
  floorQuotient,
  named,
  product,
  remainder,
  round,
  sign,
  sinh,
} from "../../common/formulas.ts";
import { below, channelsLast, pointwise } from "../../common/keras/channels.ts";
import { NotCovered } from "../../common/keras/problem.ts";
import type { Plain } from "../../common/maker.ts";
import { clamp, power, scaled, weightedElu } from "../../common/powers.ts";
import type { Lower, Operation, Rows } from "./operation.ts";

const unary =
  (make: (o: Operation, x: Node) => Node): Lower =>
  (o) =>
    pointwise(o, o.tensor(0), (x) => make(o, x));
const plain = (op: Plain): Lower => unary((o, x) => o.apply(op, [x], {}));

/** Operands with their channels on the second axis, where they are images that were moved, or vectors of channels. */
function lowered(o: Operation, operands: readonly Node[]): Node[] | undefined {
  const image = operands.find((x) => below(x) !== undefined);
  const inner = image && below(image);
  if (image === undefined || inner === undefined) return undefined;
  const { shape } = image.type;
  const laid = operands.map((x) => {
    const own = below(x);
    if (own !== undefined && x.type.shape.length === shape.length) return own;
    if (x.type.shape.length === 0) return x;
    const isVector = x.type.shape.length === 1 && x.type.shape[0] === shape.at(-1);
    return isVector ? o.reshape(x, [...x.type.shape, ...range(shape.length - 2).map(() => 1)]) : undefined;
  });
  return laid.every((x) => x !== undefined) ? laid : undefined;
}
/** An operation of several operands under NumPy's broadcasting. */
export function together(o: Operation, operands: readonly Node[], make: (...operands: Node[]) => Node): Node {
  const inner = lowered(o, operands);
  return inner === undefined ? make(...operands) : channelsLast(o, make(...inner));
}
const binary =
  (make: (o: Operation, x: Node, y: Node) => Node): Lower =>
  (o) =>
    together(o, [o.tensor(0), o.tensor(1)], (x, y) => make(o, x, y));
const choice: Lower = (o) => {
  const [condition, x, y] = [o.tensor(0), o.tensor(1), o.tensor(2)];
  const missing = x.type.shape.length - condition.type.shape.length;
  // Select lays a vector of truths along the first axis, unlike SelectV2.
  const isFirst = o.op === "Select" && condition.type.shape.length === 1 && missing > 0;
  const laid = isFirst
    ? o.reshape(condition, [...condition.type.shape, ...range(missing).map(() => 1)])
    : condition;
  return o.where(laid, x, y);
};

const exp = (o: Operation, x: Node): Node => o.apply("Exp", [x], {});
const neg = (o: Operation, x: Node): Node => o.apply("Neg", [x], {});
const squared = (o: Operation, x: Node): Node => o.apply("Square", [x], {});

/** The constants of Klambauer et al. 2017. */
const seluAlpha = rational(16732632423543772848170429916717n, 10n ** 31n);
const seluScale = rational(10507009873554804934193349852946n, 10n ** 31n);

export const leakyRelu = (o: Operation, x: Node, name: string): Node =>
  o.apply("LeakyRelu", [x], { slope: o.number(name, rational(1, 5)) });
export const prelu = (o: Operation, x: Node, alpha: Node): Node =>
  o.sub(o.apply("Relu", [x], {}), o.mul(alpha, o.apply("Relu", [neg(o, x)], {})));

const cast: Lower = (o) => {
  const [x, dtype] = [o.tensor(0), o.dtype("DstT")];
  if (dtype === "bool") return o.truth(x);
  const made = o.weakCast(x, dtype);
  if (made === undefined || (isReal(x.type.dtype) && !isReal(dtype) && made.op === "Cast"))
    throw new NotCovered("rounding to integers");
  return made;
};

const reduction =
  (make: (o: Operation, x: Node, axes: readonly number[]) => Node): Lower =>
  (o) => {
    const given = o.tensor(0);
    const axes = o.axes(1, given.type.shape.length);
    const shape = given.type.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const inner = below(given);
    const last = given.type.shape.length - 1;
    // The mean of images over space needs no move of the channels.
    const isSpace =
      inner !== undefined && axes.length === last - 1 && !axes.includes(0) && !axes.includes(last);
    const result = isSpace
      ? make(
          o,
          inner,
          range(last - 1).map((i) => i + 2),
        )
      : make(o, given, axes);
    return o.flag("keep_dims") ? o.reshape(result, shape) : result;
  };
const any = (o: Operation, x: Node, axes: readonly number[]): Node =>
  o.less(o.constant(0, "int32"), o.apply("Max", [o.cast(o.truth(x), "int32")], { axes }));

const productOver: Lower = reduction((o, x, axes) => {
  const result = axes.reduce((node, axis) => {
    const size = at(node.type.shape, axis);
    if (typeof size !== "number") throw new NotCovered("a product over a symbolic size");
    return product(o, node, axis, size);
  }, x);
  return o.reshape(
    result,
    x.type.shape.filter((_, axis) => !axes.includes(axis)),
  );
});

const alongLast =
  (op: "Softmax" | "LogSoftmax"): Lower =>
  (o) => {
    const x = o.tensor(0);
    return o.apply(op, [x], { axis: x.type.shape.length - 1 });
  };

const sum = binary((o, x, y) => o.add(x, y));
const quotient = binary((o, x, y) => o.div(x, y));

export const elementwise: Rows = {
  Add: sum,
  AddV2: sum,
  AddN: (o) => o.tensors().reduce((x, y) => together(o, [x, y], (a, b) => o.add(a, b))),
  Sub: binary((o, x, y) => o.sub(x, y)),
  Mul: binary((o, x, y) => o.mul(x, y)),
  RealDiv: quotient,
  Div: quotient,
  Maximum: binary((o, x, y) => o.apply("Maximum", [x, y], {})),
  Minimum: binary((o, x, y) => o.apply("Minimum", [x, y], {})),
  SquaredDifference: binary((o, x, y) => squared(o, o.sub(x, y))),
  Pow: binary(power),
  Neg: unary(neg),
  Abs: plain("Abs"),
  Exp: plain("Exp"),
  Expm1: unary((o, x) => o.sub(exp(o, x), o.like(1, x))),
  Log: plain("Log"),
  Log1p: unary((o, x) => o.apply("Log", [o.add(x, o.like(1, x))], {})),
  Sqrt: plain("Sqrt"),
  Rsqrt: unary((o, x) => o.apply("Reciprocal", [o.apply("Sqrt", [x], {})], {})),
  Square: unary(squared),
  Reciprocal: plain("Reciprocal"),
  Inv: plain("Reciprocal"),
  Sin: plain("Sin"),
  Cos: plain("Cos"),
  Tan: unary((o, x) => o.div(o.apply("Sin", [x], {}), o.apply("Cos", [x], {}))),
  Erf: plain("Erf"),
  Tanh: plain("Tanh"),
  Sigmoid: plain("Sigmoid"),
  Relu: plain("Relu"),
  Relu6: unary((o, x) => clamp(o, x, o.like(0, x), o.like(6, x))),
  Elu: plain("Elu"),
  Selu: unary((o, x) => scaled(o, seluScale, weightedElu(o, x, seluAlpha))),
  Softplus: plain("Softplus"),
  LeakyRelu: unary((o, x) => leakyRelu(o, x, "alpha")),
  Prelu: (o) => together(o, [o.tensor(0), o.tensor(1)], (x, alpha) => prelu(o, x, alpha)),
  ClipByValue: (o) => clamp(o, o.tensor(0), o.tensor(1), o.tensor(2)),
  Sign: unary(sign),
  Floor: unary(floor),
  Ceil: unary(ceil),
  Round: unary(round),
  FloorDiv: binary(floorQuotient),
  FloorMod: binary(remainder),
  Sinh: unary(sinh),
  Cosh: unary(cosh),
  Asinh: unary(asinh),
  Acosh: unary(acosh),
  Atanh: unary(atanh),
  Asin: unary((o, x) => named(o, "asin", x)),
  Acos: unary((o, x) => named(o, "acos", x)),
  Atan: unary((o, x) => named(o, "atan", x)),
  Atan2: binary((o, x, y) => named(o, "atan2", x, y)),
  Less: binary((o, x, y) => o.less(x, y)),
  Greater: binary((o, x, y) => o.less(y, x)),
  LessEqual: binary((o, x, y) => o.not(o.less(y, x))),
  GreaterEqual: binary((o, x, y) => o.not(o.less(x, y))),
  Equal: binary((o, x, y) => o.equal(x, y)),
  NotEqual: binary((o, x, y) => o.not(o.equal(x, y))),
  LogicalAnd: binary((o, x, y) => o.and(x, y)),
  LogicalOr: binary((o, x, y) => o.or(x, y)),
  LogicalNot: unary((o, x) => o.not(x)),
  Select: choice,
  SelectV2: choice,
  Cast: cast,
  Sum: reduction((o, x, axes) => o.apply("Sum", [x], { axes })),
  Mean: reduction((o, x, axes) => o.apply("Mean", [x], { axes })),
  Max: reduction((o, x, axes) => o.apply("Max", [x], { axes })),
  Min: reduction((o, x, axes) => neg(o, o.apply("Max", [neg(o, x)], { axes }))),
  Prod: (o) => {
    const x = o.tensor(0);
    const sizes = o.known(x);
    // Programs multiply sizes to lay axes together.
    if (sizes !== undefined && x.type.shape.length === 1 && !o.flag("keep_dims"))
      return o.size(sizes.reduce(multiplyDims, 1), x.type.dtype);
    return productOver(o);
  },
  Any: reduction(any),
  All: reduction((o, x, axes) => o.not(any(o, o.not(o.truth(x)), axes))),
  Softmax: alongLast("Softmax"),
  LogSoftmax: alongLast("LogSoftmax"),
};
