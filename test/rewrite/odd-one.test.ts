/** @file A layer that differs from its likes in one thing is pointed out, and layers that are made to differ are not. */
import { expect, test } from "vitest";
import { type Rational, rational } from "../../src/base/rational.ts";
import type { Graph, Node, NodeOf } from "../../src/ir/graph.ts";
import type { OpName } from "../../src/ir/operators.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { fold } from "../../src/rewrite/fold.ts";

interface Layer {
  readonly activation: OpName;
  readonly epsilon: Rational;
  readonly width: number;
}
const usual: Layer = { activation: "Tanh", epsilon: rational(1, 100000), width: 4 };

/** Layers x + f(normalize(x) W + b) V of a class each, one after the other. */
function network(layers: readonly Layer[]): Graph {
  const build = newBuilder();
  const input = build.node("Input", [], { name: "x", shape: [2, 3], dtype: "float32" });
  const parameters: NodeOf<"Parameter">[] = [];
  const parameter = (name: string, shape: readonly number[]): Node => {
    const node = build.node("Parameter", [], { name, shape, dtype: "float32" });
    parameters.push(node);
    return node;
  };
  let x: Node = input;
  for (const [place, { activation, epsilon, width }] of layers.entries()) {
    const module = `layers.${place}`;
    const origin = { module, classes: new Map([[module, "Layer"]]), file: "net.py", line: 7 };
    x = build.at(origin, () => {
      const h = build.node("Normalize", [x], { axes: [1], epsilon }) as Node;
      const u = build.node("Contract", [h, parameter(`${module}.W`, [3, width])], {
        equation: "ab,bc->ac",
      }) as Node;
      const v = build.node("Add", [u, parameter(`${module}.b`, [width])], {}) as Node;
      const a = build.node(activation, [v], {}) as unknown as Node;
      const y = build.node("Contract", [a, parameter(`${module}.V`, [width, 3])], {
        equation: "ab,bc->ac",
      }) as Node;
      return build.node("Add", [x, y], {}) as Node;
    });
  }
  return build.graph({
    name: "Net",
    inputs: [input],
    parameters: parameters.map((node) => ({ node, names: [node.attrs.name], trainable: true })),
    outputs: [{ name: "y", node: x }],
  });
}

test.each([
  [
    { ...usual, epsilon: rational(1, 1000000) },
    "Normalize axes [1] epsilon 1e-6 instead of Normalize axes [1] epsilon 1e-5",
  ],
  [{ ...usual, activation: "Sigmoid" as const }, "Sigmoid instead of Tanh"],
])("a layer with another constant or function", (odd, words) => {
  const { notes } = fold(network([usual, usual, odd, usual, usual]));
  expect(notes).toEqual([`layers.2 differs from 4 others of Layer (net.py:7): ${words}`]);
});

test.each([
  ["layers that are alike", [usual, usual, usual, usual]],
  ["a layer of another width", [usual, usual, { ...usual, width: 5 }, usual]],
  ["two of one kind and one of another", [usual, { ...usual, activation: "Sigmoid" as const }, usual]],
  [
    "as many of one kind as of the other",
    [usual, usual, usual, ...[1, 2, 3].map(() => ({ ...usual, activation: "Sigmoid" as const }))],
  ],
])("nothing is said of %s", (_, layers) => {
  expect(fold(network(layers)).notes).toEqual([]);
});
