/** @file Columns of queries and keys that stand in another order, which their inner products don't see. */
import { describe, expect, test } from "vitest";
import { bindingText, kindsOf, verdictOn } from "./models.ts";
import { laidOver } from "./parts.ts";

const halves = `Halves(x : [T, D]) -> y : [T, D]
  A[t,k] = t * 10000^(-2 k / D)
  C = concat_m(cos(A), cos(A))
  S = concat_m(sin(A), sin(A))
  y = x * C + concat_m(-x[:, m:D], x[:, 0:m]) * S
where
  A : [T, m]
`;

const neighbours = `Neighbours(x : [T, D]) -> y : [T, D]
  A[t,k] = t * 10000^(-2 k / D)
  p = x[:, 0:D:2] * cos(A) - x[:, 1:D:2] * sin(A)
  q = x[:, 0:D:2] * sin(A) + x[:, 1:D:2] * cos(A)
  y = reshape(concat_1(reshape(p, [T, m, 1]), reshape(q, [T, m, 1])), [T, D])
where
  A : [T, m]
`;

/** Scores of queries and keys rotated in one of these ways each. */
const scores = (ofQueries: string, ofKeys: string): string => `Scores(x : [B, T, 5]) -> a : [B, T, T]
  q = ${ofQueries}(x W_Q + b_Q)
  k = ${ofKeys}(x W_K)
  a[b,i,j] = sum_c q[b,i,c] k[b,j,c]
where
  W_Q, W_K : [5, D]
  b_Q : [D]
  D = 2 m

${[halves, neighbours].filter((block) => [ofQueries, ofKeys].some((name) => block.startsWith(name))).join("\n")}`;

/** Code has numbers for sizes. */
const sized = (text: string): string =>
  text
    .replace("  D = 2 m\n", "")
    .replaceAll("concat_m", "concat_3")
    .replaceAll(/\bm\b/g, "3")
    .replaceAll(/\bD\b/g, "6");

const [inHalves, inNeighbours] = [scores("Halves", "Halves"), scores("Neighbours", "Neighbours")];

describe("pairs of columns that are rotated", () => {
  test.each([
    ["neighbours where the spec has halves", inNeighbours, inHalves],
    ["halves where the spec has neighbours", inHalves, inNeighbours],
  ])("may be %s", (_, code, spec) => {
    const verdict = verdictOn(sized(code), spec);
    expect(verdict.kind).toBe("equal");
    expect(bindingText(verdict)).toEqual([
      "W_Q = entries of W_Q",
      "W_K = entries of W_K",
      "b_Q = entries of b_Q",
    ]);
  });

  test("stand in the same order in queries and keys", () => {
    const isFound = (code: string, spec: string): boolean =>
      laidOver(sized(code), spec).overlay.found.size > 0;
    for (const spec of [inHalves, inNeighbours]) {
      expect(isFound(inHalves, spec)).toBe(true);
      expect(isFound(inNeighbours, spec)).toBe(true);
      expect(isFound(scores("Neighbours", "Halves"), spec)).toBe(false);
      expect(isFound(scores("Halves", "Neighbours"), spec)).toBe(false);
    }
  });

  test("are found to lack a sign", () => {
    const lost = inNeighbours.replace("* cos(A) - x", "* cos(A) + x");
    expect(kindsOf(verdictOn(sized(lost), inHalves))).toEqual(["missing-operation"]);
  });
});
