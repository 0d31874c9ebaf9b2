/** @file Images at other densities and places: interpolation, and sampling on a grid. */
import { at, range } from "../../base/assert.ts";
import { rational } from "../../base/rational.ts";
import type { Shape } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import * as formulas from "../common/formulas.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";
import { contract } from "./operators-linear.ts";
import { along, surrounded } from "./operators-pooling.ts";
import { repeatedEach } from "./operators-structure.ts";

function known(size: unknown): number {
  if (typeof size !== "number") throw new NotCovered("interpolation to or from a symbolic size");
  return size;
}

/** 1 − |distance| where that is positive: the weights of linear interpolation. */
function hat(c: Call, distance: Node): Node {
  const { dtype } = distance.type;
  const below = c.sub(c.constant(1, dtype), c.apply("Abs", [distance], {}));
  return c.apply("Maximum", [below, c.constant(0, dtype)], {});
}

/** Weights of cubic convolution with a = −3/4 (Keys 1981, eq. 4), as torch has it. */
function cubic(c: Call, distance: Node): Node {
  const { dtype } = distance.type;
  const number = (numerator: number, denominator = 1): Node =>
    c.constant(rational(numerator, denominator), dtype);
  const d = c.apply("Abs", [distance], {});
  const polynomial = (...coefficients: readonly Node[]): Node =>
    coefficients.reduce((sum, coefficient) => c.add(c.mul(sum, d), coefficient));
  const near = polynomial(number(5, 4), number(-9, 4), number(0), number(1));
  const far = polynomial(number(-3, 4), number(15, 4), number(-6), number(3));
  return c.where(c.not(c.less(number(1), d)), near, c.where(c.less(d, number(2)), far, number(0)));
}

/** The scale that the caller gave for each axis, or nothing. */
function givenScales(c: Call, axes: number): (number | undefined)[] {
  const letters = axes === 1 ? [""] : ["d", "h", "w"].slice(-axes).map((letter) => `_${letter}`);
  if (c.has("scale_factors")) return c.floats("scale_factors");
  return letters.map((letter) => (c.has(`scales${letter}`) ? c.float(`scales${letter}`) : undefined));
}

/** One axis of an interpolation. */
export interface Axis {
  readonly axis: number;
  readonly from: number;
  readonly to: number;
  readonly scale: number | undefined;
}
/** The last axes of an interpolation between two shapes. */
export function axesBetween(
  c: Call,
  { from, to }: { readonly from: Shape; readonly to: Shape },
  axes: number,
): Axis[] {
  const first = from.length - axes;
  const scales = givenScales(c, axes);
  return range(axes).map((i) => ({
    axis: first + i,
    from: known(at(from, first + i)),
    to: known(at(to, first + i)),
    scale: scales[i],
  }));
}
const axesOf = (c: Call, x: Node, axes: number): Axis[] =>
  axesBetween(c, { from: x.type.shape, to: c.result.shape }, axes);

/** Where each element of the result lies among those of x: [to, 1]. */
function coordinates(c: Call, { from, to, scale }: Axis, isAligned: boolean, like: Node): Node {
  const { dtype } = like.type;
  const places = c.reshape(c.cast(c.apply("Iota", [], { size: to, dtype: "int64" }), dtype), [to, 1]);
  if (isAligned)
    return to > 1
      ? c.mul(places, c.constant(rational(from - 1, to - 1), dtype))
      : c.mul(places, c.constant(0, dtype));
  const ratio = scale === undefined ? c.constant(rational(from, to), dtype) : c.decimal(1 / scale, dtype);
  const half = c.constant(rational(1, 2), dtype);
  return c.sub(c.mul(c.add(places, half), ratio), half);
}
const distances = (c: Call, places: Node, size: number): Node =>
  c.sub(places, c.cast(c.apply("Iota", [], { size, dtype: "int64" }), places.type.dtype));

