/** @file Look-alikes of identities are refuted, alone and inside functions that can be undone. */
import { describe, expect, test } from "vitest";
import { lookalikes } from "./identities.ts";
import { judge, type Wrap, wrapped } from "./pairs.ts";

/** Different arguments give different results: each undoes itself. */
const injectiveFunctions: readonly Wrap[] = [
  (side) => `exp(${side})`,
  (side) => `u - 2 * (${side})`,
  (side) => `sigmoid(${side})`,
  (side) => `(${side})^3 + u`,
];

/** Refuting takes a search for the mistake, so not every look-alike is wrapped. */
const everyEighth = lookalikes.filter((_, i) => i % 8 === 0);

describe("a look-alike is refuted by a point at which the sides differ", { timeout: 30_000 }, () => {
  test.for([...lookalikes, ...wrapped(everyEighth, injectiveFunctions)])("%s ≠ %s", (pair) => {
    const verdict = judge(pair);
    expect(verdict.kind).toBe("different");
    const witness = verdict.kind === "different" ? verdict.witness : undefined;
    expect(witness?.spec).not.toBe(witness?.code);
  });
});
