/**
 * @file The numbers of the second checker. A real number is its residues modulo p and q with p = 2q + 1 (equivalence.md §4):
 * exp(x) = ω^(x mod q), remembered by x mod p; signs are Legendre symbols; log, sin, cos and erf are random functions of
 * x mod p with the symmetry of the function, and sums of angles turn by one after the other. Random is SHA-256.
 */
import { createHash } from "node:crypto";
import { type FunctionName, functionOf } from "../../src/base/functions.ts";
import type { Rational } from "../../src/base/rational.ts";

/** A number by its residues; integers and truth values as they are, twice. */
export interface Scalar {
  readonly p: bigint;
  readonly q: bigint;
}

export const integer = (n: number): Scalar => ({ p: BigInt(n), q: BigInt(n) });
export const truth = (holds: boolean): Scalar => integer(holds ? 1 : 0);

interface Turn {
  readonly cos: Scalar;
  readonly sin: Scalar;
}

export class Numbers {
  readonly #p: bigint;
  readonly #q: bigint;
  readonly #key: string;
  readonly #omega: bigint;
  readonly #exps = new Map<bigint, bigint>([[0n, 1n]]);
  readonly #turns = new Map<bigint, Turn>([[0n, { cos: integer(1), sin: integer(0) }]]);

  constructor(p: bigint, key: string) {
    [this.#p, this.#q, this.#key] = [p, (p - 1n) / 2n, `${p} ${key}`];
    this.#omega = power(this.#hash("omega", p), 2n, p);
  }
  #hash(label: string, modulus: bigint): bigint {
    return BigInt(`0x${createHash("sha256").update(`${this.#key} ${label}`).digest("hex")}`) % modulus;
  }
  #each(f: (modulus: bigint, channel: "p" | "q") => bigint): Scalar {
    const residue = (m: bigint, channel: "p" | "q"): bigint => ((f(m, channel) % m) + m) % m;
    return { p: residue(this.#p, "p"), q: residue(this.#q, "q") };
  }
  draw(label: string): Scalar {
    return this.#each((m, channel) => this.#hash(`${label} ${channel}`, m));
  }
  bit(label: string): Scalar {
    return integer(Number(this.#hash(label, 2n)));
  }
  rational({ numerator, denominator }: Rational): Scalar {
    return this.#each((m) => numerator * inverse(denominator, m));
  }
  named(name: "pi" | "e" | "negative infinity"): Scalar {
    if (name === "negative infinity") throw new RangeError("masks are not rechecked");
    return name === "e" ? this.exp(integer(1)) : this.mul(this.draw("√π"), this.draw("√π"));
  }
  add(a: Scalar, b: Scalar): Scalar {
    return this.#each((_, c) => a[c] + b[c]);
  }
  sub(a: Scalar, b: Scalar): Scalar {
    return this.#each((_, c) => a[c] - b[c]);
  }
  mul(a: Scalar, b: Scalar): Scalar {
    return this.#each((_, c) => a[c] * b[c]);
  }
  div(a: Scalar, b: Scalar): Scalar {
    return this.#each((m, c) => a[c] * inverse(b[c], m));
  }
  exp(x: Scalar): Scalar {
    const known = this.#exps.get(x.p) ?? power(this.#omega, x.q, this.#p);
    this.#exps.set(x.p, known);
    if (x.p !== 0n) this.#exps.set(this.#p - x.p, inverse(known, this.#p));
    return { p: known, q: this.#hash(`after exp ${known}`, this.#q) };
  }
  /** log(1/x) = −log x. */
  log(x: Scalar): Scalar {
    const reciprocal = inverse(x.p, this.#p);
    if (x.p === 1n) return integer(0);
    const canonical = this.draw(`log ${x.p < reciprocal ? x.p : reciprocal}`);
    return x.p < reciprocal ? canonical : this.sub(integer(0), canonical);
  }
  sqrt(x: Scalar): Scalar {
    return this.#each((m, c) => power(x[c], (m + 1n) / 4n, m));
  }
  power(x: Scalar, { numerator, denominator }: Rational): Scalar {
    if (numerator < 0n) return this.div(integer(1), this.power(x, { numerator: -numerator, denominator }));
    if (denominator % 2n === 0n)
      return this.power(this.sqrt(x), { numerator, denominator: denominator / 2n });
    if (denominator !== 1n) throw new RangeError("only square roots are rechecked");
    return this.#each((m, c) => power(x[c], numerator, m));
  }
  sign(x: Scalar): -1 | 0 | 1 {
    if (x.p === 0n) return 0;
    return power(x.p, this.#q, this.#p) === 1n ? 1 : -1;
  }
  abs(x: Scalar): Scalar {
    return this.sign(x) < 0 ? this.sub(integer(0), x) : x;
  }
  larger(x: Scalar, y: Scalar): Scalar {
    return this.sign(this.sub(x, y)) < 0 ? y : x;
  }
  /** A random function that is odd. */
  odd(name: string, x: Scalar): Scalar {
    const size = this.draw(`${name} ${this.abs(x).p}`);
    return this.sign(x) < 0 ? this.sub(integer(0), size) : size;
  }
  /** A random function of its arguments, odd if the function is. */
  known(name: FunctionName, args: readonly Scalar[]): Scalar {
    const [x = integer(0)] = args;
    return functionOf(name).odd === true
      ? this.odd(name, x)
      : this.draw(`${name} ${args.map(({ p }) => p).join(" ")}`);
  }
  sin(x: Scalar): Scalar {
    return this.#turn(x.p).sin;
  }
  cos(x: Scalar): Scalar {
    return this.#turn(x.p).cos;
  }
  /** An angle that is the sum or difference of two that were asked for before obeys the addition theorems. */
  #turn(angle: bigint): Turn {
    const known = [...this.#turns].flatMap(([a, one]) =>
      [...this.#turns].flatMap(([b, other]) =>
        (a + b - angle) % this.#p === 0n ? [this.#after(one, other)] : [],
      ),
    );
    const turn = known[0] ?? this.#free(angle);
    this.#turns.set(angle, turn);
    this.#turns.set((this.#p - angle) % this.#p, { cos: turn.cos, sin: this.sub(integer(0), turn.sin) });
    return turn;
  }
  #after(a: Turn, b: Turn): Turn {
    return {
      cos: this.sub(this.mul(a.cos, b.cos), this.mul(a.sin, b.sin)),
      sin: this.add(this.mul(a.sin, b.cos), this.mul(a.cos, b.sin)),
    };
  }
  /** Of the tangent t of half the angle. */
  #free(angle: bigint): Turn {
    const t = this.draw(`half tangent ${angle}`);
    const square = this.mul(t, t);
    const below = this.add(integer(1), square);
    return { sin: this.div(this.add(t, t), below), cos: this.div(this.sub(integer(1), square), below) };
  }
}

function power(base: bigint, exponent: bigint, m: bigint): bigint {
  if (exponent === 0n) return 1n;
  const half = power((base * base) % m, exponent / 2n, m);
  return exponent % 2n === 0n ? half : (half * base) % m;
}

function inverse(a: bigint, m: bigint): bigint {
  if (a % m === 0n) throw new RangeError("a denominator is 0");
  return power(a % m, m - 2n, m);
}
