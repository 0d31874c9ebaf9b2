/** @file The probes of problems of order, recall, images and sets: each knows its rung, and tells it from the others there. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { random } from "../../../src/base/random.ts";
import type { Predictor, Problem } from "../../../src/toys/problem.ts";
import { aBeforeB } from "../../../src/toys/problems/a-before-b.ts";
import { addPosition } from "../../../src/toys/problems/add-position.ts";
import { associativeRecall } from "../../../src/toys/problems/associative-recall.ts";
import { copyMemory } from "../../../src/toys/problems/copy-memory.ts";
import { mixtureOfExperts } from "../../../src/toys/problems/experts.ts";
import { firstToken } from "../../../src/toys/problems/first-token.ts";
import { pairMatching } from "../../../src/toys/problems/pair-matching.ts";
import { predictsFrom } from "../../../src/toys/problems/parts.ts";
import { reverse } from "../../../src/toys/problems/reverse.ts";
import { rowOrColumn } from "../../../src/toys/problems/row-or-column.ts";
import { setMaximum } from "../../../src/toys/problems/set-maximum.ts";
import { shiftedImage } from "../../../src/toys/problems/shifted-image.ts";
import { sort } from "../../../src/toys/problems/sort.ts";
import { confirms } from "./laws.ts";

const problems: readonly Problem[] = [
  aBeforeB,
  firstToken,
  addPosition,
  associativeRecall,
  copyMemory,
  reverse,
  sort,
  rowOrColumn,
  shiftedImage,
  setMaximum,
  mixtureOfExperts,
  pairMatching,
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

test("probes ask for sets of a size that there can be", () => {
  const batch = setMaximum.draw(64, random(1));
  for (const { probe } of setMaximum.rungs)
    for (const { present } of probe?.inputs(batch, random(2)) ?? [])
      for (const index of range(64)) {
        const count = sum([...(present?.data.subarray(5 * index, 5 * index + 5) ?? [])]);
        expect(count).toBeGreaterThanOrEqual(2);
      }
});

/** Rungs whose probes say that a model is of their class. */
const confirmed = (problem: Problem, model: Predictor): readonly string[] =>
  problem.rungs
    .filter(({ probe }) => probe !== undefined && confirms(problem, probe, model))
    .map(({ name }) => name);

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe("where several rungs have one loss, probes tell their causes apart", () => {
  test("of A before B", () => {
    const model = (says: (own: readonly number[]) => number): Predictor =>
      predictsFrom("tokens", "label", [], (own) => [says(own)]);
    const weighted = (weight: (token: number) => number) =>
      model((own) => sum(own.map((token, place) => place * weight(token))));
    expect(
      confirmed(
        aBeforeB,
        model((own) => sum(own.map((token) => token ** 2))),
      ),
    ).toEqual(["order-blind"]);
    expect(
      confirmed(
        aBeforeB,
        weighted((token) => Math.min(token, 4)),
      ),
    ).toEqual(["marks alike"]);
    expect(
      confirmed(
        aBeforeB,
        model((own) => at(own, 5)),
      ),
    ).toEqual(["last token only"]);
    expect(
      confirmed(
        aBeforeB,
        model(() => 1),
      ),
    ).toEqual(aBeforeB.rungs.map(({ name }) => name));
  });

  test("of the first token", () => {
    const model = (says: (own: readonly number[]) => number): Predictor =>
      predictsFrom("tokens", "first", [4], (own) => [says(own), 0, 0, 0]);
    const later = (own: readonly number[]): number =>
      sum(own.slice(1).map((token, place) => token * (place + 1)));
    expect(confirmed(firstToken, model(later))).toEqual(["first token not seen"]);
    expect(confirmed(firstToken, model(sum))).toEqual(["order-blind", "neighbours averaged"]);
  });

  test("of adding the position", () => {
    const model = (says: (token: number, place: number) => number): Predictor =>
      predictsFrom("tokens", "sums", [8, 4], (own) =>
        own.flatMap((token, place) => [says(token, place), 0, 0, 0]),
      );
    expect(
      confirmed(
        addPosition,
        model((_, place) => place),
      ),
    ).toEqual(["input not read"]);
    expect(
      confirmed(
        addPosition,
        model((token) => token),
      ),
    ).toEqual(["position-blind", "positions clipped"]);
    expect(
      confirmed(
        addPosition,
        model((token, place) => token * Math.min(place, 3)),
      ),
    ).toEqual(["positions clipped"]);
  });

  test("of associative recall", () => {
    const model = (says: (own: readonly number[], query: number) => number): Predictor =>
      predictsFrom("tokens", "recalled", [4, 8], (own) =>
        own.slice(8).flatMap((query) => [says(own.slice(0, 8), query), 0, 0, 0, 0, 0, 0, 0]),
      );
    const values = (own: readonly number[]): readonly number[] => own.filter((_, place) => place % 2 === 1);
    expect(
      confirmed(
        associativeRecall,
        model((own, query) => query * sum(values(own))),
      ),
    ).toEqual(["binding lost"]);
    expect(
      confirmed(
        associativeRecall,
        model((own) => sum(own.map((token, place) => token * place))),
      ),
    ).toEqual(["queries not read"]);
    expect(
      confirmed(
        associativeRecall,
        model((_, query) => query),
      ),
    ).toEqual(["no context", "binding lost", "last 2 pairs only"]);
  });

  test("of reversing", () => {
    const model = (says: (own: readonly number[], place: number) => number): Predictor =>
      predictsFrom("source", "reversed", [5, 6], (own) =>
        range(5).flatMap((place) => [says(own, place), 0, 0, 0, 0, 0]),
      );
    expect(
      confirmed(
        reverse,
        model((own, place) => sum(own) * (place + 1)),
      ),
    ).toEqual(["order lost"]);
    expect(
      confirmed(
        reverse,
        model((own, place) => sum(own) + 9 * at(own, place)),
      ),
    ).toEqual(["positions missing"]);
    expect(
      confirmed(
        reverse,
        model((own, place) => sum(own.slice(0, place + 1))),
      ),
    ).toEqual(["causal", "within 2 places"]);
    expect(
      confirmed(
        reverse,
        model((own, place) => at(own, place) * (place + 1)),
      ),
    ).toEqual(["own token only", "causal", "within 2 places"]);
  });

  test("of images", () => {
    const model = (says: (pixel: (row: number, column: number) => number) => number): Predictor =>
      predictsFrom("image", "label", [], (own) => [says((row, column) => at(own, 8 * row + column))]);
    expect(
      confirmed(
        rowOrColumn,
        model((pixel) => pixel(0, 0) + 2 * pixel(1, 0)),
      ),
    ).toEqual(["affine"]);
    const all = (pixel: (row: number, column: number) => number): number =>
      sum(range(8).flatMap((row) => range(8).map((column) => pixel(row, column))));
    expect(
      confirmed(
        rowOrColumn,
        model((pixel) => all(pixel) ** 2),
      ),
    ).toEqual(["pixel positions lost"]);
    const moved = (says: (pixel: (down: number, right: number) => number) => number): Predictor =>
      predictsFrom("image", "moved", [6, 4], (own) =>
        own.map((_, place) => {
          const [row, column] = [Math.floor(place / 4), place % 4];
          return says((down, right) => at(own, 4 * ((row + down + 6) % 6) + ((column + right + 4) % 4)));
        }),
      );
    expect(
      confirmed(
        shiftedImage,
        moved((pixel) => pixel(0, 1) + 2 * pixel(0, 0)),
      ),
    ).toEqual(["own row only", "next rows only", "rows below only", "edge closed"]);
    expect(
      confirmed(
        shiftedImage,
        moved((pixel) => pixel(-1, 0) + pixel(1, 1)),
      ),
    ).toEqual(["next rows only"]);
    expect(
      confirmed(
        shiftedImage,
        moved((pixel) => pixel(2, 0)),
      ),
    ).toEqual(["rows below only", "edge closed"]);
    // Three layers of kernels of 3, which see row 4 from row 1 and not the row that it asks for.
    expect(
      confirmed(
        shiftedImage,
        moved((pixel) => pixel(3, 0)),
      ),
    ).toEqual(["rows below only", "edge closed"]);
  });

  test("of pairs and experts", () => {
    const pair = (says: (a: number, b: number) => number): Predictor =>
      predictsFrom("pair", "label", [], ([a = 0, b = 0]) => [says(a, b)]);
    expect(
      confirmed(
        pairMatching,
        pair((a, b) => a ** 2 - b),
      ),
    ).toEqual(["additive"]);
    expect(
      confirmed(
        pairMatching,
        pair((_, b) => b ** 2),
      ),
    ).toEqual(["one token only", "additive", "tokens share rows"]);
    const expert = (says: (x: readonly number[], gate: number) => number): Predictor => {
      return (batch) =>
        predictsFrom("x", "y", [], (x, index) => [says(x, at(batch.inputs["gate"]?.data ?? [], index))])(
          batch,
        );
    };
    expect(
      confirmed(
        mixtureOfExperts,
        expert((x, gate) => at(x, 0) ** 2 + gate),
      ),
    ).toEqual(["additive"]);
    expect(
      confirmed(
        mixtureOfExperts,
        expert((x, gate) => at(x, 0) * Math.min(gate, 1)),
      ),
    ).toEqual(["gates alike"]);
    expect(
      confirmed(
        mixtureOfExperts,
        expert((x, gate) => (gate === 1 ? 0 : at(x, 0))),
      ),
    ).toEqual([]);
  });
});
