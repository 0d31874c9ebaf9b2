/** @file ONNX operators that lay windows over images: convolutions, their adjoints, pools. */
import { at, range, zip } from "../../base/assert.ts";
import { rational } from "../../base/rational.ts";
import type { Node } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import { padded, reversed, type Widths } from "../common/padding.ts";
import { constantPower } from "../common/powers.ts";
import type { Call, Lower, Rows } from "./call.ts";

const filled = (count: number, value: number): number[] => range(count).map(() => value);

/** How windows of given sizes lie over the last axes of x. */
interface Lattice {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: Widths;
  /** How far windows reach beyond the padded end, where their number is rounded up. */
  readonly beyond: readonly number[];
}

function latticeOf(c: Call, x: Node, sizes: readonly number[]): Lattice {
  const axes = sizes.length;
  const strides = c.ints("strides") ?? filled(axes, 1);
  const dilation = c.ints("dilations") ?? filled(axes, 1);
  const spans = zip(sizes, dilation).map(([size, step]) => (size - 1) * step + 1);
  const padding = paddingOf(c, x, spans, strides);
  return { sizes, strides, dilation, padding, beyond: beyondOf(c, x, spans, strides, padding) };
}

/** Widths by numbers, or such that there is a window for each stride, with the odd one at the end or at the start. */
function paddingOf(c: Call, x: Node, spans: readonly number[], strides: readonly number[]): Widths {
  const axes = spans.length;
  const mode = c.text("auto_pad", "NOTSET");
  if (mode === "VALID") return spans.map(() => [0, 0]);
  if (mode === "NOTSET") {
    const pads = c.ints("pads") ?? filled(2 * axes, 0);
    return range(axes).map((i) => [at(pads, i), at(pads, i + axes)]);
  }
  return spans.map((span, i) => {
    const stride = at(strides, i);
    const size = at(x.type.shape, x.type.shape.length - axes + i);
    const total =
      stride === 1
        ? span - 1
        : Math.max(
            (Math.ceil(c.concrete(size, "padding of equal sizes") / stride) - 1) * stride +
              span -
              Number(size),
            0,
          );
    const half = Math.floor(total / 2);
    return mode === "SAME_UPPER" ? [half, total - half] : [total - half, half];
  });
}

/** A window that is begun in the padding at the end does not count. */
function beyondOf(
  c: Call,
  x: Node,
  spans: readonly number[],
  strides: readonly number[],
  padding: Widths,
): number[] {
  if (!c.flag("ceil_mode")) return spans.map(() => 0);
  return spans.map((span, i) => {
    const [before, after] = at(padding, i);
    const size = c.concrete(at(x.type.shape, x.type.shape.length - spans.length + i), "windows rounded up");
    const stride = at(strides, i);
    const count = Math.ceil((size + before + after - span) / stride) + 1;
    const used = (count - 1) * stride >= size + before ? count - 1 : count;
    return Math.max((used - 1) * stride + span - (size + before + after), 0);
  });
}

const kernelSizes = (c: Call, kernel: Node): number[] =>
  c.ints("kernel_shape") ?? c.sizes(kernel.type.shape.slice(2), "the size of a kernel");

export function withBias(c: Call, x: Node, bias: Node | undefined, axes: number): Node {
  return bias === undefined ? x : c.add(x, c.reshape(bias, [at(bias.type.shape, 0), ...filled(axes, 1)]));
}

export function convolved(c: Call, x: Node, kernel: Node): Node {
  const { strides, dilation, padding } = latticeOf(c, x, kernelSizes(c, kernel));
  return c.apply("Convolution", [x, kernel], { strides, dilation, padding, groups: c.int("group", 1) });
}
const convolution: Lower = (c) => {
  const kernel = c.input(1);
  return withBias(c, convolved(c, c.input(0), kernel), c.optional(2), kernel.type.shape.length - 2);
};

/** A kernel [inputs, outputs / groups, sizes] as [outputs, inputs / groups, sizes], turned around in space. */
function adjointKernel(c: Call, kernel: Node, groups: number): Node {
  const [inputs = 0, outputs = 0, ...sizes] = c.sizes(kernel.type.shape, "the size of a kernel");
  const spatial = range(sizes.length);
  const grouped = c.reshape(kernel, [groups, inputs / groups, outputs, ...sizes]);
  const swapped = c.transpose(grouped, [0, 2, 1, ...spatial.map((i) => i + 3)]);
  const joined = c.reshape(swapped, [groups * outputs, inputs / groups, ...sizes]);
  return spatial.reduce((node, i) => reversed(c, node, i + 2), joined);
}

