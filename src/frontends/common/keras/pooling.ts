/** @file Pooling, over windows and over everything. */
import { at, range } from "../../../base/assert.ts";
import type { Node } from "../../../ir/graph.ts";
import { channelsFirst, isLast, isMoved, spatially } from "./channels.ts";
import { widthsOf } from "./convolutions.ts";
import type { Layer, Lower, Rows } from "./layer.ts";
import { NotCovered } from "./problem.ts";

type Kind = "MaxPool" | "AveragePool";

/** Zeros around a mean are not counted. */
function pooled(
  c: Layer,
  kind: Kind,
  x: Node,
  sizes: readonly number[],
  strides: readonly number[],
  padding: string,
): Node {
  const dilation = sizes.map(() => 1);
  const lattice = { sizes, strides, padding: widthsOf(x, padding, { sizes, strides, dilation }) };
  const isUneven = lattice.padding.some(([before, after]) => before !== after);
  if (kind === "AveragePool" && isUneven)
    c.note(
      "means leave out what lies beyond the edge; Keras on PyTorch repeats the edge where the padding is uneven",
    );
  return kind === "MaxPool"
    ? c.apply("MaxPool", [x], { ...lattice, dilation })
    : c.apply("AveragePool", [x], { ...lattice, countPadding: false });
}

const overWindows =
  (kind: Kind, axes: number): Lower =>
  (c) =>
    spatially(c, c.input, (x) => {
      const sizes = c.config.perAxis("pool_size", axes, 2);
      const strides = c.config.has("strides") ? c.config.perAxis("strides", axes) : sizes;
      return pooled(c, kind, x, sizes, strides, c.config.text("padding", "valid"));
    });

/** The largest or the mean of all positions, for each channel. */
const overAll =
  (op: "Max" | "Mean", axes: number): Lower =>
  (c) => {
    const given = c.input;
    const isKept = c.config.bool("keepdims", false);
    // TensorFlow.js hands masks on to layers of which only recurrences look at them.
    const looks = axes === 1 && op === "Mean" && c.reading.dialect !== "TensorFlow.js";
    const mask = looks ? (c.tensor(1, "mask") ?? c.knownMask(given)) : undefined;
    if (mask !== undefined) return meanOfCounted(c, given, mask, isKept);
    const isBack = isLast(c) && !isMoved(given);
    const x = isLast(c) && isMoved(given) ? channelsFirst(c, given) : given;
    const over = range(axes).map((i) => i + (isBack ? 1 : 2));
    const result = c.apply(op, [x], { axes: over });
    if (!isKept) return result;
    const [batch = 1, channels = 1] = result.type.shape;
    const ones = range(axes).map(() => 1);
    return c.reshape(result, isLast(c) ? [batch, ...ones, channels] : [batch, channels, ...ones]);
  };

/** The mean of the positions that count. */
function meanOfCounted(c: Layer, x: Node, mask: Node, isKept: boolean): Node {
  if (!isLast(c) || isKept) throw new NotCovered("a mean with a mask in this format");
  const counts = c.cast(c.withAxis(mask, 2), x.type.dtype);
  const total = c.apply("Sum", [c.where(c.withAxis(mask, 2), x, c.integer(0, x))], { axes: [1] });
  return c.div(total, c.apply("Sum", [counts], { axes: [1] }));
}

/** Windows of equal size that cover an axis; others overlap, and are not read. */
const adaptive =
  (kind: Kind, axes: number): Lower =>
  (c) =>
    spatially(c, c.input, (x) => {
      const wanted = c.config.perAxis("output_size", axes);
      const sizes = wanted.map((count, i) => {
        const size = at(x.type.shape, i + 2);
        if (typeof size === "number" && count >= 1 && size % count === 0) return size / count;
        throw new NotCovered("adaptive pooling whose output size does not divide the input size");
      });
      return pooled(c, kind, x, sizes, sizes, "valid");
    });

const each = (name: string, lower: (axes: number) => Lower): Rows =>
  Object.fromEntries([1, 2, 3].map((axes) => [`${name}${axes}D`, lower(axes)]));

export const poolingLayers: Rows = {
  ...each("MaxPooling", (axes) => overWindows("MaxPool", axes)),
  ...each("AveragePooling", (axes) => overWindows("AveragePool", axes)),
  ...each("GlobalMaxPooling", (axes) => overAll("Max", axes)),
  ...each("GlobalAveragePooling", (axes) => overAll("Mean", axes)),
  ...each("AdaptiveMaxPooling", (axes) => adaptive("MaxPool", axes)),
  ...each("AdaptiveAveragePooling", (axes) => adaptive("AveragePool", axes)),
};
