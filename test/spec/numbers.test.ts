/** @file Integers that each use of a model gives by name. */
import { describe, expect, test } from "vitest";
import { dimText } from "../../src/ir/dim.ts";
import { complaint, output, read } from "./support.ts";

/** A pool whose window, stride and padding are given, of 12 numbers. */
const pooled = (use: string): string => `Main(x : [1, 12]) -> y
  y = ${use}

Pool(x : [1, m]; k, s, p) = max_pool(x, size = [k], stride = s, padding = p)
`;
const x = [5, 1, 9, 2, 7, 4, 8, 3, 6, 0, 11, 10];

test.each([
  ["Pool(x, k = 3, s = 3, p = 0)", [9, 7, 8, 11]],
  ["Pool(x, p = 1, s = 2, k = 3)", [5, 9, 7, 8, 6, 11]],
  ["Pool(x, k = 2 * 3, s = 12 / 2, p = 0)", [9, 11]],
])("%s takes integers in any order", (use, values) => {
  expect(output(pooled(use), { x })).toEqual(values);
});

test("a size that arguments don't decide is given, and decides others", () => {
  const text = `Main(x : [2, 6]) -> y : [2, 4]
  y = Wide(x, s = 3, K = 4)

Wide(x : [B, s n]; s, K) = mean_s(reshape(x, [B, n, s])) W
where W : [n, K]
`;
  expect(read(text).parameters.map(({ node }) => node.attrs.shape)).toEqual([[2, 4]]);
});

test.each([
  ["9", "3", "9"],
  ["B B", "B", "B*B"],
])("of the %s patches of an image, height and width are found", (patches, side, count) => {
  const text = `Main(x : [${patches}, 4]) -> y\n  y = Rows(x)\n\nRows(x : [p p, d]) = W x\nwhere W : [p, p p]\n`;
  expect(read(text).parameters.map(({ node }) => node.attrs.shape.map(dimText))).toEqual([[side, count]]);
});

test("a model hands on what it is given, and the number of a round is one", () => {
  const text = `Main(x : [1, 7]) -> y : [1, 7]
  for l = 1..2: x = Outer(x, d = 2^(l - 1))
  y = x

Outer(x : [1, T]; d) = Inner(x, d = d, p = 2 d)

Inner(x : [1, T]; d, p) = conv(x, W, dilation = d, padding = [[p, 0]])
where W : [1, 1, 3]
`;
  const convolutions = read(text).nodes.filter((node) => node.op === "Convolution");
  expect(convolutions.map(({ attrs }) => attrs)).toEqual([
    { strides: [1], padding: [[2, 0]], dilation: [1], groups: 1 },
    { strides: [1], padding: [[4, 0]], dilation: [2], groups: 1 },
  ]);
});

describe("a message says", () => {
  test.each([
    ["which integer is missing", pooled("Pool(x, k = 3, s = 3)"), "no `p` for the model Pool"],
    ["which the model has not", pooled("Pool(x, k = 3, s = 3, p = 0, d = 1)"), "`d` for the model Pool"],
    ["which is given twice", pooled("Pool(x, k = 3, s = 3, p = 0, s = 3)"), "`s` for the model Pool"],
    ["that a tensor stands behind one", pooled("Pool(k = 3, x, s = 3, p = 0)"), "`k` for the model Pool"],
    [
      "that a value is none",
      pooled("Pool(x, k = 3, s = 1/2, p = 0)"),
      "a value of `s` that is no whole number",
    ],
    [
      "that a value is negative",
      pooled("Pool(x, k = 3, s = 1, p = -1)"),
      "a value of `p` that is no whole number",
    ],
    [
      "that nothing gives it",
      "Main(x : [s]; s) -> y : [s]\n  y = 2 x\n",
      "`s` of a model that no other uses",
    ],
  ])("%s", (_, text, got) => {
    const report = complaint(text);
    expect(report.code).toBe("A3033");
    expect(report.got).toContain(got);
  });

  test.each([
    [
      "a size of the where list",
      "Main(x : [4]) -> y\n  y = Half(x, s = 2)\n\nHalf(x : [s n]; s) = 2 x\nwhere s = 2\n",
    ],
    ["another integer", "Main(x : [4]) -> y\n  y = Half(x, s = 2)\n\nHalf(x : [s n]; s, s) = 2 x\n"],
    ["a tensor", "Main(x : [4]) -> y\n  y = Half(x, s = 2)\n\nHalf(x : [n]; s) = s x\nwhere s : [n]\n"],
  ])("that the name is %s already", (_, text) => {
    expect(complaint(text).code).toBe("A3010");
  });
});

test("arguments that don't fit what is given are refused", () => {
  const text = "Main(x : [5]) -> y\n  y = Half(x, s = 2)\n\nHalf(x : [s n]; s) = 2 x\n";
  expect(complaint(text).code).toBe("A3013");
});
