/** @file Edits of which axis of one operand meets which of another: a matrix that is transposed, a vector along rows for columns. */
import { at, range } from "../base/assert.ts";
import { type Dim, equalDims } from "../ir/dim.ts";
import { applied, type Graph, type Node, rebuild } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import { contractionOf, isKept } from "../ops/traits.ts";
import type { Edit } from "./edit.ts";
import type { Namer } from "./names.ts";

/** A square matrix that multiplies others, transposed. */
export function transposeEdits(spec: Graph, node: Node, names: Namer): Edit[] {
  const [rows, columns, ...more] = node.type.shape;
  if (rows === undefined || columns === undefined || more.length > 0 || !equalDims(rows, columns)) return [];
  const multiplies = spec.nodes.some(
    (user) => contractionOf(user) !== undefined && user.inputs.includes(node),
  );
  if (!multiplies || !spec.labels.has(node)) return [];
  return [
    {
      kind: "wrong-axis",
      node,
      words: `${names.value(node)} is transposed`,
      make: (builder, inputs) =>
        applied(builder, "Transpose", [rebuild(builder, node, inputs)], { permutation: [1, 0] }),
    },
  ];
}

/** A vector that is laid along another axis of the same size. */
export function alongEdits(node: Node, names: Namer): Edit[] {
  const { algebra } = definitionOf(node.op);
  const { shape } = node.type;
  if (algebra === undefined) return [];
  return node.inputs.flatMap((operand, index) => {
    const own = axisAlong(operand.type.shape, shape);
    if (own === undefined || isKept(operand)) return [];
    return range(shape.length)
      .filter((axis) => axis !== own && equalDims(at(shape, axis), at(shape, own)))
      .map((axis) => ({
        kind: "wrong-axis",
        node,
        words: `${names.value(operand)} lies along axis ${axis} instead of axis ${own}`,
        make: (builder, inputs) => {
          const along = shape.map((size, place) => (place === axis ? size : 1));
          const turned = applied(builder, "Reshape", [at(inputs, index)], { shape: along });
          return rebuild(builder, node, inputs.with(index, turned));
        },
      }));
  });
}

/** The axis of a result along which a vector lies, if it is one. */
function axisAlong(operand: readonly Dim[], shape: readonly Dim[]): number | undefined {
  const offset = shape.length - operand.length;
  const axes = range(operand.length).filter((axis) => operand[axis] !== 1);
  return shape.length < 2 || axes.length !== 1 ? undefined : at(axes, 0) + offset;
}