const within = (c: Call, places: Node, size: number): Node =>
  c.apply(
    "Minimum",
    [
      c.apply("Maximum", [places, c.constant(0, places.type.dtype)], {}),
      c.constant(size - 1, places.type.dtype),
    ],
    {},
  );

/** [to, from]: the weights of linear interpolation along an axis. */
export function linearWeights(c: Call, axis: Axis, isAligned: boolean, like: Node): Node {
  return hat(c, distances(c, within(c, coordinates(c, axis, isAligned, like), axis.from), axis.from));
}

const linear =
  (axes: number): Lower =>
  (c) => {
    const x = c.optionalTensor("input") ?? c.tensor("self");
    const isAligned = c.bool("align_corners", false);
    return axesOf(c, x, axes).reduce(
      (node, axis) =>
        axis.from === axis.to && axis.scale === undefined
          ? node
          : along(c, linearWeights(c, axis, isAligned, x), node, axis.axis),
      x,
    );
  };

const bicubic: Lower = (c) => {
  const x = c.optionalTensor("input") ?? c.tensor("self");
  const isAligned = c.bool("align_corners", false);
  // Weights reach two elements beyond either end, where the last element stands.
  const wide = surrounded(
    c,
    x,
    [
      [2, 2],
      [2, 2],
    ],
    "replicate",
  );
  return axesOf(c, x, 2).reduce((node, axis) => {
    const places = coordinates(c, axis, isAligned, x);
    const shifted = c.add(places, c.constant(2, places.type.dtype));
    return along(c, cubic(c, distances(c, shifted, axis.from + 4)), node, axis.axis);
  }, wide);
};

/** Which element of x each one of the result is; single precision, as ATen computes it. */
function nearestPlaces({ from, to, scale }: Axis, offset: number): number[] {
  const ratio = Math.fround(scale === undefined ? from / to : 1 / scale);
  return range(to).map((i) => Math.min(Math.floor(Math.fround(Math.fround(i + offset) * ratio)), from - 1));
}
const nearest =
  (axes: number, offset: number): Lower =>
  (c) => {
    const x = c.optionalTensor("input") ?? c.tensor("self");
    return axesOf(c, x, axes).reduce((node, axis) => picked(c, node, axis, nearestPlaces(axis, offset)), x);
  };
/** [to, from]: 1 where an element of the result is the element of x. */
export function nearestWeights(c: Call, axis: Axis, offset: number, like: Node): Node {
  const places = c.list(nearestPlaces(axis, offset), [axis.to, 1], "int64");
  return c.cast(c.equal(places, c.apply("Iota", [], { size: axis.from, dtype: "int64" })), like.type.dtype);
}
function picked(c: Call, x: Node, { axis, from, to }: Axis, places: readonly number[]): Node {
  if (to === from && places.every((place, i) => place === i)) return x;
  if (to % from === 0 && places.every((place, i) => place === Math.floor((i * from) / to)))
    return repeatedEach(c, x, axis, to / from);
  const order = range(x.type.shape.length).with(axis, 0).with(0, axis);
  const rows = c.apply("Take", [c.transpose(x, order), c.list(places, [to], "int64")], {});
  return c.transpose(rows, order);
}

// Sampling at places that the program computes

/** From [−1, 1] to places among the elements. */
function unnormalised(c: Call, x: Node, size: number, isAligned: boolean): Node {
  const number = (value: number): Node => c.constant(rational(value, 2), x.type.dtype);
  if (isAligned) return c.mul(c.add(x, number(2)), number(size - 1));
  return c.sub(c.mul(c.add(x, number(2)), number(size)), number(1));
}

