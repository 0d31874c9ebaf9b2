/**
 * @file Rotations by the angles of one run: cosines and sines that obey cos² + sin² = 1, cos(−x) = cos x, sin(−x) = −sin x, and
 * the addition theorems where an angle is the sum or difference of two that were met before. Rotary positions need these:
 * scores see nothing but differences of positions (Su et al., "RoFormer", 2021, equation 16).
 */
import type { Meetings } from "./meetings.ts";
import { invmod, mulmod } from "./modular.ts";
import type { Pair } from "./residues.ts";

export interface Rotation {
  readonly angle: Pair;
  readonly cos: Pair;
  readonly sin: Pair;
  /** Of how many angles that are no sums it is made. */
  readonly turns: number;
}

const noTurn: Rotation = { angle: { p: 0, q: 0 }, cos: { p: 1, q: 1 }, sin: { p: 0, q: 0 }, turns: 0 };

/** A sum of more angles than this is an angle of its own, so that its degree has a bound (`degree.ts`). */
export const mostTurns = 16;
/** So many angles that are no sums are remembered as terms of sums; the angles of all positions are sums of one row's. */
export const mostTerms = 256;

/** An angle may be another one or its opposite, by itself or with each term or the opposite of it. */
const ways = Math.ceil(Math.sqrt(2 * (1 + 2 * mostTerms)));

/** A random function of an angle's p-residue, in each channel. */
type HalfTangent = (angle: number, modulus: number, channel: "p" | "q") => number;

export class Rotations {
  readonly #p: number;
  readonly #q: number;
  readonly #halfTangent: HalfTangent;
  readonly #meetings: Meetings;
  readonly #known = new Map<number, Rotation>([[0, noTurn]]);
  readonly #terms: Rotation[] = [];

  constructor(p: number, q: number, meetings: Meetings, halfTangent: HalfTangent) {
    [this.#p, this.#q, this.#meetings, this.#halfTangent] = [p, q, meetings, halfTangent];
  }

  /** The rotation by an angle, which is known by its p-residue. */
  by(angle: Pair): Rotation {
    const known = this.#met(angle.p) ?? this.#sum(angle.p);
    this.#meetings.looked(ways, known === undefined || known.angle.q === angle.q);
    const rotation = known ?? this.#fresh(angle);
    this.#known.set(angle.p, rotation);
    return rotation;
  }

  /** Of an angle, or of the opposite one, that was met before. */
  #met(angle: number): Rotation | undefined {
    const opposite = this.#known.get(this.#p - angle);
    return this.#known.get(angle) ?? (opposite && this.#reversed(opposite));
  }

  #sum(angle: number): Rotation | undefined {
    for (const term of this.#terms) {
      for (const turn of [term, this.#reversed(term)]) {
        const rest = this.#met((angle - turn.angle.p + this.#p) % this.#p);
        if (rest !== undefined && rest.turns + turn.turns <= mostTurns) return this.#composed(rest, turn);
      }
    }
    return undefined;
  }

  /** With t the tangent of half the angle, sin = 2t/(1+t²) and cos = (1−t²)/(1+t²); −1 is no square, so 1 + t² is not 0. */
  #fresh(angle: Pair): Rotation {
    const rotation = this.#inEach(1, (m, channel) => {
      const t = this.#halfTangent(angle.p, m, channel);
      const square = mulmod(t, t, m);
      const inverse = invmod((1 + square) % m, m);
      return [angle[channel], mulmod((1 + m - square) % m, inverse, m), mulmod((2 * t) % m, inverse, m)];
    });
    if (this.#terms.length < mostTerms) this.#terms.push(rotation);
    return rotation;
  }

  #reversed({ angle, cos, sin, turns }: Rotation): Rotation {
    return this.#inEach(turns, (m, channel) => [
      (m - angle[channel]) % m,
      cos[channel],
      (m - sin[channel]) % m,
    ]);
  }

  #composed(a: Rotation, b: Rotation): Rotation {
    return this.#inEach(a.turns + b.turns, (m, channel) => {
      const [c, s, d, t] = [a.cos[channel], a.sin[channel], b.cos[channel], b.sin[channel]];
      return [
        (a.angle[channel] + b.angle[channel]) % m,
        (mulmod(c, d, m) + m - mulmod(s, t, m)) % m,
        (mulmod(s, d, m) + mulmod(c, t, m)) % m,
      ];
    });
  }

  #inEach(
    turns: number,
    make: (modulus: number, channel: "p" | "q") => readonly [angle: number, cos: number, sin: number],
  ): Rotation {
    const [p, q] = [make(this.#p, "p"), make(this.#q, "q")];
    return {
      angle: { p: p[0], q: q[0] },
      cos: { p: p[1], q: q[1] },
      sin: { p: p[2], q: q[2] },
      turns,
    };
  }
}
