/** @file Runs a graph of primitives in a number system. */
import { at, get, invariant } from "../base/assert.ts";
import type { NumberSystem } from "../domain/number-system.ts";
import { mapDims } from "../ir/attributes.ts";
import { type Sizes, sizeOf, sizesOf } from "../ir/dim.ts";
import { type Graph, type Node, nodeText } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { isReal } from "../ir/type.ts";
import { definitionOf } from "../ops/table.ts";
import type { Tensor } from "../ops/tensor.ts";

export type Values<A> = ReadonlyMap<Node, Tensor<A>>;

/** What goes on in the place of a node's value. */
export type Restart<A> = (node: Node, value: Tensor<A>) => Tensor<A>;

/**
 * The value of every node. `given` supplies inputs and parameters, and may override any other node; `sizes` the symbols.
 * Only primitives can be evaluated: unroll and lower the graph first. What is computed can be restarted from other values.
 */
export function evaluate<A>(
  graph: Graph,
  system: NumberSystem<A>,
  given: Values<A>,
  sizes: Sizes,
  restart: Restart<A> = (_, value) => value,
): Values<A> {
  const values = new Map<Node, Tensor<A>>();
  for (const node of graph.nodes) {
    const supplied = given.get(node);
    if (supplied !== undefined) requireType(node, supplied, sizes);
    values.set(node, supplied ?? restart(node, apply(node, system, values, sizes)));
  }
  return values;
}

function requireType<A>(node: Node, { kind, shape }: Tensor<A>, sizes: Sizes): void {
  const wanted = sizesOf(node.type.shape, sizes);
  const fits =
    wanted.length === shape.length &&
    wanted.every((size, axis) => size === shape[axis]) &&
    isReal(node.type.dtype) === (kind === "real");
  invariant(fits, `${nodeText(node)} is given a ${kind} value of shape [${shape.join(", ")}]`);
}

function apply<A>(node: Node, system: NumberSystem<A>, values: Values<A>, sizes: Sizes): Tensor<A> {
  const definition = definitionOf(node.op);
  if (definition.kind !== "primitive") throw new RangeError(`${nodeText(node)} is not a primitive`);
  const inputs = node.inputs.map((input) => get(values, input));
  const attrs = mapDims<OpAttrs[OpName]>(node.attrs, (dim) => sizeOf(dim, sizes));
  return definition.evaluate(system, inputs, attrs, {
    shape: sizesOf(node.type.shape, sizes),
    dtype: node.type.dtype,
  });
}

/** Values of the outputs, in order. */
export function outputsOf<A>(graph: Graph, values: Values<A>): Tensor<A>[] {
  return graph.outputs.map((_, index) => get(values, at(graph.outputs, index).node));
}
