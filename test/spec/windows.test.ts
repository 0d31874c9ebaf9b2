/** @file Convolution, pooling, windows and padding as the specification language says them; tensors that are not trained. */
import { describe, expect, test } from "vitest";
import { only } from "../../src/base/assert.ts";
import { Diagnostic } from "../../src/diag/diagnostic.ts";
import { shapeText } from "../../src/ir/dim.ts";
import { attributeText, type Node } from "../../src/ir/graph.ts";
import { readSpec } from "../../src/spec/read.ts";

const model = (right: string): string => `M(x : [B, 2, 8, 9]) -> y
  y = ${right}
where
  K : [4, 2, 3, 3]
  G : [4, 1, 3, 2]
`;
const outputOf = (right: string): Node => only(readSpec(model(right), "m.txt").outputs).node;
const said = (right: string): string => {
  const { op, attrs, type } = outputOf(right);
  return `${op}${attributeText(attrs)} : ${shapeText(type.shape)}`;
};

describe("what is left out is the usual value", () => {
  test.for([
    [
      "conv(x, K)",
      'Convolution{"dilation":[1,1],"groups":1,"padding":[[0,0],[0,0]],"strides":[1,1]} : [B, 4, 6, 7]',
    ],
    [
      "conv(x, K, padding = [[1, 2], [0, 1]], stride = [2, 1])",
      'Convolution{"dilation":[1,1],"groups":1,"padding":[[1,2],[0,1]],"strides":[2,1]} : [B, 4, 5, 8]',
    ],
    [
      "conv(x, G, groups = 2, dilation = 2)",
      'Convolution{"dilation":[2,2],"groups":2,"padding":[[0,0],[0,0]],"strides":[1,1]} : [B, 4, 4, 7]',
    ],
    [
      "max_pool(x, size = [2, 3], padding = [0, 1])",
      'MaxPool{"dilation":[1,1],"padding":[[0,0],[1,1]],"sizes":[2,3],"strides":[2,3]} : [B, 2, 4, 3]',
    ],
    [
      "avg_pool(x, stride = 1, size = [2, 2], padding = 1, countpadding = 0)",
      'AveragePool{"countPadding":false,"padding":[[1,1],[1,1]],"sizes":[2,2],"strides":[1,1]} : [B, 2, 9, 10]',
    ],
    [
      "windows(x, axis = 2, size = 3, step = 2)",
      'Windows{"axis":2,"dilation":1,"size":3,"step":2} : [B, 2, 3, 3, 9]',
    ],
    ["pad(x, 1, axis = 3, after = 2)", 'Pad{"after":2,"axis":3,"before":0,"interior":0} : [B, 2, 8, 11]'],
  ])("%s", ([right, want]) => {
    expect(said(right as string)).toBe(want);
  });
});

test("LaTeX says the same", () => {
  const latex = "\\operatorname{conv}(x, K, \\mathit{stride} = 2, \\mathrm{padding} = [1, 0])";
  expect(said(latex)).toBe(said("conv(x, K, stride = 2, padding = [1, 0])"));
});

test("the batch that a text does not mention rides along", () => {
  const one = model("conv(x, K)").replace("[B, 2, 8, 9]", "[2, 8, 9]");
  const { node } = only(readSpec(one, "m.txt", { batch: true }).outputs);
  expect(node.type.shape.slice(1)).toEqual([4, 6, 7]);
});

describe("arguments that mean nothing are refused", () => {
  test.for([
    ["conv(x, K, strides = 2)", "A3020", "conv with strides"],
    ["conv(x, K, stride = 2, stride = 2)", "A3020", "conv with stride"],
    ["conv(x, K, stride = 1/2)", "A3020", "an argument that is not a whole number"],
    ["conv(x, K, stride = [1, 2, 3])", "A3020", "a list of 3"],
    ["conv(x)", "A3020", "conv with 1 argument"],
    ["conv_B(x, K)", "A3020", "conv with a subscript"],
    ["conv(x, G)", "A3013", "[B, 2, 8, 9] and [4, 1, 3, 2] in 1 groups"],
    ["max_pool(x)", "A3020", "max_pool without size"],
    ["max_pool(x, size = 2)", "A3020", "one size"],
    ["max_pool(x, size = [20, 2])", "A3013", "windows of 20 elements"],
    ["windows(x, size = 3)", "A3020", "windows without axis"],
    ["tanh(x, stride = 2)", "A3008", "`stride`"],
  ])("%s", ([right, code, got]) => {
    const fault = (): Node => outputOf(right as string);
    expect(fault).toThrow(Diagnostic);
    try {
      fault();
    } catch (error) {
      expect(error instanceof Diagnostic && error.report.code).toBe(code);
      expect(error instanceof Diagnostic && error.report.got).toContain(got);
    }
  });
});

test("a tensor that is not trained says so directly behind its shape", () => {
  const text = `M(x : [B, 2]) -> y
  y = x + m + n + k
where
  m : [2] not trained   running mean
  n : [2]   not trained, says the margin
  k : [2]   is not trained
`;
  const { parameters } = readSpec(text, "m.txt");
  expect(parameters.map(({ names, trainable }) => [names[0], trainable])).toEqual([
    ["m", false],
    ["n", true],
    ["k", true],
  ]);
});
