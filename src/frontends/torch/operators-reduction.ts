/** @file Reductions over axes, softmax, and the normalisations. */
import { at, range } from "../../base/assert.ts";
import { type Rational, rational } from "../../base/rational.ts";
import { multiplyDims } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { type Call, type Lower, NotAFunction, NotCovered, type Rows } from "./call.ts";

/** Restores reduced axes with size 1 when the call asks for it; the file declares the shape. */
const kept = (c: Call, x: Node): Node => (c.bool("keepdim", false) ? c.reshape(x, c.result.shape) : x);

const over =
  (make: (c: Call, x: Node, axes: readonly number[]) => Node): Lower =>
  (c) => {
    const x = c.tensor("self");
    return kept(c, make(c, x, c.axes("dim", x.type.shape.length)));
  };

const negative = (c: Call, x: Node): Node => c.apply("Neg", [x], {});
const sum = over((c, x, axes) => c.apply("Sum", [x], { axes }));
const mean = over((c, x, axes) => c.apply("Mean", [x], { axes }));
const largest = over((c, x, axes) => c.apply("Max", [x], { axes }));
const smallest = over((c, x, axes) => negative(c, c.apply("Max", [negative(c, x)], { axes })));

/** The values of max(dim); the indices are a second result, which stays without a meaning. */
const largestOfPair: Lower = (c) => {
  const x = c.tensor("self");
  return [kept(c, c.apply("Max", [x], { axes: [c.axis("dim", x.type.shape.length)] }))];
};

/** Whether one of the truth values along some axes holds. */
const any: Lower = (c) => {
  const x = c.tensor("self");
  if (x.type.dtype !== "bool") throw new NotCovered("the truth of numbers");
  const count = c.apply("Sum", [x], { axes: c.axes("dim", x.type.shape.length) });
  return kept(c, c.apply("Not", [c.apply("Equal", [count, c.constant(0, "int64")], {})], {}));
};

/** `correction` of the new schemas, `unbiased` of the old ones; both default to the sample variance. */
function correctionOf(c: Call): number {
  return c.has("correction") ? c.int("correction") : Number(c.bool("unbiased", true));
}
const variance = over((c, x, axes) => c.apply("Variance", [x], { axes, correction: correctionOf(c) }));
const deviation = over((c, x, axes) =>
  c.apply("Sqrt", [c.apply("Variance", [x], { axes, correction: correctionOf(c) })], {}),
);
const logSumExp = over((c, x, axes) => {
  if (axes.length !== 1) throw new NotCovered("logsumexp over several axes");
  return c.apply("LogSumExp", [x], { axis: at(axes, 0) });
});
const vectorNorm = over((c, x, axes) => {
  const order = c.number("ord", rational(2));
  if (order.denominator !== 1n || (order.numerator !== 1n && order.numerator !== 2n)) {
    throw new NotCovered("a norm of another order than 1 and 2");
  }
  if (order.numerator === 1n) return c.apply("Sum", [c.apply("Abs", [x], {})], { axes });
  return c.apply("Sqrt", [c.apply("Sum", [c.apply("Square", [x], {})], { axes })], {});
});

const alongAxis =
  (op: "Softmax" | "LogSoftmax"): Lower =>
  (c) => {
    const x = c.tensor("self");
    return c.apply(op, [x], { axis: c.axis("dim", x.type.shape.length) });
  };

/** x · weight + bias where they are given, broadcast from the last axis. */
function affine(c: Call, x: Node, shape?: readonly number[]): Node {
  const shaped = (name: string): Node | undefined => {
    const node = c.optionalTensor(name);
    return node === undefined || shape === undefined ? node : c.reshape(node, shape);
  };
  const [weight, bias] = [shaped("weight"), shaped("bias")];
  const scaled = weight === undefined ? x : c.mul(x, weight);
  return bias === undefined ? scaled : c.add(scaled, bias);
}

/** The last axes, as many as `normalized_shape` has. */
function normalizedAxes(c: Call, x: Node): number[] {
  const [rank, count] = [x.type.shape.length, c.dims("normalized_shape").length];
  return range(count).map((i) => rank - count + i);
}
const defaultEpsilon: Rational = rational(1, 100000);

const layerNorm: Lower = (c) => {
  const x = c.tensor("input");
  const attrs = { axes: normalizedAxes(c, x), epsilon: c.number("eps", defaultEpsilon) };
  return affine(c, c.apply("Normalize", [x], attrs));
};
/** Machine epsilon of the input's dtype is torch's default. */
function rmsEpsilon(c: Call, x: Node): Rational {
  if (c.has("eps")) return c.number("eps");
  if (x.type.dtype === "float32") return rational(1, 2 ** 23);
  if (x.type.dtype === "float64") return rational(1, 2 ** 52);
  throw new NotCovered(`rms_norm of ${x.type.dtype} without eps`);
}
const rmsNorm: Lower = (c) => {
  const x = c.tensor("input");
  return affine(c, c.apply("RmsNormalize", [x], { axes: normalizedAxes(c, x), epsilon: rmsEpsilon(c, x) }));
};

