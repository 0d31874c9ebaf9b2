/** @file Words for attention, and axes that are counted from the last, as the specification language says them. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { complaint, output } from "./support.ts";

/** A few roundings of numbers below 100. */
const precision = 12;
const close = (got: readonly number[], want: readonly number[]): void => {
  expect(got.length).toBe(want.length);
  for (const [i, value] of got.entries()) expect(value).toBeCloseTo(at(want, i), precision);
};

describe("an axis counted from the last", () => {
  const y = (right: string, shape: string): number[] =>
    output(`M(x : [n, n, n]) -> y : ${shape}\n  y = ${right}\n`, { x: range(8) }, { n: 2 });

  test("tells axes of one size apart", () => {
    close(y("sum_{-1}(x)", "[n, n]"), [1, 5, 9, 13]);
    close(y("sum_{-2}(x)", "[n, n]"), [2, 4, 10, 12]);
    close(y("sum_{-3}(x)", "[n, n]"), [4, 6, 8, 10]);
    close(y("mean_{-2,-1}(x)", "[n]"), [1.5, 5.5]);
    close(y("max_{-3,-1}(x)", "[n]"), [5, 7]);
  });
  test("is the one that functions keep and that tensors are joined along", () => {
    const [small, large] = [1 / (1 + Math.E), Math.E / (1 + Math.E)];
    close(
      y("softmax_{-1}(x)", "[n, n, n]"),
      range(8).map((i) => (i % 2 === 0 ? small : large)),
    );
    close(y("sum_{-3,-2}(concat_{-1}(x, 2 x))", "[2 n]"), [12, 16, 24, 32]);
    close(y("sum_{-3,-1}(concat_{-2}(x, 2 x))", "[2 n]"), [10, 18, 20, 36]);
  });
  test("is read in LaTeX", () => {
    close(y("\\operatorname{mean}_{-2,-1}(x)", "[n]"), [1.5, 5.5]);
    close(y("\\operatorname{sum}_{-1}(x)", "[n, n]"), [1, 5, 9, 13]);
  });
  test("is one of those that the text mentions, where it is written for one example", () => {
    const text = "M(x : [n]) -> y : [n]\n  y = softmax_{-1}(x)\n";
    close(output(text, { x: [0, 0] }, { n: 2 }), [0.5, 0.5]);
  });
  test.for([
    ["y = sum_{-4}(x)", "A3014", "the axis -4"],
    ["y = sum_{-1,-1}(x)", "A3020", "sum along -1, -1"],
    ["y = softmax_{-2,-1}(x)", "A3020", "softmax along -2, -1"],
    ["y = concat_{-4}(x, x)", "A3014", "concat of"],
    ["y = z_{-1}", "A3008", "z_{-1}"],
    ["y = sum_{-0}(x)", "A3006", ""],
  ])("%s is refused", ([equation, code, got]) => {
    const report = complaint(`M(x : [n, n, n]) -> y\n  ${equation}\n`);
    expect(report.code).toBe(code);
    expect(report.got).toContain(got);
  });
});

test("hide leaves out the keys that are marked", () => {
  const text = "M(s : [2, T, T], x : [2, T]) -> y : [2, T, T]\n  y = exp(hide(s, x < 0))\n";
  const ones = range(8).map(() => 0);
  close(output(text, { s: ones, x: [1, -1, -1, 1] }, { T: 2 }), [1, 0, 1, 0, 0, 1, 0, 1]);
});

describe("causal", () => {
  test("hides what stands before a window", () => {
    const text = "M(s : [T, T]) -> y : [T, T]\n  y = exp(causal(s, window = 2))\n";
    close(output(text, { s: range(9).map(() => 0) }, { T: 3 }), [1, 0, 0, 1, 1, 0, 0, 1, 1]);
  });
  test("hides the keys behind each query", () => {
    const text = "M(s : [2, T, T]) -> y : [2, T, T]\n  y = exp(causal(s))\n";
    const seen = [1, 0, 0, 1, 1, 0, 1, 1, 1];
    close(output(text, { s: range(18).map(() => 0) }, { T: 3 }), [...seen, ...seen]);
  });
  test("is what its formula says", () => {
    const s = range(9).map((i) => i / 4);
    const word = output("M(s : [T, T]) -> y\n  y = softmax_{-1}(causal(s))\n", { s }, { T: 3 });
    const formula = "M(s : [T, T]) -> y\n  y[i,j] = softmax_j(where(j <= i, s[i,j], -inf))\n";
    close(word, output(formula, { s }, { T: 3 }));
  });
  test("leaves index letters alone", () => {
    const text = "M(s : [2, T, T]) -> y : [T, T]\n  y = sum_b exp(causal(s[b, :, :]))\n";
    close(output(text, { s: range(8).map(() => 0) }, { T: 2 }), [2, 0, 2, 2]);
  });
});

