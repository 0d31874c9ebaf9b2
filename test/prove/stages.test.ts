/** @file Error bounds of deep models, stage by stage. */
import { expect, test } from "vitest";
import { range } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { degreeOf, graphDegrees } from "../../src/prove/graph-degrees.ts";
import { inStages } from "../../src/prove/stages.ts";
import { laidOver } from "./parts.ts";

/** Rounds that each make h out of the h before, which `round` writes as `before`. */
function deep(rounds: number, round: (before: string) => string, last = round): string {
  const equations = range(rounds).map((i) => {
    const before = i === 0 ? "x" : `h_${i}`;
    return `h_${i + 1} = ${(i === rounds - 1 ? last : round)(before)}`;
  });
  return `Deep(x : [B, 3]) -> y : [B, 3]\n${equations.join("\n")}\ny = h_${rounds}`;
}

const rounds = 40;
const squared = deep(rounds, (h) => `${h}^2 + ${h}`);

test("what is too deep for a bound as a whole has one in stages", () => {
  const { claim } = laidOver(
    deep(rounds, (h) => `${h} * (${h} + 1)`),
    squared,
  );
  const degrees = graphDegrees(claim.spec, claim.specSizes);
  expect(Math.max(...[...degrees.values()].map(degreeOf))).toBeGreaterThanOrEqual(2 ** rounds);
  const found = inStages(claim, random(1), 4);
  expect(found?.stages).toBeGreaterThan(3);
  // A degree of some thousands over primes near 2^30, four times.
  expect(found?.error).toBeLessThan((2 ** 14 / 2 ** 29) ** 4);
  expect(found?.error).toBeGreaterThan((1000 / 2 ** 31) ** 4);
});

test("a stage that needs what a value is made of reads the value as it was computed", () => {
  // The centred value is in both, and the variance of the code is not made of it.
  const spec = deep(
    12,
    (h) =>
      `(${h} * ${h} * ${h} - mean(${h} * ${h} * ${h})) * (mean((${h} * ${h} * ${h} - mean(${h} * ${h} * ${h}))^2) + 1)`,
  );
  const twice = (h: string): string => `((2 * ${h}) * (2 * ${h}) * (2 * ${h}) / 4)`;
  const code = deep(12, (h) => {
    const p = twice(h);
    return `((${p} - mean(${p})) / 2) * ((mean(${p}^2) - mean(${p})^2) / 4 + 1)`;
  });
  const found = inStages(laidOver(code, spec).claim, random(1), 4);
  expect(found?.stages).toBeGreaterThan(2);
  expect(found?.error).toBeLessThan(1e-12);
});

test("values that were equal by accident give no bound", () => {
  const times = (h: string): string => `${h} * (${h} + 1)`;
  // What is added is 0 in every other world.
  const sometimes = deep(rounds, (h) =>
    h === "h_20" ? `${times(h)} + abs(sum_{i,j} x[i,j]) - sum_{i,j} x[i,j]` : times(h),
  );
  const { layouts } = laidOver(deep(rounds, times), squared).claim;
  const { claim } = laidOver(sometimes, squared);
  for (const seed of range(8)) expect(inStages({ ...claim, layouts }, random(seed), 8)).toBeUndefined();
});

test("unequal models have no bound", () => {
  const times = (h: string): string => `${h} * (${h} + 1)`;
  const { layouts } = laidOver(deep(rounds, times), squared).claim;
  const { claim } = laidOver(
    deep(rounds, times, (h) => `${h} * (${h} + 2)`),
    squared,
  );
  expect(inStages({ ...claim, layouts }, random(1), 4)).toBeUndefined();
});

test("a stage is charged for the functions that it looks up itself", () => {
  const errorAfter = (count: number): number => {
    const { claim } = laidOver(
      deep(count, (h) => `exp(${h}^3) + ${h}^3`),
      deep(count, (h) => `${h} * ${h} * ${h} + exp(${h} * ${h} * ${h})`),
    );
    return inStages(claim, random(1), 4)?.error ?? 1;
  };
  expect(errorAfter(60)).toBeLessThan(10 * errorAfter(15));
});

test("where the bound is not small there are more worlds", () => {
  const { claim } = laidOver(
    deep(rounds, (h) => `${h} * (${h} + 1)`),
    squared,
  );
  expect(inStages(claim, random(1), 1)?.error).toBeLessThan(1e-12);
});
