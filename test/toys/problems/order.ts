/** @file The lowest losses of questions whose inputs are written out one by one. */
import { at, get, range } from "../../../src/base/assert.ts";
import { conditionalEntropy } from "./laws.ts";

/** One input: how likely it is, what a class of models sees of it, and the right class. */
export interface Case {
  readonly chance: number;
  readonly seen: string;
  readonly right: number;
}

/**
 * The lowest cross-entropy of all functions of what is seen, where the right class is replaced by a uniform one with
 * probability `noise`.
 */
export function lowestLoss(cases: Iterable<Case>, classes: number, noise: number): number {
  const joint = new Map<string, number[]>();
  for (const { chance, seen, right } of cases) {
    if (!joint.has(seen))
      joint.set(
        seen,
        range(classes).map(() => 0),
      );
    const chances = get(joint, seen);
    chances[right] = at(chances, right) + chance;
  }
  const outcomes = [...joint].flatMap(([seen, chances]) => {
    const total = chances.reduce((sum, chance) => sum + chance, 0);
    return chances.map((chance, label) => ({
      chance: (1 - noise) * chance + (noise * total) / classes,
      seen,
      label,
    }));
  });
  return conditionalEntropy(outcomes);
}

/** All sequences of this length. */
export function* sequences(length: number, classes: number): Generator<readonly number[]> {
  const now = range(length).map(() => 0);
  for (let code = 0; code < classes ** length; code++) {
    for (const place of now.keys()) now[place] = Math.floor(code / classes ** place) % classes;
    yield [...now];
  }
}

/** What is left of numbers when their order is lost. */
export const bag = (numbers: readonly number[]): string => numbers.toSorted((x, y) => x - y).join();
