/** @file Convolutions, pooling, windows and padding. Results are checked against the shapes that the file declares. */
import { at, range, zip } from "../../base/assert.ts";
import { rational } from "../../base/rational.ts";
import { equalShapes } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import type { OpAttrs } from "../../ir/operators.ts";
import { padded, reversed, type Widths } from "../common/padding.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";

/** One integer for each of `axes`; a list of one holds for all, an empty one is absent. */
function perAxis(c: Call, name: string, axes: number, usual: readonly number[]): number[] {
  const given = c.has(name) ? c.ints(name) : [];
  if (given.length === 0) return [...usual];
  return given.length === 1 ? range(axes).map(() => at(given, 0)) : given;
}
const all = (axes: number, value: number): number[] => range(axes).map(() => value);
const bothSides = (widths: readonly number[]): Widths => widths.map((width) => [width, width]);

/** The bias of each filter, along the axis of the filters. */
function withBias(c: Call, product: Node, axes: number): Node {
  const bias = c.optionalTensor("bias");
  return bias === undefined
    ? product
    : c.add(product, c.reshape(bias, [...bias.type.shape, ...all(axes, 1)]));
}

/** "same" puts the odd element behind, as torch does; "valid" is no padding. */
function namedPadding(name: string, sizes: readonly number[], dilation: readonly number[]): Widths {
  if (name === "valid") return bothSides(sizes.map(() => 0));
  if (name !== "same") throw new NotCovered(`padding ${name}`);
  return zip(sizes, dilation).map(([size, step]) => {
    const total = step * (size - 1);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
}

/** Sizes of a kernel behind its two axes of channels. */
const kernelSizes = (kernel: Node): number[] =>
  kernel.type.shape.slice(2).map((size) => {
    if (typeof size !== "number") throw new NotCovered("a kernel of symbolic size");
    return size;
  });

function convolution(
  c: Call,
  widths: (sizes: readonly number[], dilation: readonly number[]) => Widths,
): Node {
  const [x, kernel] = [c.tensor("input"), c.tensor("weight")];
  const sizes = kernelSizes(kernel);
  const axes = sizes.length;
  const dilation = perAxis(c, "dilation", axes, all(axes, 1));
  const product = c.apply("Convolution", [x, kernel], {
    strides: perAxis(c, "stride", axes, all(axes, 1)),
    padding: widths(sizes, dilation),
    dilation,
    groups: c.int("groups", 1),
  });
  return withBias(c, product, axes);
}
const byWidths: Lower = (c) =>
  convolution(c, ({ length }) => bothSides(perAxis(c, "padding", length, all(length, 0))));
const byName: Lower = (c) =>
  convolution(c, (sizes, dilation) => namedPadding(c.text("padding", "valid"), sizes, dilation));

const flipped: Lower = (c) => {
  const x = c.tensor("self");
  return c.axisList("dims", x.type.shape.length).reduce((node, axis) => reversed(c, node, axis), x);
};

/** A kernel [inputs, outputs / groups, sizes] as [outputs, inputs / groups, sizes], turned around in space. */
function transposedKernel(c: Call, kernel: Node, groups: number): Node {
  const [inputs, outputs, ...sizes] = kernel.type.shape.map((size) => {
    if (typeof size !== "number") throw new NotCovered("a kernel of symbolic size");
    return size;
  });
  const share = (inputs ?? 0) / groups;
  const spatial = range(sizes.length);
  const grouped = c.reshape(kernel, [groups, share, outputs ?? 0, ...sizes]);
  const swapped = c.apply("Transpose", [grouped], { permutation: [0, 2, 1, ...spatial.map((i) => i + 3)] });
  const joined = c.reshape(swapped, [groups * (outputs ?? 0), share, ...sizes]);
  return spatial.reduce((node, i) => reversed(c, node, i + 2), joined);
}

/** The adjoint of a convolution: over x with zeros between its elements, by the kernel turned around. */
const transposed: Lower = (c) => {
  const [x, kernel] = [c.tensor("input"), c.tensor("weight")];
  const sizes = kernelSizes(kernel);
  const axes = sizes.length;
  const of = (name: string, usual: number): number[] => perAxis(c, name, axes, all(axes, usual));
  const [dilation, padding, extra] = [of("dilation", 1), of("padding", 0), of("output_padding", 0)];
  const groups = c.int("groups", 1);
  const widths = sizes.map((size, i): readonly [number, number] => {
    const around = at(dilation, i) * (size - 1) - at(padding, i);
    return [around, around + at(extra, i)];
  });
  const interior = of("stride", 1).map((stride) => stride - 1);
  const spread = padded(c, x, widths, c.constant(0, x.type.dtype), interior);
  const attrs = { strides: all(axes, 1), padding: bothSides(all(axes, 0)), dilation, groups };
  return withBias(c, c.apply("Convolution", [spread, transposedKernel(c, kernel, groups)], attrs), axes);
};
const either: Lower = (c) => (c.bool("transposed", false) ? transposed(c) : byWidths(c));

/** Rounding the number of windows up matters only where it shows. */
function roundedDown(c: Call, node: Node): Node {
  if (!equalShapes(node.type.shape, c.result.shape))
    throw new NotCovered("windows that reach beyond the end");
  return node;
}

const windowing = (c: Call, axes: number): Omit<OpAttrs["MaxPool"], "dilation"> => {
  const sizes = perAxis(c, "kernel_size", axes, []);
  return {
    sizes,
    strides: perAxis(c, "stride", axes, sizes),
    padding: bothSides(perAxis(c, "padding", axes, all(axes, 0))),
  };
};

/** The largest values; their places are a second result, which stays without a meaning. */
const maxPool =
  (axes: number): Lower =>
  (c) => {
    const dilation = perAxis(c, "dilation", axes, all(axes, 1));
    return [roundedDown(c, c.apply("MaxPool", [c.tensor("self")], { ...windowing(c, axes), dilation }))];
  };

const averagePool =
  (axes: number): Lower =>
  (c) => {
    const own = windowing(c, axes);
    const countPadding = c.bool("count_include_pad", true) || c.has("divisor_override");
    const mean = roundedDown(c, c.apply("AveragePool", [c.tensor("self")], { ...own, countPadding }));
    if (!c.has("divisor_override")) return mean;
    const count = own.sizes.reduce((product, size) => product * size, 1);
    return c.mul(mean, c.constant(rational(count, c.int("divisor_override")), mean.type.dtype));
  };

/** Windows of equal size that cover the last axes; of an axis that becomes one, the whole. */
function adaptiveSizes(c: Call, x: Node, axes: number): number[] {
  const from = x.type.shape.slice(-axes);
  return zip(from, c.result.shape.slice(-axes)).map(([size, wanted]) => {
    const isDivided = typeof size === "number" && typeof wanted === "number" && size % wanted === 0;
    if (!isDivided) throw new NotCovered("adaptive pooling whose output size does not divide the input size");
    return size / wanted;
  });
}
/** The axes that a global pool reduces; `undefined` for every other. */
function wholeAxes(c: Call, x: Node, axes: number): number[] | undefined {
  const last = range(axes).map((i) => x.type.shape.length - axes + i);
  return c.result.shape.slice(-axes).every((size) => size === 1) ? last : undefined;
}
const adaptive =
  (
    axes: number,
    reduce: (c: Call, x: Node, over: readonly number[], sizes: readonly number[]) => Node,
  ): Lower =>
  (c) => {
    const x = c.tensor("self");
    const whole = wholeAxes(c, x, axes);
    if (whole !== undefined) return [c.reshape(reduce(c, x, whole, []), c.result.shape)];
    return [reduce(c, x, [], adaptiveSizes(c, x, axes))];
  };
const covering = (sizes: readonly number[]): Omit<OpAttrs["MaxPool"], "dilation"> => ({
  sizes,
  strides: sizes,
  padding: bothSides(all(sizes.length, 0)),
});
const adaptiveMean = (axes: number): Lower =>
  adaptive(axes, (c, x, over, sizes) =>
    over.length > 0
      ? c.apply("Mean", [x], { axes: over })
      : c.apply("AveragePool", [x], { ...covering(sizes), countPadding: true }),
  );
const adaptiveMax = (axes: number): Lower =>
  adaptive(axes, (c, x, over, sizes) =>
    over.length > 0
      ? c.apply("Max", [x], { axes: over })
      : c.apply("MaxPool", [x], { ...covering(sizes), dilation: all(sizes.length, 1) }),
  );

/** Widths from the last axis on, as torch.nn.functional.pad takes them. */
const pad: Lower = (c) => {
  const x = c.tensor("self");
  if (c.text("mode", "constant") !== "constant") throw new NotCovered(`padding in mode ${c.text("mode")}`);
  const flat = c.ints("pad");
  const widths = range(flat.length / 2).map((i): readonly [number, number] => [
    at(flat, 2 * i),
    at(flat, 2 * i + 1),
  ]);
  const fill = c.has("value") ? c.scalar("value", x) : c.constant(0, x.type.dtype);
  return padded(c, x, widths.toReversed(), fill);
};

/** x.unfold(dim, size, step): the elements of a window become the last axis. */
const unfolded: Lower = (c) => {
  const x = c.tensor("self");
  const axis = c.axis("dimension", x.type.shape.length);
  const view = c.apply("Windows", [x], { axis, size: c.int("size"), step: c.int("step"), dilation: 1 });
  const rank = view.type.shape.length;
  const permutation = [...range(rank).filter((i) => i !== axis + 1), axis + 1];
  return axis + 1 === rank - 1 ? view : c.apply("Transpose", [view], { permutation });
};

/** torch.nn.functional.unfold: windows of images as columns [channels · elements, positions]. */
const columns: Lower = (c) => {
  const x = c.tensor("self");
  const of = (name: string, usual: number): number[] => perAxis(c, name, 2, all(2, usual));
  const [sizes, dilation, steps] = [of("kernel_size", 1), of("dilation", 1), of("stride", 1)];
  const around = padded(c, x, bothSides(of("padding", 0)), c.constant(0, x.type.dtype));
  const first = x.type.shape.length - 2;
  const view = range(2).reduce<Node>(
    (node, i) =>
      c.apply("Windows", [node], {
        axis: first + 2 * i,
        size: at(sizes, i),
        step: at(steps, i),
        dilation: at(dilation, i),
      }),
    around,
  );
  const permutation = [...range(first), ...[1, 3, 0, 2].map((i) => first + i)];
  return c.reshape(c.apply("Transpose", [view], { permutation }), c.result.shape);
};

export const convolutions: Rows = {
  "aten.conv1d.default": byWidths,
  "aten.conv2d.default": byWidths,
  "aten.conv3d.default": byWidths,
  "aten.conv1d.padding": byName,
  "aten.conv2d.padding": byName,
  "aten.conv3d.padding": byName,
  "aten.convolution.default": either,
  "aten.conv_transpose1d.default": transposed,
  "aten.conv_transpose2d.input": transposed,
  "aten.conv_transpose3d.input": transposed,
  "aten.max_pool1d.default": maxPool(1),
  "aten.max_pool2d.default": maxPool(2),
  "aten.max_pool3d.default": maxPool(3),
  "aten.max_pool2d_with_indices.default": maxPool(2),
  "aten.max_pool3d_with_indices.default": maxPool(3),
  "aten.avg_pool1d.default": averagePool(1),
  "aten.avg_pool2d.default": averagePool(2),
  "aten.avg_pool3d.default": averagePool(3),
  "aten.adaptive_avg_pool1d.default": adaptiveMean(1),
  "aten.adaptive_avg_pool2d.default": adaptiveMean(2),
  "aten._adaptive_avg_pool2d.default": adaptiveMean(2),
  "aten.adaptive_max_pool1d.default": adaptiveMax(1),
  "aten.adaptive_max_pool2d.default": adaptiveMax(2),
  "aten.pad.default": pad,
  "aten.constant_pad_nd.default": pad,
  "aten.unfold.default": unfolded,
  "aten.im2col.default": columns,
  "aten.flip.default": flipped,
};
