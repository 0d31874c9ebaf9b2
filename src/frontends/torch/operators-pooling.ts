/** @file Pooling, padding, and what lies along axes at other densities: the largest or the mean of windows. */
import { at, range, zip } from "../../base/assert.ts";
import { rational } from "../../base/rational.ts";
import { elementCount } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import type { OpAttrs } from "../../ir/operators.ts";
import { isReal } from "../../ir/type.ts";
import { padded, reversed, type Widths } from "../common/padding.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";
import { all, bothSides, perAxis } from "./operators-convolution.ts";
import { contract } from "./operators-linear.ts";

function knownSizes(x: Node, axes: number): number[] {
  return x.type.shape.slice(-axes).map((size) => {
    if (typeof size !== "number") throw new NotCovered("windows that may reach beyond a symbolic size");
    return size;
  });
}

interface Windowing {
  readonly sizes: number[];
  readonly strides: number[];
  readonly dilation: number[];
  /** As the caller gave it. */
  readonly padding: Widths;
  /** With what the last windows reach beyond the end, where their number is rounded up. */
  readonly reach: Widths;
}

function windowing(c: Call, x: Node, axes: number): Windowing {
  const sizes = perAxis(c, "kernel_size", axes, []);
  const strides = perAxis(c, "stride", axes, sizes);
  const dilation = perAxis(c, "dilation", axes, all(axes, 1));
  const padding = bothSides(perAxis(c, "padding", axes, all(axes, 0)));
  if (!c.bool("ceil_mode", false)) return { sizes, strides, dilation, padding, reach: padding };
  const wanted = c.result.shape.slice(-axes);
  const reach = knownSizes(x, axes).map((size, i): readonly [number, number] => {
    const [before, after] = at(padding, i);
    const last = (Number(at(wanted, i)) - 1) * at(strides, i) + at(dilation, i) * (at(sizes, i) - 1) + 1;
    return [before, Math.max(after, last - size - before)];
  });
  return { sizes, strides, dilation, padding, reach };
}

/** The elements of each window as one last axis. */
function windowed(c: Call, x: Node, axes: number, { sizes, strides, dilation }: Windowing): Node {
  const first = x.type.shape.length - axes;
  const view = range(axes).reduce<Node>(
    (node, i) =>
      c.apply("Windows", [node], {
        axis: first + 2 * i,
        size: at(sizes, i),
        step: at(strides, i),
        dilation: at(dilation, i),
      }),
    x,
  );
  const [places, elements] = [
    range(axes).map((i) => first + 2 * i),
    range(axes).map((i) => first + 2 * i + 1),
  ];
  const moved = c.transpose(view, [...range(first), ...places, ...elements]);
  const outer = moved.type.shape.slice(0, first + axes);
  return c.reshape(moved, [...outer, sizes.reduce((product, size) => product * size, 1)]);
}

const lowest = (c: Call, x: Node): Node =>
  isReal(x.type.dtype)
    ? c.apply("NamedConstant", [], { name: "negative infinity", dtype: x.type.dtype })
    : c.constant(-(2 ** 53), x.type.dtype);

/** The place of the first largest element of each window, counted through all pooled axes. */
function largestPlaces(c: Call, x: Node, axes: number, own: Windowing): Node {
  const shape = x.type.shape.slice(-axes);
  const numbers = c.reshape(c.apply("Iota", [], { size: elementCount(shape), dtype: "int64" }), shape);
  const places = windowed(c, padded(c, numbers, own.reach, c.constant(0, "int64")), axes, own);
  const values = windowed(c, padded(c, x, own.reach, lowest(c, x)), axes, own);
  const axis = values.type.shape.length - 1;
  const isFirst = c.equal(c.apply("Rank", [values], { axis }), c.constant(0, "int64"));
  return c.apply("Sum", [c.where(isFirst, places, c.constant(0, "int64"))], { axes: [axis] });
}

