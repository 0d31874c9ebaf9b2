/** @file ONNX operators that take images at other places: Resize, GridSample, AffineGrid. */
import { at, range, zip } from "../../base/assert.ts";
import { type Rational, rational, recognise, toNumber } from "../../base/rational.ts";
import type { Node } from "../../ir/graph.ts";
import { floor } from "../common/formulas.ts";
import { numberLike } from "../common/powers.ts";
import type { Call, Lower, Rows } from "./call.ts";
import { Contradiction, NotCovered } from "./contradiction.ts";
import { matmul } from "./operators-linear.ts";

/** One axis of a resize: from so many elements to so many, and where the result's elements lie among the given ones. */
interface Axis {
  readonly axis: number;
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  readonly places: readonly number[];
}

/** Where element x of the result lies, by the names of `coordinate_transformation_mode`. */
type Transformation = (
  x: number,
  axis: Omit<Axis, "places" | "axis">,
  region: readonly [number, number],
) => number;
const transformations: Readonly<Record<string, Transformation>> = {
  half_pixel: (x, { scale }) => (x + 0.5) / scale - 0.5,
  half_pixel_symmetric: (x, { from, to, scale }) => {
    const adjustment = to / (from * scale);
    return (from / 2) * (1 - adjustment) + (x + 0.5) / scale - 0.5;
  },
  pytorch_half_pixel: (x, { to, scale }) => (to > 1 ? (x + 0.5) / scale - 0.5 : 0),
  // The size that the scale gives, which may be no integer.
  align_corners: (x, { from, to, scale }) => (to > 1 ? (x * (from - 1)) / (from * scale - 1) : 0),
  asymmetric: (x, { scale }) => x / scale,
  tf_half_pixel_for_nn: (x, { scale }) => (x + 0.5) / scale,
  tf_crop_and_resize: (x, { from, to }, [start, end]) =>
    to > 1
      ? start * (from - 1) + (x * (end - start) * (from - 1)) / (to - 1)
      : 0.5 * (start + end) * (from - 1),
};

const roundings: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Weights of the elements near a place: [element, weight]. `stretch` widens the filter where a smaller image is antialiased. */
type Filter = (place: number, stretch: number) => readonly (readonly [number, number])[];
const around = (place: number, reach: number, weight: (distance: number) => number): [number, number][] =>
  range(Math.ceil(place + reach) - Math.floor(place - reach) + 1)
    .map((i) => Math.floor(place - reach) + i)
    .map((element): [number, number] => [element, weight(element - place)])
    .filter(([, own]) => own !== 0);
const linear: Filter = (place, stretch) =>
  around(place, stretch, (d) => Math.max(0, 1 - Math.abs(d / stretch)));
/** Keys 1981, equation 4. */
const cubic =
  (a: number): Filter =>
  (place, stretch) =>
    around(place, 2 * stretch, (distance) => {
      const d = Math.abs(distance / stretch);
      if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1;
      return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0;
    });

/** The matrix of a filter, [to, from]: what lies outside counts for the last element, or not at all. */
function filterRows(
  { from, places, scale }: Axis,
  filter: Filter,
  antialias: boolean,
  excludeOutside: boolean,
): number[][] {
  const stretch = antialias && scale < 1 ? 1 / scale : 1;
  return places.map((place) => {
    const row = range(from).map(() => 0);
    const weights = filter(place, stretch).filter(
      ([element]) => !excludeOutside || (element >= 0 && element < from),
    );
    const total = excludeOutside || stretch > 1 ? weights.reduce((sum, [, weight]) => sum + weight, 0) : 1;
    for (const [element, weight] of weights) {
      const own = Math.min(Math.max(element, 0), from - 1);
      row[own] = at(row, own) + weight / total;
    }
    return row;
  });
}

const nearestRows = ({ from, places }: Axis, round: (x: number) => number): number[][] =>
  places.map((place) => {
    const own = Math.min(Math.max(round(place), 0), from - 1);
    return range(from).map((element) => Number(element === own));
  });

/** A weight as the fraction that it was computed as, where it is one. */
const weightOf = (value: number): Rational => recognise(value, "float64");

