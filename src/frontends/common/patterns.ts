/**
 * @file Stored tensors that nobody trained and that follow a formula of their indices: positions, masks, the frequencies of
 * rotary positions and their sines and cosines, and the table of both (Vaswani et al. 2017, §3.5). They are read as the formula.
 */
import { at, range } from "../../base/assert.ts";
import { rational, toText } from "../../base/rational.ts";
import type { Builder } from "../../ir/graph.ts";
import { type Dtype, isReal } from "../../ir/type.ts";
import { Formulas, type Pattern, roundings } from "./formula-maker.ts";
import { hiddenScore } from "./masks.ts";
import { waves } from "./waves.ts";

/** The formula of a stored tensor, or of what it repeats along its first axes; `undefined` for one that follows none. */
export function patternOf(
  build: Builder,
  values: Float64Array,
  shape: readonly number[],
  dtype: Dtype,
): Pattern | undefined {
  if (!shape.every((size) => size > 0)) return undefined;
  const maker = new Formulas(build, dtype);
  const first = repeatedUpTo(values, shape);
  const found = formulaOf(
    maker,
    values.subarray(0, values.length / copiesOf(shape, first)),
    shape.slice(first),
  );
  if (found === undefined) return undefined;
  const once = shape.map((size, axis) => (axis < first ? 1 : size));
  return { ...found, node: maker.stretch(maker.reshape(found.node, once), shape) };
}

/** The number of first axes along which a tensor is the same. */
export function repeatedUpTo(values: Float64Array, shape: readonly number[]): number {
  const isRepeated = (axes: number): boolean => {
    const part = values.length / copiesOf(shape, axes);
    return part === values.length || values.every((value, i) => value === values[i % part]);
  };
  return range(shape.length).findLast(isRepeated) ?? 0;
}
/** How often a tensor repeats what is behind its first axes. */
export const copiesOf = (shape: readonly number[], axes: number): number =>
  shape.slice(0, axes).reduce((product, size) => product * size, 1);

function formulaOf(maker: Formulas, values: Float64Array, shape: readonly number[]): Pattern | undefined {
  const sizes = shape.filter((size) => size !== 1);
  const [rows = 0, columns = 0] = sizes;
  if (sizes.length === 1) return counting(maker, values) ?? frequencies(maker, values);
  if (sizes.length !== 2) return undefined;
  return (
    threshold(maker, values, rows, columns) ??
    sinusoids(maker, values, rows, columns) ??
    waves(maker, values, rows, columns)
  );
}

function counting(maker: Formulas, values: Float64Array): Pattern | undefined {
  if (maker.dtype === "bool" || !values.every((value, i) => value === i)) return undefined;
  const node = maker.range(values.length);
  return { node: maker.apply("Cast", [node], { dtype: maker.dtype }), words: "0, 1, 2, …" };
}

/** One number where column − row ≤ reach, another elsewhere. */
function threshold(
  maker: Formulas,
  values: Float64Array,
  rows: number,
  columns: number,
): Pattern | undefined {
  const corner = at(values, (rows - 1) * columns);
  const isInside = (row: number, column: number): boolean => at(values, row * columns + column) === corner;
  const last = range(rows).find((row) => !isInside(row, columns - 1)) ?? 0;
  const end = range(columns).find((column) => !isInside(last, column));
  if (end === undefined) return undefined;
  const reach = end - 1 - last;
  const other = at(values, last * columns + end);
  const fits = values.every((value, i) => {
    const inside = (i % columns) - Math.floor(i / columns) <= reach;
    return value === (inside ? corner : other);
  });
  if (!fits || Number.isNaN(corner + other) || Math.max(corner, other) === Number.POSITIVE_INFINITY)
    return undefined;
  const shifted =
    reach === 0
      ? maker.range(rows)
      : maker.apply("Add", [maker.range(rows), maker.number(reach, "int64")], {});
  const outside = maker.apply("Less", [maker.column(shifted), maker.range(columns)], {});
  const condition = maker.apply("Not", [outside], {});
  const words = `${corner} where column - row <= ${reach}, ${other} elsewhere`;
  if (maker.dtype === "bool") return { node: corner === 1 ? condition : outside, words };
  const numbers = [maker.number(corner), maker.number(other)];
  const hiding = numbers.map((number) => hiddenScore(maker, number));
  const isHiding = hiding.some((number, i) => number !== numbers[i]);
  return {
    node: maker.apply("Where", [condition, ...hiding], {}),
    words: isHiding ? `${words}; the lowest number of its format hides scores as -inf does` : words,
  };
}

const largestBase = 1e9;

/** base^(∓k / n) for a whole base (Su et al. 2021, §3.2.2); with the other sign, what positions are divided by. */
function frequencies(maker: Formulas, values: Float64Array): Pattern | undefined {
  const size = values.length;
  if (!isReal(maker.dtype) || values[0] !== 1) return undefined;
  const sign = at(values, size - 1) < 1 ? -1 : 1;
  const base = Math.round(at(values, size - 1) ** ((sign * size) / (size - 1)));
  const fits = values.every((value, k) => Math.abs(value / base ** ((sign * k) / size) - 1) <= roundings);
  if (!(base >= 2 && base <= largestBase) || !fits) return undefined;
  return { node: maker.powers(base, size, sign), words: `${base}^(${sign < 0 ? "-" : ""}k/${size})` };
}

/** sin(t · 10000^(−2k/d)) in the even columns, cos in the odd ones. */
function sinusoids(
  maker: Formulas,
  values: Float64Array,
  rows: number,
  columns: number,
): Pattern | undefined {
  if (!isReal(maker.dtype) || columns % 2 !== 0) return undefined;
  const half = columns / 2;
  const fits = values.every((value, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const angle = row * 10000 ** (-Math.floor(column / 2) / half);
    // The angle is rounded to float32 before its sine is taken.
    return (
      Math.abs(value - (column % 2 === 0 ? Math.sin(angle) : Math.cos(angle))) <= (1 + angle) * roundings
    );
  });
  if (!fits) return undefined;
  const angles = maker.apply("Mul", [maker.column(maker.range(rows)), maker.powers(10000, half, -1)], {});
  const waves = (["Sin", "Cos"] as const).map((op) => maker.column(maker.apply(op, [angles], {})));
  const node = maker.apply("Concat", waves, { axis: 2 });
  return {
    node: maker.apply("Reshape", [node], { shape: [rows, columns] }),
    words: `sin and cos of t 10000^(-${toText(rational(1, half))} k) in alternating columns`,
  };
}
