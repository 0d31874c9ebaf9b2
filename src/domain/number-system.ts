/**
 * @file What an operator needs of numbers. Each operator is evaluated by one definition over this interface; float64,
 * the prime field and further analyses are implementations. `A` is an array of numbers of the system; every method works
 * on whole arrays, row-major, and never changes its arguments.
 */
import type { FunctionName } from "../base/functions.ts";
import type { Rational } from "../base/rational.ts";

/** Exact integers and booleans (0, 1), the same in every number system. */
export type Discrete = Float64Array;

export interface NumberSystem<A> {
  readonly name: string;

  /** One number. */
  constant(value: Rational): A;
  named(name: "pi" | "e" | "negative infinity"): A;
  fromIntegers(values: Discrete): A;

  length(values: A): number;
  /** result[i] = values[indices[i]]. */
  gather(values: A, indices: Int32Array): A;
  concat(parts: readonly A[]): A;

  // Elementwise, on arrays of equal length
  add(x: A, y: A): A;
  sub(x: A, y: A): A;
  mul(x: A, y: A): A;
  div(x: A, y: A): A;
  neg(x: A): A;
  exp(x: A): A;
  log(x: A): A;
  sqrt(x: A): A;
  power(x: A, exponent: Rational): A;
  sin(x: A): A;
  cos(x: A): A;
  erf(x: A): A;
  abs(x: A): A;
  maximum(x: A, y: A): A;
  minimum(x: A, y: A): A;
  /** A function that is known by its name, of arrays of equal length. */
  call(name: FunctionName, args: readonly A[]): A;

  /** Without the fraction; a number system without an order has none, and throws RangeError. */
  truncate(x: A): Discrete;
  less(x: A, y: A): Discrete;
  equal(x: A, y: A): Discrete;
  /** x where the mask is 1, y where it is 0. */
  select(mask: Discrete, x: A, y: A): A;

  /** Sum of each row of a rows × columns matrix. */
  sumRows(x: A, rows: number, columns: number): A;
  maxRows(x: A, rows: number, columns: number): A;
  /** Place of each element in the order of its row, the largest first, from 0; of equals the first comes first. */
  rankRows(x: A, rows: number, columns: number): Discrete;
  /** log Σ eˣ of each row; a method of its own because floats overflow on the formula. */
  logSumExpRows(x: A, rows: number, columns: number): A;
  /** Batched matrix product: [batch, rows, inner] × [batch, inner, columns]. */
  matmul(x: A, y: A, size: MatmulSize): A;

  /** A function about which only its name is known, on whole tensors; `count` results. */
  opaque(name: string, args: readonly A[], count: number): A;

  /** What is computed, which need have no value: nothing of the run rests on it. */
  unheeded<T>(compute: () => T): T;
}

export interface MatmulSize {
  readonly batch: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}
