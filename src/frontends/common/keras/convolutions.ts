/** @file Convolutions of all kinds. Kernels are shown as [filters, channels, sizes…], where Keras stores the sizes first. */
import { at, range } from "../../../base/assert.ts";
import type { Dim } from "../../../ir/dim.ts";
import type { Node } from "../../../ir/graph.ts";
import { padded, reversed } from "../padding.ts";
import { activated, isAlongAxis } from "./activations.ts";
import { channelsFirst, channelsLast, isLast, spatially } from "./channels.ts";
import type { Arrangement, Layer, Lower, Rows } from "./layer.ts";
import { Malformed, NotCovered } from "./problem.ts";

export type Widths = (readonly [before: number, after: number])[];

/** Numbers of a tensor in the order of other axes. */
function permuted(
  shape: readonly number[],
  order: readonly number[],
  shown?: readonly number[],
): Arrangement {
  const result = order.map((axis) => at(shape, axis));
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
  const steps = order.map((axis) => at(strides, axis));
  return {
    shape: shown ?? result,
    from: (values) =>
      values.map((_, index) => {
        let [rest, from] = [index, 0];
        for (let axis = result.length - 1; axis >= 0; axis--) {
          const size = at(result, axis);
          from += (rest % size) * at(steps, axis);
          rest = Math.floor(rest / size);
        }
        return at(values, from);
      }),
  };
}

const kernelNote =
  "kernels are shown as [filters, channels, sizes]; Keras stores the sizes first and channels and filters last";

/** The axes of channels and filters, then those of the sizes. */
const channelsBefore = (rank: number, first: number, second: number): number[] => [
  first,
  second,
  ...range(rank - 2),
];

function checkRank(shape: readonly number[], axes: number): void {
  if (shape.length !== axes + 2 || shape.some((size) => size < 1))
    throw new Malformed(
      "kernel",
      `a kernel of ${shape.length} axes`,
      `${axes + 2} axes of at least one element`,
    );
}

/** [sizes…, channels, filters] as [filters, channels, sizes…]. */
export const kernelArrangement =
  (axes: number) =>
  (shape: readonly number[]): Arrangement => {
    checkRank(shape, axes);
    return permuted(shape, channelsBefore(axes + 2, axes + 1, axes));
  };
/** [sizes…, channels, multiplier] as a filter for each pair of these: [channels · multiplier, 1, sizes…]. */
export const depthwiseArrangement =
  (axes: number) =>
  (shape: readonly number[]): Arrangement => {
    checkRank(shape, axes);
    const filters = at(shape, axes) * at(shape, axes + 1);
    return permuted(shape, channelsBefore(axes + 2, axes, axes + 1), [filters, 1, ...shape.slice(0, axes)]);
  };
function kernel(c: Layer, index: number, name: string, arrange: ReturnType<typeof kernelArrangement>): Node {
  c.note(kernelNote);
  return c.arranged(index, name, arrange);
}

export interface Lattice {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
}

/** Widths of the zeros around the spatial axes of x (the output of TensorFlow's "SAME" is as long as the input over the stride). */
export function widthsOf(x: Node, padding: string, { sizes, strides, dilation }: Lattice): Widths {
  const lengths = x.type.shape.slice(-sizes.length);
  return sizes.map((size, i): readonly [number, number] => {
    const reach = at(dilation, i) * (size - 1);
    switch (padding.toLowerCase()) {
      case "valid":
        return [0, 0];
      case "causal":
        return [reach, 0];
      case "same": {
        const total = sameWidth(at(lengths, i), reach, at(strides, i));
        return [Math.floor(total / 2), Math.ceil(total / 2)];
      }
      default:
        throw new NotCovered(`padding ${padding}`);
    }
  });
}
function sameWidth(length: Dim, reach: number, stride: number): number {
  if (stride === 1) return reach;
  if (typeof length !== "number")
    throw new NotCovered(
      "padding same with strides over an axis of symbolic size",
      undefined,
      "give the input its sizes: keras.Input((224, 224, 3))",
    );
  return Math.max((Math.ceil(length / stride) - 1) * stride + reach + 1 - length, 0);
}

const sizesOf = (node: Node): number[] => node.type.shape.slice(2).map(Number);

/** x, with channels first, against a kernel. */
function convolved(c: Layer, x: Node, w: Node, lattice: Omit<Lattice, "sizes">, groups: number): Node {
  const padding = widthsOf(x, c.config.text("padding", "valid"), { ...lattice, sizes: sizesOf(w) });
  return c.apply("Convolution", [x, w], { ...lattice, padding, groups });
}
const latticeOf = (c: Layer, axes: number): Omit<Lattice, "sizes"> => ({
  strides: c.config.perAxis("strides", axes, 1),
  dilation: c.config.perAxis("dilation_rate", axes, 1),
});

