/**
 * @file Exact arithmetic on pairs of residues modulo two primes, p = 2q + 1, in which the identities of analysis hold and
 * rounding does not exist (equivalence.md §4; the pairing and exp are Mirage's, OSDI 2025, §5). A real number is
 * (x mod p, x mod q). The p-residue is the value; the q-residue serves as the exponent of the next exp.
 *
 * exp(x) = ω^(x mod q) with ω of order q, so e^(a+b) = e^a e^b. sign(x) is the Legendre symbol, for which squares and
 * exps are positive and sign(xy) = sign(x) sign(y); p ≡ q ≡ 7 (mod 8) makes it odd and small primes positive. Functions
 * without such a structure are keyed hashes of their argument, put in a form that keeps the function's symmetry.
 *
 * Masks need −∞, which is no residue: −1 in both channels stands for it. −∞ + x = −∞, −∞ · positive = −∞,
 * max(−∞, x) = x, exp(−∞) = 0, x / −∞ = 0; whatever else it meets has no value and makes the run void.
 */
import { at, invariant } from "../base/assert.ts";
import { type FunctionName, functionOf } from "../base/functions.ts";
import type { Random } from "../base/random.ts";
import { one, type Rational } from "../base/rational.ts";
import { Exponentials } from "./exponentials.ts";
import { gatherInto } from "./gather.ts";
import { HashedFunctions } from "./hashed-functions.ts";
import { Meetings } from "./meetings.ts";
import { fractionalExponent, invmod, legendre, mulmod, powmod, residue, sqrtmod } from "./modular.ts";
import {
  addArrays,
  concatArrays,
  differenceSigns,
  hasInfinity,
  inverses,
  matmulArrays,
  multiplyArrays,
  negativeInfinity,
  powersOf,
  sumRowsOf,
} from "./modular-arrays.ts";
import type { Discrete, MatmulSize, NumberSystem } from "./number-system.ts";
import { isFieldPair } from "./primes.ts";
import { ranksByShare } from "./ranking.ts";
import {
  filled,
  multiplyInfinities,
  type Pair,
  pairAt,
  pickBySign,
  type Residues,
  residuesOf,
  single,
} from "./residues.ts";
import { type Rotation, Rotations } from "./rotations.ts";

export class PrimeField implements NumberSystem<Residues> {
  readonly name: string;
  readonly p: number;
  readonly q: number;
  /**
   * Set when an operation had no value in this run: a denominator was 0 in either residue, or −∞ met something other than
   * what the head of this file lists. The run proves nothing and is drawn again.
   */
  undefinedDivision = false;
  /** Arguments of functions that are known by what they were given before. */
  readonly meetings: Meetings = new Meetings();
  readonly #exps: Exponentials;
  readonly #rotations: Rotations;
  /** p-residue of an argument to its log. */
  readonly #logs = new Map<number, readonly [number, number]>();
  readonly #hashed: HashedFunctions;
  readonly #pi: Residues;
  readonly #powersOfOmega: (exponents: Int32Array) => Int32Array;

