/** @file The bounds of predicting noise and velocities, by integrals over lattices that know no covariance. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import type { Predictor, Problem } from "../../../src/toys/problem.ts";
import { flowMatching } from "../../../src/toys/problems/flow-matching.ts";
import { noisePrediction } from "../../../src/toys/problems/noise-prediction.ts";
import { indices, reals } from "../../../src/toys/tensor.ts";
import { independent, minimum, normalLattice, oracle } from "./bounds.ts";
import { rungOf } from "./laws.ts";

const pairs = independent(normalLattice(0.25, 9), normalLattice(0.25, 9));
const mean = (f: (a: number, b: number) => number): number =>
  pairs.reduce((sum, { values: [a = 0, b = 0], weight }) => sum + weight * f(a, b), 0);

/** What is predicted of the first component of x = (x₁, 0). */
const saidAt = (predictor: Predictor, x: number, t: number, whole: boolean): number => {
  const times = whole ? indices([1], [t]) : reals([1], [t]);
  const outputs = predictor({
    rows: 1,
    inputs: { x: reals([1, 2], [x, 0]), t: times },
    targets: {},
    hidden: {},
  });
  return at(at(Object.values(outputs), 0).data, 0);
};

/** A path from noise to data: x = noise · (…) + data · (…), and what is asked. */
interface Path {
  x(noise: number, data: number): number;
  target(noise: number, data: number): number;
}

/** The expected squared error of c x. */
const lossOf = ({ x, target }: Path, c: number): number =>
  mean((noise, data) => (c * x(noise, data) - target(noise, data)) ** 2);

/** The best c, by search. */
const best = (path: Path): number => minimum((c) => lossOf(path, c), -5, 5);

const kept = [0.95, 0.7, 0.3, 0.05];
const diffusion = kept.map(
  (share): Path => ({
    x: (noise, data) => Math.sqrt(2 * share) * data + Math.sqrt(1 - share) * noise,
    target: (noise) => noise,
  }),
);
const line = (t: number): Path => ({
  x: (noise, data) => t * data + (1 - t) * noise,
  target: (noise, data) => data - noise,
});

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The expected loss of a level's predictions, which are multiples of x. */
const expectedNoise = (predictor: Predictor): number =>
  average(diffusion.map((path, t) => lossOf(path, saidAt(predictor, 1, t, true))));

/** Midpoints, whose error falls with the square of their number. */
const times = range(64).map((i) => (i + 0.5) / 64);
const expectedVelocity = (predictor: Predictor): number =>
  average(times.map((t) => lossOf(line(t), saidAt(predictor, 1, t, false))));

const predictorOf = (problem: Problem, name: string): Predictor => at(rungOf(problem, name).predictors, 0);

/**
 * The loss of the best function of x ∈ ℝ² and of nothing else: E target² − E |E[target | x]|²/2, on a lattice in the plane, from
 * the variance of x and the best multiple of x on each of the paths that may have led there.
 */
function blindLoss(paths: readonly Path[], size: number): number {
  const known = paths.map((path) => ({ variance: mean((n, d) => path.x(n, d) ** 2), c: best(path) }));
  const step = size / 40;
  const axis = range(81).map((i) => (i - 40) * step);
  let explained = 0;
  for (const [i, first] of axis.entries())
    for (const second of axis.slice(i)) {
      const square = first ** 2 + second ** 2;
      const densities = known.map(
        ({ variance }) => Math.exp(-square / (2 * variance)) / (2 * Math.PI * variance),
      );
      const density = average(densities);
      const c = average(known.map((one, k) => one.c * at(densities, k))) / density;
      explained += (first === second ? 1 : 2) * step ** 2 * density * c ** 2 * (square / 2);
    }
  return average(paths.map((path) => lossOf(path, 0))) - explained;
}

describe("the noise of diffusion", () => {
  test("is predicted best by the multiples that search finds, at the published loss", () => {
    for (const [t, path] of diffusion.entries()) {
      const said = saidAt(oracle(noisePrediction), 1, t, true);
      expect(said).toBeCloseTo(best(path), 6);
      // ᾱ s² / (ᾱ s² + 1 − ᾱ).
      const share = at(kept, t);
      expect(lossOf(path, said)).toBeCloseTo((2 * share) / (2 * share + 1 - share), 9);
    }
    expect(noisePrediction.best.loss).toBeCloseTo(expectedNoise(oracle(noisePrediction)), 9);
  });

  test("costs models of other steps and targets what their predictions cost", () => {
    const multiples = noisePrediction.rungs.filter(({ name }) => name !== "time-blind");
    expect(multiples).toHaveLength(6);
    for (const { loss, predictors } of multiples)
      expect(loss).toBeCloseTo(expectedNoise(at(predictors, 0)), 9);
  });

  test("costs a model that predicts something else what the best prediction of that costs", () => {
    const targets: Record<string, (share: number) => Path["target"]> = {
      "predicts the data": () => (_, data) => Math.SQRT2 * data,
      "predicts the velocity": (share) => (noise, data) =>
        Math.sqrt(share) * noise - Math.sqrt(1 - share) * Math.SQRT2 * data,
    };
    for (const [name, target] of Object.entries(targets)) {
      const multiples = diffusion.map((path, t) => best({ ...path, target: target(at(kept, t)) }));
      const loss = average(diffusion.map((path, t) => lossOf(path, at(multiples, t))));
      expect(rungOf(noisePrediction, name).loss, name).toBeCloseTo(loss, 7);
    }
  });

  test("costs a model that sees no step what integration in the plane finds", () => {
    expect(rungOf(noisePrediction, "time-blind").loss).toBeCloseTo(blindLoss(diffusion, 11), 7);
  });
});

describe("the velocity of a flow", () => {
  test("is predicted best by the multiples that search finds, at the published loss", () => {
    for (const t of [0.1, 0.5, 0.85])
      expect(saidAt(oracle(flowMatching), 1, t, false)).toBeCloseTo(best(line(Math.fround(t))), 6);
    expect(flowMatching.best.loss).toBeCloseTo(1.5708, 4);
    expect(flowMatching.best.loss).toBeCloseTo(expectedVelocity(oracle(flowMatching)), 3);
  });

  test("costs predictions that are multiples of x what they cost on average", () => {
    const multiples = flowMatching.rungs.filter(({ name }) => name !== "time rounded");
    expect(multiples).toHaveLength(5);
    for (const { loss, predictors } of multiples)
      expect(loss).toBeCloseTo(expectedVelocity(at(predictors, 0)), 3);
    expect(rungOf(flowMatching, "reversed").loss).toBeCloseTo(3.2876, 4);
  });

  test("costs a model that predicts an end of the line what the best prediction of that costs", () => {
    const ends: Record<string, Path["target"]> = {
      "predicts the data": (_, data) => data,
      "predicts the noise": (noise) => noise,
    };
    for (const [name, target] of Object.entries(ends))
      for (const t of [0.25, 0.75])
        expect(saidAt(predictorOf(flowMatching, name), 1, t, false)).toBeCloseTo(
          best({ ...line(t), target }),
          6,
        );
  });

  test("costs models that see no time, or half of it, what integration in the plane finds", () => {
    const paths = times.map(line);
    expect(
      blindLoss(
        paths.filter((_, i) => i % 4 === 1 || i % 4 === 2),
        7,
      ),
    ).toBeCloseTo(2, 9);
    expect(rungOf(flowMatching, "time rounded").loss).toBeCloseTo(blindLoss(paths.slice(0, 32), 7), 4);
  });
});
