/** @file How far predictions are from the best: all of it where it is told, a bounded part where predictors are compared. */
import { expect, test } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { mean } from "../../src/toys/betting.ts";
import { ladderOn } from "../../src/toys/ladder.ts";
import { distances, excesses, mostDistance } from "../../src/toys/measure.ts";
import { linearRegression } from "../../src/toys/problems/linear-regression.ts";
import { linearVae } from "../../src/toys/problems/linear-vae.ts";
import { standingOf } from "../../src/toys/standing.ts";

const rows = 8192;
const { best, rungs } = linearRegression;
const ladder = ladderOn(linearRegression, linearRegression.draw(rows, random(3)));
const truth = at(best.predictors, 0)(ladder.batch);

test.each(rungs.map((rung) => [rung.name, rung] as const))(
  "the excess of a model at %s is what the rung's loss says",
  (_, rung) => {
    const said = at(rung.predictors, 0)(ladder.batch);
    const all = excesses(linearRegression, ladder.batch, said, truth);
    const centre = mean(all);
    const variance = all.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (rows - 1);
    // Five standard errors.
    expect(Math.abs(centre - (rung.loss - best.loss))).toBeLessThan(5 * Math.sqrt(variance / rows) + 1e-9);
    expect(standingOf(ladder, said).excess).toBe(centre);
  },
);

test("a distance is an excess, no row of which counts for more than is allowed", () => {
  const constant = rungs.find(({ name }) => name === "constant") ?? best;
  const said = at(constant.predictors, 0)(ladder.batch);
  const [all, counted] = [excesses, distances].map((of) => of(linearRegression, ladder.batch, said, truth));
  const most = mostDistance(linearRegression);
  expect(Array.from(counted ?? [])).toEqual(range(rows).map((row) => Math.min(at(all ?? [], row), most)));
  expect(Math.max(...(all ?? []))).toBeGreaterThan(most);
});

test.each(["collapsed", "error averaged", "noise times variance"])(
  "the excess of an autoencoder at %s is what the rung's loss says",
  (name) => {
    const { loss, predictors } = at(
      linearVae.rungs.filter((rung) => rung.name === name),
      0,
    );
    const batch = linearVae.draw(1024, random(8));
    const [said, known] = [predictors, linearVae.best.predictors].map((own) => at(own, 0)(batch));
    const all = excesses(linearVae, batch, said ?? {}, known ?? {});
    const centre = mean(all);
    const variance = all.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (all.length - 1);
    const allowed = 5 * Math.sqrt(variance / all.length);
    expect(Math.abs(centre - (loss - linearVae.best.loss))).toBeLessThan(allowed);
  },
);

test("a model that predicts as any of several best ones do has no excess", () => {
  const { best: bests } = linearVae;
  expect(bests.predictors.length).toBeGreaterThan(1);
  const own = ladderOn(linearVae, linearVae.draw(64, random(4)));
  for (const predictor of bests.predictors)
    expect(standingOf(own, predictor(own.batch)).excess).toBeCloseTo(0, 12);
});
