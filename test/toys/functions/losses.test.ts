/** @file Losses and divergences as users write them, right and wrong, and their definitions by other ways. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, range, zip } from "../../../src/base/assert.ts";
import { numbersOf } from "../../../src/toys/functions/given.ts";
import type { FunctionProblem, Given } from "../../../src/toys/functions/problem.ts";
import { binaryCrossEntropy } from "../../../src/toys/functions/problems/binary-cross-entropy.ts";
import { crossEntropyOfClasses } from "../../../src/toys/functions/problems/cross-entropy.ts";
import { divergence } from "../../../src/toys/functions/problems/divergence.ts";
import { entropyOfPolicy } from "../../../src/toys/functions/problems/entropy.ts";
import { klOfGaussian } from "../../../src/toys/functions/problems/kl.ts";
import { squaredError } from "../../../src/toys/functions/problems/squared-error.ts";
import { reals } from "../../../src/toys/tensor.ts";
import { describeUsers, verdictOn } from "./calls.ts";

type Row = number[];
type Rows = Row[];

// In float32, one operation after another.
const f = Math.fround;
const exps = (row: Row): Row => row.map((x) => f(Math.exp(x)));
const logs = (row: Row): Row => row.map((x) => f(Math.log(x)));
const plus = (row: Row): number => row.reduce((a, b) => f(a + b), 0);
const mean = (row: Row): number => f(plus(row) / row.length);
const softmax = (row: Row): Row => {
  const e = exps(row);
  const z = plus(e);
  return e.map((x) => f(x / z));
};
const columns = (rows: Rows): Rows => at(rows, 0).map((_, k) => rows.map((row) => at(row, k)));
const overRows = (rows: Rows): Rows => columns(columns(rows).map(softmax));
const dot = (a: Row, b: Row): number => plus(a.map((x, i) => f(x * at(b, i))));
const onehot = (label: number, classes: number): Row => range(classes).map((c) => Number(c === label));

/** −Σ one-hot · log p, its mean over rows. */
const nll = (p: Rows, labels: Row): number =>
  mean(p.map((row, i) => -dot(logs(row), onehot(at(labels, i), row.length))));

describeUsers(crossEntropyOfClasses, (logits: Rows, labels: Row) => nll(logits.map(softmax), labels), {
  "softmax twice": (logits: Rows, labels: Row) => nll(logits.map(softmax).map(softmax), labels),
  "logits not normalised": (logits: Rows, labels: Row) => mean(labels.map((y, i) => -at(at(logits, i), y))),
  "logarithm left out": (logits: Rows, labels: Row) =>
    mean(labels.map((y, i) => -at(softmax(at(logits, i)), y))),
  "normalised over rows": (logits: Rows, labels: Row) => nll(overRows(logits), labels),
  sign: (logits: Rows, labels: Row) => -nll(logits.map(softmax), labels),
  bits: (logits: Rows, labels: Row) =>
    mean(labels.map((y, i) => f(-Math.log2(at(softmax(at(logits, i)), y))))),
  "mean over classes too": (logits: Rows, labels: Row) =>
    mean(logits.flatMap((row, i) => logs(softmax(row)).map((log, c) => (c === labels[i] ? -log : 0)))),
  "all classes": (logits: Rows) => mean(logits.map((row) => -plus(logs(softmax(row))))),
  "label smoothing": (logits: Rows, labels: Row) =>
    mean(
      logits.map((row, i) => {
        const soft = onehot(at(labels, i), 5).map((hot) => f(hot * 0.9 + 0.1 / 5));
        return -dot(soft, logs(softmax(row)));
      }),
    ),
  "labels one too high": (logits: Rows, labels: Row) =>
    nll(
      logits.map(softmax),
      labels.map((y) => (y + 1) % 5),
    ),
  "labels one too low": (logits: Rows, labels: Row) =>
    nll(
      logits.map(softmax),
      labels.map((y) => (y + 4) % 5),
    ),
});

const sigmoid = (z: number): number => f(1 / f(1 + f(Math.exp(-z))));
const bce = (p: Row, labels: Row, log: (x: number) => number = (x) => f(Math.log(x))): number =>
  mean(labels.map((y, i) => f(-y * log(at(p, i)) - (1 - y) * log(f(1 - at(p, i))))));

