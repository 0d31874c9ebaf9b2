/**
 * @file Exact arithmetic on pairs of residues modulo two primes, p = 2q + 1, in which the identities of analysis hold and
 * rounding does not exist (equivalence.md §4; the pairing and exp are Mirage's, OSDI 2025, §5). A real number is
 * (x mod p, x mod q). The p-residue is the value; the q-residue serves as the exponent of the next exp.
 *
 * exp(x) = ω^(x mod q) with ω of order q, so e^(a+b) = e^a e^b. sign(x) is the Legendre symbol, for which squares and
 * exps are positive and sign(xy) = sign(x) sign(y); p ≡ q ≡ 7 (mod 8) makes it odd and small primes positive. Functions
 * without such a structure are keyed hashes of their argument, put in a form that keeps the function's symmetry.
 */
import { at, invariant } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import type { Rational } from "../base/rational.ts";
import { KeyedHash } from "./keyed-hash.ts";
import { inverses, invmod, isPrime, legendre, mulmod, powmod, residue, sqrtmod } from "./modular.ts";
import type { Discrete, MatmulSize, NumberSystem } from "./number-system.ts";

/** An array of residue pairs. */
export interface Residues {
  readonly p: Int32Array;
  readonly q: Int32Array;
}

/** How the sign of a number is read in its q-residue: by its own Legendre symbol, or by that of the p-residue. */
export type SignRule = "own" | "common";

const smallPrimes = [2, 3, 5, 7, 11, 13, 17, 19, 23];

/** Whether p = 2q + 1, both are prime, and every small prime is a square modulo both. */
export const isFieldPair = (p: number, q: number): boolean =>
  p === 2 * q + 1 &&
  q % 8 === 7 &&
  isPrime(q) &&
  isPrime(p) &&
  smallPrimes.every((l) => legendre(l, p) === 1 && legendre(l, q) === 1);

export class PrimeField implements NumberSystem<Residues> {
  readonly name: string;
  readonly p: number;
  readonly q: number;
  /** Set when a denominator was 0 in either residue; the run proves nothing and is drawn again. */
  undefinedDivision = false;
  /** Functions that were replaced by keyed hashes in this run. */
  readonly hashed: Set<string> = new Set<string>();
  readonly #omega: number;
  readonly #key: number;
  readonly #sign: SignRule;
  readonly #pi: Residues;
  /** p-residue of an argument to p-residue of its exp. */
  readonly #exps = new Map<number, number>();