/** The adjoint of a convolution: over x with zeros between its elements, by the kernel turned around. */
const transposed: Lower = (c) => {
  const [x, kernel] = [c.input(0), c.input(1)];
  const sizes = kernelSizes(c, kernel);
  const axes = sizes.length;
  const of = (name: string, usual: number): number[] => c.ints(name) ?? filled(axes, usual);
  const [strides, dilation, extra] = [of("strides", 1), of("dilations", 1), of("output_padding", 0)];
  const cut = adjointPadding(c, x, sizes, strides, dilation, extra);
  const widths = sizes.map((size, i): readonly [number, number] => {
    const around = at(dilation, i) * (size - 1);
    const [before, after] = at(cut, i);
    return [around - before, around - after + at(extra, i)];
  });
  const interior = strides.map((stride) => stride - 1);
  const spread = padded(c, x, widths, c.constant(0, x.type.dtype), interior);
  const groups = c.int("group", 1);
  const attrs = {
    strides: filled(axes, 1),
    padding: filled(axes, 0).map((): [number, number] => [0, 0]),
    dilation,
    groups,
  };
  const product = c.apply("Convolution", [spread, adjointKernel(c, kernel, groups)], attrs);
  return withBias(c, product, c.optional(2), axes);
};
/** What is cut off on both sides: given, or what makes the result as large as `output_shape` or the stride says. */
function adjointPadding(
  c: Call,
  x: Node,
  sizes: readonly number[],
  strides: readonly number[],
  dilation: readonly number[],
  extra: readonly number[],
): Widths {
  const axes = sizes.length;
  const [mode, wanted] = [c.text("auto_pad", "NOTSET"), c.ints("output_shape")];
  const pads = c.ints("pads") ?? filled(2 * axes, 0);
  if (wanted === undefined && mode === "NOTSET")
    return range(axes).map((i) => [at(pads, i), at(pads, i + axes)]);
  if (mode === "VALID") return range(axes).map(() => [0, 0]);
  return sizes.map((size, i) => {
    const own = c.concrete(
      at(x.type.shape, x.type.shape.length - axes + i),
      "the shape of a transposed convolution",
    );
    const stride = at(strides, i);
    const target = wanted?.at(i - axes) ?? own * stride;
    const total = stride * (own - 1) + at(extra, i) + (size - 1) * at(dilation, i) + 1 - target;
    const half = Math.floor(total / 2);
    return mode === "SAME_UPPER" ? [half, total - half] : [total - half, half];
  });
}

// Pools

/** A pool whose windows may reach beyond the end: the end is filled with what the pool does not see. */
function filledUp(c: Call, x: Node, { padding, beyond }: Lattice, fill: Node): Node {
  const widths = zip(padding, beyond).map(([[before, after], more]): [number, number] => [
    before,
    after + more,
  ]);
  return padded(c, x, widths, fill);
}
const lowest = (c: Call, x: Node): Node =>
  isReal(x.type.dtype)
    ? c.apply("NamedConstant", [], { name: "negative infinity", dtype: x.type.dtype })
    : c.constant(x.type.dtype === "uint8" ? 0 : -128, x.type.dtype);

/** Positions of windows, and the elements of each window along one last axis: […, positions…, elements]. */
function windowsOf(c: Call, x: Node, { sizes, strides, dilation }: Lattice): Node {
  const lead = x.type.shape.length - sizes.length;
  const view = sizes.reduce<Node>(
    (node, size, i) =>
      c.apply("Windows", [node], {
        axis: lead + 2 * i,
        size,
        step: at(strides, i),
        dilation: at(dilation, i),
      }),
    x,
  );
  const places = range(sizes.length).map((i) => lead + 2 * i);
  const joined = c.transpose(view, [...range(lead), ...places, ...places.map((axis) => axis + 1)]);
  const count = sizes.reduce((product, size) => product * size, 1);
  return c.reshape(joined, [...joined.type.shape.slice(0, lead + sizes.length), count]);
}

const maxPool: Lower = (c) => {
  const x = c.input(0);
  const lattice = latticeOf(c, x, c.ints("kernel_shape") ?? []);
  const isPlain = isReal(x.type.dtype) && lattice.beyond.every((more) => more === 0);
  const { sizes, strides, dilation, padding } = lattice;
  const values = (): Node =>
    isPlain
      ? c.apply("MaxPool", [x], { sizes, strides, dilation, padding })
      : maximumOf(c, windowsOf(c, filledUp(c, x, lattice, lowest(c, x)), lattice));
  return c.outputs.length > 1 ? [values(), placesOf(c, x, lattice)] : values();
};
const maximumOf = (c: Call, windows: Node): Node =>
  c.apply("Max", [windows], { axes: [windows.type.shape.length - 1] });

