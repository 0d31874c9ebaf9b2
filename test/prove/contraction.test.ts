/** @file Differences around contractions, where a sum has no node of its own. */
import { expect, test } from "vitest";
import { verdictOn } from "./models.ts";

const pool = (reduce: string): string => `Pool(x : [B, N, 4]) -> y : [B, 2]
  h = tanh(x W)
  s[b,n] = sum_k h[b,n,k] w[k]
  a[b,n] = softmax_n(s[b,n])
  p[b,k] = ${reduce}
  y = p V
where
  W : [4, 5]
  w : [5]
  V : [5, 2]
`;
const written = pool("sum_n a[b,n] h[b,n,k]");

test("a mean instead of a contraction's sum is named", () => {
  const verdict = verdictOn(pool("mean_n a[b,n] h[b,n,k]"), written);
  expect(verdict).toMatchObject({ kind: "different", differences: [{ kind: "wrong-reduction" }] });
});

test("the contraction is the sum of products", () => {
  expect(
    verdictOn(
      written
        .replace("p V", "sum_m(q) V")
        .replace("  p[b,k] = sum_n a[b,n] h[b,n,k]\n", "  q[b,n,k] = a[b,n] h[b,n,k]\n")
        .replace("sum_m(q)", "sum_N(q)"),
      written,
    ).kind,
  ).toBe("equal");
});