/** Shape that lays a vector of channels along axis 1 under broadcasting. */
function channelShape(x: Node): number[] {
  const channels = at(x.type.shape, 1);
  if (typeof channels !== "number") throw new NotCovered("a symbolic number of channels");
  return [channels, ...range(x.type.shape.length - 2).map(() => 1)];
}

/** Training mode updates the running statistics, which the result does not depend on unless something else reads them. */
function keepStatistics(c: Call): void {
  if (c.optionalTensor("running_mean") === undefined) return;
  if (["running_mean", "running_var"].some((name) => c.isReadElsewhere(name))) {
    throw new NotAFunction(
      "batch normalisation in training mode, whose running statistics are read elsewhere",
    );
  }
  c.note(
    "batch normalisation is in training mode: it uses the mean and variance of the batch; " +
      "its running statistics are updated, and what they become is not compared",
  );
}

/** (x − mean) / √(variance + ε) for each channel, with the stored statistics or, where none are kept, the batch's. */
const batchNorm: Lower = (c) => [batchNormalised(c)];
function batchNormalised(c: Call): Node {
  const x = c.tensor("input");
  const shape = channelShape(x);
  if (c.bool("training", false)) {
    keepStatistics(c);
    const axes = range(x.type.shape.length).filter((axis) => axis !== 1);
    const epsilon = c.number("eps", defaultEpsilon);
    return affine(c, c.apply("Normalize", [x], { axes, epsilon }), shape);
  }
  const statistic = (name: string): Node => c.reshape(c.tensor(name), shape);
  const epsilon = c.constant(c.number("eps", defaultEpsilon), x.type.dtype);
  const spread = c.apply("Sqrt", [c.add(statistic("running_var"), epsilon)], {});
  c.note("batch normalisation is in evaluation mode: it uses the stored mean and variance");
  return affine(c, c.div(c.sub(x, statistic("running_mean")), spread), shape);
}

/** Each channel of each example by itself, unless stored statistics are used. */
const instanceNorm: Lower = (c) => {
  const x = c.tensor("input");
  if (!c.bool("use_input_stats", true)) throw new NotCovered("instance normalisation by stored statistics");
  keepStatistics(c);
  const axes = range(x.type.shape.length).slice(2);
  const normal = c.apply("Normalize", [x], { axes, epsilon: c.number("eps", defaultEpsilon) });
  return affine(c, normal, channelShape(x));
};

/** Normalises groups of channels together with all further axes. */
const groupNorm: Lower = (c) => {
  const x = c.tensor("input");
  const shape = channelShape(x);
  const groups = c.int("num_groups");
  const [batch, ...rest] = x.type.shape;
  const within = [at(shape, 0) / groups, ...rest.slice(1)].reduce(multiplyDims, 1);
  const grouped = c.reshape(x, [batch ?? 1, groups, within]);
  const epsilon = c.number("eps", defaultEpsilon);
  const normal = c.reshape(c.apply("Normalize", [grouped], { axes: [2], epsilon }), x.type.shape);
  return affine(c, normal, shape);
};

export const reduction: Rows = {
  "aten.sum.default": sum,
  "aten.sum.dim_IntList": sum,
  "aten.mean.default": mean,
  "aten.mean.dim": mean,
  "aten.any.dim": any,
  "aten.any.default": any,
  "aten.amax.default": largest,
  "aten.amin.default": smallest,
  "aten.max.default": largest,
  "aten.min.default": smallest,
  "aten.max.dim": largestOfPair,
  "aten.var.default": variance,
  "aten.var.dim": variance,
  "aten.var.correction": variance,
  "aten.std.default": deviation,
  "aten.std.dim": deviation,
  "aten.std.correction": deviation,
  "aten.logsumexp.default": logSumExp,
  "aten.linalg_vector_norm.default": vectorNorm,
  "aten.softmax.int": alongAxis("Softmax"),
  "aten._softmax.default": alongAxis("Softmax"),
  "aten.log_softmax.int": alongAxis("LogSoftmax"),
  "aten._log_softmax.default": alongAxis("LogSoftmax"),
  "aten.layer_norm.default": layerNorm,
  "aten.rms_norm.default": rmsNorm,
  "aten.batch_norm.default": batchNorm,
  "aten._native_batch_norm_legit_functional.default": batchNorm,
  "aten._native_batch_norm_legit_no_training.default": batchNorm,
  "aten._native_batch_norm_legit.no_stats": batchNorm,
  "aten.instance_norm.default": instanceNorm,
  "aten.group_norm.default": groupNorm,
};
