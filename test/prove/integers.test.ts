/** @file Integers that are made of real numbers: followed where no data is in them, and said where exact comparison can't. */
import { expect, test } from "vitest";
import { verdictOn } from "./models.ts";

const model = (right: string): string => `F(x : [3]) -> y : [3]\n  y[i] = ${right}\n`;

test("integers of positions are compared", () => {
  const buckets = model("x[i] * trunc(sqrt(4 * i))");
  expect(verdictOn(buckets, buckets).kind).toBe("equal");
  expect(verdictOn(buckets, model("x[i] * trunc(sqrt(5 * i))")).kind).not.toBe("equal");
});

test("integers of data are not, in a loop neither", () => {
  const data = model("trunc(x[i])");
  const reason = expect.stringMatching(/integers are made of real numbers/) as string;
  expect(verdictOn(data, data)).toMatchObject({ kind: "undecided", reason });
  const loop = `F(x : [T, 3]) -> h : [T, 3]\n  h_t = h_{t-1} + trunc(x_t)\nwhere\n  t = 1..T\n  h_0 = 0\n`;
  expect(verdictOn(loop, loop)).toMatchObject({ kind: "undecided", reason });
});

test("rounded numbers are, by what they are rounded from", () => {
  expect(verdictOn(model("floor(2 * x[i])"), model("floor(x[i] + x[i])")).kind).toBe("equal");
  expect(verdictOn(model("floor(2 * x[i])"), model("floor(3 * x[i])")).kind).toBe("different");
  expect(verdictOn(model("round(-x[i])"), model("-round(x[i])")).kind).toBe("equal");
  expect(verdictOn(model("floor(-x[i])"), model("-floor(x[i])")).kind).not.toBe("equal");
});
