/** @file Edits of projections: what a matrix would be applied to is taken as it is. */
import { at } from "../base/assert.ts";
import { equalShapes } from "../ir/dim.ts";
import { type Builder, type Node, reachable } from "../ir/graph.ts";
import { parseContraction } from "../ops/reduction.ts";
import { definitionOf } from "../ops/table.ts";
import { contractionOf, isParameter, isParameterLike, isStored } from "../ops/traits.ts";
import type { Edit } from "./edit.ts";
import type { Namer } from "./names.ts";

/** `z` in the place of `z W`, and of `z W + b`, where it has as many elements in another shape. */
export function projectionEdits(node: Node, names: Namer): Edit[] {
  const biased = definitionOf(node.op).algebra === undefined ? -1 : node.inputs.findIndex(isParameterLike);
  const product = biased < 0 ? node : at(node.inputs, 1 - biased);
  const laid = identityFor(product);
  if (laid === undefined) return [];
  const parameters = reachable(biased < 0 ? [laid.matrix] : [laid.matrix, at(node.inputs, biased)]);
  const gone = parameters.filter(isParameter).map((parameter) => names.value(parameter));
  return [
    {
      kind: "missing-operation",
      node,
      words: `${gone.join(" and ")} ${gone.length > 1 ? "are" : "is"} missing: ${names.value(laid.data)} is taken as it is`,
      make: (builder, _, imageOf) => laid.make(builder, imageOf(laid.data)),
    },
  ];
}

interface Identity {
  readonly data: Node;
  readonly matrix: Node;
  readonly make: (builder: Builder, data: Node) => Node;
}

/** What stands for a product with a matrix when that is left out: not well typed where the matrix is not square. */
function identityFor(node: Node): Identity | undefined {
  const equation = contractionOf(node);
  const place = node.inputs.findIndex((input) => isParameterLike(input));
  if (equation === undefined || place < 0 || node.inputs.every(isStored)) return undefined;
  const { left, right, out, summed } = parseContraction(equation);
  const [own, others] = place === 0 ? [left, right] : [right, left];
  const [matrix, data] = [at(node.inputs, place), at(node.inputs, 1 - place)];
  const made = out.filter((letter) => !others.includes(letter));
  const start = out.findIndex((letter) => made.includes(letter));
  if (start < 0 || made.some((letter, index) => out[start + index] !== letter)) return undefined;
  const inOrder = own.filter((letter) => summed.includes(letter));
  const order = [...out.slice(0, start), ...inOrder, ...out.slice(start + made.length)];
  const permutation = order.map((letter) => others.indexOf(letter));
  const isInOrder = permutation.every((axis, index) => axis === index);
  // A value of the same shape that stands some steps back is one that another edit takes.
  if (isInOrder && equalShapes(data.type.shape, node.type.shape)) return undefined;
  return {
    data,
    matrix,
    make: (builder, x) => {
      const turned = isInOrder ? x : builder.node("Transpose", [x], { permutation });
      return builder.node("Reshape", [turned], { shape: node.type.shape });
    },
  };
}
