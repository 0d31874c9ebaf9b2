/** @file Attention with one fused projection: found in three, and its scale solved for. */
import { expect, test } from "vitest";
import { bindingText, verdictOn } from "./models.ts";

const attention = (
  projections: string,
  scale: string,
  parameters: string,
): string => `Attention(x : [B, T, 4]) -> z : [B, T, 4]
${projections}
  s[b,i,j] = sum_l q[b,i,l] k[b,j,l] / sqrt(${scale})
  a[b,i,j] = softmax_j(s[b,i,j])
  z[b,i,l] = sum_j a[b,i,j] v[b,j,l]
where
${parameters}
`;
const fused = (scale: string): string =>
  attention("  p = x W\n  q = p[:, :, 0:4]\n  k = p[:, :, 4:8]\n  v = p[:, :, 8:12]", scale, "  W : [4, 12]");
const separate = attention(
  "  q = x Q\n  k = x K\n  v = x V",
  "4",
  "  Q : [4, 4]\n  K : [4, 4]\n  V : [4, 4]",
);

test("query, key and value are told apart by what becomes of them", () => {
  const verdict = verdictOn(fused("4"), separate);
  expect(verdict.kind).toBe("equal");
  expect(bindingText(verdict)).toEqual(["Q = W[:, 0:4]", "K = W[:, 4:8]", "V = W[:, 8:12]"]);
});

test("another scale is solved for, rational or not", { timeout: 60_000 }, () => {
  for (const [scale, words] of [
    // What the root is taken of, where that can be solved for.
    ["16", "the constant 4 is 4 * 4 in the code"],
    ["5", "the constant is 5 instead of 4"],
  ] as const) {
    const verdict = verdictOn(fused(scale), separate);
    expect(verdict).toMatchObject({
      kind: "different",
      differences: [{ kind: "wrong-constant", words }],
    });
  }
});

test("a table that is too short for the indices is not taken for the embedding", () => {
  const bag = `Bag(i : [B, T] integers) -> y : [B, 3]
  h = mean_T(E[i])
  y = h W
where
  E : [V, 4]
  W : [4, 3]
`;
  const code = bag.replace("V, 4", "9, 4");
  expect(bindingText(verdictOn(code, bag))).toEqual(["E = E", "W = W"]);
});

test("an epsilon is named", () => {
  const norm = (epsilon: string): string => `Norm(x : [B, n]) -> y : [B, 3]
  y = normalize_n(x, ${epsilon}) W
where
  W : [n, 3]
  n = 4
`;
  expect(verdictOn(norm("1e-6"), norm("1e-5"))).toMatchObject({
    kind: "different",
    differences: [{ kind: "wrong-constant", words: "the epsilon of normalize is 1e-6 instead of 1e-5" }],
  });
});
