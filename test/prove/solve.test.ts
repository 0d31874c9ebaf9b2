/** @file A parameter that is a part of one of the code's is solved for, wherever it stands. */
import { describe, expect, test } from "vitest";
import { bindingText, verdictOn } from "./models.ts";
import { laidOver } from "./parts.ts";

const model = (right: string, where: string, type = "y : [B, 4]"): string => {
  const left = right.startsWith("y[") ? right : `y = ${right}`;
  return `F(x : [B, 4], u : [B, T, 4], i : [B] integers) -> ${type}\n  ${left}\nwhere\n  ${where}\n`;
};

/** The output type where it is another, then the code and the spec: right sides with their parameters. */
type Case = readonly [
  code: string,
  codeWhere: string,
  spec: string,
  specWhere: string,
  is: string,
  type?: string,
];

// The code keeps two parameters in one, so that no whole parameter of the code can be guessed.
const cases: readonly Case[] = [
  ["x + p[0:4]", "p : [8]", "x + b", "b : [4]", "b = p[0:4]"],
  ["p[4:8] + x", "p : [8]", "b + x", "b : [4]", "b = p[4:8]"],
  ["x - p[2:6]", "p : [8]", "x - b", "b : [4]", "b = p[2:6]"],
  ["p[2:6] - x", "p : [8]", "b - x", "b : [4]", "b = p[2:6]"],
  ["x * p[0:8:2]", "p : [8]", "x * b", "b : [4]", "b = p[0:7:2]"],
  ["x / p[0:4]", "p : [8]", "x / b", "b : [4]", "b = p[0:4]"],
  ["p[0:4] / x", "p : [8]", "b / x", "b : [4]", "b = p[0:4]"],
  ["x + p[0:1]", "p : [8]", "x + b", "b : [1]", "b = p[0]"],
  ["x * P[2, :]", "P : [3, 4]", "x * b", "b : [4]", "b = P[2, :]"],
  ["x + reshape(p[0:4], [1, 4])", "p : [8]", "x + b", "b : [1, 4]", "b = p[0:4]"],
  ["x P[:, 0:4]", "P : [4, 8]", "x W", "W : [4, 4]", "W = P[:, 0:4]"],
  ["x P[:, 3:6]", "P : [4, 8]", "x W", "W : [4, 3]", "W = P[:, 3:6]", "y : [B, 3]"],
  ["x (P[0:5, :])^T", "P : [8, 4]", "x W", "W : [4, 5]", "W = P[0:5, :]^T", "y : [B, 5]"],
  ["x (P[0:5, :])^T", "P : [8, 4]", "x W^T", "W : [5, 4]", "W = P[0:5, :]", "y : [B, 5]"],
  ["x p[0:4]", "p : [8]", "x w", "w : [4]", "w = p[0:4]", "y : [B]"],
  ["x p[0:4]", "p : [8]", "y[b] = sum_j w[j] x[b,j]", "w : [4]", "w = p[0:4]", "y : [B]"],
  ["x P[:, 0:5]", "P : [4, 8]", "y[b,k] = sum_j W[j,k] x[b,j]", "W : [4, 5]", "W = P[:, 0:5]", "y : [B, 5]"],
  [
    "x P[:, 0:5]",
    "P : [4, 8]",
    "y[b,k] = sum_j W[k,j] x[b,j]",
    "W : [5, 4]",
    "W = P[:, 0:5]^T",
    "y : [B, 5]",
  ],
  ["x + (tanh(x) + p[0:4])", "p : [8]", "x + b + tanh(x)", "b : [4]", "b = p[0:4]"],
  ["x + (exp(x) + (tanh(x) + p[0:4]))", "p : [8]", "tanh(x) + (exp(x) + (b + x))", "b : [4]", "b = p[0:4]"],
  ["u P[:, 0:2]", "P : [4, 8]", "u W", "W : [4, 2]", "W = P[:, 0:2]", "y : [B, T, 2]"],
];

