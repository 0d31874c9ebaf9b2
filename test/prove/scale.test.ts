/** @file Constants are solved for: which multiple of a value of the spec is a value of the code? */
import { describe, expect, test } from "vitest";
import { only } from "../../src/base/assert.ts";
import type { Node } from "../../src/ir/graph.ts";
import { nameIn } from "../../src/prove/names.ts";
import { scaleEditsAt } from "../../src/prove/scale.ts";
import { laidOver } from "./parts.ts";

const model = (right: string, type: string): string => `F(x : [4, 5], z : [4, 5], w : [5]) -> ${type}
  y = ${right}
`;

/** What is said about one node of the spec beside the code: its output unless an operator is named. */
function edits(code: string, spec: string, op?: string, type = "y : [4, 5]"): string[] {
  const { world, lowered, overlay } = laidOver(model(code, type), model(spec, type));
  const node: Node = lowered.spec.nodes.find((one) => one.op === op) ?? only(lowered.spec.outputs).node;
  return scaleEditsAt(world, overlay, lowered, node, nameIn(lowered.spec)).map(
    ({ kind, words }) => `${kind}: ${words}`,
  );
}

describe("a factor is found", () => {
  test.for([
    ["2", "2"],
    ["-1", "-1"],
    ["(1/3)", "1/3"],
    ["(-3/7)", "-3/7"],
    ["(999/1000)", "0.999"],
    ["1000", "1000"],
    ["sqrt(2)", "sqrt(2)"],
    ["sqrt(3/7)", "sqrt(3/7)"],
    ["(1 / sqrt(5))", "sqrt(0.2)"],
  ])("%s", ([factor, words]) => {
    expect(edits(`${factor} * tanh(x)`, "tanh(x)")).toEqual([`wrong-scale: y is multiplied by ${words}`]);
  });
});

test("a factor of a value with zeros", () => {
  expect(edits("2 * relu(x)", "relu(x)")).toEqual(["wrong-scale: y is multiplied by 2"]);
});

describe("no factor is found", () => {
  test.for([
    ["of a value that the code has", "tanh(x)"],
    ["that varies", "z * tanh(x)"],
    ["with large terms", "(1001 / 997) * tanh(x)"],
    ["that no fraction or root of one is", "exp(1) * tanh(x)"],
    ["beyond the negative root", "(-sqrt(2)) * tanh(x)"],
    ["where the code has 0", "0 * tanh(x)"],
    ["of another function", "tanh(2 * x)"],
  ] as const)("%s", ([, code]) => {
    expect(edits(code, "tanh(x)")).toEqual([]);
  });

  test("of a value in another shape", () => {
    expect(edits("2 * reshape(tanh(x), [5, 4])", "reshape(tanh(x), [5, 4])", "Tanh", "y : [5, 4]")).toEqual(
      [],
    );
  });
  test("of an input, since what is made of it has one", () => {
    expect(edits("tanh(2 * x)", "tanh(x)", "Input")).toEqual([]);
  });
});

test("every factor is told once", () => {
  expect(edits("2 * tanh(x) + 3 * tanh(x)", "tanh(x)")).toEqual(
    ["2", "3", "5"].map((factor) => `wrong-scale: y is multiplied by ${factor}`),
  );
});

test("a constant that is another one is a wrong constant", () => {
  const found = edits("x / sqrt(5)", "x / sqrt(20)", "Sqrt");
  expect(found).toContain("wrong-constant: the constant sqrt(20) is sqrt(20) * 0.5 in the code");
  // The number under the root is in the code too.
  expect(found).toContain("wrong-constant: the constant sqrt(20) is sqrt(20) * sqrt(1.25) in the code");
  expect(found.length).toBe(2);
});

describe("a contraction", () => {
  test("that is divided by its number of terms is a mean", () => {
    expect(edits("x w / 5", "x w", undefined, "y : [4]")).toEqual([
      "wrong-reduction: the sum in y is divided by its 5 terms: a mean instead of a sum",
    ]);
  });
  test("that is divided by another number is not", () => {
    expect(edits("x w / 4", "x w", undefined, "y : [4]")).toEqual(["wrong-scale: y is multiplied by 0.25"]);
    expect(edits("x w / sqrt(5)", "x w", undefined, "y : [4]")).toEqual([
      "wrong-scale: y is multiplied by sqrt(0.2)",
    ]);
  });
});
