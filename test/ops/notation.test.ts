/** @file How applications of operators are written, each read back as the same function. */
import { describe, expect, test } from "vitest";
import { rational } from "../../src/base/rational.ts";
import { symbol } from "../../src/ir/dim.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import type { Dtype } from "../../src/ir/type.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { toPlainText } from "../../src/notation/plain.ts";
import { textOf } from "../../src/notation/text.ts";
import { readSpec } from "../../src/spec/read.ts";
import { agreement } from "../arbitrary/agreement.ts";
import { Sketch } from "../arbitrary/sketch.ts";
import { printedPairs } from "../notation/read-back.ts";

const [B, T] = [symbol("B"), symbol("T")];
const page = { width: 200, color: false };

type Made = (sketch: Sketch) => Node;

function graphOf(make: Made): Graph {
  const sketch = new Sketch();
  return sketch.graph("F", { r: make(sketch) });
}

const written = (graph: Graph): string =>
  equationsOf(graph, page)
    .equations.map(({ left, right }) => `${toPlainText(left)} = ${toPlainText(right)}`)
    .join("; ");

/** Whether what is printed of a graph is the same function. */
function readsBack(graph: Graph): void {
  const equations = equationsOf(graph, page);
  const spec = readSpec(textOf(equations, page), "printed.txt");
  expect(agreement(graph, spec, printedPairs(graph, equations, spec), 1)).toBe("equal");
}

const x3: Made = (s) => s.input("x", [B, T, 3]);
const vector =
  (name: string, dtype: Dtype = "float32"): Made =>
  (s) =>
    s.input(name, [B], dtype);
const [x, y] = [vector("x"), vector("y")];
const slice =
  (axis: number, start: number, stop: number, step = 1): Made =>
  (s) =>
    s.apply("Slice", [s.input("x", [B, 4, T])], { axis, start, stop, step });
const cast =
  (from: Dtype, dtype: Dtype): Made =>
  (s) =>
    s.apply("Cast", [vector("x", from)(s)], { dtype });
/** The sum of x over T divided by a number. */
const over =
  (divisor: Made): Made =>
  (s) =>
    s.apply("Div", [s.apply("Sum", [x3(s)], { axes: [1] }), divisor(s)], {});
const copies = (s: Sketch, of: number, shape = [T]): Node => s.apply("Broadcast", [s.number(of)], { shape });

describe("a contraction", () => {
  test.for([
    // Matrix products: the last axis against the first or last of a vector, a matrix, or stacks of matrices.
    ["a,a->", [3], [3], "r = x . y"],
    ["ab,bc->ac", [B, 3], [3, 4], "r = x y"],
    ["ab,cb->ac", [B, 3], [4, 3], "r = x y^T"],
    ["ab,b->a", [B, 3], [3], "r = x y"],
    ["a,ab->b", [3], [3, 4], "r = x y"],
    ["a,ba->b", [3], [4, 3], "r = x y^T"],
    ["abc,cd->abd", [B, T, 3], [3, 4], "r = x y"],
    ["abc,dc->abd", [B, T, 3], [4, 3], "r = x y^T"],
    ["abc,c->ab", [B, T, 3], [3], "r = x y"],
    ["abc,acd->abd", [B, T, 3], [B, 3, 4], "r = x y"],
    ["abc,adc->abd", [B, T, 3], [B, 4, 3], "r = x y^T"],
    ["abcd,abde->abce", [B, T, 2, 3], [B, T, 3, 4], "r = x y"],
    // Everything else with its indices.
    ["ba,bc->ac", [3, B], [3, 4], "r[b, i] = sum_j x[j, b] y[j, i]"],
    ["ab,ac->bc", [B, 3], [B, 4], "r[i, j] = sum_b x[b, i] y[b, j]"],
    ["ab,bc->ca", [B, 3], [3, 4], "r[i, b] = sum_j x[b, j] y[j, i]"],
    ["ab,ab->", [B, 3], [B, 3], "r = sum_{b,i} x[b, i] y[b, i]"],
    ["ab,ab->a", [B, 3], [B, 3], "r[b] = sum_i x[b, i] y[b, i]"],
    ["a,b->ab", [B], [T], "r[b, i] = x[b] y[i]"],
    ["a,ab->ab", [B], [B, 3], "r[b, i] = x[b] y[b, i]"],
    [",a->a", [], [3], "r[i] = x y[i]"],
    ["ab,bcd->acd", [B, 3], [3, 4, T], "r[b, i, j] = sum_k x[b, k] y[k, i, j]"],
    ["abc,acd->adb", [B, T, 3], [B, 3, 4], "r[b, i, j] = sum_k x[b, j, k] y[b, k, i]"],
    ["abc,bcd->abd", [T, B, 3], [B, 3, 4], "r[i, b, j] = sum_k x[i, b, k] y[b, k, j]"],
    ["ab,acb->ac", [B, 3], [B, T, 3], "r[b, i] = sum_j x[b, j] y[b, i, j]"],
    ["ab,bac->ac", [B, 3], [3, B, 4], "r[b, i] = sum_j x[b, j] y[j, b, i]"],
    ["abc,ac->ab", [B, T, 3], [B, 3], "r[b, i] = sum_j x[b, i, j] y[b, j]"],
    ["abc,abc->ac", [B, T, 3], [B, T, 3], "r[b, i] = sum_j x[b, j, i] y[b, j, i]"],
    ["abcd,bde->abce", [B, T, 2, 3], [T, 3, 4], "r[b, i, j, k] = sum_l x[b, i, j, l] y[i, l, k]"],
    ["abcd,acde->abe", [B, T, 2, 3], [B, 2, 3, 4], "r[b, i, j] = sum_{k,l} x[b, i, k, l] y[b, k, l, j]"],
  ] as const)("%s of %o and %o is written %s", ([equation, left, right, text]) => {
    const graph = graphOf((s) => s.contract(equation, s.input("x", left), s.input("y", right)));
    expect(written(graph)).toBe(text);
    readsBack(graph);
  });
});

