/** @file Numbers that are printed as the sizes that a reader takes them for, and those that are no such sizes. */
import { describe, expect, test } from "vitest";
import { equationsOf } from "../../src/notation/equations.ts";
import { textOf } from "../../src/notation/text.ts";
import { fold } from "../../src/rewrite/fold.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { readSpec } from "../../src/spec/read.ts";
import { agreement } from "../arbitrary/agreement.ts";
import { printedPairs } from "./read-back.ts";

/** What is printed for a model, which reads back as the same function. */
function printed(spec: string): string {
  const graph = fold(raise(readSpec(spec, "s")));
  const equations = equationsOf(graph, { width: 100 });
  const text = textOf(equations, { width: 100, color: false });
  const read = readSpec(text, "printed.txt");
  expect(agreement(graph, read, printedPairs(graph, equations, read), 1), text).toBe("equal");
  return text;
}

describe("the scale of scores", () => {
  const attention = (scale: string, width = 6, axes = "[B, T, 6]"): string =>
    printed(`F(x : [B, T, ${width}]) -> y : ${axes}
  q = split_2(x W_1); k = split_2(x W_2); v = split_2(x W_3)
  y = merge(softmax_{-1}(q k^T / ${scale}) v)
where W_1, W_2, W_3 : [${width}, 6]
`);

  test("is the root of what is summed over", () => {
    expect(attention("sqrt(3)")).toContain("softmax_{-1}(q k^T / sqrt(d_k))");
  });
  test("is a number where it is that of another size", () => {
    expect(attention("sqrt(2)")).toContain("softmax_{-1}(q k^T / sqrt(2))");
  });
  test("is that of the same size under another name", () => {
    const text = attention("sqrt(3)", 3);
    expect(text).toContain("sqrt(d_k)");
    expect(text).toContain("y : [B, T, H d_k]");
  });
});

describe("the scale of vectors that are looked up", () => {
  const table = (scale: string): string =>
    printed(`F(i : [B, T] integers) -> y : [B, T, 6]
  y = tanh(E[i] * ${scale})
where E : [6, 6]
`);

  test("is the root of their width", () => {
    expect(table("sqrt(6)")).toContain("E[i] * sqrt(d)");
  });
  test("is a number where it is no root of it", () => {
    expect(table("sqrt(3)")).toContain("E[i] * sqrt(3)");
    expect(table("6")).toContain("6 E[i]");
  });
});

describe("the exponent of a frequency", () => {
  const turned = (divisor: number, base = "10"): string =>
    printed(`F(x : [B, T, 12]) -> y : [B, 2, T, 6]
  a[i, j] = i * ${base}^(-2 j / ${divisor})
  y = rotary(split_2(x W), a)
where W : [12, 12], a : [T, 3]
`);

  test("has the width of what is turned", () => {
    expect(turned(6)).toContain("10^(-2 j / d_k)");
  });
  test("has a number where it is another one", () => {
    expect(turned(8)).not.toContain("/ d_k");
  });
});
