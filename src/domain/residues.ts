/** @file Arrays of residue pairs. */
import { at } from "../base/assert.ts";
import { legendre } from "./modular.ts";
import { hasInfinity, negativeInfinity } from "./modular-arrays.ts";

/** One number of the field. */
export interface Pair {
  readonly p: number;
  readonly q: number;
}

/** An array of residue pairs. */
export interface Residues {
  readonly p: Int32Array;
  readonly q: Int32Array;
}

export function filled(value: number, count: number): Residues {
  return { p: new Int32Array(count).fill(value), q: new Int32Array(count).fill(value) };
}

export const single = ({ p, q }: Pair): Residues => ({ p: Int32Array.of(p), q: Int32Array.of(q) });

/** x where the sign is positive or 0, y where it is negative, in each channel. */
export function pickBySign(signs: Int32Array, x: Residues, y: Residues): Residues {
  const pick = (a: Int32Array, b: Int32Array): Int32Array => signs.map((sign, i) => at(sign < 0 ? b : a, i));
  return { p: pick(x.p, y.p), q: pick(x.q, y.q) };
}

export const pairAt = ({ p, q }: Residues, index: number): Pair => ({ p: at(p, index), q: at(q, index) });

export const residuesOf = (pairs: readonly Pair[]): Residues => ({
  p: Int32Array.from(pairs, ({ p }) => p),
  q: Int32Array.from(pairs, ({ q }) => q),
});

/** Puts −∞ where one factor is −∞ and the other is positive; whether there was no other product of −∞. */
export function multiplyInfinities(x: Residues, y: Residues, product: Residues, modulus: number): boolean {
  if (!hasInfinity(x.p) && !hasInfinity(y.p)) return true;
  let isDefined = true;
  for (const [i, a] of x.p.entries()) {
    const b = at(y.p, i);
    if (a !== negativeInfinity && b !== negativeInfinity) continue;
    const factor = Math.max(a, b);
    if (factor === negativeInfinity || legendre(factor, modulus) !== 1) isDefined = false;
    [product.p[i], product.q[i]] = [negativeInfinity, negativeInfinity];
  }
  return isDefined;
}
