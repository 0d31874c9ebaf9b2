/** @file The degrees of what a graph computes from its inputs and parameters, for error bounds. */
import { type Degrees, degrees, variables } from "../domain/degree.ts";
import { evaluate, type Restart, type Values } from "../eval/evaluate.ts";
import { type Sizes, sizesOf } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { count, discrete, real, type Tensor } from "../ops/tensor.ts";

/** Bounds on the degrees of every value, as functions of inputs and parameters, and of what is restarted. */
export function graphDegrees(graph: Graph, sizes: Sizes, restart?: Restart<Degrees>): Values<Degrees> {
  const leaves: readonly Node[] = [...graph.inputs, ...graph.parameters.map((parameter) => parameter.node)];
  const given = new Map(
    leaves.map((node): readonly [Node, Tensor<Degrees>] => {
      const shape = sizesOf(node.type.shape, sizes);
      const size = count(shape);
      return [
        node,
        isReal(node.type.dtype) ? real(shape, variables(size)) : discrete(shape, new Float64Array(size)),
      ];
    }),
  );
  return evaluate(graph, degrees, given, sizes, restart);
}

/** The largest degree of all values of a graph, of which each may be the argument of a function. */
export function largestDegree(
  graph: Graph,
  sizes: Sizes,
  restart: Restart<Degrees> = (_, value) => value,
): number {
  let largest = 0;
  graphDegrees(graph, sizes, (node, value) => {
    largest = Math.max(largest, degreeOf(value));
    return restart(node, value);
  });
  return largest;
}

/** The degree of a value's numerators plus that of their denominators. */
export const degreeOf = (value: Tensor<Degrees>): number =>
  value.kind === "real" ? value.values.over + value.values.under : 0;