/** The largest values, and their places where something reads them. */
const maxPool =
  (axes: number): Lower =>
  (c) => {
    const x = c.tensor("self");
    const own = windowing(c, x, axes);
    const { sizes, strides, dilation, reach } = own;
    const values = isReal(x.type.dtype)
      ? c.apply("MaxPool", [x], { sizes, strides, padding: reach, dilation })
      : c.apply("Max", [windowed(c, padded(c, x, reach, lowest(c, x)), axes, own)], {
          axes: [x.type.shape.length],
        });
    return c.isRead(1) ? [values, largestPlaces(c, x, axes, own)] : [values];
  };

const averagePool =
  (axes: number): Lower =>
  (c) => {
    const x = c.tensor("self");
    const { sizes, strides, padding, reach } = windowing(c, x, axes);
    const countPadding = c.bool("count_include_pad", true);
    const beyond = zip(padding, reach).map(([own, all]) => all[1] - own[1]);
    const count = rational(sizes.reduce((product, size) => product * size, 1));
    if (!isReal(x.type.dtype)) throw new NotCovered("means of integers, which are rounded");
    if (beyond.every((extra) => extra === 0) && !c.has("divisor_override"))
      return c.apply("AveragePool", [x], { sizes, strides, padding, countPadding });
    const pooled = c.apply("AveragePool", [x], { sizes, strides, padding: reach, countPadding: true });
    if (c.has("divisor_override"))
      return c.mul(pooled, c.constant(rational(count.numerator, c.int("divisor_override")), x.type.dtype));
    // What lies beyond the padding counts for nothing.
    const ones = c.stretch(
      c.constant(1, x.type.dtype),
      x.type.shape.slice(-axes).reduce<number[]>((s, n) => [...s, Number(n)], [1]),
    );
    const counted = padded(c, ones, padding, c.constant(countPadding ? 1 : 0, x.type.dtype));
    const ends = beyond.map((extra): readonly [number, number] => [0, extra]);
    const share = c.apply("AveragePool", [counted], { sizes, strides, padding: ends, countPadding: true });
    return c.div(pooled, share);
  };

// Adaptive: as many windows as are asked for, as equal as can be

/** Where windows begin and end that share `size` elements among `count` (ATen's start_index and end_index). */
const shares = (size: number, count: number): { start: number[]; stop: number[] } => ({
  start: range(count).map((i) => Math.floor((i * size) / count)),
  stop: range(count).map((i) => Math.ceil(((i + 1) * size) / count)),
});

/** [count, size]: 1 / length in each window. */
export function shareMatrix(c: Call, size: number, count: number, like: Node): Node {
  const { start, stop } = shares(size, count);
  const list = (values: readonly number[]): Node => c.list(values, [count, 1], "int64");
  const places = c.apply("Iota", [], { size, dtype: "int64" });
  const inside = c.and(c.not(c.less(places, list(start))), c.less(places, list(stop)));
  const lengths = c.list(
    stop.map((end, i) => end - at(start, i)),
    [count, 1],
    like.type.dtype,
  );
  return c.div(c.cast(inside, like.type.dtype), lengths);
}

/** x multiplied along one axis by a matrix [to, from]. */
export function along(c: Call, matrix: Node, x: Node, axis: number): Node {
  const labels = x.type.shape.map((_, i) => `axis${i}`);
  return contract(c, x, matrix, [labels, ["to", at(labels, axis)], labels.with(axis, "to")]);
}

const covering = (sizes: readonly number[]): Omit<OpAttrs["MaxPool"], "dilation"> => ({
  sizes,
  strides: sizes,
  padding: bothSides(all(sizes.length, 0)),
});

type Reduce = (c: Call, x: Node, axes: readonly number[]) => Node;
interface Adaptive {
  readonly whole: Reduce;
  readonly even: (c: Call, x: Node, sizes: readonly number[]) => Node;
  /** Along one axis, with windows that overlap. */
  readonly uneven: (c: Call, x: Node, axis: number, size: number, count: number) => Node;
}

