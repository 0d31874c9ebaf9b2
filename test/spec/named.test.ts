/** @file Tensors whose axes have names stand for themselves with their axes as indices. */
import { describe, expect, test } from "vitest";
import { zip } from "../../src/base/assert.ts";
import { Diagnostic } from "../../src/diag/diagnostic.ts";
import { agreement } from "../arbitrary/agreement.ts";
import { outputs, read } from "./support.ts";

const given = { x: [1, 2, 3, 4, 5, 6], g: [1, 10, 100], W: [1, 0, 2, 1, 0, 3] };
const sizes = { rows: 2, columns: 3, units: 2 };
const model = (equations: string, where = ""): string => `M(x : {rows, columns}) -> y
${equations}
where
  g : {columns}
  W : {units, columns}
${where}`;

const messageOf = (text: string): string => {
  try {
    read(text);
  } catch (error) {
    if (error instanceof Diagnostic) return `${error.report.code} ${error.report.got.split("\n")[0]}`;
    throw error;
  }
  return "";
};

describe("a name alone has the axes of its tensor as indices", () => {
  test.for([
    ["y{rows, columns} = x * g", "y[i, j] = x[i, j] * g[j]"],
    ["y{columns, rows} = x * g", "y[j, i] = x[i, j] * g[j]"],
    ["y{rows, units} = sum_columns x W", "y[i, u] = sum_j x[i, j] W[u, j]"],
    ["y{rows, columns} = softmax_rows(x)", "y[i, j] = softmax_i(x[i, j])"],
    // Another name for an axis is said in brackets.
    ["y{rows, other} = sum_columns x x[other, columns]", "y[i, k] = sum_j x[i, j] x[k, j]"],
    // Functions of whole tensors take the axes in their places, and braces name those of the result.
    ["h{columns, rows} = permute(x, [1, 0])\n  y{rows, columns} = h * g", "y[i, j] = x[i, j] * g[j]"],
    ["h{double, columns} = concat_rows(x, x)\n  y{columns} = sum_double h", "y[j] = 2 (sum_i x[i, j])"],
    ["y{rows, two} = tanh(permute(x, [0, 1])[:, 0:2])", "y[i, j] = tanh(x[:, 0:2][i, j])"],
  ])("%s", ([named, indexed]) => {
    expect(outputs(model(`  ${named}`), given, sizes)).toEqual(outputs(model(`  ${indexed}`), given, sizes));
  });

  test("in LaTeX too", () => {
    const latex = String.raw`M(x \in \mathbb{R}^{\{\mathit{rows}, \mathit{columns}\}}) \to y \\
y\{\mathit{rows}, \mathit{units}\} = \sum_{\mathit{columns}} x W \\
\text{where} \\ W : \{\mathit{units}, \mathit{columns}\}`;
    const plain = model("  y[i, u] = sum_j x[i, j] W[u, j]");
    expect(outputs(latex, given, sizes)).toEqual(outputs(plain, given, sizes));
  });

  test("and those of a step are those of the sequence without the steps", () => {
    const text = (h: string, x: string): string => `M(x : {batch, time, features}) -> y : {batch, features}
  ${h} = tanh(${x})
  y = h_time
where
  t = 1..time
  time = 3
  h_0 = 0
  h_t : {batch, features}`;
    const numbers = { x: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((n) => n / 10) };
    const run = (h: string, x: string) => outputs(text(h, x), numbers, { batch: 2, features: 2 });
    expect(run("h_t{batch, features}", "x_t + h_{t-1}")).toEqual(run("h_t", "x_t[:, :] + h_{t-1}[:, :]"));
  });
});

test.for([
  ["y{rows, rows} = x * g", "A3018 the axis rows twice in one tensor"],
  ["y{rows} = concat_rows(x, x)", "A3017 y{rows} and a value of shape [2*rows, columns]"],
  ["y{rows} = x * g", "A3016 the index columns on the right only"],
  ["y{columns, rows} = permute(x, [0, 1])", "A3019 the axis columns of y, which has the size rows"],
  ["y{rows, columns} = x{rows, columns}", "A3006 `{`"],
  ["y = x * g", "A3016 the index rows on the right only"],
] as const)("%s is refused", ([equation, message]) => {
  expect(messageOf(model(`  ${equation}`))).toBe(message);
});

test("a maximum over several indices has them in the order of its subscript, which the field can tell apart", () => {
  const graph = (right: string) => read(`M(x : [n, m]) -> y : []\n  y = ${right}`);
  const [indexed, turned] = [graph("max_{j,i} x[i, j]"), graph("max(x^T)")];
  const pairs = zip(indexed.inputs, turned.inputs).map(([left, right]) => ({
    left,
    right,
  }));
  for (let seed = 1; seed < 9; seed++) expect(agreement(indexed, turned, pairs, seed)).toBe("equal");
});
