/** @file Comparing at small sizes says what comparing at the models' own sizes says, and speaks of the models' own sizes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at } from "../../src/base/assert.ts";
import { rational } from "../../src/base/rational.ts";
import { lower } from "../../src/eval/lower.ts";
import { symbol } from "../../src/ir/dim.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { check } from "../../src/prove/check.ts";
import { countsBefore, reducedScale, type Scale } from "../../src/prove/reduce.ts";
import type { Verdict } from "../../src/result/verdict.ts";
import { readSpec } from "../../src/spec/read.ts";
import { graphs } from "../arbitrary/graphs.ts";
import { bindingText } from "./models.ts";

const judged = (code: Graph, spec: Graph, reduceAbove: number): Verdict =>
  check({ code, spec: () => spec, seed: 1, reduceAbove });
const read = (text: string): Graph => readSpec(text, "text.txt");
/** At the models' own sizes, and at small ones. */
const bothWays = (code: string, spec: string): Verdict[] =>
  [Number.POSITIVE_INFINITY, 0].map((above) => judged(read(code), read(spec), above));
const kindsOf = (verdicts: readonly Verdict[]): string[] => verdicts.map(({ kind }) => kind);

interface Sizes {
  readonly heads: number;
  readonly each: number;
  readonly hidden: number;
}

/** One head's worth of projections is cut from one product; then a layer with its own width. */
const fused = ({ heads, each, hidden }: Sizes, change: (text: string) => string = (text) => text): string => {
  const d = heads * each;
  return change(`Block(x : [B, T, ${d}]) -> y : [B, T, ${d}]
  p = normalize_d(x, 1e-5) W
  q = p[:, :, 0:${d}]
  k = p[:, :, ${d}:${2 * d}]
  v = p[:, :, ${2 * d}:${3 * d}]
  s[b,i,j] = sum_l q[b,i,l] k[b,j,l] / sqrt(${d})
  a[b,i,j] = softmax_j(s[b,i,j])
  z[b,i,l] = sum_j a[b,i,j] v[b,j,l]
  h = tanh(z U + b)
  y = h V + x * g
where
  d = ${d}
  W : [d, ${3 * d}]
  U : [d, ${hidden}]
  b : [${hidden}]
  V : [${hidden}, d]
  g : [d]
`);
};
const separate = ({ heads, each }: Sizes): string => {
  const d = heads * each;
  return `Block(x : [B, T, d]) -> y : [B, T, d]
  n = normalize_d(x, 1e-5)
  q = n Q
  k = n K
  v = n R
  s[b,i,j] = sum_l q[b,i,l] k[b,j,l] / sqrt(${d})
  a[b,i,j] = softmax_j(s[b,i,j])
  z[b,i,l] = sum_j a[b,i,j] v[b,j,l]
  h = tanh(z U^T + b)
  y = h V + g * x
where
  Q : [d, d]
  K : [d, d]
  R : [d, d]
  U : [e, d]
  b : [e]
  V : [e, d]
  g : [d]
`;
};

const sizes: fc.Arbitrary<Sizes> = fc.record({
  heads: fc.integer({ min: 2, max: 4 }),
  each: fc.integer({ min: 2, max: 5 }),
  hidden: fc.integer({ min: 2, max: 30 }),
});
const slow = { timeout: 120_000 };

describe("at small sizes", slow, () => {
  test("what is equal stays equal", () => {
    fc.assert(
      fc.property(sizes, (size) => {
        expect(kindsOf(bothWays(fused(size), separate(size)))).toEqual(["equal", "equal"]);
      }),
      { numRuns: 8, seed: 1 },
    );
  });

  test.for([
    ["another axis", (text: string) => text.replace("softmax_j", "softmax_i")],
    ["no activation", (text: string) => text.replace("tanh(z U + b)", "z U + b")],
    ["another constant", (text: string) => text.replace("1e-5", "1e-6")],
    ["another scale", (text: string) => text.replace(/sqrt\((\d+)\)/, "sqrt(2 * $1)")],
  ] as const)("what is different by %s stays different", ([, change]) => {
    const size = { heads: 3, each: 4, hidden: 24 };
    const verdicts = bothWays(fused(size, change), separate(size));
    expect(kindsOf(verdicts)).toEqual(["different", "different"]);
    const words = verdicts.map((verdict) =>
      verdict.kind === "different" ? verdict.differences.map((difference) => difference.words) : [],
    );
    expect(words[1]).toEqual(words[0]);
  });

  test("bindings and shapes are those of the models", () => {
    const size = { heads: 12, each: 64, hidden: 3072 };
    const verdict = judged(read(fused(size)), read(separate(size)), 0);
    expect(verdict.kind).toBe("equal");
    expect(bindingText(verdict).slice(0, 4)).toEqual([
      "Q = W[:, 0:768]",
      "K = W[:, 768:1536]",
      "R = W[:, 1536:2304]",
      "U = U^T",
    ]);
    expect(verdict.bindings[3]?.shape).toEqual([3072, 768]);
  });

  test("a verdict says from which sizes to which", () => {
    const size = { heads: 12, each: 64, hidden: 3072 };
    const verdict = judged(read(fused(size)), read(separate(size)), 0);
    const said = verdict.kind === "equal" ? verdict.evidence.assumptions : [];
    expect(
      said.some((text) => /axis sizes were reduced, 768 -> \d+, 2304 -> \d+, 3072 -> \d+:/.test(text)),
    ).toBe(true);
  });

  test("a mean over an axis whose size only the code gives divides by the model's size", () => {
    const code = `F(i : [B] integers) -> y : [B, 40]
  y = normalize_d(E[i], 1e-5) G
where
  E : [90, d]
  G : [d, 40]
  d = 70
`;
    const spec = code.replace("  d = 70\n", "").replace("[90, d]", "[V, d]");
    expect(kindsOf(bothWays(code, spec))).toEqual(["equal", "equal"]);
    const wrong = code.replace("normalize_d(E[i], 1e-5)", "(E[i] * 2)");
    expect(kindsOf(bothWays(wrong, spec))).not.toContain("equal");
  });
});

