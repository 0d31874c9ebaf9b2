/** @file Seeded random numbers, so that every run can be repeated from the seed in its result. */

export interface Random {
  /** Uniform integer in 0 … 2³² − 1. */
  uint32(): number;
  /** Uniform in [0, 1) with 53 bits. */
  uniform(): number;
  /** Uniform integer in 0 … bound − 1, for bound ≤ 2³². */
  below(bound: number): number;
  /** Standard normal. */
  normal(): number;
  /** An independent stream named by `label`. */
  fork(label: string): Random;
}

/** 32-bit FNV-1a of a text: turns names into seeds. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** The generator sfc32 (Doty-Humphrey, PractRand), warmed up as its author advises. */
export function random(seed: number): Random {
  let [a, b, c, counter] = [0x9e3779b9 | 0, Math.floor(seed / 2 ** 32) | 0, seed | 0, 1];
  const uint32 = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 15; i++) uint32();
  const uniform = (): number => ((uint32() >>> 5) * 67108864 + (uint32() >>> 6)) / 2 ** 53;
  return {
    uint32,
    uniform,
    below: (bound) => Math.floor(uniform() * bound),
    // Box and Muller 1958; 1 − u avoids log 0.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    fork: (label) => random(hashText(`${seed}/${label}`)),
  };
}
