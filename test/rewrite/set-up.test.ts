/** @file Which graphs are set-ups of several models, and what their models are called. */
import { expect, test } from "vitest";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { fold } from "../../src/rewrite/fold.ts";
import { modelPaths } from "../../src/rewrite/set-up.ts";
import { blockNames } from "../../src/rewrite/tidy.ts";

interface Layer {
  readonly path: string;
  /** Under which name the model stores the layer's weight. */
  readonly weight: string;
}

/** A chain of layers x ↦ tanh(x W), and the mean of what comes out, or that itself. */
function chain(layers: readonly Layer[], { isLoss = true, isSetUp = false } = {}): Graph {
  const build = newBuilder();
  const square = { shape: [3, 3], dtype: "float32" } as const;
  const input = build.node("Input", [], { name: "x", ...square });
  const parameters = layers.map(({ weight }) => ({
    node: build.node("Parameter", [], { name: weight, ...square }),
    names: [weight],
    trainable: true,
  }));
  const last = layers.reduce<Node>((x, { path }, place) => {
    const operands = [x, parameters[place]?.node ?? x];
    return build.at({ module: path }, () =>
      build.node("Tanh", [build.node("Contract", operands, { equation: "ab,bc->ac" }) as Node], {}),
    ) as Node;
  }, input as Node);
  const node = isLoss ? (build.node("Mean", [last], { axes: [0, 1] }) as Node) : last;
  return build.graph({ name: "Net", inputs: [input], parameters, outputs: [{ name: "y", node }], isSetUp });
}

const encoder = { path: "encoder.first", weight: "encoder.first.weight" };
const decoder = { path: "decoder.last", weight: "decoder.last.weight" };

test("models with all parameters, each in layers of its own, and a loss are a set-up", () => {
  expect([...modelPaths(chain([encoder, decoder]))]).toEqual(["encoder", "decoder"]);
  expect(blockNames(fold(chain([encoder, decoder])))).toEqual(["Encoder", "Decoder"]);
});

test.each([
  ["without a loss", chain([encoder, decoder], { isLoss: false })],
  ["of one model", chain([encoder, { path: "encoder.second", weight: "encoder.second.weight" }])],
  ["with a single layer beside", chain([encoder, { path: "head", weight: "head.weight" }])],
  ["with a parameter of its own", chain([encoder, decoder, { path: "", weight: "weight" }])],
])("modules %s are none", (_, graph) => {
  expect(modelPaths(graph).size).toBe(0);
  expect(blockNames(fold(graph))).toEqual([]);
});

test("what the user gave as a set-up is one, whatever it returns", () => {
  const given = chain([encoder, { path: "d", weight: "d.weight" }], { isLoss: false, isSetUp: true });
  expect([...modelPaths(given)]).toEqual(["encoder", "d"]);
  expect(blockNames(fold(given))[0]).toBe("Encoder");
});
