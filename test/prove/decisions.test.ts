/** @file Models that differ in nothing but a choice between few are compared in more worlds, so that they are not taken for equal. */
import { expect, test } from "vitest";
import { range } from "../../src/base/assert.ts";
import { decisionsIn, runsFor } from "../../src/prove/verify.ts";
import { verdictOn } from "./models.ts";
import { laidOver } from "./parts.ts";

/** Of two numbers the larger one is marked. */
const choice = (of: string): string => `Choice(x : [2], u : [2]) -> y : [2]
  y[i] = where(rank_i(${of}[i]) < 1, 1, 0) + x[i] + u[i]
`;

test("one choice between two, by other numbers, is never equal", () => {
  const kinds = range(24).map((seed) => verdictOn(choice("x"), choice("u"), seed).kind);
  expect(kinds.filter((kind) => kind === "equal")).toEqual([]);
});

test("the same choice is equal, in as many worlds as one choice needs", () => {
  const verdict = verdictOn(choice("x"), choice("x"));
  expect(verdict).toMatchObject({ kind: "equal", evidence: { runs: 40 } });
  const error = verdict.kind === "equal" ? verdict.evidence.error : 1;
  expect(error).toBeGreaterThanOrEqual(2 ** -40);
  expect(error).toBeLessThan(1e-11);
});

test("rows of a ranking and elements of a comparison are counted, and nothing where nothing is decided", () => {
  const claimOf = (right: string): Parameters<typeof runsFor>[0] => {
    const text = `F(x : [3, 5]) -> y : [3, 5]\n  y[i,j] = ${right}\n`;
    return laidOver(text, text).claim;
  };
  expect(decisionsIn(claimOf("where(rank_j(x[i,j]) < 2, x[i,j], 0)"))).toBe(3);
  expect(decisionsIn(claimOf("where(x[i,j] < 2, x[i,j], 0)"))).toBe(15);
  expect(decisionsIn(claimOf("x[i,j] + sum_k where(x[i,k] < 2, 1, 0)"))).toBe(15);
  expect(decisionsIn(claimOf("where(i < j, x[i,j], 0)"))).toBe(Number.POSITIVE_INFINITY);
  expect(runsFor(claimOf("where(i < j, x[i,j], 0)"))).toBe(4);
  expect(runsFor(claimOf("where(x[i,j] < 2, x[i,j], 0)"))).toBe(4);
  expect(runsFor(claimOf("where(rank_j(x[i,j]) < 2, x[i,j], 0)"))).toBe(14);
});
