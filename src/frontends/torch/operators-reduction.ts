/** @file Reductions over axes, softmax, and the normalisations. */
import { at, range } from "../../base/assert.ts";
import { rational, recognise } from "../../base/rational.ts";
import { broadcastShapes, type Dim, elementCount, subtractDims } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import { isNotANumber, product, runningProduct } from "../common/formulas.ts";
import { numbersAlong, spread } from "../common/order.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";

/** Restores reduced axes with size 1 when the call asks for it; the file declares the shape. */
const kept = (c: Call, x: Node): Node => (c.bool("keepdim", false) ? c.reshape(x, c.result.shape) : x);

const over =
  (make: (c: Call, x: Node, axes: readonly number[]) => Node): Lower =>
  (c) => {
    const x = c.tensor("self");
    return kept(c, make(c, x, c.axes("dim", x.type.shape.length)));
  };

const negative = (c: Call, x: Node): Node => c.apply("Neg", [x], {});
/** What is added or multiplied: PyTorch casts real numbers to the integers that are asked for first. */
export const addend = (c: Call, x: Node): Node =>
  isReal(x.type.dtype) && !isReal(c.result.dtype) ? c.cast(x, c.result.dtype) : x;
const sum = over((c, x, axes) => c.apply("Sum", [addend(c, x)], { axes }));
const mean = over((c, x, axes) => c.apply("Mean", [x], { axes }));
const largest = over((c, x, axes) => c.apply("Max", [x], { axes }));
const smallest = over((c, x, axes) => {
  const numbers = x.type.dtype === "bool" ? c.cast(x, "int64") : x;
  const least = negative(c, c.apply("Max", [negative(c, numbers)], { axes }));
  return x.type.dtype === "bool" ? c.truth(least) : least;
});

/** How many of the elements along some axes are not 0. */
const counted = over((c, x, axes) => c.apply("Sum", [c.truth(x)], { axes }));
const nothing = (c: Call, count: Node): Node => c.equal(count, c.constant(0, "int64"));
const any = over((c, x, axes) => c.not(nothing(c, c.apply("Sum", [c.truth(x)], { axes }))));
const every = over((c, x, axes) => nothing(c, c.apply("Sum", [c.not(c.truth(x))], { axes })));

/** Without what is no number. */
const nanSum = over((c, x, axes) => {
  const zero = c.constant(0, x.type.dtype);
  return c.apply("Sum", [c.where(isNotANumber(c, x), zero, x)], { axes });
});

const nanMean = over((c, x, axes) => {
  const isNumber = c.not(isNotANumber(c, x));
  const total = c.apply("Sum", [c.where(isNumber, x, c.constant(0, x.type.dtype))], { axes });
  return c.div(total, c.cast(c.apply("Sum", [isNumber], { axes }), x.type.dtype));
});

/** The product along one axis, or of all elements. */
const multiplied: Lower = (c) => {
  const x = addend(c, c.tensor("self"));
  const numbers = x.type.dtype === "bool" ? c.cast(x, "int64") : x;
  const isWhole = !c.has("dim") || x.type.shape.length === 0;
  const own = isWhole ? c.reshape(numbers, [elementCount(x.type.shape)]) : numbers;
  const axis = isWhole ? 0 : c.axis("dim", x.type.shape.length);
  return c.reshape(product(c, own, axis, knownSize(own, axis)), c.result.shape);
};
const knownSize = (x: Node, axis: number): number => {
  const size = at(x.type.shape, axis);
  if (typeof size !== "number") throw new NotCovered("a product over a symbolic size");
  return size;
};
const multipliedUp: Lower = (c) => {
  const x = addend(c, c.tensor("self"));
  if (x.type.shape.length === 0) return x;
  const axis = c.axis("dim", x.type.shape.length);
  const numbers = x.type.dtype === "bool" ? c.cast(x, "int64") : x;
  return runningProduct(c, numbers, axis, knownSize(x, axis));
};

