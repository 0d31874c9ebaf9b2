/** @file The levels of a problem on drawn data: what the predictor of each says, and how far they are from each other. */
import { at } from "../base/assert.ts";
import { random } from "../base/random.ts";
import { concatenated, drawn } from "./batches.ts";
import { mean } from "./betting.ts";
import { distances } from "./measure.ts";
import type { Batch, Level, Problem } from "./problem.ts";
import { rows, type Tensors } from "./tensor.ts";

/** Fresh data, and what every level's predictors say on them. */
export interface Ladder {
  readonly problem: Problem;
  readonly batch: Batch;
  readonly outputs: ReadonlyMap<Level, readonly Tensors[]>;
}

export const levelsOf = ({ best, rungs }: Problem): readonly Level[] => [best, ...rungs];

export const ladderOn = (problem: Problem, batch: Batch): Ladder => ({
  problem,
  batch,
  outputs: new Map(
    levelsOf(problem).map((level) => [level, level.predictors.map((predictor) => predictor(batch))]),
  ),
});

/** Distances of every row from what the level predicts; where it has several predictors, from what the closest says. */
export const distancesFrom = (ladder: Ladder, level: Level, said: Tensors): Float64Array =>
  distances(ladder.problem, ladder.batch, said, closestOf(ladder, level, said));

/** What the level's predictor says that is closest. */
export function closestOf({ problem, batch, outputs }: Ladder, level: Level, said: Tensors): Tensors {
  const truths = outputs.get(level) ?? [];
  if (truths.length === 1) return at(truths, 0);
  const few = firstRows(batch, rowsForChoice);
  const near = truths.map((truth) => mean(distances(problem, few, said, truth)));
  return at(truths, near.indexOf(Math.min(...near)));
}

/** Predictors of one level are far enough from each other that these tell the closest. */
const rowsForChoice = 512;

function firstRows(batch: Batch, count: number): Batch {
  if (batch.rows <= count) return batch;
  const targets = Object.entries(batch.targets).map(([name, all]) => [name, rows(all, 0, count)] as const);
  return { ...batch, rows: count, targets: Object.fromEntries(targets) };
}

/** Levels that predict the same are one level, reached for several reasons. */
const same = 1e-6;

const tolerances = new WeakMap<Problem, ReadonlyMap<Level, number>>();

/**
 * How far from a level's predictions a model may be and still be called there: a quarter of the way to the next other level,
 * on data that are always the same.
 */
export function toleranceOf(problem: Problem, level: Level): number {
  const known = tolerances.get(problem) ?? tolerancesOn(problem);
  tolerances.set(problem, known);
  return known.get(level) ?? 0;
}

const rowsForTolerances = 512;

function tolerancesOn(problem: Problem): ReadonlyMap<Level, number> {
  const count = Math.ceil(rowsForTolerances / problem.batch);
  const ladder = ladderOn(problem, concatenated(drawn(problem, count, random(0))));
  const levels = levelsOf(problem);
  const said = (level: Level): readonly Tensors[] => ladder.outputs.get(level) ?? [];
  const distance = (level: Level, outputs: Tensors): number => mean(distancesFrom(ladder, level, outputs));
  // Even from itself a level has a distance, since a share of a guess is mixed into what is compared.
  const own = new Map(
    levels.map((level) => [level, Math.max(...said(level).map((outputs) => distance(level, outputs)))]),
  );
  const away = (level: Level, other: Level): number[] =>
    said(other).map((outputs) => distance(level, outputs) - (own.get(level) ?? 0));
  return new Map(
    levels.map((level) => {
      const gaps = levels.flatMap((other) => [...away(level, other), ...away(other, level)]);
      return [level, Math.min(...gaps.filter((gap) => gap > same)) / 4];
    }),
  );
}
