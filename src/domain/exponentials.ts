/** @file The exps of one run, by the p-residues of arguments and results. */
import { type Rational, rational } from "../base/rational.ts";
import { invmod, legendre, mulmod, sqrtmod } from "./modular.ts";

/** One number of the field. */
export interface Pair {
  readonly p: number;
  readonly q: number;
}

export class Exponentials {
  readonly #prime: number;
  /** Of 0, however it came about, it is 1. */
  readonly #powers = new Map([[0, 1]]);
  /** Arguments by results. */
  readonly #exponents = new Map<number, Pair>([[1, { p: 0, q: 0 }]]);

  constructor(prime: number) {
    this.#prime = prime;
  }

  /** The exp that was given for an argument, or the reciprocal of that of the opposite one. */
  power(argument: number): number | undefined {
    const reciprocal = this.#powers.get(this.#prime - argument);
    return (
      this.#powers.get(argument) ?? (reciprocal === undefined ? undefined : invmod(reciprocal, this.#prime))
    );
  }

  remember(argument: Pair, power: number): void {
    this.#powers.set(argument.p, power);
    this.#exponents.set(power, argument);
  }

  /** `factor` a for a power e^a, e^(−a), (e^a)² or √(e^a) of this run; `undefined` for every other number. */
  exponent(value: number): { readonly a: Pair; readonly factor: Rational } | undefined {
    const m = this.#prime;
    const up = this.#exponents.get(value);
    if (up !== undefined) return { a: up, factor: rational(1) };
    // Powers are squares; of two roots of a power only the one that is a square is a power again.
    if (legendre(value, m) !== 1) return undefined;
    const reciprocal = invmod(value, m);
    const candidates: readonly (readonly [power: number, factor: Rational])[] = [
      [sqrtmod(value, m), rational(2)],
      [mulmod(value, value, m), rational(1, 2)],
      [reciprocal, rational(-1)],
      [sqrtmod(reciprocal, m), rational(-2)],
      [mulmod(reciprocal, reciprocal, m), rational(-1, 2)],
    ];
    for (const [power, factor] of candidates) {
      const a = this.#exponents.get(power);
      if (a !== undefined) return { a, factor };
    }
    return undefined;
  }
}
