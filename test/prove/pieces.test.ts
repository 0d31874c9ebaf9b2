/** @file Values that code computes only together with others are found as values of their own. */
import { describe, expect, test } from "vitest";
import { lower } from "../../src/eval/lower.ts";
import { withPieces } from "../../src/prove/pieces.ts";
import { readSpec } from "../../src/spec/read.ts";
import { bindingText, verdictOn } from "./models.ts";

const spec = `Cell(x : [B, 3], h : [B, 2]) -> y : [B, 2]
  z = sigmoid(x W_z + h U_z + b_z)
  r = sigmoid(x W_r + h U_r + b_r)
  y = z * h + (1 - z) * tanh(x W_n + (r * h) U_n + b_n)
where
  W_z, W_r, W_n : [3, 2]
  U_z, U_r, U_n : [2, 2]
  b_z, b_r, b_n : [2]
`;

/** Both gates out of one function of one product with what is seen side by side. */
const together = `Cell(x : [B, 3], h : [B, 2]) -> y : [B, 2]
  g = sigmoid(concat_5(x, h) G + c)
  z = g[:, 0:2]
  r = g[:, 2:4]
  y = z * h + (1 - z) * tanh(concat_5(x, r * h) C + d)
where
  G : [5, 4]
  c : [4]
  C : [5, 2]
  d : [2]
`;

describe("gates that come out of one function", () => {
  test("are bound to parts of its parameters", () => {
    const verdict = verdictOn(together, spec);
    expect(verdict.kind).toBe("equal");
    expect(bindingText(verdict)).toEqual([
      "W_z = G[0:3, 0:2]",
      "W_r = G[0:3, 2:4]",
      "W_n = C[0:3, :]",
      "U_z = G[3:5, 0:2]",
      "U_r = G[3:5, 2:4]",
      "U_n = C[3:5, :]",
      "b_z = c[0:2]",
      "b_r = c[2:4]",
      "b_n = d",
    ]);
  });

  test("are not equal to others", () => {
    expect(verdictOn(together.replace("z * h + (1 - z)", "r * h + (1 - z)"), spec).kind).not.toBe("equal");
    expect(verdictOn(together.replace("r * h) C", "h) C"), spec).kind).not.toBe("equal");
  });
});

test("pieces stand beside the graph's own values, and its outputs stay", () => {
  const { graph } = lower(readSpec(together, "code.txt"));
  const { graph: more, image } = withPieces(graph, graph);
  expect(more.outputs.map(({ name }) => name)).toEqual(["y"]);
  expect([...image.keys()]).toEqual(graph.nodes);
  // Of the two gates what is inside sigmoid, and of each product its two parts.
  expect(more.nodes.length).toBeGreaterThan(graph.nodes.length);
  const own = new Set(image.values());
  const added = more.nodes.filter((node) => !own.has(node)).map(({ op }) => op);
  expect(new Set(added)).toEqual(new Set(["Slice", "Contract"]));
  expect(added.filter((op) => op === "Contract").length).toBe(4);
});

test("a graph without such values stays as it is", () => {
  const plain = lower(readSpec("F(x : [B, 3]) -> y : [B, 3]\n  y = tanh(x)\n", "code.txt")).graph;
  expect(withPieces(plain, plain).graph.nodes.length).toBe(plain.nodes.length);
});
