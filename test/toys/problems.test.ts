/**
 * @file Every problem is what it says: its oracle and the predictor of every rung have the losses that are claimed, on drawn
 * data, and stand where they should.
 */
import { describe, expect, test } from "vitest";
import { random } from "../../src/base/random.ts";
import { concatenated, drawn } from "../../src/toys/batches.ts";
import { catalogue } from "../../src/toys/catalogue.ts";
import { ladderOn } from "../../src/toys/ladder.ts";
import { losses } from "../../src/toys/measure.ts";
import { type Batch, ignored, type Level, type Problem } from "../../src/toys/problem.ts";
import { evaluationRows, standingOf } from "../../src/toys/standing.ts";
import { named, row, type Tensors } from "../../src/toys/tensor.ts";

/** Five standard errors: chance exceeds them in one of 1.7 million. */
const errors = 5;

function expectLoss(problem: Problem, level: Level, batch: Batch, unit: number): void {
  for (const predictor of level.predictors) {
    const rowwise = losses(problem, batch, predictor(batch));
    const values = Array.from({ length: batch.rows / unit }, (_, i) => {
      const own = rowwise.subarray(i * unit, (i + 1) * unit);
      return own.reduce((sum, loss) => sum + loss, 0) / unit;
    });
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
    const allowed = errors * Math.sqrt(variance / values.length) + 1e-9;
    expect(Math.abs(mean - level.loss), `${mean} is ${level.loss}`).toBeLessThanOrEqual(allowed);
  }
}

/** How many items of a row count; several numbers where rows differ. */
function countedItems({ rows, targets }: Batch, name: string): ReadonlySet<number> {
  const counts = Array.from({ length: rows }, (_, index) => {
    const own = row(named(targets, name), index);
    return own.filter((value) => value !== ignored && !Number.isNaN(value)).length;
  });
  return new Set(counts);
}

/** Names that a ModuleDict has no place for, as far as they are words that an output may be called. */
const methods = [
  "values",
  "keys",
  "items",
  "update",
  "clear",
  "train",
  "eval",
  "type",
  "half",
  "to",
  "apply",
];

describe.each(catalogue.map((problem) => [problem.name, problem] as const))("%s", (_, problem) => {
  const count = Math.max(1024, evaluationRows(problem));
  const rows = Math.ceil(count / problem.batch) * problem.batch;
  const batch = concatenated(drawn(problem, rows / problem.batch, random(11)));
  const ladder = ladderOn(problem, batch);
  const unit = problem.coupled === true ? problem.batch : 1;

  test("has the same data for the same seed", () => {
    const [first, again, other] = [1, 1, 2].map((seed) => problem.draw(problem.batch, random(seed)));
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
  });

  test("draws what its fields say", () => {
    for (const { name, shape, count: most } of problem.inputs) {
      const tensor = batch.inputs[name];
      expect(tensor?.shape).toEqual([rows, ...shape]);
      if (most === undefined) expect(tensor?.data).toBeInstanceOf(Float32Array);
      else expect(tensor?.data.every((value) => value >= 0 && value < most)).toBe(true);
    }
    for (const { name, items, scoring } of problem.heads) {
      const tensor = batch.targets[name];
      expect(tensor?.shape).toEqual([rows, ...items]);
      expect(tensor?.data).toBeInstanceOf(scoring.kind === "categorical" ? Int32Array : Float32Array);
    }
    // Means over all items and over rows are the same then, whichever a loss takes.
    const counted = problem.heads.map(({ name }) => countedItems(batch, name));
    expect(counted.map((counts) => counts.size)).toEqual(problem.heads.map(() => 1));
    expect(Object.keys(batch.inputs)).toEqual(problem.inputs.map(({ name }) => name));
    expect(Object.keys(batch.targets)).toEqual(problem.heads.map(({ name }) => name));
  });

  test("has outputs by whose names PyTorch's ModuleDict can hold layers", () => {
    for (const { name } of problem.heads) expect(methods).not.toContain(name);
  });

  test("needs few rows to be judged", () => {
    expect(evaluationRows(problem)).toBeLessThan(16_384);
  });

  test("has a lowest loss that its oracle meets", () => {
    expectLoss(problem, problem.best, batch, unit);
    for (const predictor of problem.best.predictors) {
      expect(standingOf(ladder, predictor(batch)).kind).toBe("reached");
    }
  });

  test.each(problem.rungs.map((rung) => [rung.name, rung] as const))(
    "has a rung %s that its predictor meets",
    (name, rung) => {
      if (rung.kind === "leak") expect(rung.loss).toBeLessThan(problem.best.loss);
      else expect(rung.loss).toBeGreaterThan(problem.best.loss);
      expectLoss(problem, rung, batch, unit);
      for (const predictor of rung.predictors) {
        const { kind, rungs } = standingOf(ladder, predictor(batch));
        expect(kind).toBe(rung.kind === "leak" ? "below" : "stuck");
        expect(rungs.map((near) => near.name)).toContain(name);
      }
    },
  );

  test("draws probes' inputs that a model can read", () => {
    const few = problem.draw(problem.batch, random(5));
    for (const { probe } of problem.rungs) {
      for (const inputs of probe?.inputs(few, random(6)) ?? []) {
        expect(Object.keys(inputs)).toEqual(Object.keys(few.inputs));
        for (const [name, { shape }] of Object.entries(inputs satisfies Tensors))
          expect(shape).toEqual(few.inputs[name]?.shape);
      }
    }
  });
});
