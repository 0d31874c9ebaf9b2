/** @file Evaluates a graph in float64, to compare it with what the framework computed. */
import { zip } from "../src/base/assert.ts";
import { float64 } from "../src/domain/float64.ts";
import { evaluate, outputsOf } from "../src/eval/evaluate.ts";
import { lower } from "../src/eval/lower.ts";
import { specialise } from "../src/eval/specialise.ts";
import { dimText } from "../src/ir/dim.ts";
import type { Graph, Node } from "../src/ir/graph.ts";
import { isReal } from "../src/ir/type.ts";
import { discrete, real, type Tensor } from "../src/ops/tensor.ts";

export interface Numbers {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}
/** What the framework computed. */
export interface Expectation {
  readonly inputs: readonly Numbers[];
  readonly outputs: readonly Numbers[];
}

const tensorOf = (node: Node, shape: readonly number[], values: Float64Array): Tensor<Float64Array> =>
  isReal(node.type.dtype) ? real(shape, values) : discrete(shape, values);

/** The outputs of a graph for given inputs, with its own weights. */
export function run(graph: Graph, inputs: readonly Numbers[]): Tensor<Float64Array>[] {
  const sizes = new Map<string, number>();
  for (const [input, { shape }] of zip(graph.inputs, inputs)) {
    for (const [dim, size] of zip(input.type.shape, shape)) sizes.set(dimText(dim), size);
  }
  // Recurrences are unrolled, for which their lengths must be numbers.
  const { graph: primitive } = lower(specialise(graph, sizes).graph);
  const given = new Map<Node, Tensor<Float64Array>>();
  for (const [input, { shape, values }] of zip(primitive.inputs, inputs)) {
    const node = input as unknown as Node;
    given.set(node, tensorOf(node, shape, Float64Array.from(values)));
  }
  for (const { node: parameter, values, names } of primitive.parameters) {
    if (values === undefined) throw new Error(`${names.join()} has no values`);
    const node = parameter as unknown as Node;
    given.set(node, tensorOf(node, node.type.shape.map(Number), values()));
  }
  return outputsOf(primitive, evaluate(primitive, float64, given, new Map()));
}