describeUsers(binaryCrossEntropy, (z: Row, y: Row) => bce(z.map(sigmoid), y), {
  "sigmoid twice": (z: Row, y: Row) => bce(z.map(sigmoid).map(sigmoid), y),
  "label 0 left out": (z: Row, y: Row) => mean(y.map((label, i) => f(-label * Math.log(sigmoid(at(z, i)))))),
  "label 1 left out": (z: Row, y: Row) =>
    mean(y.map((label, i) => f(-(1 - label) * Math.log(1 - sigmoid(at(z, i)))))),
  "labels exchanged": (z: Row, y: Row) =>
    bce(
      z.map((x) => sigmoid(-x)),
      y,
    ),
  sign: (z: Row, y: Row) => -bce(z.map(sigmoid), y),
  bits: (z: Row, y: Row) => bce(z.map(sigmoid), y, (x) => f(Math.log2(x))),
  "labels of −1 and 1": (z: Row, y: Row) =>
    mean(y.map((label, i) => f(Math.log(1 + Math.exp(-label * at(z, i)))))),
  "logarithms left out": (z: Row, y: Row) => bce(z.map(sigmoid), y, (x) => x),
});

const flat = (rows: Rows): Row => rows.flat();
const differences = (y: Rows, t: Rows): Row => flat(y).map((x, i) => f(x - at(flat(t), i)));
const squares = (row: Row): Row => row.map((x) => f(x * x));

describeUsers(squaredError, (y: Rows, t: Rows) => mean(squares(differences(y, t))), {
  "absolute error": (y: Rows, t: Rows) => mean(differences(y, t).map(Math.abs)),
  "not squared": (y: Rows, t: Rows) => mean(differences(y, t)),
  root: (y: Rows, t: Rows) => f(Math.sqrt(mean(squares(differences(y, t))))),
  "every row against every other": (y: Rows, t: Rows) =>
    mean(y.flatMap((row) => t.flatMap((other) => squares(row.map((x, k) => f(x - at(other, k))))))),
  "variance of errors": (y: Rows, t: Rows) =>
    mean(
      at(y, 0).map((_, k) => {
        const errors = y.map((row, i) => f(at(row, k) - at(at(t, i), k)));
        return f(mean(squares(errors)) - mean(errors) ** 2);
      }),
    ),
  "means before squares": (y: Rows, t: Rows) => f((mean(flat(y)) - mean(flat(t))) ** 2),
});

test.each([
  ["half of the mean", (y: Rows, t: Rows) => f(0.5 * mean(squares(differences(y, t))))],
  ["mean over rows", (y: Rows, t: Rows) => f(plus(squares(differences(y, t))) / 4)],
  ["half of the mean over rows", (y: Rows, t: Rows) => f(plus(squares(differences(y, t))) / 8)],
  ["sum", (y: Rows, t: Rows) => plus(squares(differences(y, t)))],
] as const)("%s has to be claimed", (claim, user) => {
  expect(verdictOn(squaredError, user)).toMatchObject({ kind: "inconclusive", is: [{ name: claim }] });
  expect(verdictOn(squaredError, user, { claim })).toMatchObject({ kind: "reached", is: [claim] });
  expect(verdictOn(squaredError, user, { claim: "mean" })).toMatchObject({
    kind: "stuck",
    rungs: [{ name: claim }],
  });
});

const gaussian =
  (term: (m: number, s: number) => number) =>
  (m: Rows, s: Rows): number =>
    mean(m.map((row, i) => plus(row.map((x, k) => f(term(x, at(at(s, i), k)))))));
const e = (x: number): number => f(Math.exp(x));

describeUsers(
  klOfGaussian,
  gaussian((m, s) => -0.5 * (1 + s - m * m - e(s))),
  {
    sign: gaussian((m, s) => 0.5 * (1 + s - m * m - e(s))),
    twice: gaussian((m, s) => -(1 + s - m * m - e(s))),
    "other direction": gaussian((m, s) => 0.5 * (s + (1 + m * m) / e(s) - 1)),
    "logarithm of a deviation": gaussian((m, s) => 0.5 * (m * m + e(s) ** 2 - 1) - s),
    deviation: gaussian((m, s) => 0.5 * (m * m + s * s - 1) - Math.log(Math.abs(s))),
    "exp left out": gaussian((m, s) => -0.5 * (1 + s - m * m - s)),
    "1 left out": gaussian((m, s) => -0.5 * (s - m * m - e(s))),
    "mean not squared": gaussian((m, s) => -0.5 * (1 + s - m - e(s))),
    "means only": gaussian((m) => 0.5 * m * m),
  },
);

const pairs =
  (
    of: (p: Row, q: Row, z: Row, other: Row) => number,
    softened: (logits: Rows) => Rows = (z) => z.map(softmax),
  ) =>
  (z: Rows, other: Rows): number => {
    const [p, q] = [softened(z), softened(other)];
    return mean(p.map((row, i) => of(row, at(q, i), at(z, i), at(other, i))));
  };
const ratio = (p: Row, q: Row): Row => logs(p).map((log, c) => f(log - at(logs(q), c)));
const kl = (p: Row, q: Row): number => dot(p, ratio(p, q));

