/** @file A keyed 64-bit mixing hash: the random functions that stand for operators of which nothing is assumed. */
import { hashText } from "../base/random.ts";

/** Two 32-bit halves of the hash of `words` under `key` and `tag`. */
export class KeyedHash {
  #high: number;
  #low: number;

  constructor(key: number, tag: string) {
    this.#high = hashText(`${tag}#${key}`) | 0;
    this.#low = hashText(`${key}#${tag}`) | 0;
  }

  word(value: number): this {
    this.#high = mix(this.#high ^ value);
    this.#low = mix(Math.imul(this.#low, 0x9e3779b1) + value + this.#high);
    return this;
  }

  /** A residue in 1 … modulus − 1 from 53 bits of the hash. */
  residue(modulus: number): number {
    const high = mix(this.#high ^ this.#low) >>> 0;
    const low = mix(this.#low + 0x85ebca6b) >>> 0;
    return 1 + (((high >>> 11) * 2 ** 32 + low) % (modulus - 1));
  }
}

/** The finaliser of MurmurHash3 (Appleby). */
function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
