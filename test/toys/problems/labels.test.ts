/** @file The probes of problems on labels, batches and what is read of the input: each knows its rung, none the oracle. */
import { describe, expect, test } from "vitest";
import type { Problem } from "../../../src/toys/problem.ts";
import { batchSum } from "../../../src/toys/problems/batch-sum.ts";
import { biasOnly } from "../../../src/toys/problems/bias-only.ts";
import { classImbalance } from "../../../src/toys/problems/class-imbalance.ts";
import { contradictoryTwins } from "../../../src/toys/problems/contradictory-twins.ts";
import { gaussianMixture } from "../../../src/toys/problems/gaussian-mixture.ts";
import { lookupTable } from "../../../src/toys/problems/lookup-table.ts";
import { modularAddition } from "../../../src/toys/problems/modular-addition.ts";
import { sparseParity } from "../../../src/toys/problems/sparse-parity.ts";
import { confirms } from "./laws.ts";

const problems: readonly Problem[] = [
  biasOnly,
  contradictoryTwins,
  batchSum,
  sparseParity,
  modularAddition,
  gaussianMixture,
  lookupTable,
  classImbalance,
];

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
