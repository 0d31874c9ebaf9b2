/** @file Real numbers as IEEE doubles: what a witness is computed in. */
import { at } from "../base/assert.ts";
import { functionOf } from "../base/functions.ts";
import { toNumber } from "../base/rational.ts";
import { erf } from "../base/special.ts";
import { gatherInto } from "./gather.ts";
import type { MatmulSize, NumberSystem } from "./number-system.ts";
import { ranksByKey } from "./ranking.ts";

const map = (x: Float64Array, f: (value: number) => number): Float64Array => x.map((value) => f(value));

function map2(x: Float64Array, y: Float64Array, f: (a: number, b: number) => number): Float64Array {
  const result = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) result[i] = f(x[i] as number, y[i] as number);
  return result;
}

function concat(parts: readonly Float64Array[]): Float64Array {
  const result = new Float64Array(parts.reduce((count, part) => count + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

function reduceRows(
  x: Float64Array,
  rows: number,
  columns: number,
  start: number,
  f: (sum: number, value: number) => number,
): Float64Array {
  const result = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    result[row] = x.subarray(row * columns, (row + 1) * columns).reduce(f, start);
  }
  return result;
}

function matmul(x: Float64Array, y: Float64Array, { batch, rows, inner, columns }: MatmulSize): Float64Array {
  const result = new Float64Array(batch * rows * columns);
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < rows; i++) {
      for (let k = 0; k < inner; k++) {
        const left = x[(b * rows + i) * inner + k] as number;
        const [from, to] = [(b * inner + k) * columns, (b * rows + i) * columns];
        for (let j = 0; j < columns; j++) {
          result[to + j] = (result[to + j] as number) + left * (y[from + j] as number);
        }
      }
    }
  }
  return result;
}

/** Shifted by the largest element, so that exp stays finite (Blanchard, Higham and Higham 2021, §3). */
function logSumExpRows(x: Float64Array, rows: number, columns: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    const values = x.subarray(row * columns, (row + 1) * columns);
    const largest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    if (!Number.isFinite(largest)) return largest;
    const place = values.indexOf(largest);
    return (
      largest +
      Math.log1p(values.reduce((sum, value, i) => (i === place ? sum : sum + Math.exp(value - largest)), 0))
    );
  });
}

export const float64: NumberSystem<Float64Array> = {
  name: "float64",
  constant: (value) => Float64Array.of(toNumber(value)),
  named: (name) =>
    Float64Array.of({ pi: Math.PI, e: Math.E, "negative infinity": Number.NEGATIVE_INFINITY }[name]),
  fromIntegers: (values) => values.slice(),
  length: (values) => values.length,
  gather: (values, indices) => gatherInto(new Float64Array(indices.length), values, indices),
  concat,
  add: (x, y) => map2(x, y, (a, b) => a + b),
  sub: (x, y) => map2(x, y, (a, b) => a - b),
  mul: (x, y) => map2(x, y, (a, b) => a * b),
  div: (x, y) => map2(x, y, (a, b) => a / b),
  neg: (x) => map(x, (a) => -a),
  exp: (x) => map(x, Math.exp),
  log: (x) => map(x, Math.log),
  sqrt: (x) => map(x, Math.sqrt),
  power: (x, exponent) => {
    const number = toNumber(exponent);
    return map(x, (a) => a ** number);
  },
  sin: (x) => map(x, Math.sin),
  cos: (x) => map(x, Math.cos),
  erf: (x) => map(x, erf),
  abs: (x) => map(x, Math.abs),
  maximum: (x, y) => map2(x, y, Math.max),
  minimum: (x, y) => map2(x, y, Math.min),
  call: (name, args) => {
    const { evaluate } = functionOf(name);
    const [x, y] = [at(args, 0), args[1] ?? at(args, 0)];
    return map2(x, y, (a, b) => evaluate(a, b));
  },
  truncate: (x) => map(x, Math.trunc),
  less: (x, y) => map2(x, y, (a, b) => Number(a < b)),
  equal: (x, y) => map2(x, y, (a, b) => Number(a === b)),
  select: (mask, x, y) => mask.map((chosen, i) => at(chosen === 1 ? x : y, i)),
  sumRows: (x, rows, columns) => reduceRows(x, rows, columns, 0, (sum, value) => sum + value),
  maxRows: (x, rows, columns) =>
    reduceRows(x, rows, columns, Number.NEGATIVE_INFINITY, (most, value) => Math.max(most, value)),
  rankRows: (x, rows, columns) =>
    ranksByKey(
      map(x, (a) => -a),
      rows,
      columns,
    ),
  logSumExpRows,
  matmul,
  opaque: (name) => {
    throw new RangeError(`${name} is opaque: it has no value in float64`);
  },
  unheeded: (compute) => compute(),
};
