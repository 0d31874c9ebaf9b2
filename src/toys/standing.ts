/** @file Where one trained model stands on the ladder of a problem, from its predictions on fresh data. */
import { at, range } from "../base/assert.ts";
import { logMeanExp, mean, meanIsAbove, meanIsBelow, type Observations, upperBound } from "./betting.ts";
import { closestOf, distancesFrom, type Ladder, levelsOf, toleranceOf } from "./ladder.ts";
import { advantages, excesses, losses, mostDistance } from "./measure.ts";
import type { Level, Problem, Rung } from "./problem.ts";
import type { Tensors } from "./tensor.ts";

/** Chances of being wrong: of calling a legal model impossible, and of any other statement about one run. */
const risks = { leak: 1e-6, statement: 1e-3 };

/** What a run shows. */
export interface Standing {
  readonly kind: "reached" | "stuck" | "below" | "between" | "unclear";
  /** The true loss on fresh data, and how much more than the best predictor's is to be expected. */
  readonly loss: number;
  readonly excess: number;
  /** The distance from the best predictor is below this with the risk of a statement. */
  readonly excessBound: number;
  /** The distance that still counts as reached. */
  readonly tolerance: number;
  /** Rungs whose predictor the model is shown to be close to, the closest first. */
  readonly rungs: readonly Rung[];
  /** Logarithm of the evidence that no legal model makes such predictions. */
  readonly leakEvidence: number;
}

/**
 * Rows that suffice to tell a model at a level from one at its tolerance, and as many again for a model that is a little
 * off: b log(1/α) / δ for distances up to b, with which no test can do without (`betting.ts`).
 */
export function evaluationRows(problem: Problem): number {
  const levels = levelsOf(problem);
  const tolerance = Math.min(...levels.map((level) => toleranceOf(problem, level)));
  const units = (2 * mostDistance(problem) * Math.log(levels.length / risks.statement)) / tolerance;
  const batches = problem.coupled === true ? units : units / problem.batch;
  return Math.ceil(batches) * problem.batch;
}

/** The standing of a model that says this on the ladder's data. */
export function standingOf(ladder: Ladder, outputs: Tensors): Standing {
  const { problem, batch } = ladder;
  const { best, rungs } = problem;
  const fromBest = observed(ladder, best, outputs);
  const tolerance = toleranceOf(problem, best);
  const truth = at(ladder.outputs.get(best) ?? [], 0);
  const evidence = leakEvidence(ladder, outputs, truth);
  const near = rungs
    .map((rung) => ({ rung, observations: observed(ladder, rung, outputs) }))
    // Several rungs are tried, so that each gets its share of the risk.
    .filter(({ rung, observations }) =>
      meanIsBelow(observations, toleranceOf(problem, rung), risks.statement / rungs.length),
    )
    .sort((a, b) => mean(a.observations.values) - mean(b.observations.values))
    .map(({ rung }) => rung);
  const kind = (): Standing["kind"] => {
    if (evidence >= -Math.log(risks.leak)) return "below";
    if (meanIsBelow(fromBest, tolerance, risks.statement)) return "reached";
    if (near.length > 0) return "stuck";
    return meanIsAbove(fromBest, tolerance, risks.statement) ? "between" : "unclear";
  };
  return {
    kind: kind(),
    loss: mean(losses(problem, batch, outputs)),
    excess: excessOf(ladder, outputs),
    excessBound: upperBound(fromBest, risks.statement),
    tolerance,
    rungs: near,
    leakEvidence: evidence,
  };
}

/** The mean excess over the best predictor; where there are several, over the one that the model is closest to. */
const excessOf = (ladder: Ladder, outputs: Tensors): number =>
  mean(excesses(ladder.problem, ladder.batch, outputs, closestOf(ladder, ladder.problem.best, outputs)));

/** Distances of independent units from what the level predicts. */
const observed = (ladder: Ladder, level: Level, outputs: Tensors): Observations => ({
  values: units(ladder.problem, distancesFrom(ladder, level, outputs)),
  low: 0,
  high: mostDistance(ladder.problem),
});

/** Values of independent units: rows, or means over batches whose rows depend on each other. */
export function units({ coupled, batch }: Problem, rowwise: Float64Array): Float64Array {
  if (coupled !== true) return rowwise;
  return Float64Array.from(batches(rowwise, batch), mean);
}

const batches = (rowwise: Float64Array, size: number): Float64Array[] =>
  range(rowwise.length / size).map((index) => rowwise.subarray(index * size, (index + 1) * size));

/**
 * The largest logarithm that the product of likelihood ratios against the truth reaches. It is a supermartingale for every
 * model that sees only what is legal. Rows of one batch that depend on each other are averaged: each has a mean of at most
 * 1, their product need not.
 */
function leakEvidence({ problem, batch }: Ladder, outputs: Tensors, truth: Tensors): number {
  const rowwise = advantages(problem, batch, outputs, truth);
  if (rowwise === undefined) return 0;
  const factors =
    problem.coupled === true
      ? batches(rowwise, problem.batch).map((logs) => logMeanExp(Array.from(logs)))
      : rowwise;
  let [sum, largest] = [0, 0];
  for (const factor of factors) {
    sum += factor;
    largest = Math.max(largest, sum);
  }
  return largest;
}
