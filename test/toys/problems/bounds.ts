/** @file Lowest losses found by enumeration and search, which know nothing of how a problem derives them. */
import { at, only, range } from "../../../src/base/assert.ts";
import type { Batch, Predictor, Problem, Rung } from "../../../src/toys/problem.ts";
import { reals } from "../../../src/toys/tensor.ts";

/** Where an input lies, how likely it is, and the mean of the target there. */
export interface Point<Input> {
  readonly input: Input;
  readonly weight: number;
  readonly target: number;
}

/** The rung of that name. */
export const rungOf = ({ rungs }: Problem, name: string): Rung =>
  only(rungs.filter((rung) => rung.name === name));

/** What the problem's rungs claim above the noise. */
export const above = (problem: Problem, name: string): number =>
  rungOf(problem, name).loss - problem.best.loss;

/** What a predictor says of one row. */
export function said(predictor: Predictor, inputs: Readonly<Record<string, readonly number[]>>): number[] {
  const batch: Batch = {
    rows: 1,
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, values]) => [name, reals([1, values.length], values)]),
    ),
    targets: {},
    hidden: {},
  };
  return Object.values(predictor(batch)).flatMap(({ data }) => Array.from(data));
}

export const oracle = (problem: Problem): Predictor => at(problem.best.predictors, 0);
/** A key of what is equal but for rounding. */
export const rounded = (x: number): number => Math.round(x * 1e6);

interface Weighted {
  readonly value: number;
  readonly weight: number;
}

/**
 * The standard normal law on a lattice, symmetric about 0 and without it. Sums of smooth functions converge faster than any
 * power of the step (Poisson's summation formula), of functions with a kink at 0 like its square.
 */
export function normalLattice(step: number, most: number): Weighted[] {
  const count = Math.round(most / step);
  const values = range(2 * count).map((i) => (i - count + 0.5) * step);
  const weights = values.map((value) => Math.exp((-value * value) / 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return values.map((value, i) => ({ value, weight: (weights[i] ?? 0) / total }));
}

/** E f(n) of a standard normal n. */
export const normalMean = (f: (n: number) => number, step: number = 1e-3): number =>
  normalLattice(step, 9).reduce((sum, { value, weight }) => sum + weight * f(value), 0);

/** Pairs, or more, of independent values. */
export function independent(
  ...laws: readonly (readonly Weighted[])[]
): { values: number[]; weight: number }[] {
  return laws.reduce<{ values: number[]; weight: number }[]>(
    (all, law) =>
      all.flatMap(({ values, weight }) =>
        law.map((next) => ({ values: [...values, next.value], weight: weight * next.weight })),
      ),
    [{ values: [], weight: 1 }],
  );
}

/** The lowest mean squared error of any function of the key: the target's variance among points that share one. */
export function lowestOfKey<Input>(
  points: readonly Point<Input>[],
  keyOf: (input: Input) => string | number,
): number {
  const groups = new Map<string | number, { weight: number; first: number; second: number }>();
  for (const { input, weight, target } of points) {
    const key = keyOf(input);
    const group = groups.get(key) ?? { weight: 0, first: 0, second: 0 };
    group.weight += weight;
    group.first += weight * target;
    group.second += weight * target ** 2;
    groups.set(key, group);
  }
  let loss = 0;
  for (const { weight, first, second } of groups.values()) loss += second - first ** 2 / weight;
  return loss;
}

/**
 * The lowest mean squared error of f(left) + g(right), by fitting f and g in turn (backfitting, Breiman and Friedman 1985),
 * from a start that is far off.
 */
export function lowestOfSum<Input>(
  points: readonly Point<Input>[],
  left: (input: Input) => string | number,
  right: (input: Input) => string | number,
): number {
  const places = new Map<string | number, number>();
  const fitted = points.map(({ input }) => {
    const key = left(input);
    const place = places.get(key) ?? places.size;
    places.set(key, place);
    return Math.sin(place);
  });
  for (let round = 0; round < 4; round++) {
    for (const keyOf of [left, right]) {
      const means = new Map<string | number, { weight: number; sum: number }>();
      for (const [i, { input, weight, target }] of points.entries()) {
        const mean = means.get(keyOf(input)) ?? { weight: 0, sum: 0 };
        mean.weight += weight;
        mean.sum += weight * (target - (fitted[i] ?? 0));
        means.set(keyOf(input), mean);
      }
      for (const [i, { input }] of points.entries()) {
        const { weight, sum } = means.get(keyOf(input)) ?? { weight: 1, sum: 0 };
        fitted[i] = (fitted[i] ?? 0) + sum / weight;
      }
    }
  }
  return points.reduce((sum, { weight, target }, i) => sum + weight * (target - (fitted[i] ?? 0)) ** 2, 0);
}

/** Where a function with one minimum has it: golden-section search. */
export function minimum(f: (x: number) => number, low: number, high: number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [low, high];
  while (b - a > 1e-9) {
    const [left, right] = [b - golden * (b - a), a + golden * (b - a)];
    if (f(left) < f(right)) b = right;
    else a = left;
  }
  return (a + b) / 2;
}