/** The rows of a matrix applied along one axis. */
function along(c: Call, x: Node, axis: number, rows: readonly (readonly number[])[]): Node {
  const { dtype, shape } = x.type;
  const numbers = rows.flat().map((value) => c.reshape(c.constant(weightOf(value), dtype), [1]));
  const matrix = c.reshape(c.concat(numbers, 0), [rows.length, at(rows, 0).length]);
  const last = shape.length - 1;
  const swap = range(shape.length).map((i) => (i === axis ? last : i === last ? axis : i));
  const moved = c.transpose(x, swap);
  const transposed = c.transpose(matrix, [1, 0]);
  return c.transpose(matmul(c, moved, transposed), swap);
}

/** Elements of the matrix of a filter up to which it is written out. */
const matrixLimit = 2 ** 14;

function axesOf(c: Call, x: Node): Axis[] {
  const dims = c.sizes(x.type.shape, "the size of an image");
  const chosen = c.ints("axes")?.map((axis) => c.wrapped(axis, dims.length)) ?? range(dims.length);
  const [regionIndex, scalesIndex, sizesIndex] = c.version < 11 ? [-1, 1, -1] : [1, 2, 3];
  const list = (index: number): number[] | undefined => {
    const node = index < 0 ? undefined : c.optional(index);
    return node === undefined || node.type.shape[0] === 0
      ? undefined
      : [...c.numbers(node, "the size of an image")];
  };
  const [region, scales, sizes] = [list(regionIndex), list(scalesIndex), list(sizesIndex)];
  if (scales === undefined && sizes === undefined)
    throw new Contradiction("neither scales nor sizes", "one of them");
  const kept = keptRatio(c, dims, chosen, sizes);
  const mode = c.text("coordinate_transformation_mode", c.version < 11 ? "asymmetric" : "half_pixel");
  const transform = transformations[mode];
  if (transform === undefined) throw new NotCovered(`coordinates by ${mode}`);
  return chosen.flatMap((axis, i) => {
    const from = at(dims, axis);
    const scale = scales?.[i] ?? kept ?? (sizes?.[i] ?? from) / from;
    const to =
      sizes === undefined
        ? Math.floor(from * scale)
        : kept === undefined
          ? at(sizes, i)
          : Math.floor(from * kept + 0.5);
    if (from === to && scale === 1 && mode !== "tf_crop_and_resize") return [];
    if (from * to > matrixLimit) throw new NotCovered("the matrix of a large resize");
    const start = region?.[i] ?? 0;
    const end = region?.[i + chosen.length] ?? 1;
    const places = range(to).map((x0) => transform(x0, { from, to, scale }, [start, end]));
    return [{ axis, from, to, scale, places }];
  });
}
/** The one scale of all axes where the ratio of an image is kept. */
function keptRatio(
  c: Call,
  dims: readonly number[],
  chosen: readonly number[],
  sizes: readonly number[] | undefined,
): number | undefined {
  const policy = c.text("keep_aspect_ratio_policy", "stretch");
  if (policy === "stretch" || sizes === undefined) return undefined;
  const ratios = zip(chosen, sizes).map(([axis, size]) => size / at(dims, axis));
  return policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios);
}

const resize: Lower = (c) => {
  const x = c.input(0);
  const mode = c.text("mode", "nearest");
  const [antialias, excludeOutside] = [c.flag("antialias"), c.flag("exclude_outside")];
  const round = roundings[c.text("nearest_mode", c.version < 11 ? "floor" : "round_prefer_floor")];
  const a = toNumber(c.float("cubic_coeff_a", rational(-3, 4)));
  const axes = axesOf(c, x);
  const result = axes.reduce((node, axis) => {
    if (mode === "nearest" && round !== undefined) return along(c, node, axis.axis, nearestRows(axis, round));
    const filter = mode === "linear" ? linear : mode === "cubic" ? cubic(a) : undefined;
    if (filter === undefined) throw new NotCovered(`a resize by ${mode}`);
    return along(c, node, axis.axis, filterRows(axis, filter, antialias, excludeOutside));
  }, x);
  if (c.text("coordinate_transformation_mode", "") !== "tf_crop_and_resize") return result;
  return outsideFilled(c, result, axes);
};
/** Places outside of the image have a value of their own. */
function outsideFilled(c: Call, x: Node, axes: readonly Axis[]): Node {
  const rank = x.type.shape.length;
  const value = c.constant(c.float("extrapolation_value", rational(0)), x.type.dtype);
  return axes.reduce((node, { axis, from, to, places }) => {
    const inside = places.map((place) => Number(place >= 0 && place <= from - 1));
    const mask = c.reshape(c.list(inside, [to], "bool"), [to, ...range(rank - axis - 1).map(() => 1)]);
    return c.where(mask, node, value);
  }, x);
}

