/** @file Every message of the specification language, from a text that provokes it. */
import { describe, expect, test } from "vitest";
import { Diagnostic, reportText } from "../../src/diag/diagnostic.ts";
import { complaint } from "./support.ts";

const signature = "Mlp(x : [B, 3]) -> y : [B, K]\n";
const where = "where\n  W : [3, K]\n  b : [K]\n";
/** A model with these equations, a 3 × K weight and a bias. */
const model = (...equations: string[]): string =>
  `${signature}${equations.map((equation) => `  ${equation}\n`).join("")}${where}`;
const sum = (last: string): string =>
  `S(x : [B, n]) -> y : [B]\n  y[b] = \\sum_{k=1}^{${last}} x[b,k] w[k]\nwhere w : [n]\n`;

const rnn = (right: string, ...where: readonly string[]): string =>
  [
    "Rnn(x : [T, d]) -> h : [T, H]",
    `  h_t = ${right}`,
    "where",
    ...["W : [d, H]", "U : [H, H]", ...where].map((item) => `  ${item}`),
    "",
  ].join("\n");

const provoked: readonly (readonly [code: string, text: string])[] = [
  ["A3001", "# A model\n\nProse, and `code`.\n\n```python\nx = 1\n```\n\n```math\n```\n"],
  ["A3002", `# A model\n\n\`\`\`math\n${model("y = x W + b")}`],
  ["A3003", "h = tanh(x W + b)\nwhere\n  W : [3, K]\n"],
  ["A3004", `${model("y = x W + b")}\nOther(x : [B, 3]) -> y : [B, 3]\n  y = x\n`.replace(where, "")],
  ["A3005", model("y = tanh((x W + b]")],
  ["A3006", model("y = x W + / b")],
  ["A3007", model("y = x W + 1.2.3 b")],
  ["A3008", model("hidden = tanh(x W + b)", "y = hiden")],
  ["A3009", model("y = tahn(x W + b)")],
  ["A3010", model("y = x W", "y = y + b")],
  ["A3011", model("y = tanh(h)", "h = x W + b")],
  ["A3012", model("h = x W + b")],
  ["A3013", "Mlp(x : [B, 3]) -> y : [B, K]\n  y = W x + b\nwhere\n  W : [K, 3]\n  b : [K]\n"],
  ["A3014", model("y = softmax_H(x W + b)")],
  ["A3015", "A(Q : [n, n], V : [n, d]) -> y : [n, d]\n  y = softmax_n(Q) V\n"],
  ["A3016", model("y[n,k] = x[n,i] W[i,k] + b[k]")],
  ["A3017", model("y[b,k] = x[b,i,k]")],
  ["A3018", model("y[b,i] = W[i,i] x[b,i]")],
  ["A3019", "Mlp(x : [B, 3]) -> y : [B, K]\n  y = tanh(x)\n"],
  ["A3020", model("y = leaky_relu(x W + b)")],
  ["A3021", sum("n - 1")],
  ["A3022", model(`y = ${"(".repeat(201)}x${")".repeat(201)}`)],
  ["A3023", model("y = x^x")],
  ["A3024", "Rows(x : [B, n], i : [B] integers) -> y : [B]\n  y[b,:] = x[b,:][i]\n"],
  ["A3025", "Mlp(x) -> y : [B, 3]\n  y = tanh(x)\n"],
  ["A3026", model("y = 1/2 x W + b")],
  ["A3027", "Mask(s : [T, T]) -> a : [T, T]\n  m[i,j] = where(j <= i, 0, -inf)\n  a = s + m\n"],
  ["A3029", "Deep(x : [B, d]) -> y : [B, d]\n  for l = 1..L:\n    x = tanh(x)\n  y = x\n"],
  ["A3030", "Deep(x : [B, d]) -> y : [B, d]\n  for l = 1..2:\n  y = x\n"],
  ["A3031", "A(x : [d]) -> y : [d]\n  y = B(x)\n\nB(x : [d]) -> y : [d]\n  y = A(x)\n"],
  [
    "A3032",
    "A(x : [d]) -> y : [d]\n  y = Halves(x)\n\nHalves(x : [d]) -> p : [d], q : [d]\n  p = x / 2\n  q = -p\n",
  ],
  ["A3033", "A(x : [B, d]) -> y : [B, k]\n  y = Wide(x)\n\nWide(x : [B, d]; k) = x W\nwhere W : [d, k]\n"],
  ["A3060", rnn("tanh(v_t + h_{t-1} U)", "t = 1..T", "h_0 = 0", "v : [H]")],
  ["A3061", rnn("tanh(x_t W + h_{t-1} U + h_{t+1} U)", "t = 1..T", "h_0 = 0")],
  ["A3062", rnn("tanh(x_t W + h_{t-1} U)", "t = 1..T")],
  ["A3063", "Rnn(x : [T, d]) -> y : [d]\n  h_t = x_t + h_{t-1}\n  y = h_T\nwhere\n  t = 1..T\n  h_0 = 0\n"],
  ["A3028", "Moment(x : [n]) -> y : []\n  y = \\sum_{k=1}^{n} k x[k]\n"],
];

test.each(provoked)("%s reads as in test/errors", async (code, text) => {
  const report = complaint(text);
  expect(report.code).toBe(code);
  await expect(`${reportText(report)}\n`).toMatchFileSnapshot(`../errors/${code}.txt`);
});

