/** @file What follows an edit that changed a size is made again in the sizes that there are now. */
import { describe, expect, test } from "vitest";
import { at, only } from "../../src/base/assert.ts";
import { Diagnostic } from "../../src/diag/diagnostic.ts";
import { dimText } from "../../src/ir/dim.ts";
import { type Graph, type Node, rebuild } from "../../src/ir/graph.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { contractionOf, isParameter } from "../../src/ops/traits.ts";
import { applyEdit, type Edit } from "../../src/prove/edit.ts";
import { refit } from "../../src/prove/refit.ts";
import { readSpec } from "../../src/spec/read.ts";

/** `h` is read twice over: along its last axis it holds itself and itself again. */
function doubled(graph: Graph): Edit {
  const node = only([...graph.labels].filter(([, label]) => label === "h").map(([labelled]) => labelled));
  return {
    kind: "wrong-operation",
    node,
    words: "h is there twice",
    make: (builder, _, imageOf) => {
      const half = imageOf(only(node.inputs));
      return builder.node("Concat", [half, half], { axis: half.type.shape.length - 1 });
    },
  };
}

const spec = (shape: string, right: string, rest: string): Graph =>
  readSpec(
    `F(x : [B, T, H, 3]) -> y : ${shape}\n  h = tanh(x)\n  y = ${right}\nwhere\n  H = 2\n  ${rest}\n`,
    "spec.txt",
  );

const after = (graph: Graph): Node => only(applyEdit(graph, doubled(graph)).graph.outputs).node;
const shapeOf = (node: Node): string => node.type.shape.map(dimText).join();

describe("behind an edit that doubles an axis", () => {
  test("axes that are joined with it hold twice as much, and those before it stay", () => {
    expect(shapeOf(after(spec("[B, T, 6]", "reshape(h, [B, T, 6])", "")))).toBe("B,T,12");
  });

  test("axes that are joined before it stay joined", () => {
    expect(shapeOf(after(spec("[B, 2 * T, 3]", "reshape(h, [B, 2 * T, 3])", "")))).toBe("B,2*T,6");
  });

  test("a weight has the sizes that it meets", () => {
    const output = after(spec("[B, T, H, 5]", "h W", "W : [3, 5]"));
    expect(shapeOf(output)).toBe("B,T,2,5");
    expect(output.inputs.filter(isParameter).map(shapeOf)).toEqual(["6,5"]);
  });

  test("a parameter of another rank in the place of a weight is not made to fit", () => {
    const graph = spec("[B, T, H, 5]", "h W + b", "W : [3, 5]\n  b : [5]");
    const product = only(graph.nodes.filter((node) => contractionOf(node) !== undefined));
    const bias = only(graph.parameters.filter(({ names }) => names.includes("b"))).node;
    const builder = newBuilder();
    const copy = (node: Node): Node => rebuild(builder, node, node.inputs.map(copy));
    const data = copy(at(product.inputs, 0));
    expect(() => refit(builder, product, [data, copy(bias)])).toThrow(Diagnostic);
  });

  test("what has no size to take is not made to fit", () => {
    const skip = spec("[B, T, H, 3]", "h + x", "");
    expect(() => after(skip)).toThrow(Diagnostic);
  });
});
