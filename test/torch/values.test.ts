/** @file The graph of every fixture computes in float64 what PyTorch computed for the same model after `.double()`. */
import { describe, expect, test } from "vitest";
import { zip } from "../../src/base/assert.ts";
import { float64 } from "../../src/domain/float64.ts";
import { evaluate, outputsOf } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { dimText } from "../../src/ir/dim.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { isReal } from "../../src/ir/type.ts";
import { discrete, real, type Tensor } from "../../src/ops/tensor.ts";
import { type Expectation, expectationOf, fixture, fixtureNames } from "./support.ts";

/**
 * Both sides are float64 and differ in the order of sums of at most some hundred terms and in the last bits of exp, log
 * and erf: relative errors near 1e-15 each, a thousand of them at worst.
 */
const relativeTolerance = 1e-12;
const absoluteTolerance = 1e-13;

/** Where a stored tensor is read as its formula, PyTorch has the formula's values rounded to float32 a few times. */
const formulaTolerance = 2e-6;

const tensorOf = (node: Node, shape: readonly number[], values: Float64Array): Tensor<Float64Array> =>
  isReal(node.type.dtype) ? real(shape, values) : discrete(shape, values);

function run(graph: Graph, { inputs }: Expectation): Tensor<Float64Array>[] {
  const { graph: primitive } = lower(graph);
  const given = new Map<Node, Tensor<Float64Array>>();
  const sizes = new Map<string, number>();
  for (const [input, { shape, values }] of zip(primitive.inputs, inputs)) {
    const node = input as unknown as Node;
    given.set(node, tensorOf(node, shape, Float64Array.from(values)));
    for (const [dim, size] of zip(node.type.shape, shape)) sizes.set(dimText(dim), size);
  }
  for (const { node: parameter, values, names } of primitive.parameters) {
    if (values === undefined) throw new Error(`${names.join()} has no values`);
    const node = parameter as unknown as Node;
    given.set(node, tensorOf(node, node.type.shape.map(Number), values()));
  }
  return outputsOf(primitive, evaluate(primitive, float64, given, sizes));
}

describe("values agree with PyTorch", () => {
  test.each(fixtureNames.filter((name) => !name.startsWith("refuse_")))("%s", async (name) => {
    const expectation = expectationOf(name);
    const graph = await readTorchExport(fixture(name));
    const outputs = run(graph, expectation);
    const isFormula = graph.notes.some((note) => /is read as its formula: .*\^\(/.test(note));
    expect(outputs.length).toBe(expectation.outputs.length);
    expect(outputs.length).toBeGreaterThan(0);
    for (const [got, want] of zip(outputs, expectation.outputs)) {
      expect(got.shape).toEqual(want.shape);
      for (const [a, b] of zip([...got.values], want.values)) {
        const allowed = (isFormula ? formulaTolerance : absoluteTolerance) + relativeTolerance * Math.abs(b);
        expect(Math.abs(a - b), `${a} against ${b}`).toBeLessThanOrEqual(allowed);
      }
    }
  });
});
