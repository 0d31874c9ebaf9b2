/** @file The probes of generative models and contrast: each knows its rung, none the oracle. */
import { describe, expect, test } from "vitest";
import type { Problem } from "../../../src/toys/problem.ts";
import { contrastive } from "../../../src/toys/problems/contrastive.ts";
import { discriminator } from "../../../src/toys/problems/discriminator.ts";
import { flowMatching } from "../../../src/toys/problems/flow-matching.ts";
import { klDirection } from "../../../src/toys/problems/kl-direction.ts";
import { linearVae } from "../../../src/toys/problems/linear-vae.ts";
import { maskedTokens } from "../../../src/toys/problems/masked-tokens.ts";
import { noisePrediction } from "../../../src/toys/problems/noise-prediction.ts";
import { confirmed } from "./laws.ts";

const problems: readonly Problem[] = [
  noisePrediction,
  flowMatching,
  linearVae,
  contrastive,
  maskedTokens,
  klDirection,
  discriminator,
];

const probed = problems.flatMap((problem) =>
  problem.rungs.flatMap(({ name, predictors, probe }) =>
    probe === undefined ? [] : [[problem.name, name, { problem, predictors }] as const],
  ),
);

describe("the probe", () => {
  test.each(probed)("of %s, %s knows models of the rung", (_, name, { problem, predictors }) => {
    for (const predictor of predictors) expect(confirmed(problem, predictor)).toContain(name);
  });

  test.each(problems.map((problem) => [problem.name, problem] as const))(
    "of %s takes no oracle for broken",
    (_, problem) => {
      for (const predictor of problem.best.predictors) expect(confirmed(problem, predictor)).toEqual([]);
    },
  );
});

test("probes of masked tokens tell the sides and the neighbours apart", () => {
  for (const name of ["neighbours only", "left side only", "right side only", "no positions"]) {
    const rung = maskedTokens.rungs.find((one) => one.name === name);
    for (const predictor of rung?.predictors ?? [])
      expect(confirmed(maskedTokens, predictor)).toEqual([name]);
  }
});

test("latents that tell nothing, whose variance is 1 in sound models too, are only collapsed", () => {
  const collapsed = linearVae.rungs.find(({ name }) => name === "collapsed");
  for (const predictor of collapsed?.predictors ?? [])
    expect(confirmed(linearVae, predictor)).toEqual(["collapsed"]);
});

test("no leak is seen in models that only stop at floors", () => {
  for (const { rungs, ...problem } of problems) {
    const leaks = rungs.filter(({ kind }) => kind === "leak").map(({ name }) => name);
    for (const { kind, predictors } of rungs)
      if (kind !== "leak")
        for (const predictor of predictors)
          for (const name of confirmed({ ...problem, rungs }, predictor)) expect(leaks).not.toContain(name);
  }
});
