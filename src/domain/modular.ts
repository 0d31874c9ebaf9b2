/** @file Arithmetic modulo a prime below 2³¹ in doubles and 32-bit integers, without bigint. */
import { at } from "../base/assert.ts";

/** Largest modulus for which `mulmod` is exact: above it the quotient estimate can overflow int32 (equivalence.md §8). */
export const largestModulus: number = 2 ** 31 - 2 ** 11;

/** a·b mod m for 0 ≤ a, b < m ≤ largestModulus. */
export function mulmod(a: number, b: number, m: number): number {
  const quotient = Math.floor((a * b) / m);
  let rest = (Math.imul(a, b) - Math.imul(quotient, m)) | 0;
  if (rest < 0) rest += m;
  if (rest >= m) rest -= m;
  return rest;
}

export function powmod(base: number, exponent: number, m: number): number {
  let [result, square] = [1, base];
  for (let e = exponent; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result = mulmod(result, square, m);
    square = mulmod(square, square, m);
  }
  return result;
}

/** The inverse of a non-zero residue (Fermat). */
export const invmod = (a: number, m: number): number => powmod(a, m - 2, m);

/** n mod m in 0 … m − 1 for an integer of any size. */
export const residue = (n: bigint, m: number): number => Number(((n % BigInt(m)) + BigInt(m)) % BigInt(m));

/** +1 for a square, −1 for a non-square, 0 for 0. */
export function legendre(a: number, m: number): number {
  const power = powmod(a, (m - 1) / 2, m);
  return power === m - 1 ? -1 : power;
}

/** Inverses of an array of residues by one inversion (Montgomery); a zero keeps 0. */
export function inverses(values: Int32Array, m: number): Int32Array {
  const prefix = new Int32Array(values.length);
  let product = 1;
  for (let i = 0; i < values.length; i++) {
    prefix[i] = product;
    if (values[i] !== 0) product = mulmod(product, at(values, i), m);
  }
  let inverse = invmod(product, m);
  const result = new Int32Array(values.length);
  for (let i = values.length - 1; i >= 0; i--) {
    if (values[i] === 0) continue;
    result[i] = mulmod(inverse, at(prefix, i), m);
    inverse = mulmod(inverse, at(values, i), m);
  }
  return result;
}

/** Miller–Rabin; these bases decide every number below 3.2·10⁹ (Jaeschke 1993). */
export function isPrime(n: number): boolean {
  if (n < 2) return false;
  for (const p of [2, 3, 5, 7, 11, 13]) if (n % p === 0) return n === p;
  let [odd, twos] = [n - 1, 0];
  while (odd % 2 === 0) [odd, twos] = [odd / 2, twos + 1];
  return [2, 3, 5, 7].every((base) => {
    let x = powmod(base, odd, n);
    if (x === 1 || x === n - 1) return true;
    for (let i = 1; i < twos; i++) {
      x = mulmod(x, x, n);
      if (x === n - 1) return true;
    }
    return false;
  });
}

/** An integer whose square root is the root that is itself a square; m ≡ 3 (mod 4). */
export const sqrtmod = (a: number, m: number): number => powmod(a, (m + 1) / 4, m);
