/** @file Normalisations with kept averages that code folds into the product before them. */
import { describe, expect, test } from "vitest";
import { lower } from "../../src/eval/lower.ts";
import { fold } from "../../src/rewrite/folding.ts";
import { readSpec } from "../../src/spec/read.ts";
import { agreement, pairsInOrder } from "../arbitrary/agreement.ts";
import { bindingText, verdictOn } from "./models.ts";

const where = `where
  K : [3, 4]
  g, a, m, v : [4]
`;
const spec = `F(x : [B, 3]) -> y : [B, 4]
  u = x K
  n = (u - m) / sqrt(v + 1e-5)
  y = tanh(g * n + a)
${where}`;
const folded = `F(x : [B, 3]) -> y : [B, 4]
  s = g / sqrt(v + 1e-5)
  y = tanh(x (K * s) + (a - m * s))
${where}`;

describe("a folded normalisation", () => {
  test("has the parameters of the spec", () => {
    const verdict = verdictOn(folded, spec);
    expect(verdict.kind).toBe("equal");
    expect(bindingText(verdict)).toEqual(["K = K", "g = g", "a = a", "m = m", "v = v"]);
  });

  test("is not equal where the mean is not scaled", () => {
    expect(verdictOn(folded.replace("a - m * s", "a - m"), spec).kind).not.toBe("equal");
  });
});

describe("a graph whose parameters are gathered around its products", () => {
  const graphOf = (right: string, product = "x K"): ReturnType<typeof lower>["graph"] =>
    lower(
      readSpec(
        `F(x : [B, 3]) -> y : [B, 4]\n  u = ${product}\n  y = ${right}\nwhere\n  K : [3, 4]\n  g, a, m : [4]\n  c : [3]\n`,
        "spec.txt",
      ),
    ).graph;

  test.each([
    ["u / g"],
    ["(u - m) * g"],
    ["(m + u) * g"],
    ["g * u * m"],
    ["u * g * (a * m)"],
    ["u * g + a + m"],
    ["u * g + a - m"],
    ["u * g - a + m"],
    ["u * g - a - m"],
    ["(u - m) / g * a + m"],
    ["a - u * g"],
    ["((u^T)^T - m) / g * a + m * (a / g)"],
  ])("is equal to that of %s", (right) => {
    const graph = graphOf(right);
    const other = fold(graph);
    expect(other).toBeDefined();
    if (other === undefined) return;
    for (const seed of [1, 2, 3])
      expect(agreement(graph, other, pairsInOrder(graph, other), seed)).toBe("equal");
  });

  test("does not change where there is nothing to gather", () => {
    expect(fold(graphOf("u + a - m"))).toBeUndefined();
    expect(fold(graphOf("2 * u"))).toBeUndefined();
    expect(fold(graphOf("tanh(u) + a", "(x * c) K"))).toBeUndefined();
  });
});
