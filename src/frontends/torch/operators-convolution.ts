/** @file Convolutions and windows. Results are checked against the shapes that the file declares. */
import { at, range, zip } from "../../base/assert.ts";
import type { Node } from "../../ir/graph.ts";
import { padded, reversed, type Widths } from "../common/padding.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";

/** One integer for each of `axes`; a list of one holds for all, an empty one is absent. */
export function perAxis(c: Call, name: string, axes: number, usual: readonly number[]): number[] {
  const given = c.has(name) ? c.ints(name) : [];
  if (given.length === 0) return [...usual];
  return given.length === 1 ? range(axes).map(() => at(given, 0)) : given;
}
export const all = (axes: number, value: number): number[] => range(axes).map(() => value);
export const bothSides = (widths: readonly number[]): Widths => widths.map((width) => [width, width]);

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

interface Adjoint {
  readonly strides: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
  /** What the convolution's windows left over at the end of each axis. */
  readonly extra: readonly number[];
}
/** The adjoint of a convolution: over x with zeros between its elements, by the kernel turned around. */
export function adjointConvolution(
  c: Call,
  x: Node,
  kernel: Node,
  { strides, padding, dilation, groups, extra }: Adjoint,
): Node {
  const sizes = kernelSizes(kernel);
  const axes = sizes.length;
  const widths = sizes.map((size, i): readonly [number, number] => {
    const around = at(dilation, i) * (size - 1) - at(padding, i);
    return [around, around + at(extra, i)];
  });
  const interior = strides.map((stride) => stride - 1);
  const spread = padded(c, x, widths, c.constant(0, x.type.dtype), interior);
  const attrs = { strides: all(axes, 1), padding: bothSides(all(axes, 0)), dilation, groups };
  return c.apply("Convolution", [spread, transposedKernel(c, kernel, groups)], attrs);
}
const transposed: Lower = (c) => {
  const [x, kernel] = [c.tensor("input"), c.tensor("weight")];
  const axes = kernelSizes(kernel).length;
  const of = (name: string, usual: number): number[] => perAxis(c, name, axes, all(axes, usual));
  const product = adjointConvolution(c, x, kernel, {
    strides: of("stride", 1),
    padding: of("padding", 0),
    dilation: of("dilation", 1),
    groups: c.int("groups", 1),
    extra: of("output_padding", 0),
  });
  return withBias(c, product, axes);
};
const either: Lower = (c) => (c.bool("transposed", false) ? transposed(c) : byWidths(c));

/** x.unfold(dim, size, step): the elements of a window become the last axis. */
const unfolded: Lower = (c) => {
  const own = c.tensor("self");
  const x = own.type.shape.length === 0 ? c.reshape(own, [1]) : own;
  const axis = c.axis("dimension", x.type.shape.length);
  const view = c.apply("Windows", [x], { axis, size: c.int("size"), step: c.int("step"), dilation: 1 });
  const rank = view.type.shape.length;
  const permutation = [...range(rank).filter((i) => i !== axis + 1), axis + 1];
  const windows = c.transpose(view, permutation);
  return own === x ? windows : c.reshape(windows, c.result.shape);
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
  "aten.unfold.default": unfolded,
  "aten.unfold_copy.default": unfolded,
  "aten.im2col.default": columns,
  "aten.flip.default": flipped,
};