test.each(provoked)("%s has a place in the text and stays within 80 columns", (_, text) => {
  const report = complaint(text);
  const { file, line = 0, column = 0 } = report.place;
  expect(file).toBe("paper.md");
  expect(line).toBeGreaterThan(0);
  expect(line).toBeLessThanOrEqual(text.split("\n").length);
  expect(column).toBeGreaterThan(0);
  const [, source = "", caret = ""] = report.got.split("\n");
  expect(caret.indexOf("^")).toBeLessThanOrEqual(source.length);
  for (const row of report.got.split("\n")) expect(row.length).toBeLessThanOrEqual(80);
});

/** The text under the caret. */
const pointedAt = (text: string): string => {
  const { line = 1, column = 1 } = complaint(text).place;
  return (text.split("\n")[line - 1] ?? "").slice(column - 1);
};

describe("the caret stands at what is wrong", () => {
  test.each([
    [model("y = x W + c"), "c"],
    [model("y = tanh(x W + b"), "(x W + b"],
    [model("y = x W + b)"), ")"],
    [model("h = x W", "y = h + W"), "+ W"],
    [model("y = \\tanh\\left(x W_{2}\\right)"), "W_{2}\\right)"],
    [model("y = α₁ᵀ + β x"), "α₁ᵀ + β x"],
    [model("y = x² W + ∑_q x"), "∑_q x"],
  ])("%j", (text, rest) => {
    expect(pointedAt(text)).toBe(rest);
  });

  test("in a long line", () => {
    const text = model(`y = ${"x W + ".repeat(40)}wrong + ${"x W + ".repeat(40)}b`);
    const [, source = "", caret = ""] = complaint(text).got.split("\n");
    expect(source.slice(caret.indexOf("^")).startsWith("wrong")).toBe(true);
  });
});

describe("did you mean", () => {
  const action = (text: string): string | undefined => complaint(text).action;
  test("names what is close", () => {
    expect(action(model("hidden = x W", "y = hiden"))).toBe("did you mean `hidden`?");
    expect(action(model("y = Tanhh(x W)"))).toBe("did you mean `tanh`?");
    expect(action(model("y = X W + b"))).toBe("did you mean `x`?");
    expect(action(model("logits = x W", "y = softmax_k(logits)"))).toBe("did you mean `K`?");
  });
  test("tells the inner product from a dot in a name", () => {
    expect(action(model("y = x.W"))).toBe("write spaces around the dot of an inner product");
  });
  test("names nothing where nothing is close", () => {
    expect(action(model("hidden = x W", "y = attention"))).toBeUndefined();
    expect(action(model("y = c W"))).toBeUndefined();
    expect(action(model("y = convolution(x)"))).toBeUndefined();
  });
});

describe("shapes", () => {
  test("a product of a matrix and rows of examples suggests the transpose", () => {
    const report = complaint("M(x : [B, d]) -> y : [B, H]\n  y = W x\nwhere W : [H, d]\n");
    expect(report.got).toContain("[H, d] times [B, d]");
    expect(report.action).toBe("with rows as examples write `x W^T` for `W x`, or declare x for one example");
  });
  test("an index with two sizes names both", () => {
    expect(complaint("M(x : [n], y : [m]) -> z : []\n  z = sum_i x[i] y[i]\n").got).toContain(
      "over n and over m",
    );
  });
  test("an inner product that is a matrix product says so", () => {
    const report = complaint("M(x : [n, m], y : [m, k]) -> z : [n, k]\n  z = x . y\n");
    expect(report.action).toBe("write the factors side by side for the matrix product");
  });
});

test("rows can't be picked by what is not declared as integers", () => {
  const report = complaint("M(idx : [B]) -> y : [B, d]\n  y = E[idx]\nwhere E : [V, d]\n");
  expect(report.code).toBe("A3017");
  expect(report.want).toContain("declared as integers");
});

describe("one meaning for each name", () => {
  test.each([
    ["an input", "M(x : [n]) -> x : [n]\n  x = 1\n"],
    ["a size", "M(x : [n]) -> y : [n]\n  n = 1\n  y = x\n"],
    ["a number", "M(x : [n]) -> y : [n]\n  c = 2\n  y = c x\nwhere c = 3\n"],
    ["a declared size", "M(x : [n]) -> y : [n]\n  y = x n\nwhere n : [n]\n"],
    ["two declarations", "M(x : [n]) -> y : [n]\n  y = x W\nwhere\n  W : [n, n]\n  W : [n, n]\n"],
    ["two values", "M(x : [n]) -> y : [n]\n  y = x\nwhere\n  n = 3\n  n = 4\n"],
    ["input and where list", "M(x : [n]) -> y : [n]\n  y = x\nwhere x : [n]\n"],
  ])("%s", (_, text) => {
    expect(complaint(text).code).toBe("A3010");
  });
});

test("text from the file is shown as data", () => {
  const report = complaint(model("y = x W + \u001b[31m\u202e b"));
  // oxlint-disable-next-line no-control-regex -- that there are none is the point
  expect(/[\u001b\u202e]/.test(reportText(report))).toBe(false);
});

test("an error of a text that is too large names the limit", () => {
  expect(complaint("x".repeat(2 ** 20 + 1)).code).toBe("A3022");
  const sumOfMany = model(`y = ${"x W + ".repeat(2000)}b`);
  expect(complaint(sumOfMany).code).toBe("A3022");
  expect(new Diagnostic(complaint(sumOfMany)).message).toContain("more than 1000 operations");
});