/** x [n, c, h, w] at grid [n, h', w', 2] of (column, row): Σ of elements by their weights, which are none outside. */
const gridSampled: Lower = (c) => {
  const [x, grid] = [c.tensor("input"), c.tensor("grid")];
  const [mode, padding] = [c.int("interpolation_mode"), c.int("padding_mode")];
  if (padding === 2 || mode > 1) throw new NotCovered("sampling with reflection or cubic weights");
  const sizes = x.type.shape.slice(2).map(known);
  const axes = sizes.length;
  const isAligned = c.bool("align_corners", false);
  const labels = ["d", "h", "w"].slice(-axes);
  const places = labels.map((label) => `to ${label}`);
  const weights = sizes.map((size, i) => {
    const last = grid.type.shape.length - 1;
    const own = c.slice(grid, last, axes - 1 - i, axes - i);
    const free = unnormalised(c, own, size, isAligned);
    const kept = padding === 1 ? within(c, free, size) : free;
    return mode === 0 ? hat(c, distances(c, kept, size)) : nearestWeight(c, formulas.round(c, kept), size);
  });
  let [node, own] = [x, ["n", "c", ...labels]];
  for (const [i, weight] of weights.entries()) {
    const label = at(labels, i);
    const rest = own.filter((one) => one !== label && !places.includes(one));
    const out = [...rest, ...places];
    node = contract(c, node, weight, [own, ["n", ...places, label], out]);
    own = out;
  }
  return node;
};
const nearestWeight = (c: Call, places: Node, size: number): Node => {
  const numbers = c.cast(c.apply("Iota", [], { size, dtype: "int64" }), places.type.dtype);
  return c.cast(c.equal(places, numbers), places.type.dtype);
};

/** Places of a grid under an affine map: (x, y, 1) θᵀ. */
const affineGrid: Lower = (c) => {
  const theta = c.tensor("theta");
  const shape = c.result.shape.slice(1, -1);
  const isAligned = c.bool("align_corners", false);
  const { dtype } = theta.type;
  const columns = shape.map((size, i) => {
    const count = known(size);
    const numbers = c.cast(c.apply("Iota", [], { size: count, dtype: "int64" }), dtype);
    const step = isAligned ? rational(2, Math.max(count - 1, 1)) : rational(2, count);
    const start = isAligned ? rational(count > 1 ? -1 : 0) : rational(1 - count, count);
    const line = c.add(c.mul(numbers, c.constant(step, dtype)), c.constant(start, dtype));
    return c.reshape(
      c.stretch(
        c.reshape(
          line,
          shape.map((own, j) => (j === i ? own : 1)),
        ),
        shape,
      ),
      [...shape, 1],
    );
  });
  const ones = c.stretch(c.constant(1, dtype), [...shape, 1]);
  const base = c.concat([...columns.toReversed(), ones], shape.length);
  const labels = shape.map((_, i) => `axis${i}`);
  return contract(c, theta, base, [
    ["n", "to", "k"],
    [...labels, "k"],
    ["n", ...labels, "to"],
  ]);
};

const each = (lower: Lower, ...names: readonly string[]): Rows =>
  Object.fromEntries(names.map((name) => [`aten.${name}`, lower]));

const overloads = (lower: (axes: number) => Lower, name: string, ...axes: readonly number[]): Rows =>
  Object.assign({}, ...axes.map((n) => each(lower(n), `${name}${n}d.vec`, `${name}${n}d.default`))) as Rows;

export const resampling: Rows = {
  ...overloads((axes) => nearest(axes, 0), "upsample_nearest", 1, 2, 3),
  ...overloads((axes) => nearest(axes, 0.5), "_upsample_nearest_exact", 1, 2, 3),
  ...overloads(linear, "upsample_linear", 1),
  ...overloads(linear, "upsample_bilinear", 2),
  ...overloads(linear, "upsample_trilinear", 3),
  ...each(bicubic, "upsample_bicubic2d.vec", "upsample_bicubic2d.default"),
  ...each(gridSampled, "grid_sampler.default", "grid_sampler_2d.default", "grid_sampler_3d.default"),
  "aten.affine_grid_generator.default": affineGrid,
};