/** log Σ exp of all elements up to each one. */
const logRunningSum: Lower = (c) => {
  const x = c.tensor("self");
  if (x.type.shape.length === 0) return x;
  const axis = c.axis("dim", x.type.shape.length);
  const [size, rank] = [at(x.type.shape, axis), x.type.shape.length + 1];
  const isUpTo = c.not(c.less(numbersAlong(c, size, axis, rank), numbersAlong(c, size, axis + 1, rank)));
  const none = c.apply("NamedConstant", [], { name: "negative infinity", dtype: x.type.dtype });
  return c.apply("LogSumExp", [c.where(isUpTo, spread(c, x, axis), none)], { axis: axis + 1 });
};

/** Differences of neighbours, n times; what is put before and after counts as neighbours too. */
const differences: Lower = (c) => {
  const own = c.tensor("self");
  const axis = c.axis("dim", own.type.shape.length, -1);
  const ends = ["prepend", "append"].map((name) => c.optionalTensor(name));
  if (c.int("n", 1) === 0) return own;
  const x = c.concat(
    [ends[0], own, ends[1]].filter((part) => part !== undefined),
    axis,
  );
  return range(c.int("n", 1)).reduce((node) => {
    const size = at(node.type.shape, axis);
    const later = c.slice(node, axis, 1, size);
    const earlier = c.slice(node, axis, 0, subtractDims(size, 1));
    return x.type.dtype === "bool" ? c.not(c.equal(later, earlier)) : c.sub(later, earlier);
  }, x);
};

/** Sums of the areas between neighbours. */
const trapezoids: Lower = (c) => {
  const y = c.tensor("y");
  const axis = c.axis("dim", y.type.shape.length, -1);
  const size = at(y.type.shape, axis);
  const pair = (node: Node, at: number): readonly [Node, Node] => [
    c.slice(node, at, 1, node.type.shape[at] ?? 1),
    c.slice(node, at, 0, subtractDims(node.type.shape[at] ?? 1, 1)),
  ];
  if (size === 0) throw new NotCovered("no elements");
  const [later, earlier] = pair(y, axis);
  const x = c.optionalTensor("x");
  const middle = c.div(c.add(later, earlier), c.constant(2, later.type.dtype));
  if (x === undefined) {
    const total = c.apply("Sum", [middle], { axes: [axis] });
    return c.has("dx") ? c.mul(total, c.scalar("dx", total)) : total;
  }
  const xAxis = x.type.shape.length === 1 ? 0 : axis - y.type.shape.length + x.type.shape.length;
  const steps = c.sub(...pair(x, xAxis));
  const shape = [...steps.type.shape, ...new Array<number>(y.type.shape.length - 1 - axis).fill(1)];
  const shaped = x.type.shape.length === 1 ? c.reshape(steps, shape) : steps;
  return c.apply("Sum", [c.mul(middle, shaped)], { axes: [axis] });
};

/** `correction` of the new schemas, `unbiased` of the old ones; both default to the sample variance. */
function correctionOf(c: Call): number {
  return c.has("correction") ? c.float("correction") : Number(c.bool("unbiased", true));
}
function spreadOf(c: Call, x: Node, axes: readonly number[]): Node {
  const correction = correctionOf(c);
  const count = elementCount(axes.map((axis) => at(x.type.shape, axis)));
  if (typeof count === "number" && count <= correction)
    throw new NotCovered("a variance of no more elements than are taken off their number");
  return c.apply("Variance", [x], { axes, correction });
}
const variance = over(spreadOf);
/** A spread of the elements, and their mean. */
const withMean =
  (of: Lower): Lower =>
  (c) => {
    const first = of(c);
    const average = mean(c);
    return [first, average].flatMap((node) => ("id" in node ? [node] : [...node]));
  };
