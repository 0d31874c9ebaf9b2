/** @file ONNX operators that reduce or run along axes: sums, norms, softmax, order, normalisation. */
import { at, range } from "../../base/assert.ts";
import { type Rational, rational } from "../../base/rational.ts";
import { type Dim, elementCount, exactQuotient } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import { product, runningProduct } from "../common/formulas.ts";
import { first, numbersAlong } from "../common/order.ts";
import { reversed } from "../common/padding.ts";
import { numberLike } from "../common/powers.ts";
import type { Call, Lower, Rows } from "./call.ts";
import { NotCovered } from "./contradiction.ts";

const rankOf = (x: Node): number => x.type.shape.length;
const unit = (x: Node, axes: readonly number[]): readonly Dim[] =>
  x.type.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));

type Reduce = (c: Call, x: Node, axes: readonly number[]) => Node;

/** Axes are all of them where none are given, unless the operator is told to do nothing then. */
const reduction =
  (reduce: Reduce, before: (c: Call, x: Node) => Node = (_, x) => x): Lower =>
  (c) => {
    const x = before(c, c.input(0));
    const given = c.axesOf("axes", 1) ?? [];
    if (given.length === 0 && c.flag("noop_with_empty_axes")) return reduce(c, x, []);
    const axes = given.length === 0 ? range(rankOf(x)) : c.axes(given, rankOf(x));
    const reduced = c.cast(reduce(c, x, axes), x.type.dtype);
    return c.flag("keepdims", true) ? c.reshape(reduced, unit(x, axes)) : reduced;
  };

const sum: Reduce = (c, x, axes) => c.apply("Sum", [x], { axes });
const square = (c: Call, x: Node): Node => c.mul(x, x);
const absolute = (c: Call, x: Node): Node => c.apply("Abs", [x], {});
const isEmpty = (x: Node, axes: readonly number[]): boolean => axes.some((axis) => x.type.shape[axis] === 0);

/** Of nothing the smallest number that the dtype has. */
const maximum: Reduce = (c, x, axes) => {
  if (x.type.dtype === "bool")
    return c.not(c.equal(sum(c, c.cast(x, "int64"), axes), c.constant(0, "int64")));
  if (!isEmpty(x, axes) || !isReal(x.type.dtype)) return c.apply("Max", [x], { axes });
  const lowest = c.apply("NamedConstant", [], { name: "negative infinity", dtype: x.type.dtype });
  return c.stretch(
    lowest,
    x.type.shape.filter((_, axis) => !axes.includes(axis)),
  );
};
const minimum: Reduce = (c, x, axes) => {
  if (x.type.dtype === "bool") return c.not(maximum(c, c.not(x), axes));
  const negative = (value: Node): Node => c.apply("Neg", [value], {});
  return negative(maximum(c, negative(x), axes));
};
const productOver: Reduce = (c, x, axes) => {
  const kept = axes.reduce(
    (node, axis) => product(c, node, axis, c.concrete(at(node.type.shape, axis), "a product")),
    x,
  );
  return c.reshape(
    kept,
    x.type.shape.filter((_, axis) => !axes.includes(axis)),
  );
};
const logSum: Reduce = (c, x, axes) => c.apply("Log", [sum(c, x, axes)], {});
const logSumExp: Reduce = (c, x, axes) => {
  const [axis, ...others] = axes;
  if (axis === undefined) return x;
  if (others.length === 0 && !isEmpty(x, axes)) return c.apply("LogSumExp", [x], { axis });
  if (isEmpty(x, axes)) return logSum(c, c.apply("Exp", [x], {}), axes);
  const kept = range(rankOf(x)).filter((own) => !axes.includes(own));
  const dims = kept.map((own) => at(x.type.shape, own));
  const rows = c.reshape(c.transpose(x, [...kept, ...axes]), [
    ...dims,
    elementCount(axes.map((own) => at(x.type.shape, own))),
  ]);
  return c.apply("LogSumExp", [rows], { axis: kept.length });
};
const real = (c: Call, x: Node): Node => (isReal(x.type.dtype) ? x : c.cast(x, "float64"));

// Softmax and its like

/** Before version 13 the axes from `axis` on were one. */
const softmax =
  (op: "Softmax" | "LogSoftmax"): Lower =>
  (c) => {
    const x = c.input(0);
    if (c.version >= 13) return c.apply(op, [x], { axis: c.axis("axis", rankOf(x), -1) });
    const axis = c.axis("axis", rankOf(x), 1);
    if (axis === rankOf(x) - 1) return c.apply(op, [x], { axis });
    const flat = c.reshape(x, [...x.type.shape.slice(0, axis), elementCount(x.type.shape.slice(axis))]);
    return c.reshape(c.apply(op, [flat], { axis }), x.type.shape);
  };
const hardmax: Lower = (c) => {
  const x = c.input(0);
  const axis = c.axis("axis", rankOf(x), c.version >= 13 ? -1 : 1);
  const rank = c.apply("Rank", [x], { axis });
  return c.cast(c.equal(rank, c.constant(0, "int64")), x.type.dtype);
};

