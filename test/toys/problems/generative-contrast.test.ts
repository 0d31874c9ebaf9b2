/** @file The bounds of contrast, batch by batch of classes, and of cosines by descent on the sphere. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { type Random, random } from "../../../src/base/random.ts";
import type { Batch, Predictor } from "../../../src/toys/problem.ts";
import { contrastive } from "../../../src/toys/problems/contrastive.ts";
import { named, outputs } from "../../../src/toys/tensor.ts";
import { oracle } from "./bounds.ts";
import { conditionalEntropy, confirms, type Outcome, rungOf } from "./laws.ts";

/** All ways in which rows can have classes. */
const batches = (rows: number, classes: number): number[][] =>
  range(classes ** rows).map((code) => range(rows).map((row) => Math.floor(code / classes ** row) % classes));

/** The expected loss of a model that gives each of the views that look like a row's own the same logit, all others none. */
function enumerated(rows: number, classes: number, look: (label: number) => number): number {
  const losses = batches(rows, classes).map((labels) => {
    const looks = labels.map(look);
    return Math.log(looks.filter((other) => other === looks[0]).length);
  });
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

/** All orders of these. */
const orders = (items: readonly number[]): number[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((first) =>
        orders(items.filter((item) => item !== first)).map((rest) => [first, ...rest]),
      );

/** What is seen of right views in any order, and which is the first row's own: a model of views alone can't know the order. */
function outcomesOf(look: (label: number) => number): Outcome[] {
  const permutations = orders(range(4));
  const labelled = batches(4, 4);
  return labelled.flatMap((labels) =>
    permutations.map((order) => ({
      chance: 1 / (labelled.length * permutations.length),
      seen: [...labels, ...order.map((row) => at(labels, row))].map(look).join(),
      label: order.indexOf(0),
    })),
  );
}

const sign = (label: number): number => label % 2;

test("enumeration finds the published loss", () => {
  expect(enumerated(8, 4, (label) => label)).toBeCloseTo(0.9141, 4);
});

test("the lowest loss is the entropy of a row's own view among the shuffled ones", () => {
  expect(contrastive.best.loss).toBeCloseTo(conditionalEntropy(outcomesOf((label) => label)), 10);
  expect(contrastive.best.loss).toBeCloseTo(
    enumerated(4, 4, (label) => label),
    10,
  );
});

test("one sign leaves what is left where classes look alike in pairs", () => {
  const { loss } = rungOf(contrastive, "one sign");
  expect(loss).toBeCloseTo(conditionalEntropy(outcomesOf(sign)), 10);
  expect(loss).toBeCloseTo(enumerated(4, 4, sign), 10);
});

const [classes, size] = [4, 3];
type Points = readonly (readonly number[])[];

const onSphere = (points: Points): Points =>
  points.map((point) => {
    const length = Math.sqrt(point.reduce((sum, x) => sum + x ** 2, 0));
    return point.map((x) => x / length);
  });

const labelled = batches(4, classes);

/** The expected loss of cosines as logits, and its slopes by each cosine of two classes. */
function cosineLoss(left: Points, right: Points): { readonly loss: number; readonly slopes: number[][] } {
  const cosines = left.map((u) => right.map((v) => u.reduce((sum, x, i) => sum + x * at(v, i), 0)));
  const slopes = cosines.map((row) => row.map(() => 0));
  let loss = 0;
  for (const labels of labelled) {
    const [own = 0] = labels;
    const [row, slope] = [at(cosines, own), at(slopes, own)];
    const total = labels.reduce((sum, label) => sum + Math.exp(at(row, label)), 0);
    loss += (Math.log(total) - at(row, own)) / labelled.length;
    for (const label of labels)
      slope[label] = at(slope, label) + Math.exp(at(row, label)) / total / labelled.length;
    slope[own] = at(slope, own) - 1 / labelled.length;
  }
  return { loss, slopes };
}

/** The lowest expected loss that descent from a random start finds; both views have directions of their own. */
function descended(source: Random): number {
  const start = (): Points => onSphere(range(classes).map(() => range(size).map(() => source.normal())));
  let [left, right] = [start(), start()];
  for (let step = 0; step < 1000; step++) {
    const { slopes } = cosineLoss(left, right);
    const moved = (points: Points, others: Points, slope: (own: number, other: number) => number): Points =>
      onSphere(
        points.map((point, own) =>
          point.map(
            (x, i) => x - 3 * others.reduce((sum, v, other) => sum + slope(own, other) * at(v, i), 0),
          ),
        ),
      );
    const next = moved(left, right, (own, other) => at(at(slopes, own), other));
    right = moved(right, left, (own, other) => at(at(slopes, other), own));
    left = next;
  }
  return cosineLoss(left, right).loss;
}

test("no directions make cosines better logits than is claimed, and some as good", () => {
  const found = range(4).map((seed) => descended(random(seed)));
  const { loss } = rungOf(contrastive, "cosines as logits");
  for (const one of found) expect(one).toBeGreaterThan(loss - 1e-9);
  expect(Math.min(...found)).toBeCloseTo(loss, 6);
});

describe("the probe of places in the batch", () => {
  const probe = (predictor: Predictor): boolean => {
    const { probe: question } = rungOf(contrastive, "sees the diagonal");
    return question !== undefined && confirms(contrastive, question, predictor);
  };

  const cosines: Predictor = (batch: Batch) => {
    const said = named(oracle(contrastive)(batch), "match");
    return {
      match: outputs(
        said.shape,
        Array.from(said.data, (value) => value / 50),
      ),
    };
  };

  test("passes models that score pairs of views, and such as say nothing", () => {
    expect(probe(cosines)).toBe(false);
    expect(probe(at(rungOf(contrastive, "no similarity").predictors, 0))).toBe(false);
  });

  test("finds a score of a view's place, however small", () => {
    const numbered: Predictor = (batch) => {
      const said = named(cosines(batch), "match");
      const data = Array.from(said.data, (value, i) => value + 0.01 * (i % 4));
      return { match: outputs(said.shape, data) };
    };
    expect(probe(numbered)).toBe(true);
  });

  test("finds similarities within one view", () => {
    const within: Predictor = (batch) => {
      const { left } = batch.inputs;
      return left === undefined ? {} : oracle(contrastive)({ ...batch, inputs: { left, right: left } });
    };
    expect(probe(within)).toBe(true);
  });
});
