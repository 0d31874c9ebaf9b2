/** @file Traces functions of jax-js and evaluates their graphs beside the library itself. */
import * as jax from "@jax-js/jax";
import { get } from "../../src/base/assert.ts";
import { float64 } from "../../src/domain/float64.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import type { JaxArray } from "../../src/frontends/jaxjs/module.ts";
import { traceJaxjs } from "../../src/frontends/jaxjs/trace.ts";
import type { Graph, Node } from "../../src/ir/graph.ts";
import { isReal } from "../../src/ir/type.ts";
import { discrete, real, type Tensor } from "../../src/ops/tensor.ts";

await jax.init("cpu");
jax.defaultDevice("cpu");

export type Arrays = Readonly<Record<string, jax.numpy.Array>>;
export type AnyFunction = (...args: never[]) => unknown;

/** A function without parameters as a graph. */
export const graphOf = (f: AnyFunction, inputs: Arrays, params: object = {}): Promise<Graph> =>
  traceJaxjs(jax, { params: params as never, inputs, apply: (_: never, ...args: never[]) => f(...args, _) });

/** Values of the outputs in float64, at the given inputs and the model's own parameters. */
export function evaluateGraph(graph: Graph, inputs: Arrays): number[][] {
  const lowered = lower(graph);
  const given = new Map<Node, Tensor<Float64Array>>();
  const put = (node: Node, values: Float64Array, shape: readonly number[]): void => {
    const image = get(lowered.image, node);
    given.set(image, isReal(node.type.dtype) ? real(shape, values) : discrete(shape, values));
  };
  const sizes = new Map<string, number>();
  for (const node of graph.inputs) {
    const array = get(new Map(Object.entries(inputs)), node.attrs.name);
    node.type.shape.forEach((dim, axis) => {
      if (typeof dim !== "number") sizes.set(dim.key, array.shape[axis] ?? 0);
    });
    put(node, Float64Array.from(array.ref.dataSync()), array.shape);
  }
  for (const { node, values } of graph.parameters) {
    if (values !== undefined) put(node, values(), node.type.shape as number[]);
  }
  const values = evaluate(lowered.graph, float64, given, sizes);
  return lowered.graph.outputs.map(({ node }) => [...get(values, node).values]);
}

/** jax-js's own values of the outputs. */
export function ownValues(f: AnyFunction, inputs: Arrays): number[][] {
  const args = Object.values(inputs).map((array) => array.ref);
  return jax.tree
    .leaves(f(...(args as never[])) as never)
    .map((leaf) => Array.from((leaf as unknown as JaxArray).dataSync()));
}

/** Numbers that are spread over −2 … 2 without a pattern and are exact in float32. */
export function numbers(shape: number[], shift = 0): jax.numpy.Array {
  const count = shape.reduce((a, b) => a * b, 1);
  const values = Array.from({ length: count }, (_, i) => (((i + 1) * 37 + shift * 11) % 64) / 16 - 2);
  return jax.numpy.array(new Float32Array(values), { shape });
}