/** Before version 10: nearest by floor, or linear, with the scales as an operand. */
const upsample: Lower = resize;

// Sampling at places that the program computes

/** From [−1, 1] to places among the elements. */
function unnormalised(c: Call, x: Node, size: number): Node {
  const one = numberLike(c, 1, x);
  if (c.flag("align_corners")) return c.mul(c.add(x, one), numberLike(c, rational(size - 1, 2), x));
  return c.sub(c.mul(c.add(x, one), numberLike(c, rational(size, 2), x)), numberLike(c, rational(1, 2), x));
}

/** A whole place inside, and whether it was; the border and the mirror image are always inside. */
function inside(c: Call, place: Node, size: number): readonly [Node, Node | undefined] {
  const number = (value: number | Rational): Node => numberLike(c, value, place);
  const clipped = c.apply("Minimum", [c.apply("Maximum", [place, number(0)], {}), number(size - 1)], {});
  switch (c.text("padding_mode", "zeros")) {
    case "border":
      return [clipped, undefined];
    case "reflection":
      return [reflected(c, place, size), undefined];
    default:
      return [clipped, c.equal(clipped, place)];
  }
}
/** The mirror image of a place around the first and the last element, or around their outer edges. */
function reflected(c: Call, place: Node, size: number): Node {
  const isAligned = c.flag("align_corners");
  const [low, high] = isAligned ? [0, size - 1] : [-0.5, size - 0.5];
  const span = high - low;
  const number = (value: number): Node => numberLike(c, weightOf(value), place);
  const distance = c.apply("Abs", [c.sub(place, number(low))], {});
  if (span === 0) return c.mul(place, number(0));
  const turns = floor(c, c.div(distance, number(2 * span)));
  const rest = c.sub(distance, c.mul(turns, number(2 * span)));
  const folded = c.apply("Minimum", [rest, c.sub(number(2 * span), rest)], {});
  const back = c.add(folded, number(low));
  return c.apply("Minimum", [c.apply("Maximum", [back, number(0)], {}), number(size - 1)], {});
}

/** The elements of x [N, C, …] at whole places, one list for each spatial axis, [N, P]: [N, C, P]. */
function elementsAt(c: Call, x: Node, places: readonly Node[]): Node {
  const [, channels = 1, ...sizes] = c.sizes(x.type.shape, "the size of an image");
  const { shape } = at(places, 0).type;
  const checked = places.map((place, i) => inside(c, place, at(sizes, i)));
  const flat = checked.reduce<Node | undefined>((sum, [place], i) => {
    const whole = c.cast(place, "int64");
    return sum === undefined ? whole : c.add(c.mul(sum, c.constant(at(sizes, i), "int64")), whole);
  }, undefined) as Node;
  const count = sizes.reduce((product, size) => product * size, 1);
  const numbers = c.apply("Iota", [], { size: count, dtype: "int64" });
  const isThere = c.equal(c.reshape(flat, [at(shape, 0), 1, at(shape, 1), 1]), numbers);
  const image = c.reshape(x, [at(x.type.shape, 0), channels, 1, count]);
  const values = c.apply("Sum", [c.where(isThere, image, c.constant(0, x.type.dtype))], { axes: [3] });
  const masks = checked.flatMap(([, mask]) => mask ?? []);
  if (masks.length === 0) return values;
  const all = masks.reduce((a, b) => c.and(a, b));
  return c.where(c.reshape(all, [at(shape, 0), 1, at(shape, 1)]), values, c.constant(0, x.type.dtype));
}