describe("rotary", () => {
  const y = (right: string): number[] =>
    output(
      `M(x : [T, 4], a : [T, 2]) -> y : [T, 4]\n  y = ${right}\n`,
      { x: [1, 2, 3, 4, 5, 6, 7, 8], a: [0, Math.PI / 2, Math.PI, -Math.PI / 2] },
      { T: 2 },
    );

  test("turns the pairs of the halves by their angles", () => {
    close(y("rotary(x, a)"), [1, -4, 3, 2, -5, 8, -7, -6]);
    close(y("rotary(x, a)"), y("x * cos(concat_{-1}(a, a)) + rotate_half(x) * sin(concat_{-1}(a, a))"));
  });
  test("or neighbours", () => {
    close(y("rotary_pairs(x, a)"), [1, 2, -4, 3, -5, -6, 8, -7]);
  });
  test("with angles for every position or for all", () => {
    close(y("rotary(x, a[0, :])"), [1, -4, 3, 2, 5, -8, 7, 6]);
  });
  test("along index letters", () => {
    const text = "M(x : [T, 4], a : [T, 2]) -> y : [4]\n  y = sum_t rotary(x[t, :], a[t, :])\n";
    const given = { x: [1, 2, 3, 4, 5, 6, 7, 8], a: [0, Math.PI / 2, Math.PI, -Math.PI / 2] };
    close(output(text, given, { T: 2 }), [-4, 4, -4, -4]);
  });
});

test("interleave takes elements by turns", () => {
  const text = "M(x : [T, 2], y : [T, 2]) -> z : [T, 4]\n  z = interleave(x, y)\n";
  close(output(text, { x: [1, 2, 3, 4], y: [5, 6, 7, 8] }, { T: 2 }), [1, 5, 2, 6, 3, 7, 4, 8]);
  const letters = "M(x : [T, 2], y : [2]) -> z : [T, 4]\n  z[t, :] = interleave(x[t, :], y)\n";
  close(output(letters, { x: [1, 2, 3, 4], y: [5, 6] }, { T: 2 }), [1, 5, 2, 6, 3, 5, 4, 6]);
});

describe("what makes no sense is said in the writer's terms", () => {
  test.for([
    ["causal(x)", "A3013", "causal of [B, T, d]"],
    ["causal(x[0, 0, :])", "A3013", "causal of [d]"],
    ["causal(x[:, 0, 0:T], window = 0)", "A3020", "a window of 0"],
    ["hide(x, x[:, 0, :])", "A3013", "hide of [B, T, d] by [B, d]"],
    ["hide(x, x[:, :, 0] < 0)", "A3013", "hide of [B, T, d] by [B, T]"],
    ["causal_T(x)", "A3020", "causal with a subscript"],
    ["causal(x, x)", "A3020", "causal with 2 arguments"],
    ["rotary(x)", "A3020", "rotary with 1 argument"],
    ["rotary(x, x)", "A3013", "[B, T, 6] turned by [B, T, 6]"],
    ["rotary(x[:, :, 0:3], x[:, :, 0:1])", "A3013", "turned by"],
    ["rotary(x[0, 0, :], x[:, :, 0:3])", "A3013", "rotary of [d] by [B, T, 3]"],
    ["interleave(x, x[0, :, :])", "A3013", "interleave of [B, T, d] and [T, d]"],
    ["interleave(x)", "A3020", "interleave with 1 argument"],
    ["rotary_pairs_d(x, x)", "A3020", "rotary_pairs with a subscript"],
  ])("%s", ([right, code, got]) => {
    const report = complaint(`M(x : [B, T, d]) -> y\n  y = ${right}\nwhere\n  d = 6\n`);
    expect(report.code).toBe(code);
    expect(report.got).toContain(got);
  });
});
