/** @file Rows of a table and elements of rows that integers pick. */
import { isInteger } from "../base/rational.ts";
import { type Node, reachable, rebuild } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { isReal } from "../ir/type.ts";
import { takeAlong } from "../ops/places.ts";
import type { Position } from "./source.ts";
import { positional, type Tensor, type Tensors } from "./tensors.ts";

/** Operators that make whole numbers of whole numbers. */
const wholeOperators: ReadonlySet<OpName> = new Set<OpName>([
  ...(["Add", "Sub", "Mul", "Neg", "Maximum", "Minimum", "Where", "Sum"] as const),
  ...(["Transpose", "Reshape", "Broadcast", "Concat", "Slice", "Take"] as const),
]);

/** The node with its whole numbers as integers, where it is computed from nothing but these and integers. */
export function asIntegers(tensors: Tensors, node: Node): Node | undefined {
  const images = new Map<Node, Node | undefined>();
  for (const part of reachable([node])) images.set(part, partAsIntegers(tensors, part, images));
  return images.get(node);
}

function partAsIntegers(
  tensors: Tensors,
  node: Node,
  images: ReadonlyMap<Node, Node | undefined>,
): Node | undefined {
  if (!isReal(node.type.dtype)) return node;
  if (node.op === "Constant" && isInteger(node.attrs.value))
    return tensors.node("Constant", [], { ...node.attrs, dtype: "int64" });
  if (!wholeOperators.has(node.op)) return undefined;
  const known = node.inputs.map((input) => images.get(input)).filter((input) => input !== undefined);
  return known.length === node.inputs.length ? rebuild(tensors.build, node, known) : undefined;
}

/** Rows that an integer tensor picks; its own axes stand where the axis was. */
export function rowsOf(tensors: Tensors, position: Position, x: Tensor, axis: number, index: Tensor): Tensor {
  const rowsNode = whole(tensors, position, index);
  if (x.labels.length > 0) {
    const got = "rows picked by integers from a tensor that has letters or examples of its own";
    throw tensors.source.unsupported(
      "A3024",
      position,
      got,
      "rows picked from a tensor that is the same for all of them",
    );
  }
  const others = [...x.axes.keys()].filter((i) => i !== axis);
  const table = tensors.reordered(x, [axis, ...others]);
  const node = tensors.node("Take", [table.node, rowsNode], {});
  const rows = index.axes.length;
  const found: Tensor = { node, labels: index.labels, axes: [...index.axes, ...table.axes.slice(1)] };
  const behind = others.map((_, i) => rows + i);
  return tensors.reordered(found, [...behind.slice(0, axis), ...index.axes.keys(), ...behind.slice(axis)]);
}

/** Of the axis of an index letter the element that integers pick, which may differ from row to row. */
export function elementsOf(
  tensors: Tensors,
  position: Position,
  x: Tensor,
  letter: string,
  index: Tensor,
): Tensor {
  const places = { ...index, node: whole(tensors, position, index) };
  const rows = tensors.withPositional(x, letter);
  const sizes = tensors.labelSizes(position, [rows, places]);
  const rest = positional(rows).slice(1);
  const nodes = [tensors.broadcast(rows, sizes, positional(rows)), tensors.broadcast(places, sizes, rest)];
  const node = takeAlong.expand(tensors.build, nodes, { axis: sizes.size });
  return { node, labels: [...sizes.keys()], axes: rows.axes.slice(1) };
}

function whole(tensors: Tensors, position: Position, index: Tensor): Node {
  const node = asIntegers(tensors, index.node);
  if (node !== undefined) return node;
  const got = `an index that is not an integer, of shape ${tensors.shapeText(index)}`;
  const want = "a letter, a range, a whole number or a tensor declared as integers";
  throw tensors.source.wrong("A3017", position, got, want);
}
