/**
 * @file Degrees of the rational functions that a graph computes, as a number system: what the error bound of an exact
 * comparison needs (Schwartz and Zippel). An array carries one bound for all its numbers. Functions outside the field count
 * as fresh variables, so their arguments start anew.
 */
import type { NumberSystem } from "./number-system.ts";
import { ranksByKey } from "./ranking.ts";
import { mostTurns } from "./rotations.ts";

/** Bounds on the degrees of `length` numbers, of which at most `distinct` are different fractions. */
export interface Degrees {
  readonly length: number;
  readonly distinct: number;
  /** Degrees of numerator and denominator of each number by itself. */
  readonly over: number;
  readonly under: number;
  /** Degrees over a denominator that all of them have in common, which sums of them keep. */
  readonly overCommon: number;
  readonly common: number;
}

const polynomials = (length: number, degree: number): Degrees => ({
  length,
  distinct: length,
  over: degree,
  under: 0,
  overCommon: degree,
  common: 0,
});
/** Numbers of which each is a variable. */
export const variables = (length: number): Degrees => polynomials(length, 1);
const constants = (length: number): Degrees => polynomials(length, 0);
const fresh = (x: Degrees): Degrees => ({ ...variables(x.length), distinct: x.distinct });
/** Sine and cosine are fractions of degree 2 in the tangent of half of each angle that theirs is the sum of. */
function rotated({ length, distinct }: Degrees): Degrees {
  const each = 2 * mostTurns;
  return { length, distinct, over: each, under: each, overCommon: each * distinct, common: each * distinct };
}

/** Two families over one denominator. */
const joined = (x: Degrees, y: Degrees): Pick<Degrees, "overCommon" | "common"> => ({
  overCommon: Math.max(x.overCommon + y.common, y.overCommon + x.common),
  common: x.common + y.common,
});
const sum = (x: Degrees, y: Degrees): Degrees => ({
  length: x.length,
  distinct: x.length,
  over: Math.max(x.over + y.under, y.over + x.under),
  under: x.under + y.under,
  ...joined(x, y),
});
const product = (x: Degrees, y: Degrees): Degrees => ({
  length: x.length,
  distinct: x.length,
  over: x.over + y.over,
  under: x.under + y.under,
  overCommon: x.overCommon + y.overCommon,
  common: x.common + y.common,
});
const inverse = (x: Degrees): Degrees => ({
  ...x,
  over: x.under,
  under: x.over,
  // Over the product of all different numerators.
  overCommon: x.common + (x.distinct - 1) * x.overCommon,
  common: x.distinct * x.overCommon,
});
const widest = (x: Degrees, y: Degrees): Degrees => ({
  length: x.length,
  distinct: x.length,
  over: Math.max(x.over, y.over),
  under: Math.max(x.under, y.under),
  ...joined(x, y),
});
/** A sum of terms, over the product of their denominators or over the common one. */
function total(x: Degrees, terms: number, length: number): Degrees {
  const [over, under] = [x.over + Math.max(0, terms - 1) * x.under, terms * x.under];
  const own = over + under <= x.overCommon + x.common;
  const each = own ? { over, under } : { over: x.overCommon, under: x.common };
  return { ...x, length, distinct: length, ...each };
}

export const degrees: NumberSystem<Degrees> = {
  name: "degrees",
  constant: () => constants(1),
  named: () => constants(1),
  fromIntegers: (values) => constants(values.length),
  length: (x) => x.length,
  gather: (x, indices) => ({ ...x, length: indices.length, distinct: Math.min(x.distinct, indices.length) }),
  concat: (parts) => ({
    ...parts.reduce(widest, constants(0)),
    length: parts.reduce((length, part) => length + part.length, 0),
    distinct: parts.reduce((distinct, part) => distinct + part.distinct, 0),
  }),
  add: sum,
  sub: sum,
  mul: product,
  div: (x, y) => product(x, inverse(y)),
  neg: (x) => x,
  exp: fresh,
  log: fresh,
  sqrt: fresh,
  power: fresh,
  sin: rotated,
  cos: rotated,
  erf: fresh,
  abs: (x) => x,
  maximum: widest,
  minimum: widest,
  call: (_, args) => fresh(args.reduce(widest)),
  truncate: (x) => new Float64Array(x.length),
  less: (x) => new Float64Array(x.length),
  equal: (x) => new Float64Array(x.length),
  select: (_, x, y) => widest(x, y),
  sumRows: (x, rows, columns) => total(x, columns, rows),
  maxRows: (x, rows) => ({ ...x, length: rows, distinct: rows }),
  rankRows: (x, rows, columns) => ranksByKey(new Float64Array(x.length), rows, columns),
  logSumExpRows: (_, rows) => variables(rows),
  matmul: (x, y, { batch, rows, inner, columns }) => total(product(x, y), inner, batch * rows * columns),
  opaque: (_, __, count) => variables(count),
  unheeded: (compute) => compute(),
};
