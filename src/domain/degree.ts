/**
 * @file Degrees of the rational functions that a graph computes, as a number system: what the error bound of an exact
 * comparison needs (Schwartz and Zippel). Functions outside the field count as fresh variables, so their arguments start
 * anew.
 */
import { at } from "../base/assert.ts";
import type { MatmulSize, NumberSystem } from "./number-system.ts";

/** For each number the degrees of its numerator and denominator. */
export interface Degrees {
  readonly over: Float64Array;
  readonly under: Float64Array;
}

const filled = (count: number, over: number, under: number): Degrees => ({
  over: new Float64Array(count).fill(over),
  under: new Float64Array(count).fill(under),
});
/** Numbers of which each is a variable. */
export const variables = (count: number): Degrees => filled(count, 1, 0);
const constants = (count: number): Degrees => filled(count, 0, 0);
const length = (x: Degrees): number => x.over.length;
const fresh = (x: Degrees): Degrees => variables(length(x));

type Combine = (a: number, b: number, c: number, d: number) => number;
const combine = (x: Degrees, y: Degrees, over: Combine, under: Combine): Degrees => {
  const apply = (f: Combine): Float64Array =>
    x.over.map((a, i) => f(a, at(x.under, i), at(y.over, i), at(y.under, i)));
  return { over: apply(over), under: apply(under) };
};

const sum = (x: Degrees, y: Degrees): Degrees =>
  combine(
    x,
    y,
    (a, b, c, d) => Math.max(a + d, c + b),
    (_, b, __, d) => b + d,
  );
const product = (x: Degrees, y: Degrees): Degrees =>
  combine(
    x,
    y,
    (a, _, c) => a + c,
    (_, b, __, d) => b + d,
  );
const quotient = (x: Degrees, y: Degrees): Degrees => product(x, { over: y.under, under: y.over });
const widest = (x: Degrees, y: Degrees): Degrees =>
  combine(
    x,
    y,
    (a, _, c) => Math.max(a, c),
    (_, b, __, d) => Math.max(b, d),
  );
const gather = (x: Degrees, indices: Int32Array): Degrees => ({
  over: Float64Array.from(indices, (index) => at(x.over, index)),
  under: Float64Array.from(indices, (index) => at(x.under, index)),
});

/** Folds the columns of a rows × columns matrix. */
function foldRows(
  x: Degrees,
  rows: number,
  columns: number,
  fold: (a: Degrees, b: Degrees) => Degrees,
): Degrees {
  let result = constants(rows);
  for (let column = 0; column < columns; column++) {
    const places = Int32Array.from({ length: rows }, (_, row) => row * columns + column);
    result = column === 0 ? gather(x, places) : fold(result, gather(x, places));
  }
  return result;
}

function matmul(x: Degrees, y: Degrees, { batch, rows, inner, columns }: MatmulSize): Degrees {
  let result = constants(batch * rows * columns);
  for (let k = 0; k < inner; k++) {
    const place = (pick: (b: number, i: number, j: number) => number): Int32Array =>
      Int32Array.from({ length: batch * rows * columns }, (_, flat) =>
        pick(Math.floor(flat / (rows * columns)), Math.floor(flat / columns) % rows, flat % columns),
      );
    const term = product(
      gather(
        x,
        place((b, i) => (b * rows + i) * inner + k),
      ),
      gather(
        y,
        place((b, _, j) => (b * inner + k) * columns + j),
      ),
    );
    result = k === 0 ? term : sum(result, term);
  }
  return result;
}

export const degrees: NumberSystem<Degrees> = {
  name: "degrees",
  constant: () => constants(1),
  named: () => constants(1),
  fromIntegers: (values) => constants(values.length),
  length,
  gather,
  concat: (parts) => ({
    over: Float64Array.from(parts.flatMap((part) => [...part.over])),
    under: Float64Array.from(parts.flatMap((part) => [...part.under])),
  }),
  add: sum,
  sub: sum,
  mul: product,
  div: quotient,
  neg: (x) => x,
  exp: fresh,
  log: fresh,
  sqrt: fresh,
  power: fresh,
  sin: fresh,
  cos: fresh,
  erf: fresh,
  abs: (x) => x,
  maximum: sum,
  minimum: sum,
  less: (x) => new Float64Array(length(x)),
  equal: (x) => new Float64Array(length(x)),
  select: (_, x, y) => widest(x, y),
  sumRows: (x, rows, columns) => foldRows(x, rows, columns, sum),
  maxRows: (x, rows, columns) => foldRows(x, rows, columns, sum),
  logSumExpRows: (_, rows) => variables(rows),
  matmul,
  opaque: (_, __, count) => variables(count),
};