function adapted(c: Call, x: Node, axes: number, { whole, even, uneven }: Adaptive): Node {
  const last = range(axes).map((i) => x.type.shape.length - axes + i);
  const wanted = c.result.shape.slice(-axes);
  if (wanted.every((size) => size === 1)) return c.reshape(whole(c, x, last), c.result.shape);
  const sizes = zip(knownSizes(x, axes), wanted.map(Number));
  if (sizes.every(([size, count]) => size % count === 0))
    return even(
      c,
      x,
      sizes.map(([size, count]) => size / count),
    );
  return zip(last, sizes).reduce((node, [axis, [size, count]]) => uneven(c, node, axis, size, count), x);
}
const means: Adaptive = {
  whole: (c, x, axes) => c.apply("Mean", [x], { axes }),
  even: (c, x, sizes) => c.apply("AveragePool", [x], { ...covering(sizes), countPadding: true }),
  uneven: (c, x, axis, size, count) => along(c, shareMatrix(c, size, count, x), x, axis),
};
const largest: Adaptive = {
  whole: (c, x, axes) => c.apply("Max", [x], { axes }),
  even: (c, x, sizes) => c.apply("MaxPool", [x], { ...covering(sizes), dilation: all(sizes.length, 1) }),
  uneven: (c, x, axis, size, count) => {
    const { start, stop } = shares(size, count);
    const rows = range(count).map((i) => {
      const window = c.slice(x, axis, at(start, i), at(stop, i));
      return c.reshape(c.apply("Max", [window], { axes: [axis] }), x.type.shape.with(axis, 1));
    });
    return c.concat(rows, axis);
  },
};
const adaptive =
  (axes: number, kind: Adaptive): Lower =>
  (c) => {
    const x = c.tensor("self");
    const values = adapted(c, x, axes, kind);
    return kind === largest && c.isRead(1) ? [values, adaptedPlaces(c, x, axes, values)] : [values];
  };

/** Where the largest element of each window lies: the first place within it that has its value. */
function adaptedPlaces(c: Call, x: Node, axes: number, values: Node): Node {
  const from = knownSizes(x, axes);
  const to = knownSizes(values, axes);
  const outer = x.type.shape.slice(0, -axes);
  const count = from.reduce((product, size) => product * size, 1);
  // [to.., from..]: whether an element lies in a window.
  const inside = zip(from, to)
    .map(([size, many], i) => {
      const { start, stop } = shares(size, many);
      const places = c.apply("Iota", [], { size, dtype: "int64" });
      const list = (numbers: readonly number[]): Node => c.list(numbers, [many, 1], "int64");
      const own = c.and(c.not(c.less(places, list(start))), c.less(places, list(stop)));
      const shape = range(2 * axes).map((j) => (j === i ? many : j === axes + i ? size : 1));
      return c.reshape(own, shape);
    })
    .reduce((left, right) => c.and(left, right));
  const wide = c.reshape(x, [...outer, ...all(axes, 1), ...from]);
  const same = c.and(inside, c.equal(wide, c.reshape(values, [...outer, ...to, ...all(axes, 1)])));
  const numbers = c.reshape(c.apply("Iota", [], { size: count, dtype: "int64" }), from);
  const first = outer.length + axes;
  const listed = c.where(same, c.sub(c.constant(0, "int64"), numbers), c.constant(-count, "int64"));
  return c.apply("Neg", [c.apply("Max", [listed], { axes: range(axes).map((i) => first + i) })], {});
}

// Padding