const gridSample: Lower = (c) => {
  const [x, grid] = [c.input(0), c.input(1)];
  const [, , ...sizes] = c.sizes(x.type.shape, "the size of an image");
  const axes = sizes.length;
  const spatial = grid.type.shape.slice(1, -1);
  const count = spatial.reduce<number>(
    (product, size) => product * c.concrete(size, "the size of a grid"),
    1,
  );
  const batch = at(grid.type.shape, 0);
  // The grid names the last axis first.
  const places = range(axes).map((i) => {
    const column = c.slice(grid, axes + 1, axes - 1 - i, axes - i);
    return unnormalised(c, c.reshape(column, [batch, count]), at(sizes, i));
  });
  const mode = c.text("mode", "linear");
  const values = sampled(c, x, places, mode);
  return c.reshape(values, [at(x.type.shape, 0), at(x.type.shape, 1), ...spatial]);
};
function sampled(c: Call, x: Node, places: readonly Node[], mode: string): Node {
  if (mode === "nearest") {
    return elementsAt(
      c,
      x,
      places.map((place) => c.apply("Function", [place], { name: "round" })),
    );
  }
  const isCubic = mode === "cubic" || mode === "bicubic";
  const offsets = isCubic ? [-1, 0, 1, 2] : [0, 1];
  const floors = places.map((place) => floor(c, place));
  const corners = places.reduce<number[][]>(
    (all) => all.flatMap((corner) => offsets.map((offset) => [...corner, offset])),
    [[]],
  );
  const terms = corners.map((corner) => {
    const own = zip(floors, corner).map(([start, offset]) => c.add(start, numberLike(c, offset, start)));
    const weights = zip(places, own).map(([place, element]) => {
      const distance = c.apply("Abs", [c.sub(place, element)], {});
      return isCubic ? cubicWeight(c, distance) : c.sub(numberLike(c, 1, distance), distance);
    });
    const weight = weights.reduce((a, b) => c.mul(a, b));
    return c.mul(elementsAt(c, x, own), c.reshape(weight, weight.type.shape.toSpliced(1, 0, 1)));
  });
  return terms.reduce((a, b) => c.add(a, b));
}
/** Keys 1981, equation 4, with a = −3/4. */
function cubicWeight(c: Call, d: Node): Node {
  const polynomial = (...coefficients: readonly Rational[]): Node =>
    coefficients
      .map((value) => numberLike(c, value, d))
      .reduce((sum, coefficient) => c.add(c.mul(sum, d), coefficient));
  const near = polynomial(rational(5, 4), rational(-9, 4), rational(0), rational(1));
  const far = polynomial(rational(-3, 4), rational(15, 4), rational(-6), rational(3));
  return c.where(c.not(c.less(numberLike(c, 1, d), d)), near, far);
}

/** The grid of an affine map: [N, sizes…, axes]. */
const affineGrid: Lower = (c) => {
  const theta = c.input(0);
  const [batch = 1, , ...sizes] = c.integers(c.input(1), "the size of a grid");
  const { dtype } = theta.type;
  const isAligned = c.flag("align_corners");
  const lines = sizes.map((size) =>
    range(size).map((i) =>
      isAligned
        ? size > 1
          ? rational(2 * i - size + 1, size - 1)
          : rational(0)
        : rational(2 * i + 1 - size, size),
    ),
  );
  const columns = sizes.toReversed().map((_, k) => {
    const axis = sizes.length - 1 - k;
    const numbers = at(lines, axis).map((value) => c.reshape(c.constant(value, dtype), [1]));
    const line = c.reshape(c.concat(numbers, 0), [
      at(sizes, axis),
      ...range(sizes.length - axis - 1).map(() => 1),
    ]);
    return c.reshape(c.stretch(line, sizes), [...sizes, 1]);
  });
  const ones = c.stretch(c.constant(1, dtype), [...sizes, 1]);
  const count = sizes.reduce((product, size) => product * size, 1);
  const points = c.reshape(c.concat([...columns, ones], sizes.length), [count, sizes.length + 1]);
  const mapped = c.apply("Contract", [points, theta], { equation: "ab,cdb->cad" });
  return c.reshape(mapped, [batch, ...sizes, sizes.length]);
};

export const resampling: Rows = {
  Resize: resize,
  Upsample: upsample,
  GridSample: gridSample,
  AffineGrid: affineGrid,
};
