/** @file The exps of one run: equal arguments have equal exps and opposite ones reciprocal exps, however they were computed. */
import { type Rational, rational } from "../base/rational.ts";
import type { Meetings } from "./meetings.ts";
import { invmod, legendre, mulmod, powmod, residue, sqrtmod } from "./modular.ts";
import type { Pair } from "./residues.ts";

interface Exponential {
  readonly argument: Pair;
  readonly power: Pair;
}

const ofZero: Exponential = { argument: { p: 0, q: 0 }, power: { p: 1, q: 1 } };

export class Exponentials {
  readonly #p: number;
  readonly #q: number;
  readonly #meetings: Meetings;
  /** Of 0, however it came about, it is 1. */
  readonly #byArgument = new Map([[0, ofZero]]);
  readonly #byPower = new Map([[1, ofZero]]);

  constructor(p: number, q: number, meetings: Meetings) {
    [this.#p, this.#q, this.#meetings] = [p, q, meetings];
  }

  /**
   * The exp of an argument, known by its p-residue: the one it was given before, the reciprocal of that of the opposite argument, or
   * what `fresh` says.
   */
  power(argument: Pair, fresh: () => Pair): Pair {
    const { p, q } = argument;
    const same = this.#byArgument.get(p);
    const opposite = this.#byArgument.get(this.#p - p);
    const isSure =
      same !== undefined
        ? same.argument.q === q
        : opposite === undefined || opposite.argument.q === (this.#q - q) % this.#q;
    this.#meetings.looked(waysOfArguments, isSure);
    if (same !== undefined) return same.power;
    const power = opposite === undefined ? fresh() : this.#reciprocal(opposite.power);
    this.#remember({ argument, power });
    return power;
  }

  #reciprocal({ p, q }: Pair): Pair {
    return { p: invmod(p, this.#p), q: invmod(q, this.#q) };
  }

  /** Of −∞, too: a search that goes on behind a value which does not exist meets the exp of its opposite. */
  #remember(exponential: Exponential): void {
    this.#byArgument.set(exponential.argument.p, exponential);
    this.#byPower.set(exponential.power.p, exponential);
  }

  /** `factor` a for a power e^a, e^(−a), (e^a)² or √(e^a) of this run; `undefined` for every other number. */
  exponent(value: Pair): { readonly a: Pair; readonly factor: Rational } | undefined {
    const found = this.#rootOf(value.p);
    const isSure = found === undefined || this.#agrees(value.q, found.known.power.q, found.factor);
    this.#meetings.looked(waysOfPowers, isSure);
    return found && { a: found.known.argument, factor: found.factor };
  }

  #rootOf(value: number): { readonly known: Exponential; readonly factor: Rational } | undefined {
    const m = this.#p;
    const up = this.#byPower.get(value);
    if (up !== undefined) return { known: up, factor: rational(1) };
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
      const known = this.#byPower.get(power);
      if (known !== undefined) return { known, factor };
    }
    return undefined;
  }

  /** Whether value = power^factor holds modulo q. */
  #agrees(value: number, power: number, { numerator, denominator }: Rational): boolean {
    const m = this.#q;
    const raised = powmod(power, residue(numerator < 0n ? -numerator : numerator, m), m);
    return powmod(value, residue(denominator, m), m) === (numerator < 0n ? invmod(raised, m) : raised);
  }
}

/** An argument may be another one or its opposite. */
const waysOfArguments = 2;
/** A number may come of a power in six ways. */
const waysOfPowers = 3;