/** Copies of what lies at the ends of an axis, laid around it. */
type Around = (c: Call, x: Node, axis: number, size: number, count: number, side: "before" | "after") => Node;
const mirrored: Around = (c, x, axis, size, count, side) => {
  const part =
    side === "before" ? c.slice(x, axis, 1, count + 1) : c.slice(x, axis, size - 1 - count, size - 1);
  return reversed(c, part, axis);
};
const edge: Around = (c, x, axis, size, count, side) => {
  const one = side === "before" ? c.slice(x, axis, 0, 1) : c.slice(x, axis, size - 1, size);
  return c.stretch(one, x.type.shape.with(axis, count));
};
const wrapped: Around = (c, x, axis, size, count, side) =>
  side === "before" ? c.slice(x, axis, size - count, size) : c.slice(x, axis, 0, count);
const modes: Readonly<Record<string, Around>> = { reflect: mirrored, replicate: edge, circular: wrapped };

export function surrounded(c: Call, x: Node, widths: Widths, mode: string): Node {
  const around = modes[mode];
  if (around === undefined) throw new NotCovered(`padding in mode ${mode}`);
  const axes = widths.length;
  const first = x.type.shape.length - axes;
  const zero = c.constant(0, x.type.dtype);
  const cut = padded(
    c,
    x,
    widths.map(([before, after]) => [Math.min(before, 0), Math.min(after, 0)] as const),
    zero,
  );
  return widths.reduce((node, [before, after], i) => {
    const axis = first + i;
    const size = at(node.type.shape, axis);
    if (typeof size !== "number") throw new NotCovered("a symbolic size with more than zeros around it");
    const parts = [
      ...(before > 0 ? [around(c, node, axis, size, before, "before")] : []),
      node,
      ...(after > 0 ? [around(c, node, axis, size, after, "after")] : []),
    ];
    return c.concat(parts, axis);
  }, cut);
}

/** Widths from the last axis on, as torch.nn.functional.pad takes them. */
function widthsOf(c: Call, name: string): Widths {
  const flat = c.ints(name);
  return range(flat.length / 2)
    .map((i) => [at(flat, 2 * i), at(flat, 2 * i + 1)] as const)
    .toReversed();
}
const pad: Lower = (c) => {
  const x = c.tensor("self");
  const mode = c.text("mode", "constant");
  if (mode !== "constant") return surrounded(c, x, widthsOf(c, "pad"), mode);
  const fill = c.has("value") ? c.scalar("value", x) : c.constant(0, x.type.dtype);
  return padded(c, x, widthsOf(c, "pad"), fill);
};
const padAs =
  (mode: string): Lower =>
  (c) =>
    surrounded(c, c.tensor("self"), widthsOf(c, "padding"), mode);

const each = (lower: Lower, ...names: readonly string[]): Rows =>
  Object.fromEntries(names.map((name) => [`aten.${name}.default`, lower]));

export const pooling: Rows = {
  ...each(maxPool(1), "max_pool1d", "max_pool1d_with_indices"),
  ...each(maxPool(2), "max_pool2d", "max_pool2d_with_indices"),
  ...each(maxPool(3), "max_pool3d", "max_pool3d_with_indices"),
  ...each(averagePool(1), "avg_pool1d"),
  ...each(averagePool(2), "avg_pool2d"),
  ...each(averagePool(3), "avg_pool3d"),
  ...each(adaptive(1, means), "adaptive_avg_pool1d"),
  ...each(adaptive(2, means), "adaptive_avg_pool2d", "_adaptive_avg_pool2d"),
  ...each(adaptive(3, means), "adaptive_avg_pool3d", "_adaptive_avg_pool3d"),
  ...each(adaptive(1, largest), "adaptive_max_pool1d"),
  ...each(adaptive(2, largest), "adaptive_max_pool2d"),
  ...each(adaptive(3, largest), "adaptive_max_pool3d"),
  ...each(pad, "pad", "constant_pad_nd"),
  ...each(padAs("reflect"), "reflection_pad1d", "reflection_pad2d", "reflection_pad3d"),
  ...each(padAs("replicate"), "replication_pad1d", "replication_pad2d", "replication_pad3d"),
};