describe("a parameter is", () => {
  test.for(cases)("in %s (%s), beside %s (%s), %s", (one) => {
    const [code, codeWhere, spec, specWhere, is, type] = one;
    const verdict = verdictOn(model(code, codeWhere, type), model(spec, specWhere, type));
    expect(bindingText(verdict)).toEqual([is]);
    expect(verdict.kind).toBe("equal");
  });
});

test("two rows of the data and seven inner places take four probes", () => {
  const wide = (right: string, where: string): string =>
    `F(x : [2, 7]) -> y : [2, 3]\n  y = ${right}\nwhere\n  ${where}\n`;
  const verdict = verdictOn(wide("tanh(x) P[:, 1:4]", "P : [7, 5]"), wide("tanh(x) W", "W : [7, 3]"));
  expect(bindingText(verdict)).toEqual(["W = P[:, 1:4]"]);
});

test("a table of embeddings is looked up in part", () => {
  const bag = (table: string, where: string): string =>
    `F(i : [B] integers) -> y : [B, 3]\n  y = tanh(${table}[i])\nwhere\n  ${where}\n`;
  expect(verdictOn(bag("E", "E : [5, 3]"), bag("T", "T : [V, 3]")).kind).toBe("equal");
});

test("what varies with the input is no parameter", () => {
  const bound = (code: string): number =>
    laidOver(model(code, "p : [4]"), model("x + b", "b : [4]")).overlay.bindings.size;
  expect(bound("x + p")).toBe(1);
  expect(bound("x + tanh(x) * p")).toBe(0);
  expect(bound("x + x * p")).toBe(0);
});

test("what is another number in each row is no parameter of one row", () => {
  const rows = (right: string, where: string): string =>
    `F(x : [3, 4]) -> y : [3, 4]\n  y = ${right}\nwhere\n  ${where}\n`;
  const bound = (code: string, spec: string, where: string): number =>
    laidOver(rows(code, "P : [3, 4]"), rows(spec, where)).overlay.bindings.size;
  expect(bound("x + P", "x + b", "b : [3, 4]")).toBe(1);
  expect(bound("x + P", "x + b", "b : [4]")).toBe(0);
  expect(bound("x * P", "x * b", "b : [4]")).toBe(0);
});

test("a parameter in the middle is solved before what follows it", () => {
  const deep = (first: string, second: string, where: string): string =>
    `F(x : [B, 4]) -> y : [B, 3]\n  h = tanh(${first})\n  y = sigmoid(${second})\nwhere\n  ${where}\n`;
  const verdict = verdictOn(
    deep("x P[:, 0:5] + p[0:5]", "h Q[0:5, :] + p[5:8]", "P : [4, 6]\n  Q : [7, 3]\n  p : [8]"),
    deep("x W + b", "h V + c", "W : [4, m]\n  V : [m, 3]\n  b : [m]\n  c : [3]"),
  );
  expect(verdict.kind).toBe("equal");
  expect(bindingText(verdict).toSorted()).toEqual([
    "V = Q[0:5, :]",
    "W = P[:, 0:5]",
    "b = p[0:5]",
    "c = p[5:8]",
  ]);
});

test("axes that are one in the code follow each other there in any order", () => {
  const folded =
    "F(x : [B, 4]) -> y : [B, 3]\n  z = tanh(x P)\n  y = z[:, 0:3] + z[:, 3:6]\nwhere\n  P : [4, 6]\n";
  const apart = (sum: string): string =>
    `F(x : [B, 4]) -> y : [B, 3]\n  z[b,g,r] = tanh(sum_j x[b,j] W[j,g,r])\n  y[b,g] = ${sum}\nwhere\n  W : [4, 3, 2]\n`;
  expect(verdictOn(folded, apart("sum_r z[b,g,r]")).kind).toBe("equal");
  expect(verdictOn(folded, apart("sum_r z[b,g,r] z[b,g,r]")).kind).not.toBe("equal");
});
