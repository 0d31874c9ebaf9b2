/** @file Numbers that grow by a rule: by steps of one size, or by one factor. */
import { at } from "./assert.ts";

export type Progression =
  | { readonly kind: "arithmetic"; readonly first: number; readonly step: number }
  | { readonly kind: "geometric"; readonly first: number; readonly ratio: number };

/** Fewer numbers are a rule of any kind. */
const least = 3;

/** The rule of whole numbers that are not all equal; `undefined` where they have none. */
export function progressionOf(numbers: readonly number[]): Progression | undefined {
  const [first = 0, second = 0] = numbers;
  if (numbers.length < least || first === second) return undefined;
  const [step, ratio] = [second - first, second / first];
  const follows = (next: (before: number) => number): boolean =>
    numbers.slice(1).every((number, place) => number === next(at(numbers, place)));
  if (Number.isInteger(ratio) && ratio > 1 && follows((before) => before * ratio))
    return { kind: "geometric", first, ratio };
  return follows((before) => before + step) ? { kind: "arithmetic", first, step } : undefined;
}
