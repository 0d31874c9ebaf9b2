/**
 * @file The bounds of linear variational autoencoders, by minimisation over all of them: matrices that know nothing of
 * principal axes, of which one part after another is set to its best.
 */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { type Random, random } from "../../../src/base/random.ts";
import { advantages } from "../../../src/toys/measure.ts";
import type { Batch, Predictor } from "../../../src/toys/problem.ts";
import { linearVae } from "../../../src/toys/problems/linear-vae.ts";
import { axisLoss, unused, weighted } from "../../../src/toys/problems/vae-axes.ts";
import { reals } from "../../../src/toys/tensor.ts";
import { independent, normalLattice, oracle } from "./bounds.ts";
import { rungOf } from "./laws.ts";

type Matrix = number[][];

const times = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => at(b, 0).map((_, j) => row.reduce((sum, x, k) => sum + x * at(at(b, k), j), 0)));
const turned = (a: Matrix): Matrix => at(a, 0).map((_, j) => a.map((row) => at(row, j)));
const plus = (a: Matrix, b: Matrix): Matrix => a.map((row, i) => row.map((x, j) => x + at(at(b, i), j)));
const scaled = (a: Matrix, c: number): Matrix => a.map((row) => row.map((x) => c * x));
const diagonal = (values: readonly number[]): Matrix =>
  values.map((value, i) => values.map((_, j) => (i === j ? value : 0)));
const traceOf = (a: Matrix): number => a.reduce((sum, row, i) => sum + at(row, i), 0);

function inverse([[a = 0, b = 0] = [], [c = 0, d = 0] = []]: Matrix): Matrix {
  const determinant = a * d - b * c;
  return [
    [d / determinant, -b / determinant],
    [-c / determinant, a / determinant],
  ];
}

/** By elimination without pivots, as for any covariance. */
function logDeterminant(a: Matrix): number {
  const rows = a.map((row) => [...row]);
  let sum = 0;
  for (const [k, lead] of rows.entries()) {
    sum += Math.log(at(lead, k));
    for (const row of rows.slice(k + 1)) {
      const factor = at(row, k) / at(lead, k);
      for (const j of range(row.length)) row[j] = at(row, j) - factor * at(lead, j);
    }
  }
  return sum;
}

/** xᵢ = 0.5 z₁ ± 0.2 z₂ + 0.25 n. */
const sigma2 = 0.0625;
const mixing: Matrix = [
  [0.5, 0.2],
  [0.5, 0.2],
  [0.5, -0.2],
  [0.5, -0.2],
];
/** Variances of the data along the columns' directions. */
const lambdas = turned(mixing).map((column) => column.reduce((sum, value) => sum + value ** 2, sigma2));
const covariance = plus(times(mixing, turned(mixing)), diagonal([sigma2, sigma2, sigma2, sigma2]));

interface Autoencoder {
  readonly encode: Matrix;
  readonly decode: Matrix;
  readonly variances: readonly number[];
}

/** What a broken class does, or asks for, otherwise. */
interface Class {
  /** How often the divergence is counted. */
  readonly weight?: number;
  /** The variance of the noise that is added, and the best variance for a column of this square length. */
  readonly noise?: (variance: number) => number;
  readonly variance?: (square: number, weight: number) => number;
  /** The second latent is not used. */
  readonly one?: boolean;
}

/** |x − decoded|²/2σ² and the divergence, on average. */
function lossOf({ encode, decode, variances }: Autoencoder, noise: (variance: number) => number): number[] {
  const rest = plus(diagonal([1, 1, 1, 1]), scaled(times(decode, encode), -1));
  const noisy = times(times(decode, diagonal(variances.map(noise))), turned(decode));
  const error = traceOf(plus(times(times(rest, covariance), turned(rest)), noisy)) / (2 * sigma2);
  const coded = times(times(encode, covariance), turned(encode));
  const divergence = variances.reduce(
    (sum, v, k) => sum + (at(at(coded, k), k) + v - 1 - Math.log(v)) / 2,
    0,
  );
  return [error, divergence];
}

const posterior = (square: number, weight: number): number => weight / (square / sigma2 + weight);

/** The true loss of the autoencoder that is best in a class: from a random start, each part is set to its best in turn. */
function searched(
  { weight = 1, noise = (v) => v, variance = posterior, one = false }: Class,
  source: Random,
): number {
  let decode: Matrix = range(4).map(() => range(2).map((k) => (one && k === 1 ? 0 : source.normal())));
  let variances = [1, 1];
  let encode: Matrix = [];
  for (let round = 0; round < 3000; round++) {
    const gram = times(turned(decode), decode);
    encode = times(
      inverse(plus(scaled(gram, 1 / sigma2), diagonal([weight, weight]))),
      scaled(turned(decode), 1 / sigma2),
    );
    variances = gram.map((row, k) => variance(at(row, k), weight));
    const second = plus(times(times(encode, covariance), turned(encode)), diagonal(variances.map(noise)));
    decode = times(times(covariance, turned(encode)), inverse(second));
  }
  return lossOf({ encode, decode, variances }, noise).reduce((sum, part) => sum + part, 0);
}

const lowest = (broken: Class): number => Math.min(...range(3).map((seed) => searched(broken, random(seed))));