  /** @throws Error unless `isFieldPair(p, q)`. */
  constructor(p: number, random: Random, sign: SignRule) {
    const q = (p - 1) / 2;
    invariant(isFieldPair(p, q), `${p} and ${q} are a pair of primes that the field can use`);
    [this.p, this.q, this.#sign] = [p, q, sign];
    this.name = `prime field ${p}`;
    this.#key = random.uint32();
    const root = 2 + random.below(p - 3);
    this.#omega = mulmod(root, root, p);
    // A transcendental number satisfies no rational identity, so one random square stands for it.
    this.#pi = this.#square(this.draw(random, 1));
  }

  /** Uniform random numbers. */
  draw(random: Random, count: number): Residues {
    const make = (modulus: number): Int32Array =>
      Int32Array.from({ length: count }, () => random.below(modulus));
    return { p: make(this.p), q: make(this.q) };
  }

  constant(value: Rational): Residues {
    const inChannel = (m: number): number => {
      const denominator = residue(value.denominator, m);
      if (denominator === 0) this.undefinedDivision = true;
      return mulmod(residue(value.numerator, m), invmod(denominator, m), m);
    };
    return { p: Int32Array.of(inChannel(this.p)), q: Int32Array.of(inChannel(this.q)) };
  }

  named(name: "pi" | "e" | "negative infinity"): Residues {
    if (name === "pi") return this.#pi;
    if (name === "e") return this.exp(this.constant({ numerator: 1n, denominator: 1n }));
    throw new RangeError("the prime field has no infinity");
  }

  fromIntegers(values: Discrete): Residues {
    const make = (m: number): Int32Array => Int32Array.from(values, (value) => ((value % m) + m) % m);
    return { p: make(this.p), q: make(this.q) };
  }

  length(values: Residues): number {
    return values.p.length;
  }

  gather(values: Residues, indices: Int32Array): Residues {
    return { p: indices.map((index) => at(values.p, index)), q: indices.map((index) => at(values.q, index)) };
  }

  concat(parts: readonly Residues[]): Residues {
    return { p: joined(parts.map((part) => part.p)), q: joined(parts.map((part) => part.q)) };
  }

  add(x: Residues, y: Residues): Residues {
    return this.#channels(x, y, (a, b, m) => (a + b >= m ? a + b - m : a + b));
  }

  sub(x: Residues, y: Residues): Residues {
    return this.#channels(x, y, (a, b, m) => (a >= b ? a - b : a - b + m));
  }

  mul(x: Residues, y: Residues): Residues {
    return this.#channels(x, y, mulmod);
  }

  div(x: Residues, y: Residues): Residues {
    if (y.p.includes(0) || y.q.includes(0)) this.undefinedDivision = true;
    return this.mul(x, { p: inverses(y.p, this.p), q: inverses(y.q, this.q) });
  }

  neg(x: Residues): Residues {
    return this.#channel(x, (a, m) => (a === 0 ? 0 : m - a));
  }

  /**
   * ω^(x_q), remembered by the p-residue: equal values have equal exps, however they were computed and whatever their
   * q-residues became after an earlier exp. The q-residue of the result is a keyed hash of its p-residue, squared so that
   * it is positive (equivalence.md §4.5, R1).
   */
  exp(x: Residues): Residues {
    const p = x.p.map((value, i) => {
      const known = this.#exps.get(value);
      if (known !== undefined) return known;
      const power = powmod(this.#omega, at(x.q, i), this.p);
      this.#exps.set(value, power);
      return power;
    });
    return { p, q: p.map((value) => this.#hash("exp", "q", this.q, [value], true)) };
  }

  /** Odd under inversion: log(1/x) = −log x, log 1 = 0. */
  log(x: Residues): Residues {
    if (x.p.includes(0)) this.undefinedDivision = true;
    const reciprocal = inverses(x.p, this.p);
    const canonical = x.p.map((value, i) => Math.min(value, at(reciprocal, i)));
    const sign = x.p.map((value, i) => (value === 1 ? 0 : value <= at(reciprocal, i) ? 1 : -1));
    return this.#signed(sign, this.#elementwise("log", canonical));
  }

  sqrt(x: Residues): Residues {
    return this.#channel(x, sqrtmod);
  }

  /** x^(n/d): e ≡ n/d modulo the order of the squares, with the parity that makes x^(1/2) the square root (§4.3). */
  power(x: Residues, { numerator, denominator }: Rational): Residues {
    if (numerator < 0n) {
      const positive = this.power(x, { numerator: -numerator, denominator });
      return this.div(this.#filled(1, this.length(x)), positive);
    }
    return this.#channel(x, (a, m) => powmod(a, fractionalExponent(numerator, denominator, m), m));
  }

  erf(x: Residues): Residues {
    return this.#odd("erf", x);
  }

  /** With t an odd keyed hash of the angle, sin = 2t/(1+t²) and cos = (1−t²)/(1+t²); then sin² + cos² = 1. */
  sin(x: Residues): Residues {
    const { t, denominator } = this.#halfTangent(x);
    return this.div(this.add(t, t), denominator);
  }

  cos(x: Residues): Residues {
    const { t, denominator } = this.#halfTangent(x);
    return this.div(this.sub(this.#filled(1, this.length(x)), this.mul(t, t)), denominator);
  }

  abs(x: Residues): Residues {
    const signed = (values: Int32Array, sign: Int32Array, m: number): Int32Array =>
      values.map((value, i) => (at(sign, i) < 0 && value !== 0 ? m - value : value));
    const signs = this.#signs(x);
    return { p: signed(x.p, signs.p, this.p), q: signed(x.q, signs.q, this.q) };
  }

  maximum(x: Residues, y: Residues): Residues {
    return this.#half(this.add(this.add(x, y), this.abs(this.sub(x, y))));
  }

  minimum(x: Residues, y: Residues): Residues {
    return this.#half(this.sub(this.add(x, y), this.abs(this.sub(x, y))));
  }

  /** One decision for both residues: the Legendre symbol of the p-residue. */
  less(x: Residues, y: Residues): Discrete {
    return Float64Array.from(this.sub(x, y).p, (value) => Number(legendre(value, this.p) < 0));
  }

  equal(x: Residues, y: Residues): Discrete {
    return Float64Array.from(x.p, (value, i) => Number(value === y.p[i]));
  }

  select(mask: Discrete, x: Residues, y: Residues): Residues {
    const pick = (a: Int32Array, b: Int32Array): Int32Array =>
      a.map((value, i) => (mask[i] === 1 ? value : at(b, i)));
    return { p: pick(x.p, y.p), q: pick(x.q, y.q) };
  }

  sumRows(x: Residues, rows: number, columns: number): Residues {
    const sum = (values: Int32Array, m: number): Int32Array =>
      // At most 2²² terms below 2³¹ stay below 2⁵³.
      Int32Array.from({ length: rows }, (_, row) => {
        let total = 0;
        for (let i = row * columns; i < (row + 1) * columns; i++) total += at(values, i);
        return total % m;
      });
    return { p: sum(x.p, this.p), q: sum(x.q, this.q) };
  }

  maxRows(x: Residues, rows: number, columns: number): Residues {
    const column = (index: number): Residues =>
      this.gather(
        x,
        Int32Array.from({ length: rows }, (_, row) => row * columns + index),
      );
    let result = column(0);
    for (let index = 1; index < columns; index++) result = this.maximum(result, column(index));
    return result;
  }

  matmul(x: Residues, y: Residues, size: MatmulSize): Residues {
    return { p: matmulmod(x.p, y.p, size, this.p), q: matmulmod(x.q, y.q, size, this.q) };
  }

  opaque(name: string, args: readonly Residues[], count: number): Residues {
    this.hashed.add(name);
    const words = args.flatMap((arg) => [...arg.p]);
    const make = (channel: "p" | "q", m: number): Int32Array =>
      Int32Array.from({ length: count }, (_, i) => this.#hash(name, channel, m, [i, ...words], false));
    return { p: make("p", this.p), q: make("q", this.q) };
  }

  #hash(
    tag: string,
    channel: "p" | "q",
    modulus: number,
    words: readonly number[],
    positive: boolean,
  ): number {
    const hash = new KeyedHash(this.#key, `${tag}/${channel}`);
    for (const word of words) hash.word(word);
    const value = hash.residue(modulus);
    return positive ? mulmod(value, value, modulus) : value;
  }

  #elementwise(tag: string, canonical: Int32Array): Residues {
    this.hashed.add(tag);
    return {
      p: canonical.map((value) => this.#hash(tag, "p", this.p, [value], false)),
      q: canonical.map((value) => this.#hash(tag, "q", this.q, [value], false)),
    };
  }

  /** A keyed hash f with f(−x) = −f(x) and f(0) = 0. */
  #odd(tag: string, x: Residues): Residues {
    const sign = x.p.map((value) => legendre(value, this.p));
    const canonical = x.p.map((value, i) => (at(sign, i) < 0 ? this.p - value : value));
    return this.#signed(sign, this.#elementwise(tag, canonical));
  }

  #halfTangent(x: Residues): { t: Residues; denominator: Residues } {
    const t = this.#odd("sine and cosine", x);
    return { t, denominator: this.add(this.#filled(1, this.length(x)), this.mul(t, t)) };
  }

  #signed(sign: Int32Array, x: Residues): Residues {
    const apply = (values: Int32Array, m: number): Int32Array =>
      values.map((value, i) => (sign[i] === 0 || value === 0 ? 0 : sign[i] === 1 ? value : m - value));
    return { p: apply(x.p, this.p), q: apply(x.q, this.q) };
  }

  #signs(x: Residues): Residues {
    const p = x.p.map((value) => legendre(value, this.p));
    return { p, q: this.#sign === "common" ? p : x.q.map((value) => legendre(value, this.q)) };
  }

  #half(x: Residues): Residues {
    return this.mul(
      x,
      this.#channel(x, (_, m) => (m + 1) / 2),
    );
  }

  #square(x: Residues): Residues {
    return this.mul(x, x);
  }

  #filled(value: number, count: number): Residues {
    return { p: new Int32Array(count).fill(value), q: new Int32Array(count).fill(value) };
  }

  #channel(x: Residues, f: (a: number, m: number) => number): Residues {
    return { p: x.p.map((a) => f(a, this.p)), q: x.q.map((a) => f(a, this.q)) };
  }

  #channels(x: Residues, y: Residues, f: (a: number, b: number, m: number) => number): Residues {
    return {
      p: x.p.map((a, i) => f(a, at(y.p, i), this.p)),
      q: x.q.map((a, i) => f(a, at(y.q, i), this.q)),
    };
  }
}

function fractionalExponent(numerator: bigint, denominator: bigint, m: number): number {
  const order = BigInt((m - 1) / 2);
  const inverse = modularInverse(denominator % order, order);
  const exponent = ((numerator % order) * inverse) % order;
  const even = (numerator * denominator) % 2n === 0n;
  // Integer powers are exact for non-squares too: their exponent is the integer itself.
  if (denominator === 1n) return Number(numerator % BigInt(m - 1));
  return Number((exponent % 2n === 0n) === even ? exponent : exponent + order);
}

function modularInverse(a: bigint, m: bigint): bigint {
  let [r0, r1, s0, s1] = [m, a, 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1, s0, s1] = [r1, r0 - quotient * r1, s1, s0 - quotient * s1];
  }
  return ((s0 % m) + m) % m;
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const result = new Int32Array(parts.reduce((count, part) => count + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

/** Products are split at 16 bits of the left factor, so that 32 of each half add up below 2⁵³ before one reduction. */
function matmulmod(x: Int32Array, y: Int32Array, size: MatmulSize, m: number): Int32Array {
  const { batch, rows, inner, columns } = size;
  const result = new Int32Array(batch * rows * columns);
  const [high, low] = [new Float64Array(columns), new Float64Array(columns)];
  const reduce = (): void => {
    for (let j = 0; j < columns; j++) {
      high[j] = (high[j] as number) % m;
      low[j] = (low[j] as number) % m;
    }
  };
  for (let b = 0; b < batch; b++) {
    for (let i = 0; i < rows; i++) {
      high.fill(0);
      low.fill(0);
      for (let k = 0; k < inner; k++) {
        const left = x[(b * rows + i) * inner + k] as number;
        const [leftHigh, leftLow, from] = [left >>> 16, left & 0xffff, (b * inner + k) * columns];
        for (let j = 0; j < columns; j++) {
          const right = y[from + j] as number;
          high[j] = (high[j] as number) + leftHigh * right;
          low[j] = (low[j] as number) + leftLow * right;
        }
        if (k % 32 === 31) reduce();
      }
      reduce();
      for (let j = 0; j < columns; j++) {
        result[(b * rows + i) * columns + j] = ((high[j] as number) * 65536 + (low[j] as number)) % m;
      }
    }
  }
  return result;
}