/** Positions below a number, on an axis of 100. */
function below(bound: number): Graph {
  const build = newBuilder();
  const x = build.node("Input", [], { name: "x", shape: [symbol("B"), 100], dtype: "float32" });
  const places = build.node("Iota", [], { size: 100, dtype: "int64" }) as Node;
  const number = (value: number, dtype: "int64" | "float32"): Node =>
    build.node("Constant", [], { value: rational(value), dtype }) as Node;
  const kept = build.node("Less", [places, number(bound, "int64")], {}) as Node;
  const node = build.node("Where", [kept, x as Node, number(0, "float32")], {}) as Node;
  return build.graph({ name: "F", inputs: [x], parameters: [], outputs: [{ name: "y", node }] });
}

test("channels of windows become few, whose places stay", () => {
  const layer = (weights: string): string =>
    `Conv(x : [B, 96, 8, 8]) -> y : [B, 80, 8, 8]\n  y = relu(conv(x, ${weights}, padding = 1))\nwhere\n  K : [80, 96, 3, 3]\n`;
  const verdict = judged(read(layer("K")), read(layer("K")), 0);
  const said = verdict.kind === "equal" ? verdict.evidence.assumptions : [];
  expect(
    said.some((text) => /axis sizes were reduced, 80 -> \d+, 96 -> \d+:/.test(text)),
    said.join(),
  ).toBe(true);
  expect(judged(read(layer("K")), read(layer("K").replace("relu", "tanh")), 0).kind).not.toBe("equal");
});

test("an axis whose places are compared with a number stays longer than the number", () => {
  expect(judged(below(40), below(40), 0).kind).toBe("equal");
  expect(judged(below(40), below(41), 0).kind).not.toBe("equal");
});

const scaleOf = (graph: Graph): Scale => reducedScale(graph, graph, new Map());

test("a reduced graph has the same operators, and its sizes were the model's", slow, () => {
  const models = graphs({ without: ["Opaque"], steps: 8 });
  fc.assert(
    fc.property(models, (model) => {
      const { graph } = lower(model);
      const scale = scaleOf(graph);
      const small = scale.code(graph);
      expect(small.graph.nodes.map(({ op }) => op)).toEqual(graph.nodes.map(({ op }) => op));
      for (const [node, image] of small.image) {
        const before = image.type.shape.map((dim) => (typeof dim === "number" ? scale.before(dim) : dim));
        expect(before).toEqual(node.type.shape);
      }
    }),
    { numRuns: 200, seed: 5 },
  );
});

test("a random model is itself at small sizes, or nothing can be said", slow, () => {
  fc.assert(
    fc.property(graphs({ without: ["Opaque"], steps: 8 }), (graph) => {
      expect(judged(graph, graph, 0).kind).not.toBe("different");
    }),
    { numRuns: 40, seed: 6 },
  );
});

test("what is counted at run time is what the models count", () => {
  const code = lower(read("F(x : [B, 96]) -> y : [B, 96]\n  y = x * 2\n")).graph;
  const spec = lower(read("F(x : [B, n]) -> y : [B]\n  y = mean_n(x)\n")).graph;
  const scale = scaleOf(code);
  const small = scale.changed.get(96) ?? 96;
  expect(small).toBeLessThan(96);
  expect([...countsBefore(spec, new Map([["n", small]]), scale).values()]).toEqual([96]);
  expect([...countsBefore(spec, new Map(), scale).values()]).toEqual([]);
});

test("a place on a small axis is found again on the large one", () => {
  const code = read(`F(x : [B, 96]) -> y : [B, 40]
  y = x[:, 0:40] * x[:, 40:80] * x[:, 56:96]
`);
  const scale = scaleOf(lower(code).graph);
  const small = scale.changed.get(96) ?? 96;
  const places = Array.from({ length: small + 1 }, (_, place) => scale.placeBefore(96, place));
  expect(at(places, 0)).toBe(0);
  expect(at(places, small)).toBe(96);
  expect(places).toEqual(expect.arrayContaining([40, 56, 80]));
});
