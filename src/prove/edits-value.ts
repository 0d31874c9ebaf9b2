/** @file Edits of operands: another value of the spec in the place of the one that is meant. */
import { equalShapes } from "../ir/dim.ts";
import { type Graph, type Node, rebuild } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { definitionOf } from "../ops/table.ts";
import { isStored } from "../ops/traits.ts";
import type { Edit } from "./edit.ts";
import { bypassable } from "./edits-function.ts";
import type { Namer } from "./names.ts";

/** Named values before an operand that are tried in its place, the nearest first. */
const mostOthers = 12;

/** `h` in the place of `c`: what has a name and the right shape is easily taken for another. */
export function operandEdits(spec: Graph, node: Node, names: Namer): Edit[] {
  const { algebra, family } = definitionOf(node.op);
  if (algebra === undefined && family !== "contraction") return [];
  const named = spec.nodes.filter(
    (other) => spec.labels.has(other) && other.id < node.id && !isStored(other),
  );
  return node.inputs.flatMap((operand, index) => {
    if (!spec.labels.has(operand) || isStored(operand)) return [];
    // Of what is read once, an earlier value in its place is rather what is made of that left out.
    const isReadOnce = spec.nodes.filter((user) => user.inputs.includes(operand)).length === 1;
    const earlier = new Set(isReadOnce ? bypassable(operand) : []);
    const fits = (other: Node): boolean =>
      !node.inputs.includes(other) &&
      !earlier.has(other) &&
      isReal(other.type.dtype) &&
      equalShapes(other.type.shape, operand.type.shape);
    return named
      .filter(fits)
      .slice(-mostOthers)
      .reverse()
      .map(
        (other): Edit => ({
          kind: "wrong-operand",
          node,
          words: `${names.value(other)} stands in the place of ${names.value(operand)}`,
          make: (builder, inputs, imageOf) => rebuild(builder, node, inputs.with(index, imageOf(other))),
        }),
      );
  });
}
