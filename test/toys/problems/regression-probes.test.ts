/** @file Probes of regression problems confirm the predictors of their own class and not the oracle. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { random } from "../../../src/base/random.ts";
import type { Predictor, Probe, Problem } from "../../../src/toys/problem.ts";
import { adding } from "../../../src/toys/problems/adding.ts";
import { bilinear } from "../../../src/toys/problems/bilinear.ts";
import { heteroscedastic } from "../../../src/toys/problems/heteroscedastic.ts";
import { inContextRegression } from "../../../src/toys/problems/in-context-regression.ts";
import { linearRegression } from "../../../src/toys/problems/linear-regression.ts";
import { product } from "../../../src/toys/problems/product.ts";
import { quantileRegression } from "../../../src/toys/problems/quantile.ts";
import { rankLadder } from "../../../src/toys/problems/rank-ladder.ts";
import { scaleBlind } from "../../../src/toys/problems/scale-blind.ts";
import { absoluteTeacher, reluTeacher } from "../../../src/toys/problems/teachers.ts";
import { named, outputs, row } from "../../../src/toys/tensor.ts";
import { rungOf } from "./bounds.ts";

const problems = [
  reluTeacher,
  absoluteTeacher,
  product,
  bilinear,
  rankLadder,
  linearRegression,
  heteroscedastic,
  quantileRegression,
  scaleBlind,
  adding,
  inContextRegression,
];

function confirms(problem: Problem, probe: Probe, predictor: Predictor): boolean {
  const batch = problem.draw(problem.batch, random(7));
  const others = probe.inputs(batch, random(8)).map((inputs) => predictor({ ...batch, inputs }));
  return probe.confirms(predictor(batch), others);
}

const cases = problems.flatMap((problem) =>
  problem.rungs.flatMap((rung) =>
    rung.probe === undefined
      ? []
      : [{ name: `${problem.name}: ${rung.name}`, problem, rung, probe: rung.probe }],
  ),
);

test.each(cases)("$name", ({ problem, rung, probe }) => {
  for (const predictor of rung.predictors) expect(confirms(problem, probe, predictor)).toBe(true);
  for (const predictor of problem.best.predictors) expect(confirms(problem, probe, predictor)).toBe(false);
});

describe("a probe", () => {
  test("of a rank confirms every lower rank, and no higher one", () => {
    for (const rank of range(4)) {
      const { probe } = rungOf(rankLadder, `rank ${rank}`);
      const confirmed = range(4).map(
        (other) =>
          probe !== undefined &&
          confirms(rankLadder, probe, at(rungOf(rankLadder, `rank ${other}`).predictors, 0)),
      );
      expect(confirmed).toEqual(range(4).map((other) => other <= rank));
    }
  });

  test("of marks confirms models that weigh positions, and moves nothing but marks", () => {
    const { probe } = rungOf(adding, "marks not read");
    const weighted =
      (channel: number): Predictor =>
      ({ inputs, rows }) => {
        const said = range(rows).map((index) =>
          Array.from(row(named(inputs, "x"), index)).reduce(
            (sum, value, i) => sum + (i % 2 === channel ? i ** 2 * value : 0),
            0,
          ),
        );
        return { y: outputs([rows], said) };
      };
    expect(probe !== undefined && confirms(adding, probe, weighted(0))).toBe(true);
    expect(probe !== undefined && confirms(adding, probe, weighted(1))).toBe(false);
  });

  test("of a window doesn't confirm a longer one", () => {
    const { probe } = rungOf(inContextRegression, "last pair");
    const [predictor] = rungOf(inContextRegression, "last two pairs").predictors;
    expect(
      probe !== undefined && predictor !== undefined && confirms(inContextRegression, probe, predictor),
    ).toBe(false);
  });

  test("of a range of outputs doesn't confirm a wider one", () => {
    const { probe } = rungOf(linearRegression, "sigmoid");
    for (const name of ["ReLU", "tanh"]) {
      const [predictor] = rungOf(linearRegression, name).predictors;
      expect(
        probe !== undefined && predictor !== undefined && confirms(linearRegression, probe, predictor),
      ).toBe(false);
    }
  });
});