describeUsers(divergence, pairs(kl), {
  "other direction": pairs((p, q) => kl(q, p)),
  sign: pairs((p, q) => dot(p, ratio(q, p))),
  "probability for a logarithm": pairs((p, q) =>
    dot(
      p,
      logs(p).map((log, c) => f(log - at(q, c))),
    ),
  ),
  "entropy left out": pairs((p, q) => -dot(p, logs(q))),
  "not weighted": pairs((p, q) => plus(ratio(p, q))),
  "weighted by the other": pairs((p, q) => dot(q, ratio(p, q))),
  "normaliser left out": pairs((p, _, z, other) =>
    dot(
      p,
      z.map((x, c) => f(x - at(other, c))),
    ),
  ),
  bits: pairs((p, q) =>
    dot(
      p,
      p.map((x, c) => f(Math.log2(x) - Math.log2(at(q, c)))),
    ),
  ),
  "softmax twice": pairs(kl, (z) => z.map(softmax).map(softmax)),
  "normalised over rows": pairs(kl, overRows),
});

const rowwise =
  (of: (p: Row, z: Row) => number, softened: (logits: Rows) => Rows = (z) => z.map(softmax)) =>
  (z: Rows): number =>
    mean(softened(z).map((p, i) => of(p, at(z, i))));
const h = (p: Row): number => -dot(p, logs(p));

describeUsers(entropyOfPolicy, rowwise(h), {
  sign: rowwise((p) => dot(p, logs(p))),
  bits: rowwise((p) =>
    f(
      -dot(
        p,
        p.map((x) => f(Math.log2(x))),
      ),
    ),
  ),
  "mean over actions": rowwise((p) => f(h(p) / p.length)),
  "logits not normalised": rowwise((_, z) => -dot(exps(z), z)),
  "normaliser left out": rowwise((p, z) => -dot(p, z)),
  "not weighted": rowwise((p) => -plus(logs(p))),
  "softmax twice": rowwise(h, (z) => z.map(softmax).map(softmax)),
  "normalised over rows": rowwise(h, overRows),
});

const numbers = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 3, maxLength: 3 });
const single = (problem: FunctionProblem, given: Given): number => {
  const meaning = problem.known(undefined, []).find(({ name }) => name === "mean");
  return at(numbersOf(meaning?.answer(given) ?? []), 0);
};
const row = (values: Row) => reals([1, values.length], values);

describe("definitions, by other ways", () => {
  test("the divergence of a Gaussian is the integral over its density", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -2, max: 2, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        (m, s) => {
          const given = { mean: row([m]), logVariance: row([s]) };
          const [mu, variance] = [f(m), Math.exp(f(s))];
          const log = (x: number, center: number, v: number): number =>
            -((x - center) ** 2) / (2 * v) - Math.log(2 * Math.PI * v) / 2;
          const step = Math.sqrt(variance) / 200;
          const integral = range(4001).reduce((sum, i) => {
            const x = mu + (i - 2000) * step;
            return sum + step * Math.exp(log(x, mu, variance)) * (log(x, mu, variance) - log(x, 0, 1));
          }, 0);
          expect(single(klOfGaussian, given)).toBeCloseTo(integral, 6);
        },
      ),
      { numRuns: 20 },
    );
  });

  test("a divergence is the cross-entropy less the entropy", () => {
    fc.assert(
      fc.property(numbers, numbers, (z, other) => {
        const [p, q] = [z, other].map((logits) => {
          const weights = logits.map((x) => Math.exp(f(x)));
          return weights.map((w) => w / weights.reduce((a, b) => a + b));
        }) as [Row, Row];
        const crossEntropy = -zip(p, q).reduce((sum, [a, b]) => sum + a * Math.log(b), 0);
        const entropy = -p.reduce((sum, a) => sum + a * Math.log(a), 0);
        expect(single(entropyOfPolicy, { logits: row(z) })).toBeCloseTo(entropy, 10);
        const given = { logits: row(z), otherLogits: row(other) };
        expect(single(divergence, given)).toBeCloseTo(crossEntropy - entropy, 10);
        const labelled = range(3).map((label) =>
          single(crossEntropyOfClasses, {
            logits: row(other),
            labels: { shape: [1], data: Int32Array.of(label) },
          }),
        );
        expect(zip(p, labelled).reduce((sum, [a, loss]) => sum + a * loss, 0)).toBeCloseTo(crossEntropy, 10);
      }),
    );
  });

  test("two classes are a label of 0 and 1", () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), fc.constantFrom(0, 1), (z, label) => {
        const classes = { logits: row([0, z]), labels: { shape: [1], data: Int32Array.of(label) } };
        const one = { logits: reals([1], [z]), labels: reals([1], [label]) };
        expect(single(binaryCrossEntropy, one)).toBeCloseTo(single(crossEntropyOfClasses, classes), 10);
      }),
    );
  });
});
