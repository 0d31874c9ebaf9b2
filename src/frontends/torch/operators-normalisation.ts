/** @file Normalisations: of layers, batches, instances and groups, with their affine maps. */
import { at, range } from "../../base/assert.ts";
import { type Rational, rational } from "../../base/rational.ts";
import { multiplyDims } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { type Call, type Lower, NotAFunction, NotCovered, type Rows } from "./call.ts";

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
  if (x.type.shape.length < 2) return [];
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

/** Channels as groups, each together with all further axes: [batch, groups, elements]. */
function grouped(c: Call, x: Node, groups: number): Node {
  const [batch, ...rest] = x.type.shape;
  const within = [at(channelShape(x), 0) / groups, ...rest.slice(1)].reduce(multiplyDims, 1);
  return c.reshape(x, [batch ?? 1, groups, within]);
}
const groupNorm: Lower = (c) => {
  const x = c.tensor("input");
  const shape = channelShape(x);
  const epsilon = c.number("eps", defaultEpsilon);
  const groups = grouped(c, x, c.int(c.has("num_groups") ? "num_groups" : "group"));
  const normal = c.reshape(c.apply("Normalize", [groups], { axes: [2], epsilon }), x.type.shape);
  return affine(c, normal, shape);
};

/** The mean and 1 / √(variance + ε) that a normalisation used, in the shapes that the file declares. */
function statistics(c: Call, x: Node, axes: readonly number[]): Node[] {
  const epsilon = c.constant(c.number("eps", defaultEpsilon), x.type.dtype);
  const variance = c.apply("Variance", [x], { axes, correction: 0 });
  const spread = c.apply("Reciprocal", [c.apply("Sqrt", [c.add(variance, epsilon)], {})], {});
  return [c.apply("Mean", [x], { axes }), spread].map((node, i) =>
    c.reshape(node, at(c.declared, i + 1).shape),
  );
}
const withStatistics =
  (normal: (c: Call) => Node | readonly Node[], of: (c: Call, x: Node) => Node[]): Lower =>
  (c) => {
    const results = normal(c);
    const first = "id" in results ? results : at(results, 0);
    return c.isRead(1) || c.isRead(2) ? [first, ...of(c, c.tensor("input"))] : [first];
  };
const ofLayer = (c: Call, x: Node): Node[] => statistics(c, x, normalizedAxes(c, x));
const ofGroups = (c: Call, x: Node): Node[] => statistics(c, grouped(c, x, c.int("group")), [2]);
/** In evaluation mode torch gives empty tensors. */
const ofBatch = (c: Call, x: Node): Node[] => {
  if (!c.bool("training", false)) throw new NotCovered("statistics of a batch in evaluation mode");
  return statistics(
    c,
    x,
    range(x.type.shape.length).filter((axis) => axis !== 1),
  );
};
/** 1 / √(mean(x²) + ε), which the gradient of RMSNorm needs. */
const fusedRms: Lower = (c) => {
  const normal = rmsNorm(c);
  const first = "id" in normal ? normal : at(normal, 0);
  if (!c.isRead(1)) return [first];
  const x = c.tensor("input");
  const square = c.apply("Mean", [c.apply("Square", [x], {})], { axes: normalizedAxes(c, x) });
  const root = c.apply("Sqrt", [c.add(square, c.constant(rmsEpsilon(c, x), x.type.dtype))], {});
  return [first, c.reshape(c.apply("Reciprocal", [root], {}), at(c.declared, 1).shape)];
};

/** v g / |v|, where the norm is taken over all axes but one. */
const weightNorm: Lower = (c) => {
  const [v, g] = [c.tensor("v"), c.tensor("g")];
  const kept = c.int("dim", 0);
  const axes = range(v.type.shape.length).filter((axis) => axis !== kept);
  const square = c.apply("Sum", [c.apply("Square", [v], {})], { axes });
  const norm = c.reshape(c.apply("Sqrt", [square], {}), g.type.shape);
  return [c.mul(v, c.div(g, norm)), ...(c.isRead(1) ? [c.reshape(norm, at(c.declared, 1).shape)] : [])];
};

export const normalisation: Rows = {
  "aten.layer_norm.default": layerNorm,
  "aten.rms_norm.default": rmsNorm,
  "aten.batch_norm.default": batchNorm,
  "aten._native_batch_norm_legit_no_training.default": batchNorm,
  "aten._native_batch_norm_legit_functional.default": withStatistics(batchNorm, ofBatch),
  "aten._native_batch_norm_legit.default": withStatistics(batchNorm, ofBatch),
  "aten._native_batch_norm_legit.no_stats": withStatistics(batchNorm, ofBatch),
  "aten.native_batch_norm.default": withStatistics(batchNorm, ofBatch),
  "aten.instance_norm.default": instanceNorm,
  "aten.group_norm.default": groupNorm,
  "aten.native_group_norm.default": withStatistics(groupNorm, ofGroups),
  "aten.native_layer_norm.default": withStatistics(layerNorm, ofLayer),
  "aten._fused_rms_norm.default": fusedRms,
  "aten._weight_norm.default": weightNorm,
  "aten._weight_norm_interface.default": weightNorm,
};
