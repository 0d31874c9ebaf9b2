/** @file A keyed 64-bit mixing hash: the random functions that stand for operators of which nothing is assumed. */
import { hashText } from "../base/random.ts";

/** A random function of integers, fixed by a key and a tag. */
export class KeyedHash {
  readonly #high: number;
  readonly #low: number;

  private constructor(high: number, low: number) {
    [this.#high, this.#low] = [high, low];
  }

  static of(key: number, tag: string): KeyedHash {
    return new KeyedHash(mix(hashText(`${tag}#${key}`)), mix(hashText(`${key}#${tag}`)));
  }

  /** The function whose further argument follows `words`. */
  after(words: Int32Array): KeyedHash {
    let [high, low] = [this.#high, this.#low];
    for (const word of words) {
      high = mix(high ^ word);
      low = mix(Math.imul(low, 0x9e3779b1) + high);
    }
    return new KeyedHash(high, low);
  }

  /** A residue in 1 … modulus − 1 for one integer, from 52 bits of the hash. */
  residue(word: number, modulus: number): number {
    const high = mix(this.#high ^ word);
    const low = mix(Math.imul(this.#low, 0x9e3779b1) + high);
    const upper = mix(high ^ low) >>> 0;
    const fraction = (upper * 2 ** 20 + (low >>> 12)) / 2 ** 52;
    return 1 + Math.floor(fraction * (modulus - 1));
  }
}

/** The finaliser of MurmurHash3 (Appleby). */
function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
