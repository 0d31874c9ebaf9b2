/** @file Identities of analysis are proved, alone and inside other functions. */
import { describe, expect, test } from "vitest";
import { identities, identitiesOfLogAndRoots, undecided } from "./identities.ts";
import { kindsOf } from "./models.ts";
import { judge, type Wrap, wrapped } from "./pairs.ts";

/** Equal arguments give equal results. */
const anyFunctions: readonly Wrap[] = [
  (side) => `tanh(${side})`,
  (side) => `softmax_n(${side}) A`,
  (side) => `relu(u - (${side})) * x`,
  (side) => `normalize_n(${side}, 1e-5)`,
  (side) => `exp(-(${side}) / 2)`,
  (side) => `gelu(${side}) + u`,
  (side) => `x * reshape(mean_n((${side})^2), [B, 1])`,
];

const proved = [...identities, ...identitiesOfLogAndRoots];

describe("an identity is proved", () => {
  test.for(proved)("%s = %s", (pair) => {
    expect(kindsOf(judge(pair))).toEqual(["equal"]);
  });
});

describe("an identity inside another function is proved", () => {
  test.for(wrapped(proved, anyFunctions))("%s = %s", (pair) => {
    expect(kindsOf(judge(pair))).toEqual(["equal"]);
  });
});

describe("true, but undecided: no false alarm", { timeout: 30_000 }, () => {
  test.for(undecided)("%s = %s: %s", ([left, right]) => {
    expect(judge([left, right]).kind).toBe("undecided");
  });
});