// Order

/** Of equals the first, or the last where that is asked for. */
const place =
  (isLargest: boolean): Lower =>
  (c) => {
    const given = c.input(0);
    const axis = c.axis("axis", rankOf(given), 0);
    const isLast = c.flag("select_last_index");
    const x = isLast ? reversed(c, given, axis) : given;
    const places = c.reshape(first(c, x, axis, 1, isLargest).places, unit(x, [axis]));
    const last = c.concrete(at(x.type.shape, axis), "a place from the end") - 1;
    const counted = isLast ? c.sub(c.constant(last, "int64"), places) : places;
    return c.flag("keepdims", true) ? counted : c.reshape(counted, x.type.shape.toSpliced(axis, 1));
  };
const topK: Lower = (c) => {
  const x = c.input(0);
  const axis = c.axis("axis", rankOf(x), -1);
  const k = at(c.dims(c.input(1), "the number of elements"), 0);
  const { values, places } = first(c, x, axis, k, c.flag("largest", true));
  return [values, places];
};

// Running sums and products

/** Each element's sum with all before it: the product with a triangle of ones. */
const runningSum: Lower = (c) => {
  const x = c.input(0);
  const axis = c.wrapped(at(c.integers(c.input(1), "the axis"), 0), rankOf(x));
  const size = at(x.type.shape, axis);
  const [own, other] = [
    numbersAlong(c, size, axis, rankOf(x) + 1),
    numbersAlong(c, size, axis + 1, rankOf(x) + 1),
  ];
  const isAfter = c.flag("reverse") ? c.less(other, own) : c.less(own, other);
  const isSame = c.equal(own, other);
  const left = c.flag("exclusive") ? c.or(isAfter, isSame) : isAfter;
  const wide = c.reshape(x, x.type.shape.toSpliced(axis, 0, 1));
  return c.apply("Sum", [c.where(left, c.constant(0, x.type.dtype), wide)], { axes: [axis + 1] });
};
const runningProducts: Lower = (c) => {
  const x = c.input(0);
  const axis = c.wrapped(at(c.integers(c.input(1), "the axis"), 0), rankOf(x));
  const size = c.concrete(at(x.type.shape, axis), "a running product");
  const turned = c.flag("reverse") ? reversed(c, x, axis) : x;
  const one = c.constant(1, x.type.dtype);
  const moved = c.flag("exclusive")
    ? c.slice(c.apply("Pad", [turned, one], { axis, before: 1, after: 0, interior: 0 }), axis, 0, size)
    : turned;
  const result = runningProduct(c, moved, axis, size);
  return c.flag("reverse") ? reversed(c, result, axis) : result;
};

// Normalisation

/** A tensor of one number for each channel, along axis 1. */
const perChannel = (c: Call, values: Node, rank: number): Node =>
  c.reshape(values, [at(values.type.shape, 0), ...range(Math.max(rank - 2, 0)).map(() => 1)]);
const spatial = (x: Node): number[] => range(rankOf(x)).slice(2);
const epsilonOf = (c: Call): Rational => c.float("epsilon", rational(1, 100000));

