/** @file Edits of operands: another value of the spec in the place of the one that is meant. */
import { at } from "../base/assert.ts";
import { rational } from "../base/rational.ts";
import { equalDims, equalShapes } from "../ir/dim.ts";
import { applied, type Graph, type Node, rebuild } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { definitionOf } from "../ops/table.ts";
import { isKept, isParameterLike, isStored } from "../ops/traits.ts";
import { besidesOperand } from "./beside.ts";
import type { Edit } from "./edit.ts";
import { sizeNormalisations } from "./edit-variants.ts";
import { bypassable } from "./edits-function.ts";
import type { Namer } from "./names.ts";

/** Named values before an operand that are tried in its place, the nearest first. */
const mostOthers = 12;

/** Whether a spec has a name for a value: an input, or what an equation defines. */
export const isNamed = (spec: Graph, node: Node): boolean =>
  spec.labels.has(node) || (node.inputs.length === 0 && !isStored(node));

/** What reads a value that another may stand in the place of, besides sums and products. */
const operandFamilies: ReadonlySet<string> = new Set(["contraction", "reduction", "normalisation"]);

/** `h` in the place of `c`: what has a name and the right shape is easily taken for another. */
export function operandEdits(spec: Graph, node: Node, names: Namer): Edit[] {
  const { algebra, family } = definitionOf(node.op);
  if (algebra === undefined && !operandFamilies.has(family)) return [];
  return node.inputs.flatMap((operand, index) => {
    if (!isNamed(spec, operand)) return [];
    const others = isStored(operand) ? storedFor(spec, node, operand) : varyingFor(spec, node, operand);
    return others.map(
      (other): Edit => ({
        kind: "wrong-operand",
        node,
        ...besidesOperand(spec, node, operand),
        words: `${names.value(asNamed(spec, other) ?? other)} stands in the place of ${names.value(operand)}`,
        make: (builder, inputs, imageOf) => rebuild(builder, node, inputs.with(index, imageOf(other))),
      }),
    );
  });
}

function varyingFor(spec: Graph, node: Node, operand: Node): Node[] {
  // Of what is read once, an earlier value in its place is rather what is made of that left out.
  const isReadOnce = spec.nodes.filter((user) => user.inputs.includes(operand)).length === 1;
  const earlier = new Set(isReadOnce ? bypassable(operand) : []);
  return spec.nodes
    .filter(
      (other) =>
        isNamed(spec, other) &&
        other.id < node.id &&
        !isStored(other) &&
        !node.inputs.includes(other) &&
        !earlier.has(other) &&
        isReal(other.type.dtype) &&
        equalShapes(other.type.shape, operand.type.shape),
    )
    .slice(-mostOthers)
    .reverse();
}

/** What is computed of parameters alone, for another such value, which may be spread over some axes. */
function storedFor(spec: Graph, node: Node, operand: Node): Node[] {
  const isSpread = (other: Node): boolean =>
    other.type.shape.length === operand.type.shape.length &&
    other.type.shape.every((size, axis) => size === 1 || equalDims(size, at(operand.type.shape, axis)));
  return spec.nodes.filter(
    (other) =>
      other.id < node.id &&
      other !== operand &&
      isStored(other) &&
      isParameterLike(other) &&
      !isKept(other) &&
      isReal(other.type.dtype) &&
      asNamed(spec, other) !== undefined &&
      isSpread(other),
  );
}

/** The value with a name that this one is, perhaps in another layout. */
function asNamed(spec: Graph, node: Node): Node | undefined {
  const [input] = node.inputs;
  const isLaidOut = definitionOf(node.op).rearranges === true && node.inputs.length === 1;
  if (spec.labels.has(node) || !isLaidOut || input === undefined)
    return isNamed(spec, node) ? node : undefined;
  return asNamed(spec, input);
}

const usualEpsilon = rational(1, 100_000);

/** What a layer reads goes through a normalisation first. */
export function normalisedEdits(node: Node, names: Namer): Edit[] {
  if (definitionOf(node.op).family !== "contraction") return [];
  return node.inputs.flatMap((operand, index) => {
    if (isStored(operand)) return [];
    const [name, last] = [names.value(operand), operand.type.shape.length - 1];
    return sizeNormalisations.map(
      ({ op }): Edit => ({
        kind: "wrong-operand",
        node,
        words: `${op.toLowerCase()} of ${name} stands in the place of ${name}`,
        make: (builder, inputs) => {
          const normal = applied(builder, op, [at(inputs, index)], { axes: [last], epsilon: usualEpsilon });
          return rebuild(builder, node, inputs.with(index, normal));
        },
      }),
    );
  });
}
