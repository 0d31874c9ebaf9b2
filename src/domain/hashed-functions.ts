/** @file Random functions of residues that stand for functions of which the field knows no laws. */
import { at } from "../base/assert.ts";
import { KeyedHash } from "./keyed-hash.ts";
import type { Meetings } from "./meetings.ts";
import { type Pair, pairAt, type Residues } from "./residues.ts";

export class HashedFunctions {
  /** Those that were asked for. */
  readonly names: Set<string> = new Set<string>();
  readonly #key: number;
  readonly #moduli: Readonly<Record<"p" | "q", number>>;
  readonly #meetings: Meetings;

  constructor(key: number, moduli: Readonly<Record<"p" | "q", number>>, meetings: Meetings) {
    [this.#key, this.#moduli, this.#meetings] = [key, moduli, meetings];
  }

  hash(tag: string, channel: "p" | "q"): KeyedHash {
    return KeyedHash.of(this.#key, `${tag}/${channel}`);
  }

  /** A keyed hash of each number. */
  of(tag: string, x: Residues): Residues {
    for (const [i, value] of x.p.entries()) this.#meetings.meet(tag, value, at(x.q, i));
    return this.keyed(tag, x.p);
  }

  /** A keyed hash of two numbers in their order. */
  ofTwo(tag: string, x: Pair, y: Pair): Pair {
    this.#meetings.meet(tag, `${x.p} ${y.p}`, `${x.q} ${y.q}`);
    return pairAt(this.keyed(tag, Int32Array.of(y.p), Int32Array.of(x.p)), 0);
  }

  /** A keyed hash of each word, after the words of a common prefix. */
  keyed(tag: string, words: Int32Array, prefix: Int32Array = new Int32Array()): Residues {
    this.names.add(tag);
    const make = (channel: "p" | "q"): Int32Array => {
      const hash = this.hash(tag, channel).after(prefix);
      return words.map((word) => hash.residue(word, this.#moduli[channel]));
    };
    return { p: make("p"), q: make("q") };
  }
}
