/** @file Arithmetic modulo a prime below 2³¹ in doubles and 32-bit integers, without bigint. */

/** Largest modulus for which `mulmod` is exact: above it the quotient estimate can overflow int32 (equivalence.md §8). */
export const largestModulus: number = 2 ** 31 - 2 ** 11;

/** a·b mod m for 0 ≤ a, b < m ≤ largestModulus. */
export const mulmod = (a: number, b: number, m: number): number => product(a, b, m, 1 / m);

/**
 * `mulmod` for loops, which compute `reciprocal` = 1/m once. The quotient's estimate is off by at most one, so the rest is
 * below 2³¹ in size, and its lowest 32 bits are all of it.
 */
export function product(a: number, b: number, m: number, reciprocal: number): number {
  const quotient = (a * b * reciprocal) | 0;
  const rest = (Math.imul(a, b) - Math.imul(quotient, m)) | 0;
  if (rest < 0) return rest + m;
  return rest >= m ? rest - m : rest;
}

/** base^exponent mod m for 0 ≤ exponent < 2³². */
export function powmod(base: number, exponent: number, m: number): number {
  const reciprocal = 1 / m;
  let result = 1;
  let square = base;
  for (let e = exponent; e > 0; e >>>= 1) {
    if ((e & 1) === 1) result = product(result, square, m, reciprocal);
    square = product(square, square, m, reciprocal);
  }
  return result;
}

/** The inverse of a non-zero residue (Fermat). */
export const invmod = (a: number, m: number): number => powmod(a, m - 2, m);

/** n mod m in 0 … m − 1 for an integer of any size. */
export const residue = (n: bigint, m: number): number => Number(((n % BigInt(m)) + BigInt(m)) % BigInt(m));

/** +1 for a square, −1 for a non-square, 0 for 0, modulo an odd prime: Jacobi's symbol by quadratic reciprocity. */
export function legendre(a: number, m: number): number {
  let upper = a;
  let lower = m;
  let sign = 1;
  while (upper !== 0) {
    const twos = 31 - Math.clz32(upper & -upper);
    upper >>>= twos;
    // (2/n) = −1 for n ≡ 3, 5 (mod 8); (x/y) = −(y/x) where both are 3 (mod 4).
    if ((twos & 1) === 1 && ((lower + 2) & 4) === 4) sign = -sign;
    if ((upper & lower & 2) === 2) sign = -sign;
    const rest = lower % upper;
    lower = upper;
    upper = rest;
  }
  return lower === 1 ? sign : 0;
}

/** The square root of a square that is itself a square; for m ≡ 3 (mod 4). */
export const sqrtmod = (a: number, m: number): number => powmod(a, (m + 1) / 4, m);

/**
 * The exponent e with x^e = x^(numerator/denominator) on squares modulo a prime m ≡ 3 (mod 4), for a positive fraction in
 * lowest terms (equivalence.md §4.3). Integers stand for themselves; of the two other candidates, which differ in what
 * they do to non-squares, the even one is taken where numerator · denominator is even, so that x^(1/2) is `sqrtmod`.
 * `undefined` where the denominator has no inverse, so that no such root exists.
 */
export function fractionalExponent(numerator: bigint, denominator: bigint, m: number): number | undefined {
  if (denominator === 1n) return Number(numerator % BigInt(m - 1));
  const order = BigInt((m - 1) / 2);
  const inverse = modularInverse(denominator % order, order);
  if (inverse === undefined) return undefined;
  const exponent = (numerator * inverse) % order;
  const parity = (numerator * denominator) % 2n;
  return Number(exponent % 2n === parity ? exponent : exponent + order);
}

function modularInverse(a: bigint, m: bigint): bigint | undefined {
  let [r0, r1, s0, s1] = [m, a, 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1, s0, s1] = [r1, r0 - quotient * r1, s1, s0 - quotient * s1];
  }
  return r0 === 1n ? ((s0 % m) + m) % m : undefined;
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
