/**
 * @file Whole-array kernels modulo a prime: the hot loops of the prime field. Indices are in range by construction, so
 * elements are read unchecked here and nowhere else.
 */
import { invmod, legendre, mulmod, powmod, product } from "./modular.ts";
import type { MatmulSize } from "./number-system.ts";

/** Stands for −∞ in both residues of a number (see `PrimeField`). */
export const negativeInfinity = -1;

export const hasInfinity = (values: Int32Array): boolean => values.includes(negativeInfinity);

/** x + y, and −∞ where either is. */
export function addArrays(x: Int32Array, y: Int32Array, m: number): Int32Array {
  const result = new Int32Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const a = x[i] as number;
    const b = y[i] as number;
    // a + b may exceed int32; a − m + b doesn't, and its sign bit says whether m is to be added back.
    const excess = (a - m + b) | 0;
    result[i] = (a | b) < 0 ? negativeInfinity : excess + (m & (excess >> 31));
  }
  return result;
}

/** x · y of finite numbers. */
export function multiplyArrays(x: Int32Array, y: Int32Array, m: number): Int32Array {
  const result = new Int32Array(x.length);
  const reciprocal = 1 / m;
  for (let i = 0; i < x.length; i++) result[i] = product(x[i] as number, y[i] as number, m, reciprocal);
  return result;
}

/** Inverses by one inversion (Montgomery); 0 and −∞ give 0. */
export function inverses(values: Int32Array, m: number): Int32Array {
  const prefix = new Int32Array(values.length);
  let all = 1;
  for (let i = 0; i < values.length; i++) {
    prefix[i] = all;
    const value = values[i] as number;
    if (value > 0) all = mulmod(all, value, m);
  }
  let inverse = invmod(all, m);
  const result = new Int32Array(values.length);
  for (let i = values.length - 1; i >= 0; i--) {
    const value = values[i] as number;
    if (value <= 0) continue;
    result[i] = mulmod(inverse, prefix[i] as number, m);
    inverse = mulmod(inverse, value, m);
  }
  return result;
}

/** Legendre symbols of x − y, in which −∞ is below every number. */
export function differenceSigns(x: Int32Array, y: Int32Array, m: number): Int32Array {
  const result = new Int32Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const a = x[i] as number;
    const b = y[i] as number;
    const bothFinite = a !== negativeInfinity && b !== negativeInfinity;
    result[i] = bothFinite ? legendre(a >= b ? a - b : a - b + m, m) : Math.sign(a - b);
  }
  return result;
}

/** Powers of one base: four tables of 256, so that a power costs three products. */
export function powersOf(base: number, m: number): (exponents: Int32Array) => Int32Array {
  const tables = [0, 8, 16, 24].map((shift) => {
    const step = powmod(base, 2 ** shift, m);
    const table = new Int32Array(256).fill(1);
    for (let i = 1; i < 256; i++) table[i] = mulmod(table[i - 1] as number, step, m);
    return table;
  });
  const [t0, t1, t2, t3] = tables as [Int32Array, Int32Array, Int32Array, Int32Array];
  const reciprocal = 1 / m;
  return (exponents) => {
    const result = new Int32Array(exponents.length);
    for (let i = 0; i < exponents.length; i++) {
      const e = exponents[i] as number;
      if (e === negativeInfinity) continue;
      const low = product(t0[e & 255] as number, t1[(e >>> 8) & 255] as number, m, reciprocal);
      const high = product(t2[(e >>> 16) & 255] as number, t3[e >>> 24] as number, m, reciprocal);
      result[i] = product(low, high, m, reciprocal);
    }
    return result;
  };
}

/** Sum of each row, and −∞ where a row has one. */
export function sumRowsOf(values: Int32Array, rows: number, columns: number, m: number): Int32Array {
  const result = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    let total = 0;
    let infinite = false;
    for (let i = row * columns; i < (row + 1) * columns; i++) {
      const value = values[i] as number;
      if (value < 0) infinite = true;
      total += value;
      if (total >= 2 ** 52) total %= m;
    }
    result[row] = infinite ? negativeInfinity : total % m;
  }
  return result;
}

export function concatArrays(parts: readonly Int32Array[]): Int32Array {
  const result = new Int32Array(parts.reduce((count, part) => count + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

/**
 * Matrix product of finite numbers. Products are split at 16 bits of the left factor, so that 32 of each half add up below
 * 2⁵³ before one reduction.
 */
export function matmulArrays(x: Int32Array, y: Int32Array, size: MatmulSize, m: number): Int32Array {
  const { batch, rows, inner, columns } = size;
  const result = new Int32Array(batch * rows * columns);
  const [high, low] = [new Float64Array(columns), new Float64Array(columns)];
  for (let row = 0; row < batch * rows; row++) {
    const matrix = Math.floor(row / rows) * inner * columns;
    high.fill(0);
    low.fill(0);
    for (let k = 0; k < inner; k++) {
      const left = x[row * inner + k] as number;
      const leftHigh = left >>> 16;
      const leftLow = left & 0xffff;
      const from = matrix + k * columns;
      for (let j = 0; j < columns; j++) {
        const right = y[from + j] as number;
        high[j] = (high[j] as number) + leftHigh * right;
        low[j] = (low[j] as number) + leftLow * right;
      }
      if (k % 32 === 31) {
        reduce(high, m);
        reduce(low, m);
      }
    }
    reduce(high, m);
    for (let j = 0; j < columns; j++) {
      result[row * columns + j] = ((high[j] as number) * 65536 + (low[j] as number)) % m;
    }
  }
  return result;
}

function reduce(values: Float64Array, m: number): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) % m;
}
