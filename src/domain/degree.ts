/**
 * @file Degrees of the rational functions that a graph computes, as a number system: what the error bound of an exact
 * comparison needs (Schwartz and Zippel). An array carries one bound for all its numbers. Functions outside the field count
 * as fresh variables, so their arguments start anew.
 */
import type { NumberSystem } from "./number-system.ts";

/** Bounds on the degrees of numerator and denominator of `length` numbers. */
export interface Degrees {
  readonly length: number;
  readonly over: number;
  readonly under: number;
}

/** Numbers of which each is a variable. */
export const variables = (length: number): Degrees => ({ length, over: 1, under: 0 });
const constants = (length: number): Degrees => ({ length, over: 0, under: 0 });
const fresh = (x: Degrees): Degrees => variables(x.length);

const sum = (x: Degrees, y: Degrees): Degrees => ({
  length: x.length,
  over: Math.max(x.over + y.under, y.over + x.under),
  under: x.under + y.under,
});
const product = (x: Degrees, y: Degrees): Degrees => ({
  length: x.length,
  over: x.over + y.over,
  under: x.under + y.under,
});
const widest = (x: Degrees, y: Degrees): Degrees => ({
  length: x.length,
  over: Math.max(x.over, y.over),
  under: Math.max(x.under, y.under),
});
/** A sum of terms that may all have different denominators. */
const total = (x: Degrees, terms: number, length: number): Degrees => ({
  length,
  over: x.over + Math.max(0, terms - 1) * x.under,
  under: terms * x.under,
});

export const degrees: NumberSystem<Degrees> = {
  name: "degrees",
  constant: () => constants(1),
  named: () => constants(1),
  fromIntegers: (values) => constants(values.length),
  length: (x) => x.length,
  gather: (x, indices) => ({ ...x, length: indices.length }),
  concat: (parts) => ({
    ...parts.reduce(widest, constants(0)),
    length: parts.reduce((length, part) => length + part.length, 0),
  }),
  add: sum,
  sub: sum,
  mul: product,
  div: (x, y) => product(x, { length: y.length, over: y.under, under: y.over }),
  neg: (x) => x,
  exp: fresh,
  log: fresh,
  sqrt: fresh,
  power: fresh,
  sin: fresh,
  cos: fresh,
  erf: fresh,
  abs: (x) => x,
  maximum: widest,
  minimum: widest,
  less: (x) => new Float64Array(x.length),
  equal: (x) => new Float64Array(x.length),
  select: (_, x, y) => widest(x, y),
  sumRows: (x, rows, columns) => total(x, columns, rows),
  maxRows: (x, rows) => ({ ...x, length: rows }),
  logSumExpRows: (_, rows) => variables(rows),
  matmul: (x, y, { batch, rows, inner, columns }) => total(product(x, y), inner, batch * rows * columns),
  opaque: (_, __, count) => variables(count),
};
