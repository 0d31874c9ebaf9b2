/** @file Integers that are made of real numbers: followed where no data is in them, and said where exact comparison can't. */
import { expect, test } from "vitest";
import { bindingText, verdictOn } from "./models.ts";

const model = (right: string): string => `F(x : [3]) -> y : [3]\n  y[i] = ${right}\n`;

test("integers of positions are compared", () => {
  const buckets = model("x[i] * trunc(sqrt(4 * i))");
  expect(verdictOn(buckets, buckets).kind).toBe("equal");
  expect(verdictOn(buckets, model("x[i] * trunc(sqrt(5 * i))")).kind).not.toBe("equal");
});

test("logarithms of nothing are no matter where the integers made of them are known", () => {
  const buckets = (scale: number): string => model(`x[i] * trunc(4 * where(0 < i, log(${scale} i), 0))`);
  expect(verdictOn(buckets(3), buckets(3)).kind).toBe("equal");
  expect(verdictOn(buckets(3), buckets(5)).kind).not.toBe("equal");
  expect(verdictOn(model("2 * x[i] * log(i)"), model("2 * (x[i] * log(i))")).kind).toBe("undecided");
});

test("stored integers are the code's own, one table for each", () => {
  const rows = (first: string, second: string, tables: string): string =>
    [
      "F(x : [B, 4]) -> y : [B, 4]",
      `  y = x * sum_m(E[${first}]) + sum_m(E[${second}])`,
      "where",
      `  m = 3, E : [5, 4], ${tables} : [m] integers`,
      "",
    ].join("\n");
  const two = rows("r", "s", "r, s");
  const verdict = verdictOn(two, rows("p", "q", "p, q"));
  expect(verdict.kind).toBe("equal");
  expect(bindingText(verdict)).toEqual(["E = E", "p = r", "q = s"]);
  expect(verdictOn(rows("r", "r", "r"), two).kind).not.toBe("equal");
  expect(verdictOn(two, rows("r", "r", "r")).kind).not.toBe("equal");
});

test("integers of data are not, in a loop neither", () => {
  const [data, other] = [model("trunc(x[i])"), model("trunc(2 * x[i] / 2)")];
  const reason = expect.stringMatching(/integers are made of real numbers/) as string;
  expect(verdictOn(data, other)).toMatchObject({ kind: "undecided", reason });
  const loop = (added: string): string =>
    `F(x : [T, 3]) -> h : [T, 3]\n  h_t = ${added}\nwhere\n  t = 1..T\n  h_0 = 0\n`;
  const [sum, turned] = [loop("h_{t-1} + trunc(x_t)"), loop("h_{t-1} + trunc(2 * x_t / 2)")];
  expect(verdictOn(sum, turned)).toMatchObject({ kind: "undecided", reason });
});

test("rounded numbers are, by what they are rounded from", () => {
  expect(verdictOn(model("floor(2 * x[i])"), model("floor(x[i] + x[i])")).kind).toBe("equal");
  expect(verdictOn(model("floor(2 * x[i])"), model("floor(3 * x[i])")).kind).toBe("different");
  expect(verdictOn(model("round(-x[i])"), model("-round(x[i])")).kind).toBe("equal");
  expect(verdictOn(model("floor(-x[i])"), model("-floor(x[i])")).kind).not.toBe("equal");
});
