/** @file Functions that Assay has no definition for: printed as blocks, read back, and told from each other. */
import { expect, test } from "vitest";
import { loadModel } from "../../src/cli/load.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { readSpec } from "../../src/spec/read.ts";
import { printed, proofOf } from "./read-back.ts";

/** Of one operator two functions, which differ in an attribute. */
function model(): Graph {
  const build = newBuilder();
  const x = build.node("Input", [], { name: "x", shape: [2, 3], dtype: "float32" });
  const resize = (of: Node, factor: number): Node =>
    build.node("Opaque", [of], {
      name: "image.resize",
      attributes: `factor=${factor}`,
      shape: [2, 3],
      dtype: "float32",
    }) as Node;
  const other = resize(build.node("Tanh", [x], {}) as Node, 3);
  const sum = build.node("Add", [resize(x as Node, 2), other], {}) as Node;
  return build.graph({ name: "Net", inputs: [x], parameters: [], outputs: [{ name: "y", node: sum }] });
}

test("each is a block that says no more than its shapes", () => {
  const { text } = printed(model());
  expect(text).toBe(`Net(x : [2, 3]) -> y : [2, 3]
  y = f_image_resize(x) + f_image_resize2(tanh(x))   [2, 3]

f_image_resize2(x : [2, 3]) -> y : [2, 3]
  y = unknown(x)   [2, 3]

f_image_resize(x : [2, 3]) -> y : [2, 3]
  y = unknown(x)   [2, 3]
`);
});

test("they read back as the code's, which a note says", () => {
  const net = model();
  const { text, latex } = printed(net);
  for (const own of [text, latex]) expect(proofOf(net, own).kind).toBe("equal");
  expect(proofOf(net, text).notes).toEqual([
    "f_image_resize is taken for the code's image.resize(factor=2)",
    "f_image_resize2 is taken for the code's image.resize(factor=3)",
  ]);
});

test("another function in the place of one is not the model", () => {
  const net = model();
  const { text } = printed(net);
  const own = "f_image_resize(x) + f_image_resize2(tanh(x))";
  const swapped = text.replace(own, "f_image_resize2(x) + f_image_resize(tanh(x))");
  expect(swapped).not.toBe(text);
  expect(proofOf(net, swapped).kind).not.toBe("equal");
  const other = text.replaceAll("f_image_resize2", "f_image_scale");
  expect(proofOf(net, other).kind).not.toBe("equal");
});

test("an operator of PyTorch that is not in the table", async () => {
  const net = await loadModel("test/fixtures/pt2/refuse_unknown.pt2");
  const { text } = printed(net);
  expect(proofOf(net, text), text).toMatchObject({ kind: "equal" });
});

test("an unknown function is the whole of an output, whose shape is declared", () => {
  const spec = "F(x : [2]) -> y : [2]\n  h = unknown(x)\n  y = h + x\n";
  expect(() => readSpec(spec, "s")).toThrow("A3006");
});
