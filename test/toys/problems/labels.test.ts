/** @file The probes of problems on labels, batches and what is read of the input: each knows its rung, none the oracle. */
import { describe, expect, test } from "vitest";
import type { Problem } from "../../../src/toys/problem.ts";
import { biasOnly } from "../../../src/toys/problems/bias-only.ts";
import { confirms } from "./laws.ts";

const problems: readonly Problem[] = [biasOnly];

const probed = problems.flatMap((problem) =>
  problem.rungs.flatMap(({ name, predictors, probe }) =>
    probe === undefined ? [] : [[problem.name, name, { problem, predictors, probe }] as const],
  ),
);

describe("the probe", () => {
  test.each(probed)("of %s, %s knows models of the rung", (_, name, { problem, predictors, probe }) => {
    for (const predictor of predictors) expect(confirms(problem, probe, predictor), name).toBe(true);
  });

  test.each(probed)("of %s, %s does not take the oracle for one", (_, name, { problem, probe }) => {
    for (const predictor of problem.best.predictors)
      expect(confirms(problem, probe, predictor), name).toBe(false);
  });
});