  /** @throws Error unless `isFieldPair(p, (p − 1) / 2)`. */
  constructor(p: number, random: Random) {
    const q = (p - 1) / 2;
    invariant(isFieldPair(p, q), `${p} and ${q} are a pair of primes that the field can use`);
    [this.p, this.q] = [p, q];
    this.name = `prime field ${p}`;
    this.#exps = new Exponentials(p, q, this.meetings);
    this.#rotations = new Rotations(p, q, this.meetings, (angle, m, c) =>
      this.#hashed.hash("half tangent", c).residue(angle, m),
    );
    this.#hashed = new HashedFunctions(random.uint32(), { p, q }, this.meetings);
    // The order of a square other than 1 divides the prime q, so it is q.
    const root = 2 + random.below(p - 3);
    this.#powersOfOmega = powersOf(mulmod(root, root, p), p);
    // A transcendental number satisfies no rational identity, so one random square stands for it.
    const rootOfPi = this.draw(random, 1);
    this.#pi = this.mul(rootOfPi, rootOfPi);
  }

  /** Functions that were replaced by keyed hashes in this run. */
  get hashed(): ReadonlySet<string> {
    return this.#hashed.names;
  }

  /** Uniform random numbers. */
  draw(random: Random, count: number): Residues {
    const make = (modulus: number): Int32Array => {
      const residues = new Int32Array(count);
      for (let i = 0; i < count; i++) residues[i] = random.below(modulus);
      return residues;
    };
    return { p: make(this.p), q: make(this.q) };
  }

  constant(value: Rational): Residues {
    const inChannel = (m: number): Int32Array => {
      const denominator = residue(value.denominator, m);
      if (denominator === 0) this.undefinedDivision = true;
      return Int32Array.of(mulmod(residue(value.numerator, m), invmod(denominator, m), m));
    };
    return { p: inChannel(this.p), q: inChannel(this.q) };
  }

  named(name: "pi" | "e" | "negative infinity"): Residues {
    if (name === "pi") return this.#pi;
    return name === "e" ? this.exp(this.constant(one)) : filled(negativeInfinity, 1);
  }

  fromIntegers(values: Discrete): Residues {
    const make = (m: number): Int32Array => Int32Array.from(values, (value) => ((value % m) + m) % m);
    return { p: make(this.p), q: make(this.q) };
  }

  length(values: Residues): number {
    return values.p.length;
  }

  gather(values: Residues, indices: Int32Array): Residues {
    const pick = (residues: Int32Array): Int32Array =>
      gatherInto(new Int32Array(indices.length), residues, indices);
    return { p: pick(values.p), q: pick(values.q) };
  }

  concat(parts: readonly Residues[]): Residues {
    return { p: concatArrays(parts.map((part) => part.p)), q: concatArrays(parts.map((part) => part.q)) };
  }

  add(x: Residues, y: Residues): Residues {
    return this.#channels(x, y, addArrays);
  }

  sub(x: Residues, y: Residues): Residues {
    return this.add(x, this.neg(y));
  }

  mul(x: Residues, y: Residues): Residues {
    const product = this.#channels(x, y, multiplyArrays);
    if (!multiplyInfinities(x, y, product, this.p)) this.undefinedDivision = true;
    return product;
  }

  div(x: Residues, y: Residues): Residues {
    if (y.p.includes(0) || y.q.includes(0)) this.undefinedDivision = true;
    return this.mul(x, { p: inverses(y.p, this.p), q: inverses(y.q, this.q) });
  }

  neg(x: Residues): Residues {
    return this.#channel(x, (a, m) => (a === 0 ? 0 : m - a));
  }

  /**
   * ω^(x_q), remembered by the p-residue of x, whatever became of its q-residue after an earlier exp. The q-residue of the
   * result is a keyed hash of its p-residue, squared so that it is positive (equivalence.md §4.5, R1).
   */
  exp(x: Residues): Residues {
    const hash = this.#hashed.hash("exp", "q");
    const positive = (value: number): number => {
      const root = hash.residue(value, this.q);
      return mulmod(root, root, this.q);
    };
    const powers = this.#powersOfOmega(x.q);
    const fresh = (i: number): Pair => {
      const p = at(powers, i);
      return { p, q: p === 0 ? 0 : positive(p) };
    };
    return residuesOf(Array.from(powers, (_, i) => this.#exps.power(pairAt(x, i), () => fresh(i))));
  }

  /**
   * Undoes the exps of this run: log e^a = a, log (e^a)² = 2a, log √(e^a) = a/2; and log(1 + e^a) is the logsumexp of 0
   * and a, so that log σ(a) = −softplus(−a). Else a random function, odd under inversion: log(1/x) = −log x.
   */
  log(x: Residues): Residues {
    return this.#rememberedLog(x, (_, canonical) => {
      const logs = this.#hashed.keyed("log", canonical.p);
      for (const i of canonical.p.keys()) {
        const value = pairAt(canonical, i);
        const known = this.#exponentOf(value);
        if (known === undefined) this.#learnSoftplus(value);
        else [logs.p[i], logs.q[i]] = [at(known.p, 0), at(known.q, 0)];
      }
      return logs;
    });
  }

  #exponentOf(power: Pair): Residues | undefined {
    const found = this.#exps.exponent(power);
    return found && this.mul(single(found.a), this.constant(found.factor));
  }

  /** The logsumexp of 0 and a remembers the log of 1 + e^a; the log of 2 = 1 + e^0 is a number like others. */
  #learnSoftplus({ p, q }: Pair): void {
    const less = (x: number, m: number): number => (x + m - 1) % m;
    const over = this.#exponentOf({ p: less(p, this.p), q: less(q, this.q) });
    const under = { p: less(invmod(p, this.p), this.p), q: less(invmod(q, this.q), this.q) };
    const a = over ?? this.#exponentOf(under);
    if (a !== undefined && a.p[0] !== 0) this.logSumExpRows(this.concat([filled(0, 1), a]), 1, 2);
  }

  /** The log of each x: of the smaller of x and 1/x what this run answered before, else what `answer` says now. */
  #rememberedLog(x: Residues, answer: (sign: Int32Array, canonical: Residues) => Residues): Residues {
    if (x.p.includes(0)) this.undefinedDivision = true;
    this.#requireFinite(x);
    const reciprocal = { p: inverses(x.p, this.p), q: inverses(x.q, this.q) };
    const sign = x.p.map((value, i) => (value === 1 ? 0 : value <= at(reciprocal.p, i) ? 1 : -1));
    const canonical = pickBySign(sign, x, reciprocal);
    const logs = answer(sign, canonical);
    for (const [i, value] of canonical.p.entries()) {
      this.meetings.meet("any log", value, at(canonical.q, i));
      const known = this.#logs.get(value);
      if (known === undefined) this.#logs.set(value, [at(logs.p, i), at(logs.q, i)]);
      else [logs.p[i], logs.q[i]] = known;
    }
    return this.#signed(sign, logs);
  }

  sqrt(x: Residues): Residues {
    return this.#channel(x, sqrtmod);
  }

  /** Void where the root does not exist in the field, as may happen for a 13th root; decimal exponents always do. */
  power(x: Residues, { numerator, denominator }: Rational): Residues {
    if (numerator < 0n) {
      return this.div(filled(1, this.length(x)), this.power(x, { numerator: -numerator, denominator }));
    }
    const exponents = new Map(
      [this.p, this.q].map((m) => [m, fractionalExponent(numerator, denominator, m)] as const),
    );
    if ([...exponents.values()].includes(undefined)) this.undefinedDivision = true;
    return this.#channel(x, (a, m) => powmod(a, exponents.get(m) ?? 0, m));
  }

  erf(x: Residues): Residues {
    return this.#odd("erf", x);
  }

  sin(x: Residues): Residues {
    return this.#rotated(x, ({ sin }) => sin);
  }

  cos(x: Residues): Residues {
    return this.#rotated(x, ({ cos }) => cos);
  }

  abs(x: Residues): Residues {
    const signs = differenceSigns(x.p, new Int32Array(x.p.length), this.p);
    return pickBySign(signs, x, this.neg(x));
  }

  maximum(x: Residues, y: Residues): Residues {
    return pickBySign(differenceSigns(x.p, y.p, this.p), x, y);
  }

  minimum(x: Residues, y: Residues): Residues {
    return pickBySign(differenceSigns(x.p, y.p, this.p), y, x);
  }

  /** A keyed hash of the arguments, with the function's symmetry. */
  call(name: FunctionName, args: readonly Residues[]): Residues {
    const [x, y] = [at(args, 0), args[1]];
    if (functionOf(name).odd === true) return this.#odd(name, x);
    for (const arg of args) this.#requireFinite(arg);
    if (y === undefined) return this.#hashed.of(name, x);
    return residuesOf(Array.from(x.p, (_, i) => this.#hashed.ofTwo(name, pairAt(x, i), pairAt(y, i))));
  }

  truncate(): never {
    throw new RangeError("residues have no integer part");
  }

  /** One decision for both residues: the Legendre symbol of the p-residue. */
  less(x: Residues, y: Residues): Discrete {
    return Float64Array.from(differenceSigns(x.p, y.p, this.p), (sign) => Number(sign < 0));
  }

  equal(x: Residues, y: Residues): Discrete {
    return Float64Array.from(x.p, (value, i) => Number(value === at(y.p, i)));
  }

  select(mask: Discrete, x: Residues, y: Residues): Residues {
    const pick = (a: Int32Array, b: Int32Array): Int32Array =>
      a.map((value, i) => (at(mask, i) === 1 ? value : at(b, i)));
    return { p: pick(x.p, y.p), q: pick(x.q, y.q) };
  }

  sumRows(x: Residues, rows: number, columns: number): Residues {
    return {
      p: sumRowsOf(x.p, rows, columns, this.p),
      q: sumRowsOf(x.q, rows, columns, this.q),
    };
  }

  /** From the left: the order is a tournament, in which max is not associative. */
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

  /**
   * By a keyed hash of each element's share in the softmax of its row, or of the element itself where a row sums to 1, as
   * shares do: x, x + c, softmax(x) and log_softmax(x) have one order. The maximum is taken out as Softmax does it.
   */
  rankRows(x: Residues, rows: number, columns: number): Discrete {
    const row = Int32Array.from({ length: rows * columns }, (_, i) => Math.floor(i / columns));
    const weights = this.exp(this.sub(x, this.gather(this.maxRows(x, rows, columns), row)));
    const shares = this.div(weights, this.gather(this.sumRows(weights, rows, columns), row));
    const totals = this.sumRows(x, rows, columns);
    this.#hashed.names.add("rank");
    const hash = this.#hashed.hash("rank", "p");
    const sumsToOne = row.map((index) => Number(at(totals.p, index) === 1));
    const own = pickBySign(
      sumsToOne.map((is) => is - 1),
      x,
      shares,
    );
    for (const [i, share] of own.p.entries()) this.meetings.meet("rank", share, at(own.q, i));
    return ranksByShare(own.p, columns, (share) => hash.residue(share, this.p));
  }

  /** m + log Σ e^(x − m) with m the mean of the finite x, so that logsumexp(x + c) = c + logsumexp(x). */
  logSumExpRows(x: Residues, rows: number, columns: number): Residues {
    const finite = Float64Array.from(x.p, (value) => Number(value !== negativeInfinity));
    const total = this.sumRows(this.select(finite, x, filled(0, this.length(x))), rows, columns);
    const mean = this.div(total, this.sumRows(this.fromIntegers(finite), rows, columns));
    const row = Int32Array.from(finite, (_, i) => Math.floor(i / columns));
    const centred = this.exp(this.sub(x, this.gather(mean, row)));
    const logs = this.add(mean, this.log(this.sumRows(centred, rows, columns)));
    return this.#rememberedLog(this.sumRows(this.exp(x), rows, columns), (sign) => this.#signed(sign, logs));
  }

  matmul(x: Residues, y: Residues, size: MatmulSize): Residues {
    this.#requireFinite(x);
    this.#requireFinite(y);
    return this.#channels(x, y, (a, b, m) => matmulArrays(a, b, size, m));
  }

  opaque(name: string, args: readonly Residues[], count: number): Residues {
    const { p, q } = this.concat(args);
    this.meetings.meet(name, p.join(), q.join());
    const places = Int32Array.from({ length: count }, (_, i) => i);
    return this.#hashed.keyed(name, places, p);
  }

  /** Leaves it unsaid that an operation had no value. */
  unheeded<T>(compute: () => T): T {
    const before = this.undefinedDivision;
    const result = compute();
    this.undefinedDivision = before;
    return result;
  }

  /** A keyed hash f with f(−x) = −f(x) and f(0) = 0. */
  #odd(tag: string, x: Residues): Residues {
    this.#requireFinite(x);
    const sign = x.p.map((value) => legendre(value, this.p));
    return this.#signed(sign, this.#hashed.of(tag, pickBySign(sign, x, this.neg(x))));
  }

  #rotated(x: Residues, part: (rotation: Rotation) => Pair): Residues {
    this.#requireFinite(x);
    return residuesOf(Array.from(x.p, (_, i) => part(this.#rotations.by(pairAt(x, i)))));
  }

  /** sign · x with one sign for both residues. */
  #signed(sign: Int32Array, x: Residues): Residues {
    return this.#channels(x, { p: sign, q: sign }, (values, signs, m) =>
      values.map((value, i) => (signs[i] === 0 || value === 0 ? 0 : signs[i] === 1 ? value : m - value)),
    );
  }

  #requireFinite(x: Residues): void {
    if (hasInfinity(x.p)) this.undefinedDivision = true;
  }

  /** A function of finite numbers. */
  #channel(x: Residues, f: (a: number, m: number) => number): Residues {
    this.#requireFinite(x);
    return { p: x.p.map((a) => f(a, this.p)), q: x.q.map((a) => f(a, this.q)) };
  }

  #channels(x: Residues, y: Residues, f: Kernel): Residues {
    return { p: f(x.p, y.p, this.p), q: f(x.q, y.q, this.q) };
  }
}

type Kernel = (x: Int32Array, y: Int32Array, m: number) => Int32Array;
