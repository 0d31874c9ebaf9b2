/** @file What specifications compute, against numbers worked out by hand or by loops. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { output, outputs, read } from "./support.ts";

/** Sums of a few products of small numbers: one rounding each. */
const precision = 12;
const close = (got: readonly number[], want: readonly number[]): void => {
  expect(got.length).toBe(want.length);
  for (const [i, value] of got.entries()) expect(value).toBeCloseTo(at(want, i), precision);
};

describe("products", () => {
  const numbers = { x: [1, 2, 3, 4, 5, 6], W: [1, 0, 2, 1, 0, 3], v: [1, -1, 2] };
  const sizes = { B: 2 };
  const y = (equation: string, outputsAre: string): number[] =>
    output(`M(x : [B, 3]) -> ${outputsAre}\n  ${equation}\nwhere\n  W : [3, 2]\n  v : [3]\n`, numbers, sizes);

  test("the matrix product", () => {
    close(y("y = x W", "y : [B, 2]"), [5, 11, 14, 23]);
    close(y("y[b,k] = sum_i x[b,i] W[i,k]", "y : [B, 2]"), [5, 11, 14, 23]);
    close(y("y[k,b] = sum_i x[b,i] W[i,k]", "y : [2, B]"), [5, 14, 11, 23]);
  });
  test("a matrix with a vector, and the inner product", () => {
    close(y("y = x v", "y : [B]"), [5, 11]);
    close(y("y = x . v", "y : [B]"), [5, 11]);
    close(y("y = v . v", "y : []"), [6]);
    close(y("y = v^T v", "y : []"), [6]);
  });
  test("the outer product", () => {
    close(y("y = v v^T", "y : [3, 3]"), [1, -1, 2, -1, 1, -2, 2, -2, 4]);
    close(y("y[i,j] = v[i] v[j]", "y : [3, 3]"), [1, -1, 2, -1, 1, -2, 2, -2, 4]);
  });
  test("elementwise, stretched from the last axis", () => {
    close(y("y = x * v", "y : [B, 3]"), [1, -2, 6, 4, -5, 12]);
    close(y("y = 2 x - v", "y : [B, 3]"), [1, 5, 4, 7, 11, 10]);
  });
  test("quadratic forms", () => {
    close(y("y[b] = sum_{i,j,k} x[b,i] W[i,k] W[j,k] v[j]", "y : [B]"), [5 * -1 + 11 * 5, 14 * -1 + 23 * 5]);
    close(y("y = x W W^T v", "y : [B]"), [5 * -1 + 11 * 5, 14 * -1 + 23 * 5]);
  });
  test("a factor without the index stays outside the sum", () => {
    close(y("y[b,j] = sum_i x[b,i] v[j] v[i]", "y : [B, 3]"), [5, -5, 10, 11, -11, 22]);
    close(y("y[b] = sum_i x[b,i] v[i] / v[0]", "y : [B]"), [5, 11]);
    close(y("y[b] = sum_i x[b,i] * v[i] / v[i]", "y : [B]"), [6, 15]);
    close(y("y = sum_i sum_j v[i] v[j]", "y : []"), [4]);
  });
});

describe("stacks of matrices", () => {
  const numbers = { a: range(12), b: range(12).map((i) => i - 4), c: [1, 2, 3, 4] };
  const sizes = { n: 3 };
  const byLoops = (f: (s: number, i: number, k: number) => number): number[] =>
    range(8).map((place) => {
      const [s, i, k] = [Math.floor(place / 4), Math.floor(place / 2) % 2, place % 2];
      return range(3).reduce((sum, j) => sum + at(numbers.a, s * 6 + i * 3 + j) * f(s, j, k), 0);
    });

  test("are multiplied pair by pair", () => {
    const text = "M(a : [2, 2, n], b : [2, n, 2]) -> y : [2, 2, 2]\n  y = a b\n";
    close(
      output(text, { a: numbers.a, b: numbers.b }, sizes),
      byLoops((s, j, k) => at(numbers.b, s * 6 + j * 2 + k)),
    );
  });
  test("are stretched along axes of size 1", () => {
    const text = "M(a : [2, 2, n], b : [1, n, 2]) -> y : [2, 2, 2]\n  y = a b\n";
    const b = numbers.b.slice(0, 6);
    close(
      output(text, { a: numbers.a, b }, sizes),
      byLoops((_, j, k) => at(b, j * 2 + k)),
    );
  });
  test("stand beside one matrix", () => {
    const text = "M(a : [2, 2, n], b : [n, 2]) -> y : [2, 2, 2]\n  y = a b\n";
    const b = numbers.b.slice(0, 6);
    close(
      output(text, { a: numbers.a, b }, sizes),
      byLoops((_, j, k) => at(b, j * 2 + k)),
    );
  });
});