const applications: readonly (readonly [text: string, make: Made])[] = [
  ["r = x - y", (s) => s.add(x(s), s.neg(y(s)))],
  ["r = x + y", (s) => s.add(x(s), y(s))],
  ["r = x^(-0.5)", (s) => s.apply("Power", [x(s)], { exponent: rational(-1, 2) })],
  ["r = 1 / x", (s) => s.apply("Reciprocal", [x(s)], {})],
  ["r = x^2", (s) => s.apply("Square", [x(s)], {})],
  ["r = leaky_relu(x, 0.01)", (s) => s.apply("LeakyRelu", [x(s)], { slope: rational(1, 100) })],
  ["r = gelu(x)", (s) => s.apply("Gelu", [x(s)], { approximate: "none" })],
  ["r = gelu_tanh(x)", (s) => s.apply("Gelu", [x(s)], { approximate: "tanh" })],

  ["r = tanh(x)", (s) => s.apply("Tanh", [x(s)], {})],
  ["r = softplus(x)", (s) => s.apply("Softplus", [x(s)], {})],
  ["r = max(x, y)", (s) => s.apply("Maximum", [x(s), y(s)], {})],

  ["r = where(x, 1, 0)", cast("bool", "float32")],
  ["r = where(x, 1, 0)", cast("bool", "int64")],
  ["r = x", cast("bool", "bool")],
  ["r = x != 0", cast("int64", "bool")],
  ["r = x", cast("int64", "float32")],
  ["r = x", cast("float64", "float32")],

  ["r = not(x)", (s) => s.apply("Not", [vector("x", "bool")(s)], {})],
  ["r = y <= x", (s) => s.apply("Not", [s.apply("Less", [x(s), y(s)], {})], {})],
  ["r = x != y", (s) => s.apply("Not", [s.apply("Equal", [x(s), y(s)], {})], {})],
  [
    "r = not(x and y)",
    (s) => s.apply("Not", [s.apply("And", [vector("x", "bool")(s), vector("y", "bool")(s)], {})], {}),
  ],

  [
    "r = where(x, y, -inf)",
    (s) => {
      const lowest = s.apply("NamedConstant", [], { name: "negative infinity", dtype: "float32" });
      return s.apply("Where", [vector("x", "bool")(s), y(s), lowest], {});
    },
  ],
  ["r = pi * x", (s) => s.mul(x(s), s.apply("NamedConstant", [], { name: "pi", dtype: "float32" }))],
  [
    "r = x and 1 == 1",
    (s) => {
      const constant = s.apply("Constant", [], { value: rational(1), dtype: "bool" });
      return s.apply("And", [vector("x", "bool")(s), constant], {});
    },
  ],

  ["r = sum_{B,n}(x)", (s) => s.apply("Sum", [x3(s)], { axes: [0, 2] })],
  ["r = max_T(x)", (s) => s.apply("Max", [x3(s)], { axes: [1] })],
  ["r = mean_T(x)", (s) => s.apply("Mean", [x3(s)], { axes: [1] })],
  ["r = sum(x)", (s) => s.apply("Sum", [s.input("x", [B, 3, 3])], { axes: [0, 1, 2] })],
  ["r = softmax_{-2}(x)", (s) => s.apply("Softmax", [s.input("x", [B, 3, 3])], { axis: 1 })],
  ["r = concat_{-2}(x, y)", (s) => joined(s, 1)],
  ["r = sum_{-1}(x)", (s) => s.apply("Sum", [s.input("x", [B, 3, 3])], { axes: [2] })],
  ["r = mean_{-1}(x)", (s) => s.apply("Mean", [s.input("x", [B, 3, 3])], { axes: [2] })],
  ["r = var_T(x)", (s) => s.apply("Variance", [x3(s)], { axes: [1], correction: 0 })],
  ["r = sample_var_T(x)", (s) => s.apply("Variance", [x3(s)], { axes: [1], correction: 1 })],
  [
    "r = cross_entropy_T(x, k)",
    (s) => s.apply("CrossEntropy", [x3(s), s.input("k", [B, 3], "int64")], { axis: 1 }),
  ],
  [
    "r[b, i] = x[b, k[b, i], i]",
    (s) => s.apply("TakeAlong", [x3(s), s.input("k", [B, 3], "int64")], { axis: 1 }),
  ],
  ["r = argmax_T(x)", (s) => s.apply("Argmax", [x3(s)], { axis: 1 })],
  ["r = argmin_T(x)", (s) => s.apply("Argmin", [x3(s)], { axis: 1 })],
  ["r = logsumexp_T(x)", (s) => s.apply("LogSumExp", [x3(s)], { axis: 1 })],
  ["r = rank_T(x)", (s) => s.apply("Rank", [x3(s)], { axis: 1 })],
  ["r = softmax_T(x)", (s) => s.apply("Softmax", [x3(s)], { axis: 1 })],
  ["r = log_softmax_n(x)", (s) => s.apply("LogSoftmax", [x3(s)], { axis: 2 })],
  [
    "r = normalize_d(x, 1e-5)",
    (s) => s.apply("Normalize", [x3(s)], { axes: [2], epsilon: rational(1, 100000) }),
  ],
  [
    "r = rms_normalize_d(x, 0.1)",
    (s) => s.apply("RmsNormalize", [x3(s)], { axes: [2], epsilon: rational(1, 10) }),
  ],

  // A sum of ones is the number of them, and of nothing else.
  ["r = sum_T(x) / T", over((s) => s.apply("Sum", [copies(s, 1)], { axes: [0] }))],
  [
    "h = broadcast(2, [T]); r = sum_T(x) / sum(h)",
    over((s) => s.apply("Sum", [copies(s, 2)], { axes: [0] })),
  ],
  [
    "h = broadcast(1, [T]); r = sum_T(x) / max(h)",
    over((s) => s.apply("Max", [copies(s, 1)], { axes: [0] })),
  ],
  [
    "h = broadcast(1, [T, 3]); r = sum_T(x) / sum_{-2}(h)",
    over((s) => s.apply("Sum", [copies(s, 1, [T, 3])], { axes: [0] })),
  ],

  ["r = x^T", (s) => s.apply("Transpose", [s.input("x", [B, T])], { permutation: [1, 0] })],
  ["r = x^T", (s) => s.apply("Transpose", [x3(s)], { permutation: [0, 2, 1] })],
  ["r[i, b, j] = x[b, i, j]", (s) => s.apply("Transpose", [x3(s)], { permutation: [1, 0, 2] })],
  ["r[i, b, j] = x[b, j, i]", (s) => s.apply("Transpose", [x3(s)], { permutation: [2, 0, 1] })],
  ["r[b] = x[b]", (s) => s.apply("Transpose", [x(s)], { permutation: [0] })],
  ["r = reshape(x, [B, 3, T])", (s) => s.reshape(x3(s), [B, 3, T])],
  ["r = x[:, 0, :]", (s) => s.reshape(s.input("x", [B, 1, T]), [B, T])],
  ["r = x[:, 1:4:2, :]", slice(1, 1, 4, 2)],
  ["r = x[0:2, :, :]", slice(0, 0, 2)],
  ["r = x[:, 2, :]", (s) => s.reshape(slice(1, 2, 3)(s), [B, T])],
  ["r = x[0, :, :]", (s) => s.reshape(slice(0, 0, 1)(s), [4, T])],
  ["r = reshape(x[:, 2:3, :], [1, B, T])", (s) => s.reshape(slice(1, 2, 3)(s), [1, B, T])],
  ["r = reshape(x[:, 1:3, :], [2, B, T])", (s) => s.reshape(slice(1, 1, 3)(s), [2, B, T])],
  [
    "r[b, i, j] = x[i, j] + y[b, i, j]",
    (s) => s.add(s.apply("Broadcast", [s.input("x", [T, 3])], { shape: [B, T, 3] }), s.input("y", [B, T, 3])),
  ],
  ["r = concat(x, y)", (s) => s.apply("Concat", [x(s), s.input("y", [4])], { axis: 0 })],
  ["r = concat_7(x, y)", (s) => s.apply("Concat", [x3(s), s.input("y", [B, T, 4])], { axis: 2 })],
  ["r = 10000^x", (s) => s.apply("PowerOf", [x(s)], { base: rational(10000) })],
  ["r = split_H(x)", (s) => s.apply("SplitHeads", [s.input("x", [B, T, 6])], { heads: 2 })],
  ["r = merge_H(x)", (s) => s.apply("MergeHeads", [s.input("x", [B, 2, T, 3])], {})],
  ["r = repeat(x, 2, axis = 1)", (s) => s.apply("Repeat", [x3(s)], { axis: 1, count: 2 })],
  ["r = stack(x, y)", (s) => s.apply("Stack", [x(s), s.input("y", [B])], { axis: 0 })],
  ["r = stack(x, y, axis = 1)", (s) => s.apply("Stack", [x(s), s.input("y", [B])], { axis: 1 })],
  ["r = causal(x, window = 4)", (s) => s.apply("Causal", [s.input("x", [B, T, T])], { window: 4 })],
  ["r = hide(x, p)", (s) => s.apply("Hide", [s.input("x", [B, T, 3]), s.input("p", [B, 3], "bool")], {})],
  ["r = causal(x)", (s) => s.apply("Causal", [s.input("x", [B, T, T])], {})],
  [
    "r = interleave(x, y)",
    (s) =>
      s.apply(
        "Interleave",
        ["x", "y"].map((name) => s.input(name, [B, T])),
        {},
      ),
  ],
  ["r = rotary(x, y)", (s) => rotated(s, false)],
  ["r = rotary_pairs(x, y)", (s) => rotated(s, true)],
  ["r = rotate_half(x)", (s) => s.apply("RotateHalf", [s.input("x", [B, T, 6])], {})],
  [
    "r = batch_normalize_C(x, mu, v, gamma, beta, 1e-5)",
    (s) => {
      const vectors = ["mu", "v", "gamma", "beta"].map((name) => s.input(name, [3]));
      return s.apply("BatchNormalize", [s.input("x", [B, 3, T]), ...vectors], {
        axis: 1,
        epsilon: rational(1, 100000),
      });
    },
  ],
  [
    "r = group_normalize_C(x, gamma, beta, 1e-5, groups = 3)",
    (s) => {
      const vectors = ["gamma", "beta"].map((name) => s.input(name, [6]));
      return s.apply("GroupNormalize", [s.input("x", [B, 6, T]), ...vectors], {
        axis: 1,
        groups: 3,
        epsilon: rational(1, 100000),
      });
    },
  ],
  [
    "r = conv(x, y, b)",
    (s) =>
      s.apply("BiasedConvolution", [s.input("x", [B, 3, 5]), s.input("y", [4, 3, 2]), s.input("b", [4])], {
        strides: [1],
        padding: [[0, 0]],
        dilation: [1],
        groups: 1,
      }),
  ],
  ["r = x[y]", (s) => s.apply("Take", [s.input("x", [5, 3]), s.input("y", [B, T], "int64")], {})],
  ["r = stop_gradient(x)", (s) => s.apply("StopGradient", [x(s)], {})],
];

function joined(s: Sketch, axis: number): Node {
  const parts = ["x", "y"].map((name) => s.input(name, [B, 3, 3]));
  return s.apply("Concat", parts, { axis });
}

function rotated(s: Sketch, neighbours: boolean): Node {
  return s.apply("Rotary", [s.input("x", [B, T, 6]), s.input("y", [T, 3])], { neighbours });
}

describe("an application", () => {
  test.for(applications)("is written %s", ([text, make]) => {
    const graph = graphOf(make);
    expect(written(graph)).toBe(text);
    readsBack(graph);
  });

  // Nothing is promised about reading these back: a free size, and a function without a definition.
  test("that is only copied names its sizes", () => {
    const copied = graphOf((s) => s.apply("Broadcast", [s.input("x", [T, 3])], { shape: [B, T, 3] }));
    expect(written(copied)).toBe("r = broadcast(x, [B, T, 3])");
  });
  test("of an unknown function has a name that is a word", () => {
    const attrs = { name: "my lib::sort-op", attributes: "", shape: [B], dtype: "float32" } as const;
    expect(written(graphOf((s) => s.apply("Opaque", [x(s)], attrs)))).toBe("r = f_my_lib_sort_op(x)");
  });
});