/** The place of each window's largest element in the whole tensor, row-major or with the last two axes exchanged. */
function placesOf(c: Call, x: Node, lattice: Lattice): Node {
  const dims = c.sizes(x.type.shape, "the places of a pool");
  const order = c.flag("storage_order")
    ? [...range(dims.length - 2), dims.length - 1, dims.length - 2]
    : range(dims.length);
  const stride = (axis: number): number =>
    order.slice(order.indexOf(axis) + 1).reduce((product, other) => product * at(dims, other), 1);
  const numbers = dims.map((size, axis) => {
    const along = c.apply("Iota", [], { size, dtype: "int64" });
    const scaled = c.mul(along, c.constant(stride(axis), "int64"));
    return c.reshape(scaled, [size, ...filled(dims.length - axis - 1, 1)]);
  });
  const flat = c.stretch(
    numbers.reduce((a, b) => c.add(a, b)),
    dims,
  );
  const windows = windowsOf(c, filledUp(c, x, lattice, lowest(c, x)), lattice);
  const places = windowsOf(c, filledUp(c, flat, lattice, c.constant(0, "int64")), lattice);
  const axis = windows.type.shape.length - 1;
  const isFirst = c.equal(c.apply("Rank", [windows], { axis }), c.constant(0, "int64"));
  return c.apply("Sum", [c.where(isFirst, places, c.constant(0, "int64"))], { axes: [axis] });
}

const averagePool: Lower = (c) => {
  const x = c.input(0);
  const lattice = latticeOf(c, x, c.ints("kernel_shape") ?? []);
  const { sizes, strides, padding, dilation, beyond } = lattice;
  const countPadding = c.flag("count_include_pad");
  const isPlain = [...beyond, ...dilation.map((step) => step - 1)].every((more) => more === 0);
  if (isPlain) return c.apply("AveragePool", [x], { sizes, strides, padding, countPadding });
  const zero = c.constant(0, x.type.dtype);
  const total = (values: Node): Node => {
    const windows = windowsOf(c, values, lattice);
    return c.apply("Sum", [windows], { axes: [windows.type.shape.length - 1] });
  };
  const ones = c.stretch(c.constant(1, x.type.dtype), x.type.shape);
  const counted = countPadding
    ? padded(c, ones, padding, c.constant(1, x.type.dtype))
    : padded(c, ones, padding, zero);
  const ends = beyond.map((more): [number, number] => [0, more]);
  return c.div(total(filledUp(c, x, lattice, zero)), total(padded(c, counted, ends, zero)));
};

const lpPool: Lower = (c) => {
  const x = c.input(0);
  const lattice = latticeOf(c, x, c.ints("kernel_shape") ?? []);
  const p = rational(c.int("p", 2));
  const powers = constantPower(c, c.apply("Abs", [x], {}), p);
  const windows = windowsOf(c, filledUp(c, powers, lattice, c.constant(0, x.type.dtype)), lattice);
  const total = c.apply("Sum", [windows], { axes: [windows.type.shape.length - 1] });
  return constantPower(c, total, rational(1, p.numerator));
};

const whole =
  (reduce: (c: Call, x: Node, axes: readonly number[]) => Node): Lower =>
  (c) => {
    const x = c.input(0);
    const axes = range(x.type.shape.length).slice(2);
    return c.reshape(reduce(c, x, axes), [...x.type.shape.slice(0, 2), ...axes.map(() => 1)]);
  };

/** Each value goes to its place in the larger tensor; no two windows name one place. */
const maxUnpool: Lower = (c) => {
  const [x, places, given] = [c.input(0), c.input(1), c.optional(2)];
  const dims = c.sizes(x.type.shape, "the shape of an unpooled image");
  const sizes = c.ints("kernel_shape") ?? [];
  const strides = c.ints("strides") ?? filled(sizes.length, 1);
  const pads = c.ints("pads") ?? filled(2 * sizes.length, 0);
  const own = [
    ...dims.slice(0, -sizes.length),
    ...sizes.map(
      (size, i) =>
        (at(dims, dims.length - sizes.length + i) - 1) * at(strides, i) +
        size -
        at(pads, i) -
        at(pads, i + sizes.length),
    ),
  ];
  const to = given === undefined ? own : c.integers(given, "the shape");
  const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
  // Places count in the tensor that the pool saw, whose shape is the one without `output_shape`.
  const flatPlaces = c.reshape(places, [count(dims), 1]);
  const numbers = c.apply("Iota", [], { size: count(own), dtype: "int64" });
  const isThere = c.equal(flatPlaces, numbers);
  const values = c.where(isThere, c.reshape(x, [count(dims), 1]), c.constant(0, x.type.dtype));
  const image = c.reshape(c.apply("Sum", [values], { axes: [0] }), own);
  const widths = own.map((size, axis): [number, number] => [0, at(to, axis) - size]);
  return padded(c, image, widths, c.constant(0, x.type.dtype));
};

export const convolutions: Rows = {
  Conv: convolution,
  ConvTranspose: transposed,
  MaxPool: maxPool,
  AveragePool: averagePool,
  LpPool: lpPool,
  MaxUnpool: maxUnpool,
  GlobalMaxPool: whole((c, x, axes) => c.apply("Max", [x], { axes })),
  GlobalAveragePool: whole((c, x, axes) => c.apply("Mean", [x], { axes })),
  GlobalLpPool: whole((c, x, axes) => {
    const p = rational(c.int("p", 2));
    const powers = constantPower(c, c.apply("Abs", [x], {}), p);
    return constantPower(c, c.apply("Sum", [powers], { axes }), rational(1, p.numerator));
  }),
};