test("a function is called whatever its name begins with", () => {
  const text = "M(x : [n]) -> y : [n]\n  leaky = 3 x\n  y = leaky_relu(leaky, 0.5)\n";
  close(output(text, { x: [2, -2] }, { n: 2 }), [6, -3]);
});

describe("axes", () => {
  const x = [1, 2, 3, 4, 5, 9];
  const of = (equation: string, shape: string): number[] =>
    output(`M(x : [B, n]) -> y : ${shape}\n  ${equation}\n`, { x }, { B: 2, n: 3 });

  test("by name", () => {
    close(of("y = sum_n(x)", "[B]"), [6, 18]);
    close(of("y = sum_B x", "[n]"), [5, 7, 12]);
    close(of("y = sum_{B,n}(x)", "[]"), [24]);
    close(of("y = mean_n(x)", "[B]"), [2, 6]);
    close(of("y = max_n(x)", "[B]"), [3, 9]);
    close(of("y = max(x)", "[]"), [9]);
    close(of("y = var_n(x)", "[B]"), [2 / 3, 14 / 3]);
    close(of("y = sample_var_n(x)", "[B]"), [1, 7]);
    close(of("y = logsumexp_B(0 x)", "[n]"), [Math.log(2), Math.log(2), Math.log(2)]);
    close(of("y = softmax_B(0 x)", "[B, n]"), [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
    close(of("y = normalize_n(x, 0)", "[B, n]").slice(0, 3), [-Math.sqrt(1.5), 0, Math.sqrt(1.5)]);
    close(of("y = rms_normalize_n(x, 1e-5)", "[B, n]").slice(0, 1), [1 / Math.sqrt(14 / 3 + 1e-5)]);
  });
  test("by letter", () => {
    close(of("y[j] = max_i x[i,j]", "[n]"), [4, 5, 9]);
    close(of("y[j,i] = softmax_i(0 x[i,j])", "[n, B]"), [0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
    close(of("y[i] = mean_j x[i,j] * x[i,j]", "[B]"), [14 / 3, 122 / 3]);
    close(of("y[i] = \\sum_{j=0}^{n-1} x[i,j]", "[B]"), [6, 18]);
  });
  test("a size is a number", () => {
    close(of("y = x / sqrt(n)", "[B, n]").slice(0, 1), [1 / Math.sqrt(3)]);
    close(of("y = sum_n(x) / (B n)", "[B]"), [1, 3]);
  });
});

describe("indices", () => {
  const x = range(24);
  const of = (equation: string, shape: string): number[] =>
    output(`M(x : [2, 3, 4], i : [2] integers) -> y : ${shape}\n  ${equation}\n`, { x, i: [2, 0] });

  test("numbers and ranges", () => {
    close(
      of("y = x[1]", "[3, 4]"),
      range(12).map((i) => i + 12),
    );
    close(of("y = x[1, 2, 3]", "[]"), [23]);
    close(of("y = x[:, 0, 1:3]", "[2, 2]"), [1, 2, 13, 14]);
    close(of("y = x[-1, 0, 0:4:2]", "[2]"), [12, 14]);
    close(of("y = x[0, 1:, 0]", "[2]"), [4, 8]);
  });
  test("letters beside numbers", () => {
    close(of("y[c,a] = x[a,1,c]", "[4, 2]"), [4, 16, 5, 17, 6, 18, 7, 19]);
    close(of("y[:,a] = x[a,1,:]", "[4, 2]"), [4, 16, 5, 17, 6, 18, 7, 19]);
  });
  test("integer tensors", () => {
    close(of("y = x[0, i, 0]", "[2]"), [8, 0]);
    close(of("y = x[:, i, 1]", "[2, 2]"), [9, 1, 21, 13]);
    close(of("y[a,b] = x[a, i[b], 1]", "[2, 2]"), [9, 1, 21, 13]);
    close(of("y = x[0, max(2 - i, 1) - 1, 0]", "[2]"), [0, 4]);
  });
  test("a parameter's name may also be an index", () => {
    const text = "M(x : [B, 2]) -> y : [B, 2]\n  y[b,k] = x[b,k] + b[k]\nwhere b : [2]\n";
    close(output(text, { x: [1, 2, 3, 4], b: [10, 20] }, { B: 2 }), [11, 22, 13, 24]);
  });
});

describe("structure", () => {
  const x = range(6);
  const of = (equation: string, shape: string): number[] =>
    output(`M(x : [2, 3]) -> y : ${shape}\n  ${equation}\n`, { x });

  test.each([
    ["y = reshape(x, [3, 2])", "[3, 2]", [0, 1, 2, 3, 4, 5]],
    ["y = permute(x, [1, 0])", "[3, 2]", [0, 3, 1, 4, 2, 5]],
    ["y = x^T", "[3, 2]", [0, 3, 1, 4, 2, 5]],
    ["y = broadcast(x[0], [2, 3])", "[2, 3]", [0, 1, 2, 0, 1, 2]],
    ["y = concat_2(x, x)", "[4, 3]", [0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5]],
    ["y = concat_5(x, x[:, 0:2])", "[2, 5]", [0, 1, 2, 0, 1, 3, 4, 5, 3, 4]],
    ["y = where(x < 2 or x == 4, -x, x)", "[2, 3]", [-0, -1, 2, 3, -4, 5]],
    ["y = where(x <= 2 and not(x != 1), 1, 0)", "[2, 3]", [0, 1, 0, 0, 0, 0]],
    ["y = where(x >= 2 and x > 3, 1, 0)", "[2, 3]", [0, 0, 0, 0, 1, 1]],
  ])("%s", (equation, shape, want) => {
    close(of(equation, shape), want);
  });
});

describe("written for one example", () => {
  const text =
    "M(x : [d]) -> y : [K], c : [K]\n  h = tanh(W x)\n  y = U h * mean(h) + x[0] u\n  c = 2 u\nwhere W : [H, d], U : [K, H], u : [K]\n";
  const given = { W: [1, 2, 3, 4, 5, 6], U: [1, -1, 2], u: [7] };
  const sizes = { d: 2, H: 3, K: 1 };

  test("a batch is the examples one by one", () => {
    const [first = [], constant = []] = outputs(text, { ...given, x: [0.1, 0.2] }, sizes);
    const [second = []] = outputs(text, { ...given, x: [-0.3, 0.5] }, sizes);
    const [both = [], constants = []] = outputs(
      text,
      { ...given, x: [0.1, 0.2, -0.3, 0.5] },
      { ...sizes, B: 2 },
      { batch: true },
    );
    close(both, [...first, ...second]);
    close(constants, [...constant, ...constant]);
  });

  test("index notation, attention and lookups ride along", () => {
    const attention =
      "M(x : [T, d], i : [T] integers) -> y : [T, d]\n  s[a,b] = softmax_b(x[a,:] . x[b,:])\n  y[a,:] = sum_b s[a,b] x[b,:] + E[i][a,:]\nwhere E : [3, d]\n";
    const E = [1, 2, 3, 4, 5, 6];
    const one = output(attention, { x: [1, 2, 3, 4], i: [0, 2], E }, { T: 2, d: 2 });
    const two = output(attention, { x: [-1, 0, 0.5, 1], i: [1, 1], E }, { T: 2, d: 2 });
    const both = { x: [1, 2, 3, 4, -1, 0, 0.5, 1], i: [0, 2, 1, 1], E };
    close(output(attention, both, { T: 2, d: 2, B: 2 }, { batch: true }), [...one, ...two]);
  });

  test("the batch gets a name that the text doesn't use", () => {
    const shape = (spec: string): string[] =>
      read(spec, { batch: true }).inputs.flatMap((input) =>
        input.type.shape.map((size) => JSON.stringify(size)),
      );
    expect(shape("M(x : [n]) -> y : [n]\n  y = x\n")[0]).toContain('"key":"B"');
    expect(shape("M(x : [B]) -> y : [B]\n  y = x\n")[0]).toContain('"key":"N"');
    expect(shape("M(x : [B]) -> y : [B]\n  y[N] = x[N] + sum_batch(w)\nwhere w : [batch]\n")[0]).toContain(
      '"batch_1"',
    );
  });
});

test("the model of two tasks computes what its formula says", () => {
  const text =
    "T(x : [B, 3]) -> logit : [B, 1], y : [B, 1]\n  h = tanh(x W_1 + b_1)\n  logit = h w_c + b_c\n  y = h w_r + b_r\nwhere\n  W_1 : [3, H]\n  b_1 : [H]\n  w_c, w_r : [H, 1]\n  b_c, b_r : [1]\n";
  const given = {
    x: [1, -1, 0.5],
    W_1: [0.1, 0.2, 0.3, -0.4, 0.5, 0.6],
    b_1: [0.05, -0.1],
    w_c: [1, -2],
    b_c: [0.5],
    w_r: [3, 1],
    b_r: [-1],
  };
  const h = [Math.tanh(0.1 - 0.3 + 0.25 + 0.05), Math.tanh(0.2 + 0.4 + 0.3 - 0.1)] as const;
  const [logit = [], y = []] = outputs(text, given, { B: 1, H: 2 });
  // tanh is 1 − 2/(e^2x + 1): a few roundings near 1.
  close(logit, [h[0] - 2 * h[1] + 0.5]);
  close(y, [3 * h[0] + h[1] - 1]);
});
