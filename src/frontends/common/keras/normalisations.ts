/** @file Layers that normalise. All use what they store, as at inference. */
import { at, range } from "../../../base/assert.ts";
import { type Rational, rational } from "../../../base/rational.ts";

import type { Node } from "../../../ir/graph.ts";
import { maximum } from "./activations.ts";
import { channelsFirst, channelsLast, isMoved } from "./channels.ts";
import type { Layer, Lower, Rows } from "./layer.ts";
import { NotCovered } from "./problem.ts";

/** What runs along one axis of x, so that it broadcasts. */
function along(c: Layer, vector: Node, axis: number, rank: number): Node {
  const after = rank - 1 - axis;
  return after === 0 ? vector : c.reshape(vector, [...vector.type.shape, ...range(after).map(() => 1)]);
}

/** x · gamma + beta where the layer has them; `place` lays them along their axes. */
function affine(c: Layer, x: Node, place: (vector: Node) => Node): Node {
  const hasScale = c.config.bool("scale", true);
  const scaled = hasScale ? c.mul(x, place(c.weight(0, "gamma"))) : x;
  const hasCenter = c.config.bool("center", true);
  return hasCenter ? c.add(scaled, place(c.weight(hasScale ? 1 : 0, "beta"))) : scaled;
}

const epsilonOf = (c: Layer): Rational => c.config.number("epsilon", rational(1, 1000));

/** (x − mean) / √(variance + ε) · gamma + beta for each channel. */
const batchNorm: Lower = (c) => {
  const given = c.input;
  const rank = given.type.shape.length;
  if (c.config.bool("renorm", false)) throw new NotCovered("batch renormalisation");
  // tfjs writes a list of one axis.
  const axis = Array.isArray(c.config.get("axis"))
    ? at(c.config.axes("axis", rank, [-1]), 0)
    : c.config.axis("axis", rank);
  const isUnder = axis === rank - 1 && isMoved(given);
  const [x, channel] = isUnder ? [channelsFirst(c, given), 1] : [given, axis];
  const place = (vector: Node): Node => along(c, vector, channel, rank);
  const first = Number(c.config.bool("scale", true)) + Number(c.config.bool("center", true));
  const statistic = (index: number, name: string): Node =>
    place(c.weight(first + index, name, undefined, false));
  const mean = statistic(0, "moving_mean");
  const spread = c.apply("Sqrt", [c.add(statistic(1, "moving_variance"), c.rational(epsilonOf(c), x))], {});
  c.note("batch normalisation uses the stored mean and variance, as at inference");
  const normal = affine(c, c.div(c.sub(x, mean), spread), place);
  return isUnder ? channelsLast(c, normal) : normal;
};

/** Axes of an option, and how vectors over them are laid along x. */
function normalisedAxes(c: Layer, x: Node): { axes: number[]; place: (vector: Node) => Node } {
  const rank = x.type.shape.length;
  const axes = c.config.axes("axis", rank, [-1]);
  const isLast = axes.every((axis, i) => axis === rank - axes.length + i);
  const shape = x.type.shape.map((size, axis) => (axes.includes(axis) ? size : 1));
  return { axes, place: (vector) => (isLast ? vector : c.reshape(vector, shape)) };
}

const layerNorm: Lower = (c) => {
  if (c.config.bool("rms_scaling", false))
    throw new NotCovered("rms_scaling, which divides by the deviation without centring");
  const x = c.input;
  const { axes, place } = normalisedAxes(c, x);
  return affine(c, c.apply("Normalize", [x], { axes, epsilon: epsilonOf(c) }), place);
};

const rmsNorm: Lower = (c) => {
  const x = c.input;
  const { axes, place } = normalisedAxes(c, x);
  const epsilon = c.config.number("epsilon", rational(1, 1_000_000));
  return c.mul(c.apply("RmsNormalize", [x], { axes, epsilon }), place(c.weight(0, "scale")));
};

/** Groups of channels, each with everything else but the batch. */
const groupNorm: Lower = (c) => {
  const x = c.input;
  const { shape } = x.type;
  const rank = shape.length;
  const axis = c.config.axis("axis", rank);
  const channels = at(shape, axis);
  if (typeof channels !== "number") throw new NotCovered("a symbolic number of channels");
  const given = c.config.int("groups", 32);
  const groups = given === -1 ? channels : given;
  if (groups < 1 || channels % groups !== 0) throw new NotCovered(`${groups} groups of ${channels} channels`);
  const grouped = c.reshape(x, shape.toSpliced(axis, 1, groups, channels / groups));
  const axes = range(rank + 1).filter((i) => i !== 0 && i !== axis);
  const normal = c.apply("Normalize", [grouped], { axes, epsilon: epsilonOf(c) });
  return affine(c, c.reshape(normal, shape), (vector) => along(c, vector, axis, rank));
};

/** x / max(√(sum of squares), 1e-12). */
const unitNorm: Lower = (c) => {
  const x = c.input;
  return c.div(x, length(c, x, c.config.axes("axis", x.type.shape.length, [-1])));
};
export function length(c: Layer, x: Node, axes: readonly number[]): Node {
  const squares = c.kept("Sum", c.apply("Square", [x], {}), axes);
  return maximum(c, c.apply("Sqrt", [squares], {}), c.rational(rational(1n, 10n ** 12n), x));
}

export const normalisationLayers: Rows = {
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  RMSNormalization: rmsNorm,
  GroupNormalization: groupNorm,
  UnitNormalization: unitNorm,
};
