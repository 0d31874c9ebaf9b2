/** @file Fresh data of a problem, batch by batch. */
import { at, range } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import type { Batch, Problem } from "./problem.ts";
import { joined } from "./tensor.ts";

/** Independent batches of the size that models are trained on. */
export const drawn = (problem: Problem, count: number, random: Random): Batch[] =>
  range(count).map((index) => problem.draw(problem.batch, random.fork(`batch ${index}`)));

/** The rows of all batches. */
export function concatenated(batches: readonly Batch[]): Batch {
  const { hidden } = at(batches, 0);
  return {
    rows: batches.reduce((sum, { rows }) => sum + rows, 0),
    inputs: joined(batches.map(({ inputs }) => inputs)),
    targets: joined(batches.map(({ targets }) => targets)),
    hidden: Object.keys(hidden).length === 0 ? {} : joined(batches.map((batch) => batch.hidden)),
  };
}