const deviation = over((c, x, axes) => c.apply("Sqrt", [spreadOf(c, x, axes)], {}));
const logSumExp = over((c, x, axes) => {
  const rank = x.type.shape.length;
  if (axes.length === 0) return c.cast(x, c.result.dtype);
  const others = range(rank).filter((axis) => !axes.includes(axis));
  if (axes.length === 1 && rank > 0) return c.apply("LogSumExp", [x], { axis: at(axes, 0) });
  const sizes = (list: readonly number[]): Dim[] => list.map((axis) => at(x.type.shape, axis));
  const joined = c.reshape(c.transpose(x, [...others, ...axes]), [
    ...sizes(others),
    elementCount(sizes(axes)),
  ]);
  return c.apply("LogSumExp", [joined], { axis: others.length });
});

/** The norm of a given order of the elements over some axes. */
export function norm(c: Call, x: Node, axes: readonly number[], order: number): Node {
  const size = c.apply("Abs", [x], {});
  if (order === Number.POSITIVE_INFINITY) return c.apply("Max", [size], { axes });
  if (order === Number.NEGATIVE_INFINITY) return negative(c, c.apply("Max", [negative(c, size)], { axes }));
  if (order === 0) return c.cast(c.apply("Sum", [c.truth(x)], { axes }), c.result.dtype);
  if (order === 1) return c.apply("Sum", [size], { axes });
  if (order === 2) return c.apply("Sqrt", [c.apply("Sum", [c.apply("Square", [x], {})], { axes })], {});
  const exponent = recognise(order, "float64");
  const total = c.apply("Sum", [c.apply("Power", [size], { exponent })], { axes });
  return c.apply("Power", [total], { exponent: rational(exponent.denominator, exponent.numerator) });
}
/** Numbers in the dtype of the result, since norms of integers are real. */
const vectorNorm =
  (order: string): Lower =>
  (c) => {
    const x = c.cast(c.tensor("self"), c.result.dtype);
    return kept(c, norm(c, x, c.axes("dim", x.type.shape.length), c.has(order) ? c.anyNumber(order) : 2));
  };
const frobenius: Lower = (c) => {
  if (c.text("ord", "fro") !== "fro") throw new NotCovered("a norm of singular values");
  const x = c.tensor("self");
  const rank = x.type.shape.length;
  const axes = c.has("dim") ? c.axes("dim", rank) : [rank - 2, rank - 1];
  return kept(c, norm(c, x, axes, 2));
};
const distance: Lower = (c) => {
  const difference = c.sub(c.tensor("self"), c.tensor("other"));
  return norm(c, difference, range(difference.type.shape.length), c.has("p") ? c.anyNumber("p") : 2);
};
/** |x − y + ε| along the last axis. */
const pairDistance: Lower = (c) => {
  const difference = c.cast(c.sub(c.tensor("x1"), c.tensor("x2")), c.result.dtype);
  const epsilon = c.constant(c.number("eps", rational(1, 1000000)), difference.type.dtype);
  const last = difference.type.shape.length - 1;
  return kept(c, norm(c, c.add(difference, epsilon), [last], c.has("p") ? c.anyNumber("p") : 2));
};
/** Distances between all rows of two matrices. */
const allDistances: Lower = (c) => {
  const [x, y] = [c.tensor("x1"), c.tensor("x2")];
  const [rank, other] = [x.type.shape.length, y.type.shape.length];
  const difference = c.sub(spread(c, x, rank - 1), spread(c, y, other - 2));
  return norm(c, difference, [difference.type.shape.length - 1], c.has("p") ? c.anyNumber("p") : 2);
};
/** x · y / (max(|x|, ε) max(|y|, ε)) along an axis. */
const cosine: Lower = (c) => {
  const [x, y] = [c.tensor("x1"), c.tensor("x2")];
  const both = broadcastShapes([x.type.shape, y.type.shape]) ?? [];
  const axis = c.axis("dim", both.length, 1);
  const epsilon = c.constant(c.number("eps", rational(1, 10n ** 8n)), x.type.dtype);
  const wide = [x, y].map((node) => c.stretch(node, both)) as [Node, Node];
  const lengths = wide.map((node) => c.apply("Maximum", [norm(c, node, [axis], 2), epsilon], {})) as [
    Node,
    Node,
  ];
  return c.div(c.apply("Sum", [c.mul(...wide)], { axes: [axis] }), c.mul(...lengths));
};

