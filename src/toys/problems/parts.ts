/** @file What generators and predictors of several problems are made of. */
import { at, range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { categorical } from "../heads.ts";
import type { Batch, Field, Level, Predictor, Problem } from "../problem.ts";
import { named, outputs, row, type Tensor, type Tensors } from "../tensor.ts";

/** Entropy in nats. */
export const entropy = (probabilities: readonly number[]): number =>
  probabilities.reduce((sum, p) => (p === 0 ? sum : sum - p * Math.log(p)), 0);

/** Entropy of a label that is 1 with probability p. */
export const binaryEntropy = (p: number): number => entropy([p, 1 - p]);

/** The expected cross-entropy of logits where classes follow a law. */
export function crossEntropyOf(law: readonly number[], logits: readonly number[]): number {
  const { loss } = categorical(law.length);
  return law.reduce((sum, p, target) => (p === 0 ? sum : sum + p * loss(logits, target)), 0);
}

/** A class of this law. */
export function drawnClass(law: readonly number[], random: Random): number {
  let left = random.uniform();
  const found = law.findIndex((p) => {
    left -= p;
    return left < 0;
  });
  // Probabilities may add up to a little less than 1.
  return found === -1 ? law.length - 1 : found;
}

/** Probabilities of 0 … count successes of probability p each. */
export const binomial = (count: number, p: number): number[] =>
  range(count + 1).map((k) => choose(count, k) * p ** k * (1 - p) ** (count - k));

/** The number of ways to choose k of n. */
export const choose = (n: number, k: number): number =>
  range(k).reduce((ways, i) => (ways * (n - i)) / (i + 1), 1);

/** The logit of a probability. */
export const logit = (p: number): number => Math.log(p / (1 - p));

export const relu = (x: number): number => Math.max(0, x);

/** a · b. */
export function inner(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (const i of range(a.length)) sum += at(a, i) * at(b, i);
  return sum;
}

/** Independent standard normal numbers. */
export const normals = (count: number, random: Random): number[] => range(count).map(() => random.normal());

/** Real numbers of this shape. */
export const realField = (name: string, shape: readonly number[], meaning: string): Field => ({
  name,
  shape,
  meaning,
});

/** Whole numbers 0 … count − 1 of this shape. */
export const indexField = (
  name: string,
  shape: readonly number[],
  count: number,
  meaning: string,
): Field => ({
  name,
  shape,
  count,
  meaning,
});

/** A level that one predictor reaches. */
export const level = (loss: number, derivation: string, ...predictors: Predictor[]): Level => ({
  loss,
  derivation,
  predictors,
});

/** The inputs of a batch with these of another draw. */
export const redrawn =
  (draw: Problem["draw"], ...names: readonly string[]) =>
  ({ rows, inputs }: Batch, random: Random): Tensors => {
    const other = draw(rows, random).inputs;
    return { ...inputs, ...Object.fromEntries(names.map((name) => [name, named(other, name)])) };
  };

/** Outputs for every row: `ofRow` gives the numbers of all its items. */
export function everyRow(
  { rows }: Batch,
  shape: readonly number[],
  ofRow: (index: number) => Iterable<number>,
): Tensor {
  return outputs(
    [rows, ...shape],
    range(rows).flatMap((index) => [...ofRow(index)]),
  );
}

/** A predictor of one head that reads the rows of one input. */
export const predictsFrom =
  (
    input: string,
    output: string,
    shape: readonly number[],
    ofRow: (values: readonly number[], index: number) => Iterable<number>,
  ): Predictor =>
  (batch) => ({
    [output]: everyRow(batch, shape, (index) =>
      ofRow(Array.from(row(named(batch.inputs, input), index)), index),
    ),
  });
