/** @file The edits that are tried at each place of a spec: what they say, and what they make of its equation. */
import { describe, expect, test } from "vitest";
import { only } from "../../src/base/assert.ts";
import { rational } from "../../src/base/rational.ts";
import { shapeText } from "../../src/ir/dim.ts";
import { type Graph, type Node, nodeText } from "../../src/ir/graph.ts";
import { applyEdit } from "../../src/prove/edit.ts";
import { editsAt } from "../../src/prove/edit-catalogue.ts";
import { nameIn } from "../../src/prove/names.ts";
import { readSpec } from "../../src/spec/read.ts";
import { editedText } from "./parts.ts";

const spec = (right: string, where = ""): Graph =>
  readSpec(
    `F(x : [B, T, n], u : [B, T, n]) -> y : [B, T, n]\n  ${right}\nwhere\n  n = 4\n  ${where}\n`,
    "spec.txt",
  );

/** Each edit at a node with what it makes; those that only put another function in or around it are left out. */
function edits(graph: Graph, node: Node): string[] {
  return editsAt(graph, node, nameIn(graph)).flatMap((edit) => {
    const made = editedText(graph, edit);
    return made === undefined ? [] : [`${edit.kind}: ${edit.words}  ${made}`];
  });
}
const manyFunctions = /goes through|the (activation|function) is/;
const output = (graph: Graph): Node => only(graph.outputs).node;
const few = (right: string, where = "", at: (graph: Graph) => Node = output): string[] => {
  const graph = spec(right, where);
  return edits(graph, at(graph)).filter((text) => !manyFunctions.test(text));
};
const named =
  (label: string) =>
  (graph: Graph): Node => {
    const found = [...graph.labels].find(([, name]) => name === label)?.[0];
    return found ?? only(graph.parameters.filter(({ names }) => names.includes(label))).node;
  };

const places: Readonly<Record<string, () => string[]>> = {
  "a bias": () => few("y = tanh(x) + b", "b : [4]"),
  "a bias on the left, subtracted from": () => few("y = b - x", "b : [4]"),
  "a skip connection": () => few("h = tanh(x)\n  y = x + h"),
  "a difference from what it is made of": () => few("h = tanh(x)\n  y = h - x"),
  "a skip connection through a matrix": () => few("h = tanh(x) W\n  y = h + x V", "W : [4, 4]\n  V : [4, 4]"),
  "no skip connection, since it is bent": () =>
    few("h = tanh(x) W\n  y = h + relu(x) V", "W : [4, 4]\n  V : [4, 4]"),
  "two terms": () => few("y = x + u"),
  "two factors": () => few("y = x * u"),
  "a product with something smaller": () => few("y = reshape(mean_n(x), [B, T, 1]) * u"),
  "a quotient": () => few("y = x / u"),
  "a choice": () => few("y = where(x < u, x, -inf)"),
  "a choice between two values": () => few("y = where(x < u, x, u)"),
  "a mask before softmax": () => few("y = softmax_n(where(x < u, x, -inf))"),
  "an activation": () => few("y = tanh(x)"),
  "a normalisation": () => few("y = normalize_n(x, 1e-5)"),
  "a normalisation by the root of the mean square": () => few("y = rms_normalize_n(x, 1e-6)"),
  "a root of a sum with a constant": () => few("y = sqrt(x + 1e-5)"),
  "a scaled value and a table": () => few("y = x * sqrt(n) + reshape(range(n), [n])"),
  "a softmax": () => few("y = softmax_T(x)"),
  "a leaky activation": () => few("y = leaky_relu(x, 0.01)"),
  "a function": () => few("y = exp(x)"),
  "a negation": () => few("y = -x"),
  "a sum": () => few("h = sum_T(x)\n  y = reshape(h, [B, 1, n]) + u", "", named("h")),
  "a mean over several axes": () => few("h = mean_{T,n}(x)\n  y = reshape(h, [B, 1, 1]) + u", "", named("h")),
  "a contraction": () => few("y = x W", "W : [4, 4]"),
  "a normalisation of a named value": () =>
    few(
      "h = tanh(x)\n  g = h + sin(h)\n  y = g + normalize_n(g, 1e-5)",
      "",
      (graph) => output(graph).inputs[1] ?? output(graph),
    ),
  "heads that are joined": () =>
    few(
      "h = reshape(x, [B, T, 2, 2])\n  z[b,c,i,h] = tanh(h[b,i,h,c])\n  y[b,i,n] = sum_{h,c} z[b,c,i,h] W[h,c,n]",
      "W : [2, 2, 4]",
    ),
  "heads that are joined with a bias": () =>
    few(
      "z = reshape(x, [B, T, 2, 2])\n  y[b,i,n] = sum_{h,c} z[b,i,h,c] W[h,c,n] + b[n]",
      "W : [2, 2, 4]\n  b : [4]",
    ),
  "heads that are joined and made fewer": () =>
    few(
      "z = reshape(x, [B, T, 2, 2])\n  h[b,i,n] = sum_{h,c} z[b,i,h,c] W[h,c,n]\n  y = h V",
      "W : [2, 2, 3]\n  V : [3, 4]",
      named("h"),
    ),
  "a contraction of a shared parameter": () => few("h = x W\n  y = h W", "W : [4, 4]"),
  "a longer way": () => few("h = tanh(x)\n  g = h W\n  y = exp(g)", "W : [4, 4]"),
  "one of two parameters": () => few("h = x U\n  y = h V", "U : [4, 4]\n  V : [4, 4]", named("V")),
  "a gate of one term": () => few("g = tanh(x)\n  y = u + g * x"),
  "a vector along the rows": () =>
    few("v = exp(mean_{B,T}(x))\n  S[i,j] = W[i,j] / v[j]\n  y = x S", "W : [4, 4]", named("S")),
  ranks: () =>
    few("r[b,t,j] = where(rank_j(x[b,t,j]) < 2, 1, 0)\n  y = r * u", "", (graph) =>
      only(graph.nodes.filter(({ op }) => op === "Rank")),
    ),
  "a function of parameters in the place of another": () =>
    few("s = exp(b)\n  g = s - 1\n  y = g * x", "b : [4]"),
  "an exchange of what takes the place of another": () => few("z = exp(x)\n  y = z * x + (1 - z) * u"),
  "a sum of parameters": () => few("S = U + V\n  y = x S", "U : [4, 4]\n  V : [4, 4]", named("S")),
};