describe("a linear variational autoencoder", () => {
  test("has the entropy of the data as its lowest loss", () => {
    // ½ log det 2πe C, less the constant of a decoder of variance σ².
    const constant = 2 * Math.log(2 * Math.PI * sigma2);
    const entropy = (logDeterminant(covariance) + 4 * Math.log(2 * Math.PI * Math.E)) / 2;
    expect(linearVae.best.loss).toBeCloseTo(entropy - constant, 12);
    expect(lowest({})).toBeCloseTo(linearVae.best.loss, 9);
  });

  test("has the published losses for another law", () => {
    // The reference: C = W Wᵀ + I/2 with singular values 6 and 6, ½ log det 2πe C = 6.854, collapsed 16.29.
    const losses = (code: (lambda: number) => typeof unused): number =>
      2 * axisLoss(code(6.5), 6.5, 0.5) + 1 + 2 * Math.log(Math.PI);
    expect(losses((lambda) => weighted(1, lambda, 0.5))).toBeCloseTo(6.854, 3);
    expect(losses(() => unused)).toBeCloseTo(16.29, 2);
  });

  const classes: Record<string, Class> = {
    "one latent": { one: true },
    "latents of variance 1": { variance: () => 1 },
    "divergence counted half": { weight: 1 / 2 },
    "divergence counted twice": { weight: 2 },
    "error averaged": { weight: 4 },
    // |d|² v²/σ² + v/2 − log(v)/2 is least where 2 |d|² v²/σ² + v = 1.
    "noise times variance": {
      noise: (v) => v ** 2,
      variance: (square) => 2 / (1 + Math.sqrt(1 + (8 * square) / sigma2)),
    },
  };
  test.each(Object.entries(classes))("has no lower loss in the class %s", (name, broken) => {
    expect(rungOf(linearVae, name).loss).toBeCloseTo(lowest(broken), 6);
  });

  test("comes as close as one likes to what is claimed without noise", () => {
    const losses = [1, 0.1, 0.001].map((size) => {
      const encode = scaled(turned(mixing), size);
      const coded = times(times(encode, covariance), turned(encode));
      const decode = times(times(covariance, turned(encode)), inverse(coded));
      const [error = 0, divergence = 0] = lossOf({ encode, decode, variances: [1, 1] }, () => 0);
      return error + divergence;
    });
    expect(losses).toEqual(losses.toSorted((a, b) => b - a));
    expect(at(losses, 2)).toBeCloseTo(rungOf(linearVae, "no noise").loss, 4);
    expect(traceOf(covariance) / (2 * sigma2)).toBeCloseTo(rungOf(linearVae, "collapsed").loss, 12);
  });
});

/** Logarithms of the likelihood ratios against the truth. */
function logRatios(predictor: Predictor, batch: Batch): number[] {
  return Array.from(advantages(linearVae, batch, predictor(batch), oracle(linearVae)(batch)) ?? []);
}

const noises = independent(normalLattice(0.5, 9), normalLattice(0.5, 9));

/** Its mean over the noise, for one x. */
function meanRatio(predictor: Predictor, x: readonly number[]): number {
  const rows = noises.length;
  const data = reals(
    [rows, 4],
    noises.flatMap(() => x),
  );
  const noise = reals(
    [rows, 2],
    noises.flatMap(({ values }) => values),
  );
  const batch = { rows, inputs: { x: data, noise }, targets: { x: data, latent: noise }, hidden: {} };
  return logRatios(predictor, batch).reduce((sum, log, i) => sum + at(noises, i).weight * Math.exp(log), 0);
}

/** The density of x under a decoder that multiplies z by `decode`, over its density under the truth. */
function densityRatio(decode: readonly number[], x: readonly number[]): number {
  const axes = [
    [1, 1, 1, 1],
    [1, 1, -1, -1],
  ];
  const logs = axes.map((axis, k) => {
    const t = axis.reduce((sum, sign, i) => sum + (sign * at(x, i)) / 2, 0);
    const [said, true_] = [at(decode, k) ** 2 + sigma2, at(lambdas, k)];
    return (t ** 2 / true_ - t ** 2 / said + Math.log(true_ / said)) / 2;
  });
  return Math.exp(logs.reduce((sum, log) => sum + log, 0));
}

describe("the evidence of a leak", () => {
  test("is on average what the decoder makes of the data, over the truth", () => {
    // λ − ω σ² of each axis, as published for the weight ω of the divergence (Lucas and others 2019).
    const atWeight = (weight: number): number[] =>
      lambdas.map((lambda) => Math.sqrt(lambda - weight * sigma2));
    const decoders: Record<string, readonly number[]> = {
      "divergence counted half": atWeight(1 / 2),
      "divergence counted twice": atWeight(2),
      "one latent": [at(atWeight(1), 0), 0],
      collapsed: [0, 0],
    };
    for (const [name, decode] of Object.entries(decoders))
      for (const x of [
        [0, 0, 0, 0],
        [0.5, 0.25, -0.125, 0.5],
        [1, 0.75, 0.5, 1.25],
      ])
        for (const predictor of rungOf(linearVae, name).predictors.slice(2, 4))
          expect(meanRatio(predictor, x) / densityRatio(decode, x), name).toBeCloseTo(1, 5);
  });

  test("is none for the truth, in whichever arrangement", () => {
    const batch = linearVae.draw(100, random(5));
    for (const predictor of linearVae.best.predictors)
      for (const log of logRatios(predictor, batch)) expect(log).toBeCloseTo(0, 9);
  });

  test("grows for a decoder that sees more", () => {
    const batch = linearVae.draw(400, random(6));
    for (const name of ["no noise", "noise times variance"]) {
      const logs = logRatios(at(rungOf(linearVae, name).predictors, 0), batch);
      expect(logs.reduce((sum, log) => sum + log, 0) / logs.length).toBeGreaterThan(0.5);
    }
  });
});
