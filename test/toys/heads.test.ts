/** @file Scorings: losses from their definitions, and distances as what is lost on average where one predictor tells the law. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { binary, categorical, gaussian, latent, type Scoring, squared } from "../../src/toys/heads.ts";

const real = fc.double({ min: -3, max: 3, noNaN: true });
const logits = (classes: number): fc.Arbitrary<number[]> =>
  fc.array(real, { minLength: classes, maxLength: classes });

function softmax(values: readonly number[]): number[] {
  const total = values.reduce((sum, value) => sum + Math.exp(value), 0);
  return values.map((value) => Math.exp(value) / total);
}

/** A share of 0.001 of a uniform guess mixed into the predicted law, as logits. */
const guessed = (values: readonly number[]): number[] =>
  softmax(values).map((p) => Math.log(0.999 * p + 0.001 / values.length));

test("cross-entropy is minus the logarithm of the softmax", () => {
  fc.assert(
    fc.property(logits(5), fc.nat(4), (values, target) => {
      expect(categorical(5).loss(values, target)).toBeCloseTo(-Math.log(at(softmax(values), target)), 10);
      expect(
        categorical(5).loss(
          values.map((value) => value + 7),
          target,
        ),
      ).toBeCloseTo(categorical(5).loss(values, target), 10);
    }),
  );
});

test("a logit is that of the second of two classes", () => {
  fc.assert(
    fc.property(real, real, fc.nat(1), (a, b, target) => {
      expect(binary.loss([a], target)).toBeCloseTo(categorical(2).loss([0, a], target), 12);
      expect(binary.divergence([a], [b])).toBeCloseTo(categorical(2).divergence([0, a], [0, b]), 12);
    }),
  );
});

test("the negative log-likelihood of a normal law has its constant", () => {
  const density = Math.exp(-((1.5 - 0.5) ** 2) / (2 * 4)) / Math.sqrt(2 * Math.PI * 4);
  expect(gaussian({ most: 10 }).loss([0.5, Math.log(4)], 1.5)).toBeCloseTo(-Math.log(density), 12);
});

describe("a distance is the expected loss above the lowest", () => {
  test("of classes, with the guess mixed in", () => {
    fc.assert(
      fc.property(logits(4), logits(4), (truth, said) => {
        const scoring = categorical(4);
        const lost = softmax(truth).reduce(
          (sum, p, target) => sum + p * (scoring.loss(guessed(said), target) - scoring.loss(truth, target)),
          0,
        );
        expect(scoring.divergence(truth, said)).toBeCloseTo(lost, 10);
      }),
    );
  });

  // Twenty points of Gauss and Hermite would do; many equal steps over ten deviations are simpler to trust.
  const steps = 4000;
  function expected(mean: number, variance: number, f: (target: number) => number): number {
    const width = (20 * Math.sqrt(variance)) / steps;
    return range(steps).reduce((sum, i) => {
      const target = mean + (i + 0.5 - steps / 2) * width;
      const density = Math.exp(-((target - mean) ** 2) / (2 * variance)) / Math.sqrt(2 * Math.PI * variance);
      return sum + width * density * f(target);
    }, 0);
  }
  const lost = (scoring: Scoring, truth: number[], said: number[], variance: number): number =>
    expected(at(truth, 0), variance, (target) => scoring.loss(said, target) - scoring.loss(truth, target));

  test("of means", () => {
    const scoring = squared({ variance: 0.25, most: 100 });
    fc.assert(
      fc.property(real, real, (truth, said) => {
        expect(scoring.divergence([truth], [said])).toBeCloseTo(lost(scoring, [truth], [said], 0.25), 6);
      }),
      { numRuns: 20 },
    );
  });

  test("of normal laws", () => {
    const scoring = gaussian({ most: 1e6 });
    const law = fc.tuple(real, fc.double({ min: -1, max: 1, noNaN: true }));
    fc.assert(
      fc.property(law, law, (truth, said) => {
        const variance = Math.exp(truth[1]);
        expect(scoring.divergence(truth, said)).toBeCloseTo(lost(scoring, truth, said, variance), 6);
      }),
      { numRuns: 20 },
    );
  });

  test("of normal laws for targets of another law with that mean and variance", () => {
    const scoring = gaussian({ most: 1e6, otherLaw: true });
    // Half of the targets lie on either side of their mean.
    const [mean, deviation] = [0.4, 1.5];
    for (const said of [
      [0, 0],
      [1, 1.2],
    ]) {
      const lossAt = (law: number[]): number =>
        [-1, 1].reduce((sum, side) => sum + scoring.loss(law, mean + side * deviation), 0) / 2;
      const truth = [mean, 2 * Math.log(deviation)];
      expect(scoring.divergence(truth, said)).toBeCloseTo(lossAt(said) - lossAt(truth), 12);
    }
    expect(scoring.advantage).toBeUndefined();
  });

  test("of classes that are said to be impossible, no more than is counted", () => {
    expect(categorical(2).divergence([0, -Infinity], [-1e9, 0])).toBeLessThanOrEqual(
      categorical(2).mostDivergence,
    );
  });
});

test("an advantage is the logarithm of how much likelier the target is", () => {
  const scoring = squared({ variance: 0.25, most: 4 });
  const density = (mean: number, target: number): number => Math.exp(-((target - mean) ** 2) / 0.5);
  expect(scoring.advantage?.([0.2], [0.7], 0.3)).toBeCloseTo(
    Math.log(density(0.2, 0.3) / density(0.7, 0.3)),
    12,
  );
  const [said, truth] = [
    [1, 0, 2],
    [0, 1, 0],
  ];
  const ratio = softmax(guessed(said)).map((p, i) => p / at(softmax(truth), i));
  expect(categorical(3).advantage?.(said, truth, 2)).toBeCloseTo(Math.log(at(ratio, 2)), 12);
  expect(squared({ variance: 0, most: 4 }).advantage).toBeUndefined();
});

describe("a latent", () => {
  const scoring = latent({ most: 1e6 });
  const [mean, variance] = [0.7, 0.3];
  const said = [mean, Math.log(variance)];
  const density = (z: number, centre: number, spread: number): number =>
    Math.exp(-((z - centre) ** 2) / (2 * spread)) / Math.sqrt(2 * Math.PI * spread);

  test("costs its divergence from the standard normal law, whatever the noise", () => {
    const points = range(4001).map((i) => (i - 2000) / 200);
    const divergence = points.reduce((sum, z) => {
      const own = density(z, mean, variance);
      return own === 0 ? sum : sum + (own * Math.log(own / density(z, 0, 1))) / 200;
    }, 0);
    expect(scoring.loss(said, 0)).toBeCloseTo(divergence, 9);
    expect(scoring.loss(said, 1.7)).toBe(scoring.loss(said, 0));
    expect(scoring.loss([0, 0], 0)).toBe(0);
  });

  test("is as far from another as one normal law from the other", () => {
    expect(scoring.divergence([0.2, -1], said)).toBe(gaussian({ most: 1e6 }).divergence([0.2, -1], said));
  });

  test("has the advantage of its prior over its code, where the noise puts it", () => {
    const [noise, other] = [-1.3, [0.1, 0.4]];
    const logOf = ([centre = 0, log = 0]: readonly number[]): number => {
      const z = centre + Math.exp(log / 2) * noise;
      return Math.log(density(z, 0, 1) / density(z, centre, Math.exp(log)));
    };
    expect(scoring.advantage?.(said, other, noise)).toBeCloseTo(logOf(said) - logOf(other), 12);
  });
});
