/** @file The heads of attention as the specification language says them. */
import { describe, expect, test } from "vitest";
import { only } from "../../src/base/assert.ts";
import { Diagnostic } from "../../src/diag/diagnostic.ts";
import { shapeText } from "../../src/ir/dim.ts";
import { attributeText, type Node } from "../../src/ir/graph.ts";
import { readSpec } from "../../src/spec/read.ts";

const model = (right: string): string => `M(x : [B, T, d], z : [B, H, T, k]) -> y
  y = ${right}
where
  H = 3
  d = 12
  a = 4
  half = 0.5
`;
const outputOf = (right: string): Node => only(readSpec(model(right), "m.txt").outputs).node;
const chain = (node: Node): string[] => {
  const [input] = node.inputs;
  const own = `${node.op}${attributeText(node.attrs)} : ${shapeText(node.type.shape)}`;
  return input === undefined || input.inputs.length === 0 ? [own] : [...chain(input), own];
};

describe("heads are reshapes and exchanged axes", () => {
  test.for([
    ["split_H(x)", "[B, T, 3, 4]", "[B, 3, T, 4]"],
    ["split_2(x)", "[B, T, 2, 6]", "[B, 2, T, 6]"],
    ["split_a(x)", "[B, T, 4, 3]", "[B, 4, T, 3]"],
    ["split_T(reshape(x, [B, d, T]))", "[B, 12, T, 1]", "[B, T, 12, 1]"],
  ])("%s", ([right, split, turned]) => {
    const [reshape, transpose] = chain(outputOf(right as string)).slice(-2);
    expect(reshape).toMatch(/^Reshape/);
    expect(reshape?.endsWith(` : ${split}`)).toBe(true);
    expect(transpose).toBe(`Transpose{"permutation":[0,2,1,3]} : ${turned}`);
  });

  test("merge_H(z)", () => {
    expect(chain(outputOf("merge(z)"))).toEqual(chain(outputOf("merge_H(z)")));
    expect(chain(outputOf("merge_H(z)"))).toEqual([
      'Transpose{"permutation":[0,2,1,3]} : [B, T, 3, k]',
      expect.stringMatching(/^Reshape.* : \[B, T, 3\*k\]$/),
    ]);
  });

  test("what is split and merged is what it was", () => {
    expect(shapeText(outputOf("merge_H(split_H(x)) + x").type.shape)).toBe("[B, T, 12]");
  });

  test("in index notation the letters ride along", () => {
    expect(shapeText(outputOf("sum_b split_H(x[b, :, :])").type.shape)).toBe("[3, T, 4]");
  });
});

test("the halves of the last axis change places, and the second its sign", () => {
  expect(chain(outputOf("rotate_half(x)"))).toEqual([
    'Slice{"axis":2,"start":6,"step":1,"stop":12} : [B, T, 6]',
    "Neg{} : [B, T, 6]",
    'Concat{"axis":2} : [B, T, 12]',
  ]);
});

test("a repeated axis holds each element so many times", () => {
  expect(chain(outputOf("repeat(z, 2, axis = 1)")).map((step) => step.split(" : ")[1])).toEqual([
    "[B, 3, 1, T, k]",
    "[B, 3, 2, T, k]",
    "[B, 6, T, k]",
  ]);
  expect(shapeText(outputOf("repeat(x, H, axis = 2)").type.shape)).toBe("[B, T, 36]");
});

test("what is stacked stands along a new axis", () => {
  expect(chain(outputOf("stack(z, z, axis = 1)")).map((step) => step.split(" : ")[1])).toEqual([
    "[B, 1, 3, T, k]",
    "[B, 2, 3, T, k]",
  ]);
  expect(shapeText(outputOf("stack(z, z)").type.shape)).toBe("[2, B, 3, T, k]");
  expect(shapeText(outputOf("stack(0.5, 1, sum(x))").type.shape)).toBe("[3]");
});

describe("what makes no sense is said in the writer's terms", () => {
  test.for([
    ["split(x)", "A3020", "split without a subscript"],
    ["split_0(x)", "A3020", "split with the subscript 0"],
    ["split_half(x)", "A3020", "split with the subscript half"],
    ["split_{H,a}(x)", "A3020", "split with the subscript H, a"],
    ["split_5(x)", "A3013", "[B, T, d] in 5 heads"],
    ["merge_2(z)", "A3013", "[B, H, T, k] with 2 heads"],
    ["merge(x[0, :, :])", "A3013", "merge of [T, d]"],
    ["merge_H(x)", "A3013", "[B, T, d] with 3 heads"],
    ["rotate_half(z[:, 0, :, 0:3])", "A3013", "rotate_half of [B, T, 3]"],
    ["rotate_half_d(x)", "A3020", "rotate_half with a subscript"],
    ["repeat(z, 2)", "A3020", "repeat without axis"],
    ["repeat(z, 0, axis = 1)", "A3020", "a count that is no size"],
    ["stack(z, x)", "A3013", "stack of [B, H, T, k] and [B, T, d]"],
    ["stack(z, z, axis = 5)", "A3020", "axis 5 behind those of [B, H, T, k]"],
    ["repeat(z, 2, axis = 4)", "A3020", "axis 4 of [B, H, T, k]"],
  ])("%s", ([right, code, got]) => {
    try {
      outputOf(right as string);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof Diagnostic)) throw error;
      expect(error.report.code).toBe(code);
      expect(error.report.got).toContain(got);
    }
  });
});