const batchNormalization: Lower = (c) => {
  const [x, scale, bias, mean, variance] = range(5).map((i) => c.input(i)) as [Node, Node, Node, Node, Node];
  const channel = (values: Node): Node => perChannel(c, values, rankOf(x));
  const training = c.flag("training_mode");
  const axes = range(rankOf(x)).filter((axis) => axis !== 1);
  const [centre, spread] = training
    ? [c.apply("Mean", [x], { axes }), c.apply("Variance", [x], { axes, correction: 0 })]
    : [mean, variance];
  const deviation = c.apply("Sqrt", [c.add(channel(spread), numberLike(c, epsilonOf(c), x))], {});
  const normal = c.div(c.sub(x, channel(centre)), deviation);
  const y = c.add(c.mul(normal, channel(scale)), channel(bias));
  if (!training) return y;
  const momentum = numberLike(c, c.float("momentum", rational(9, 10)), x);
  const rest = c.sub(numberLike(c, 1, x), momentum);
  const moved = (old: Node, now: Node): Node => c.add(c.mul(old, momentum), c.mul(now, rest));
  return [y, moved(mean, centre), moved(variance, spread)];
};
const instanceNormalization: Lower = (c) => {
  const [x, scale, bias] = [c.input(0), c.input(1), c.input(2)];
  const normal = c.apply("Normalize", [x], { axes: spatial(x), epsilon: epsilonOf(c) });
  return c.add(c.mul(normal, perChannel(c, scale, rankOf(x))), perChannel(c, bias, rankOf(x)));
};
/** Version 18 has a scale for each group, version 21 one for each channel. */
const groupNormalization: Lower = (c) => {
  const [x, scale, bias] = [c.input(0), c.input(1), c.input(2)];
  const groups = c.int("num_groups");
  const [batch = 1, channels = 1, ...rest] = x.type.shape;
  const each = exactQuotient(channels, groups);
  if (each === undefined) throw new NotCovered("groups of different sizes");
  const split = c.reshape(x, [batch, groups, each, ...rest]);
  const axes = range(rankOf(split)).slice(2);
  const normal = c.apply("Normalize", [split], { axes, epsilon: epsilonOf(c) });
  const perGroup = (values: Node): Node => perChannel(c, values, rankOf(split));
  if (c.version < 21) return c.reshape(c.add(c.mul(normal, perGroup(scale)), perGroup(bias)), x.type.shape);
  const joined = c.reshape(normal, x.type.shape);
  return c.add(c.mul(joined, perChannel(c, scale, rankOf(x))), perChannel(c, bias, rankOf(x)));
};
const layerNormalization: Lower = (c) => {
  const [x, scale, bias] = [c.input(0), c.input(1), c.optional(2)];
  const axes = range(rankOf(x)).slice(c.axis("axis", rankOf(x), -1));
  const epsilon = epsilonOf(c);
  const scaled = c.mul(c.apply("Normalize", [x], { axes, epsilon }), scale);
  const y = bias === undefined ? scaled : c.add(scaled, bias);
  if (c.outputs.length === 1) return y;
  const mean = c.reshape(c.apply("Mean", [x], { axes }), unit(x, axes));
  const variance = c.reshape(c.apply("Variance", [x], { axes, correction: 0 }), unit(x, axes));
  const deviation = c.apply("Sqrt", [c.add(variance, numberLike(c, epsilon, x))], {});
  return [y, mean, c.apply("Reciprocal", [deviation], {})];
};
const rmsNormalization: Lower = (c) => {
  const x = c.input(0);
  const axes = range(rankOf(x)).slice(c.axis("axis", rankOf(x), -1));
  return c.mul(c.apply("RmsNormalize", [x], { axes, epsilon: epsilonOf(c) }), c.input(1));
};
const meanVarianceNormalization: Lower = (c) => {
  const x = c.input(0);
  const axes = c.axes(c.ints("axes") ?? [0, 2, 3], rankOf(x));
  return c.apply("Normalize", [x], { axes, epsilon: rational(1, 10 ** 9) });
};
const lpNormalization: Lower = (c) => {
  const x = c.input(0);
  const axis = c.axis("axis", rankOf(x), -1);
  const size = absolute(c, x);
  const length =
    c.int("p", 2) === 1 ? sum(c, size, [axis]) : c.apply("Sqrt", [sum(c, square(c, x), [axis])], {});
  const divisor = c.reshape(length, unit(x, [axis]));
  const zero = c.constant(0, x.type.dtype);
  // Nothing is left of zeros.
  return c.where(
    c.equal(divisor, zero),
    zero,
    c.div(x, c.where(c.equal(divisor, zero), c.constant(1, x.type.dtype), divisor)),
  );
};
/** x / (k + α / n Σ x²)^β over n channels around each one; Krizhevsky et al. 2012, §3.3. */
const localResponse: Lower = (c) => {
  const x = c.input(0);
  const size = c.int("size");
  const before = Math.floor((size - 1) / 2);
  const zero = c.constant(0, x.type.dtype);
  const wide = c.apply("Pad", [square(c, x), zero], {
    axis: 1,
    before,
    after: size - 1 - before,
    interior: 0,
  });
  const windows = c.apply("Windows", [wide], { axis: 1, size, step: 1, dilation: 1 });
  const total = c.apply("Sum", [windows], { axes: [2] });
  const alpha = c.float("alpha", rational(1, 10000));
  const weight = rational(alpha.numerator, alpha.denominator * BigInt(size));
  const base = c.add(numberLike(c, c.float("bias", rational(1)), x), c.mul(numberLike(c, weight, x), total));
  return c.div(x, c.apply("Power", [base], { exponent: c.float("beta", rational(3, 4)) }));
};

export const reductions: Rows = {
  ReduceSum: reduction(sum),
  ReduceMean: reduction((c, x, axes) => c.apply("Mean", [x], { axes })),
  ReduceMax: reduction(maximum),
  ReduceMin: reduction(minimum),
  ReduceProd: reduction(productOver),
  ReduceL1: reduction(sum, absolute),
  ReduceL2: reduction((c, x, axes) => c.apply("Sqrt", [sum(c, real(c, x), axes)], {}), square),
  ReduceSumSquare: reduction(sum, square),
  ReduceLogSum: reduction(logSum),
  ReduceLogSumExp: reduction(logSumExp),
  Softmax: softmax("Softmax"),
  LogSoftmax: softmax("LogSoftmax"),
  Hardmax: hardmax,
  ArgMax: place(true),
  ArgMin: place(false),
  TopK: topK,
  CumSum: runningSum,
  CumProd: runningProducts,
  BatchNormalization: batchNormalization,
  InstanceNormalization: instanceNormalization,
  GroupNormalization: groupNormalization,
  LayerNormalization: layerNormalization,
  RMSNormalization: rmsNormalization,
  MeanVarianceNormalization: meanVarianceNormalization,
  LpNormalization: lpNormalization,
  LRN: localResponse,
};
