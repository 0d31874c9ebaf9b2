/** @file Two models that are one expression are one function, also where nothing in it can be compared exactly. */
import { expect, test } from "vitest";
import type { Verdict } from "../../src/result/verdict.ts";
import { bindingText, verdictOn } from "./models.ts";

/** A model whose output has no value in exact arithmetic at all. */
const model = (right: string, where = "", before = ""): string =>
  `F(x : [B, 3], z : [B, 3]) -> y : [B, 3]\n${before}  y = ${right} + where(x == inf, 1, trunc(x / 2))\n${where}`;
const runsOf = (verdict: Verdict): number => (verdict.kind === "equal" ? verdict.evidence.runs : -1);

test("infinities and integers made of data", () => {
  expect(runsOf(verdictOn(model("x"), model("x")))).toBe(0);
});

test("parameters, whatever they are called", () => {
  const dense = (weight: string): string => model(`x ${weight} + b`, `where ${weight} : [3, 3], b : [3]\n`);
  const verdict = verdictOn(dense("W"), dense("V"));
  expect(runsOf(verdict)).toBe(0);
  expect(bindingText(verdict).toSorted()).toEqual(["V = W", "b = b"]);
});

test.each([
  ["products and sums in another order", "3 * x + z", "z + x * 3"],
  ["truth as a number", "where(x < z, 1, 0) * z", "z * where(x < z, 1, 0)"],
])("%s", (_, left, right) => {
  expect(runsOf(verdictOn(model(left), model(right)))).toBe(0);
});

test("a loop", () => {
  const loop = model("h", "where h_t : [3], t = 1..B, h_0 = 0\n", "  h_t = h_{t-1} + trunc(x_t)\n");
  expect(runsOf(verdictOn(loop, loop))).toBe(0);
});

test.each([
  ["another number", "x + 1", "x + 2", ""],
  ["another function", "exp(x)", "sin(x)", ""],
  ["another input", "x - z", "z - x", ""],
  ["operands the other way round", "x / (1 + z)", "(1 + z) / x", ""],
  ["along another axis", "sum_B(x)", "sum_3(x)[0]", ""],
  ["one tensor for two", "x W V", "x W W", "where W, V : [3, 3]\n"],
  ["two tensors for one", "x W W", "x W V", "where W, V : [3, 3]\n"],
  ["differences the other way round", "3 - x", "x - 3", ""],
  ["another condition", "where(x < z, 1, 0)", "where(z < x, 1, 0)", ""],
  ["a choice of other numbers", "where(x < z, 1, 0)", "where(x < z, 0, 1)", ""],
  ["an integer lost", "trunc(x) + z", "x + z", ""],
])("not %s", (_, left, right, where) => {
  expect(verdictOn(model(left, where), model(right, where)).kind).not.toBe("equal");
});

test("a whole number is a number", () => {
  const counted = (first: string): string => `F(i : [B] integers) -> y : [B]\n  y = ${first} + 1\n`;
  expect(verdictOn(counted("i"), counted("i")).kind).toBe("equal");
  expect(verdictOn(counted("i"), counted("2 * i")).kind).toBe("different");
});