const alongAxis =
  (op: "Softmax" | "LogSoftmax"): Lower =>
  (c) => {
    const x = c.tensor("self");
    return c.apply(op, [x], { axis: c.axis("dim", x.type.shape.length) });
  };

/** Softmax, and 0 where every element is −∞. */
const safeSoftmax: Lower = (c) => {
  const x = c.tensor("self");
  const axis = c.axis("dim", x.type.shape.length);
  const none = c.apply("NamedConstant", [], { name: "negative infinity", dtype: x.type.dtype });
  const hidden = c.equal(c.apply("Max", [x], { axes: [axis] }), none);
  const zero = c.constant(0, x.type.dtype);
  return c.where(spread(c, hidden, axis), zero, c.apply("Softmax", [x], { axis }));
};

const each = (lower: Lower, ...names: readonly string[]): Rows =>
  Object.fromEntries(names.map((name) => [`aten.${name}`, lower]));

export const reduction: Rows = {
  "aten.sum.default": sum,
  "aten.sum.dim_IntList": sum,
  "aten.mean.default": mean,
  "aten.mean.dim": mean,
  ...each(any, "any.dim", "any.dims", "any.default"),
  ...each(every, "all.dim", "all.dims", "all.default"),
  ...each(counted, "count_nonzero.default", "count_nonzero.dim_IntList"),
  "aten.nansum.default": nanSum,
  "aten.nanmean.default": nanMean,
  ...each(multiplied, "prod.default", "prod.dim_int"),
  "aten.cumprod.default": multipliedUp,
  "aten.logcumsumexp.default": logRunningSum,
  "aten.diff.default": differences,
  ...each(trapezoids, "trapezoid.x", "trapezoid.dx", "trapz.x", "trapz.dx"),
  ...each(withMean(variance), "var_mean.default", "var_mean.dim", "var_mean.correction"),
  ...each(withMean(deviation), "std_mean.default", "std_mean.dim", "std_mean.correction"),
  ...each(
    vectorNorm("p"),
    "norm.Scalar",
    "norm.ScalarOpt_dim",
    "norm.ScalarOpt_dim_dtype",
    "norm.ScalarOpt_dtype",
  ),
  ...each(frobenius, "linalg_matrix_norm.str_ord"),
  "aten.dist.default": distance,
  "aten.pairwise_distance.default": pairDistance,
  ...each(allDistances, "cdist.default", "_cdist_forward.default"),
  "aten.cosine_similarity.default": cosine,
  "aten.aminmax.default": (c) =>
    [smallest(c), largest(c)].flatMap((node) => ("id" in node ? [node] : [...node])),
  "aten.amax.default": largest,
  "aten.amin.default": smallest,
  "aten.max.default": largest,
  "aten.min.default": smallest,
  "aten.var.default": variance,
  "aten.var.dim": variance,
  "aten.var.correction": variance,
  "aten.std.default": deviation,
  "aten.std.dim": deviation,
  "aten.std.correction": deviation,
  "aten.logsumexp.default": logSumExp,
  "aten.linalg_vector_norm.default": vectorNorm("ord"),
  "aten.softmax.int": alongAxis("Softmax"),
  "aten._softmax.default": alongAxis("Softmax"),
  "aten._safe_softmax.default": safeSoftmax,
  "aten.log_softmax.int": alongAxis("LogSoftmax"),
  "aten._log_softmax.default": alongAxis("LogSoftmax"),
};
