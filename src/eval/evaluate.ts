/** @file Runs a graph of primitives in a number system. */
import { at, get, invariant } from "../base/assert.ts";
import { float64 } from "../domain/float64.ts";
import type { NumberSystem } from "../domain/number-system.ts";
import { mapDims } from "../ir/attributes.ts";
import { type Sizes, sizeOf, sizesOf } from "../ir/dim.ts";
import { type Graph, type Node, nodeText, reachable } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { isReal } from "../ir/type.ts";
import { definitionOf } from "../ops/table.ts";
import type { Tensor } from "../ops/tensor.ts";
import { isTruncation } from "../ops/traits.ts";

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
  const exact = exactIntegers(graph.nodes, given, sizes);
  const spare = spareNodes(graph, exact);
  for (const node of graph.nodes) {
    const supplied = given.get(node);
    if (supplied !== undefined) requireType(node, supplied, sizes);
    const applied = (): Tensor<A> => apply(node, system, values, sizes);
    const value =
      supplied ?? exact.get(node) ?? restart(node, spare.has(node) ? system.unheeded(applied) : applied());
    values.set(node, value);
  }
  return values;
}

/**
 * Integers that are computed through real numbers, such as the logarithmic buckets of relative positions (Raffel et al. 2020,
 * §2.1), are the same in every number system, so what they are made of is computed in float64. It must depend on no real input
 * or parameter: where it does, the number system itself has to give the integers.
 */
export function exactIntegers<A>(nodes: readonly Node[], given: Values<A>, sizes: Sizes): Values<A> {
  const truncations = nodes.filter(isTruncation);
  const known = new Map<Node, Tensor<Float64Array>>();
  for (const node of reachable(truncations)) {
    const supplied = given.get(node);
    if (supplied?.kind === "discrete") known.set(node, supplied);
    else if (supplied === undefined && !isData(node) && node.inputs.every((input) => known.has(input)))
      known.set(node, apply(node, float64, known, sizes));
  }
  return new Map(
    truncations.flatMap((node) => {
      const value = known.get(node);
      return value?.kind === "discrete" ? [[node, value] as const] : [];
    }),
  );
}

/** Nodes that lead to known values only, such as the logarithm of a distance 0 whose bucket is known. */
function spareNodes({ nodes, outputs }: Graph, known: Values<unknown>): ReadonlySet<Node> {
  if (known.size === 0) return new Set();
  const isRead = new Set(nodes.flatMap(({ inputs }) => inputs));
  const needed = new Set(outputs.map(({ node }) => node));
  for (const node of nodes.toReversed()) {
    if (!isRead.has(node)) needed.add(node);
    if (needed.has(node) && !known.has(node)) for (const input of node.inputs) needed.add(input);
  }
  return new Set(nodes.filter((node) => !needed.has(node)));
}

const isData = ({ op }: Node): boolean => op === "Input" || op === "Parameter" || op === "Opaque";

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
