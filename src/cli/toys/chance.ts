/** @file Chance in a worker: `Math.random`, which models start from and dropout draws from, is seeded. */
import { at } from "../../base/assert.ts";
import { random } from "../../base/random.ts";

let source: () => number = Math.random;
/** What was drawn aside, and is to be drawn again. */
let ahead: number[] = [];

const next = (): number => ahead.shift() ?? source();

/** Starts chance anew. */
export function seedChance(seed: number): void {
  source = random(seed).uniform;
  ahead = [];
  Math.random = next;
}

/** What `ask` gives; chance then goes on where it was, as if nothing had been drawn. */
export function aside<T>(ask: () => T): T {
  let index = 0;
  Math.random = () => {
    if (index === ahead.length) ahead.push(source());
    return at(ahead, index++);
  };
  try {
    return ask();
  } finally {
    Math.random = next;
  }
}