describe("the edits at", () => {
  test.for(Object.entries(places))("%s", async ([name, make]) => {
    await expect(`${make().join("\n")}\n`).toMatchFileSnapshot(
      `../golden/edits/${name.replaceAll(/\W+/g, "-")}.txt`,
    );
  });

  test.for([
    [
      "the first of two parameters",
      (): string[] => few("h = x U\n  y = h V", "U : [4, 4]\n  V : [4, 4]", named("U")),
    ],
    ["a constant", (): string[] => few("c = sqrt(2)\n  y = c * x", "", named("c"))],
    [
      "integers",
      (): string[] => few("p = range(T)\n  q = p + p\n  y = x * reshape(q, [1, T, 1])", "", named("q")),
    ],
    ["an input", (): string[] => few("y = tanh(x)", "", (graph) => graph.inputs[0] as Node)],
  ] as const)("%s are none", ([, make]) => {
    expect(make()).toEqual([]);
  });

  test("a function, with other functions in its place and around it", async () => {
    const graph = spec("h = tanh(x)\n  y = gelu(h)");
    const all = [named("h")(graph), output(graph)].flatMap((node) => edits(graph, node));
    const functions = all.filter((text) => manyFunctions.test(text));
    await expect(`${functions.join("\n")}\n`).toMatchFileSnapshot("../golden/edits/other-functions.txt");
  });
});

test.for([
  ["y = 0.5 * x", ["0.1 instead of 0.5", "0.05 instead of 0.5"]],
  ["y = x + 0.5", ["0.1 instead of 0.5"]],
] as const)("numbers of the code are tried in %s", ([right, expected]) => {
  const graph = spec(right);
  const tried = editsAt(graph, output(graph), nameIn(graph), [rational(1, 10)]);
  const words = tried.map((edit) => edit.words.replace("the constant is ", ""));
  expect(words.filter((text) => /^0\.(1|05) instead/.test(text))).toEqual(
    expect.arrayContaining([...expected]),
  );
  expect(words.includes("0.05 instead of 0.5")).toBe(expected.length > 1);
});

test("a pool takes the largest, or the sum of a window", () => {
  const graph = readSpec(
    "F(x : [B, N, 4, 4]) -> y : [B, N, 2, 2]\n  y = avg_pool(x, size = [2, 2])\n",
    "spec.txt",
  );
  const pools = edits(graph, output(graph)).filter((text) => text.startsWith("wrong-reduction"));
  expect(pools).toEqual([
    "wrong-reduction: the pool takes the largest instead of the average  y = max_pool(x, size = [2, 2])",
    "wrong-reduction: the pool takes the sum instead of the average  y = 4 avg_pool(x, size = [2, 2])",
  ]);
});

test("a parameter that an edit adds is trained, beside those that there were", () => {
  const graph = spec("y = x W", "W : [4, 4]");
  const added = editsAt(graph, output(graph), nameIn(graph)).filter(({ kind }) => kind === "extra-bias");
  const { parameters } = applyEdit(graph, only(added)).graph;
  expect(parameters.map(({ names, trainable }) => [...names, trainable])).toEqual([
    ["W", true],
    ["b'", true],
  ]);
});

test("an edit changes nothing but its place", () => {
  const graph = spec("h = tanh(x W + b)\n  y = exp(h) * u", "W : [4, 4]\n  b : [4]");
  const written = (one: Graph): string => one.nodes.map(nodeText).join("\n");
  for (const node of graph.nodes) {
    for (const edit of editsAt(graph, node, nameIn(graph))) {
      if (editedText(graph, edit) === undefined) continue;
      const { graph: mutant, image } = applyEdit(graph, edit);
      const kept = graph.nodes.filter((other) => other !== node && image.has(other));
      expect(kept.every((other) => image.get(other)?.op === other.op)).toBe(true);
      expect(mutant.outputs.map(({ name }) => name)).toEqual(["y"]);
      expect(written(mutant), edit.words).not.toBe(written(graph));
    }
  }
});

test("a bias that is added runs along the axis that the layer's weight gives", () => {
  const biasOf = (right: string, type: string, where: string): string => {
    const graph = readSpec(
      `F(x : [B, 3, 5, 5]) -> y : ${type}\n  y = ${right}\nwhere\n  ${where}\n`,
      "spec.txt",
    );
    const edit = only(
      editsAt(graph, output(graph), nameIn(graph)).filter(({ kind }) => kind === "extra-bias"),
    );
    const bias = applyEdit(graph, edit).graph.parameters.find(({ names }) => names.includes("b'"));
    return bias === undefined ? "none" : shapeText(bias.node.type.shape);
  };
  expect(biasOf("conv(x, K)", "[B, 4, 4, 4]", "K : [4, 3, 2, 2]")).toBe("[4, 1, 1]");
  expect(biasOf("x W", "[B, 3, 5, 4]", "W : [5, 4]")).toBe("[4]");
});