/** The bias of each filter, then the activation. */
function finished(c: Layer, x: Node, index: number, axes: number): Node {
  const isBiased = c.config.bool("use_bias", true);
  const bias = isBiased ? c.weight(index, "bias", [at(x.type.shape, 1)]) : undefined;
  const sum =
    bias === undefined ? x : c.add(x, c.reshape(bias, [...bias.type.shape, ...range(axes).map(() => 1)]));
  const option = c.config.get("activation");
  if (!isAlongAxis(option) || !isLast(c)) return activated(c, sum, option);
  // What runs along the last axis of what Keras sees runs along the channels.
  return channelsFirst(c, activated(c, channelsLast(c, sum), option));
}

const convolution =
  (axes: number): Lower =>
  (c) =>
    spatially(c, c.input, (x) => {
      const product = convolved(
        c,
        x,
        kernel(c, 0, "kernel", kernelArrangement(axes)),
        latticeOf(c, axes),
        c.config.size("groups", 1),
      );
      return finished(c, product, 1, axes);
    });

const channelsOf = (x: Node): number => {
  const channels = at(x.type.shape, 1);
  if (typeof channels !== "number") throw new NotCovered("a symbolic number of channels");
  return channels;
};

const depthwise =
  (axes: number): Lower =>
  (c) =>
    spatially(c, c.input, (x) => {
      const name = c.isOld ? "depthwise_kernel" : "kernel";
      const w = kernel(c, 0, name, depthwiseArrangement(axes));
      return finished(c, convolved(c, x, w, latticeOf(c, axes), channelsOf(x)), 1, axes);
    });

const separable =
  (axes: number): Lower =>
  (c) =>
    spatially(c, c.input, (x) => {
      const spread = convolved(
        c,
        x,
        kernel(c, 0, "depthwise_kernel", depthwiseArrangement(axes)),
        latticeOf(c, axes),
        channelsOf(x),
      );
      const ones = range(axes).map(() => 1);
      const mixed = c.apply(
        "Convolution",
        [spread, kernel(c, 1, "pointwise_kernel", kernelArrangement(axes))],
        {
          strides: ones,
          dilation: ones,
          padding: range(axes).map(() => [0, 0] as const),
          groups: 1,
        },
      );
      return finished(c, mixed, 2, axes);
    });

/** Zeros around what is spread out by the stride, so that the output has the length that Keras gives it. */
function transposedWidths(
  c: Layer,
  sizes: readonly number[],
  { strides, dilation }: Omit<Lattice, "sizes">,
): Widths {
  const padding = c.config.text("padding", "valid").toLowerCase();
  const extra = c.config.has("output_padding") ? c.config.perAxis("output_padding", sizes.length) : undefined;
  return sizes.map((own, i): readonly [number, number] => {
    const [size, stride] = [(own - 1) * at(dilation, i) + 1, at(strides, i)];
    if (padding === "valid") return [size - 1, size - 1 + (extra?.[i] ?? Math.max(size, stride) - size)];
    if (padding !== "same") throw new NotCovered(`padding ${padding}`);
    const given = extra?.[i];
    const total = given === undefined ? stride + size - 2 : size + (size % 2) - 2 + given;
    const before = Math.min(Math.ceil(total / 2), size - 1);
    return [before, total - before];
  });
}

/** The adjoint of a convolution: over x with zeros between its elements, by the kernel turned around. */
const transposed =
  (axes: number): Lower =>
  (c) =>
    spatially(c, c.input, (x) => {
      const { strides, dilation } = latticeOf(c, axes);
      // Keras stores [sizes…, filters, channels].
      const stored = c.arranged(0, "kernel", kernelArrangement(axes));
      c.note(
        "kernels of transposed convolutions are shown as [channels, filters, sizes], as PyTorch stores them",
      );
      const sizes = sizesOf(stored);
      const widths = transposedWidths(c, sizes, { strides, dilation });
      const interior = strides.map((stride) => stride - 1);
      const spread = padded(c, x, widths, c.integer(0, x), interior);
      const swapped = c.transpose(stored, [1, 0, ...range(axes).map((i) => i + 2)]);
      const turned = range(axes).reduce<Node>((node, i) => reversed(c, node, i + 2), swapped);
      const product = c.apply("Convolution", [spread, turned], {
        strides: range(axes).map(() => 1),
        dilation,
        padding: range(axes).map(() => [0, 0] as const),
        groups: 1,
      });
      return finished(c, product, 1, axes);
    });

const each = (name: string, lower: (axes: number) => Lower): Rows =>
  Object.fromEntries([1, 2, 3].map((axes) => [`${name}${axes}D`, lower(axes)]));
const eachTransposed = Object.fromEntries(
  [1, 2, 3].map((axes) => [`Conv${axes}DTranspose`, transposed(axes)] as const),
);

export const convolutionLayers: Rows = {
  ...each("Conv", convolution),
  ...eachTransposed,
  ...each("DepthwiseConv", depthwise),
  ...each("SeparableConv", separable),
};
