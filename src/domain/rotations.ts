/**
 * @file Rotations by the angles of one run: cosines and sines that obey cos² + sin² = 1, cos(−x) = cos x, sin(−x) = −sin x, and
 * the addition theorems where an angle is the sum or difference of two that were met before. Rotary positions need these:
 * scores see nothing but differences of positions (Su et al., "RoFormer", 2021, equation 16).
 */
import type { Pair } from "./exponentials.ts";
import { invmod, mulmod } from "./modular.ts";

export interface Rotation {
  readonly cos: Pair;
  readonly sin: Pair;
  /** Of how many angles that are no sums it is made. */
  readonly turns: number;
}

/** A sum of more angles than this is an angle of its own, so that its degree has a bound (`degree.ts`). */
export const mostTurns = 16;
/** So many angles that are no sums are remembered as terms of sums; the angles of all positions are sums of one row's. */
export const mostTerms = 256;

/** A random function of an angle's p-residue, in each channel. */
type HalfTangent = (angle: number, modulus: number, channel: "p" | "q") => number;

export class Rotations {
  readonly #p: number;
  readonly #q: number;
  readonly #halfTangent: HalfTangent;
  readonly #known = new Map<number, Rotation>([[0, { cos: { p: 1, q: 1 }, sin: { p: 0, q: 0 }, turns: 0 }]]);
  readonly #terms: number[] = [];

  constructor(p: number, q: number, halfTangent: HalfTangent) {
    [this.#p, this.#q, this.#halfTangent] = [p, q, halfTangent];
  }

  /** The rotation by the angle with this p-residue. */
  by(angle: number): Rotation {
    const met = this.#met(angle);
    if (met !== undefined) return met;
    const rotation = this.#sum(angle) ?? this.#fresh(angle);
    this.#known.set(angle, rotation);
    return rotation;
  }

  /** Of an angle, or of the opposite one, that was met before. */
  #met(angle: number): Rotation | undefined {
    const opposite = this.#known.get(this.#p - angle);
    return this.#known.get(angle) ?? (opposite && this.#reversed(opposite));
  }

  #sum(angle: number): Rotation | undefined {
    for (const term of this.#terms) {
      for (const signed of [term, this.#p - term]) {
        const rest = this.#met((angle - signed + this.#p) % this.#p);
        const turn = this.#met(signed);
        if (rest === undefined || turn === undefined || rest.turns + turn.turns > mostTurns) continue;
        return this.#composed(rest, turn);
      }
    }
    return undefined;
  }

  /** With t the tangent of half the angle, sin = 2t/(1+t²) and cos = (1−t²)/(1+t²); −1 is no square, so 1 + t² is not 0. */
  #fresh(angle: number): Rotation {
    if (this.#terms.length < mostTerms) this.#terms.push(angle);
    return this.#inEach(1, (m, channel) => {
      const t = this.#halfTangent(angle, m, channel);
      const square = mulmod(t, t, m);
      const inverse = invmod((1 + square) % m, m);
      return [mulmod((1 + m - square) % m, inverse, m), mulmod((2 * t) % m, inverse, m)];
    });
  }

  #reversed({ cos, sin, turns }: Rotation): Rotation {
    return this.#inEach(turns, (m, channel) => [cos[channel], (m - sin[channel]) % m]);
  }

  #composed(a: Rotation, b: Rotation): Rotation {
    return this.#inEach(a.turns + b.turns, (m, channel) => {
      const [c, s, d, t] = [a.cos[channel], a.sin[channel], b.cos[channel], b.sin[channel]];
      return [(mulmod(c, d, m) + m - mulmod(s, t, m)) % m, (mulmod(s, d, m) + mulmod(c, t, m)) % m];
    });
  }

  #inEach(
    turns: number,
    make: (modulus: number, channel: "p" | "q") => readonly [cos: number, sin: number],
  ): Rotation {
    const [p, q] = [make(this.#p, "p"), make(this.#q, "q")];
    return { cos: { p: p[0], q: q[0] }, sin: { p: p[1], q: q[1] }, turns };
  }
}
