/** @file What several function problems are made of. */
import { range } from "../../../base/assert.ts";
import { random } from "../../../base/random.ts";
import type { Definition, Variant } from "../problem.ts";

/** Numbers around 0 with two decimals, the same for the same label: readable, and with nothing special about them. */
export function fractions(label: string, count: number): number[] {
  const source = random(7).fork(label);
  return range(count).map(() => Math.round(100 * source.normal()) / 100);
}

export const bug = (
  name: string,
  derivation: string,
  answer: Definition,
  ...bugs: readonly string[]
): Variant => ({ name, derivation, answer, bugs });
