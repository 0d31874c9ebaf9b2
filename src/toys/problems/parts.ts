/** @file What generators and predictors of several problems are made of. */
import { range } from "../../base/assert.ts";
import type { Batch, Field, Level, Predictor } from "../problem.ts";
import { outputs, type Tensor } from "../tensor.ts";

/** Entropy in nats. */
export const entropy = (probabilities: readonly number[]): number =>
  probabilities.reduce((sum, p) => (p === 0 ? sum : sum - p * Math.log(p)), 0);

/** Entropy of a label that is 1 with probability p. */
export const binaryEntropy = (p: number): number => entropy([p, 1 - p]);

/** The logit of a probability. */
export const logit = (p: number): number => Math.log(p / (1 - p));

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
