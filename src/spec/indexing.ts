/** @file Index brackets: letters, ranges, whole numbers and integer tensors. */
import { at } from "../base/assert.ts";
import { isInteger } from "../base/rational.ts";
import { addDims, type Dim, dimText, equalDims, subtractDims } from "../ir/dim.ts";
import { type Node, reachable, rebuild } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { isReal } from "../ir/type.ts";
import type { Meaning } from "./meaning.ts";
import type { Position } from "./source.ts";
import { sizeIn } from "./structural.ts";
import type { Expression, IndexItem } from "./syntax.ts";
import { positional, type Tensor, type Tensors } from "./tensors.ts";

/** `x[b, 0:3, :, idx]`: letters turn axes into labels, everything else acts on one axis after the other. */
export function indexed(
  meaning: Meaning,
  position: Position,
  tensor: Tensor,
  items: readonly IndexItem[],
): Tensor {
  const { tensors } = meaning;
  if (items.length > tensor.axes.length) {
    const got = `${items.length} indices on a tensor of shape ${tensors.shapeText(tensor)}`;
    throw tensors.source.wrong("A3017", position, got, "at most one index for each axis");
  }
  const letters = new Map<number, string>();
  let [x, axis] = [tensor, 0];
  for (const item of items) {
    const before = x.axes.length;
    if (item.kind === "letter") {
      const index = meaning.integers(item.name);
      if (index === undefined) {
        checkNew(tensors, item, [...tensor.labels, ...letters.values()]);
        letters.set(axis, item.name);
      } else {
        x = taken(tensors, item.position, x, axis, index);
      }
    } else if (item.kind === "range") {
      x = ranged(meaning, x, axis, item);
    } else {
      const value = sizeIn(meaning, item.expression);
      x =
        value === undefined
          ? taken(tensors, item.position, x, axis, meaning.evaluate(item.expression))
          : picked(tensors, item.position, x, axis, value);
    }
    axis += x.axes.length - before + 1;
  }
  return labelled(tensors, x, letters);
}

function checkNew(tensors: Tensors, item: IndexItem & { kind: "letter" }, labels: readonly string[]): void {
  if (!labels.includes(item.name)) return;
  const got = `the index ${item.name} twice on one tensor`;
  throw tensors.source.wrong("A3018", item.position, got, "a different letter for each axis of a tensor");
}

/** Moves the axes with letters in front of the others and makes them labels. */
function labelled(tensors: Tensors, x: Tensor, letters: ReadonlyMap<number, string>): Tensor {
  const rest = [...x.axes.keys()].filter((axis) => !letters.has(axis));
  const moved = tensors.reordered(x, [...letters.keys(), ...rest]);
  return {
    node: moved.node,
    labels: [...x.labels, ...letters.values()],
    axes: rest.map((axis) => at(x.axes, axis)),
  };
}

function sliced(tensors: Tensors, x: Tensor, axis: number, start: Dim, stop: Dim, step: number): Tensor {
  const place = x.labels.length + axis;
  const node = tensors.node("Slice", [x.node], { axis: place, start, stop, step });
  const name = dimText(at(node.type.shape, place));
  return { ...x, node, axes: x.axes.map((own, i) => (i === axis ? name : own)) };
}

type Range = IndexItem & { readonly kind: "range" };

function ranged(meaning: Meaning, x: Tensor, axis: number, item: Range): Tensor {
  const size: Dim = at(positional(x), axis);
  const start = item.start === undefined ? 0 : rangeEnd(meaning, item.start, size);
  const stop = item.stop === undefined ? size : rangeEnd(meaning, item.stop, size);
  if (start === 0 && item.step === 1 && equalDims(stop, size)) return x;
  return sliced(meaning.tensors, x, axis, start, stop, item.step);
}

/** Negative numbers count from the end. */
function rangeEnd(meaning: Meaning, end: Expression, size: Dim): Dim {
  const dim = sizeIn(meaning, end);
  if (dim !== undefined) return typeof dim === "number" && dim < 0 ? addDims(size, dim) : dim;
  const want = "a whole number, or an expression of sizes";
  throw meaning.tensors.source.wrong("A3017", end.position, "an end of a range that is not a size", want);
}

/** A size picks one element, and the axis is gone. */
function picked(tensors: Tensors, position: Position, x: Tensor, axis: number, value: Dim): Tensor {
  const size = at(positional(x), axis);
  const start = typeof value === "number" && value < 0 ? addDims(size, value) : value;
  const rest = subtractDims(size, start);
  if ([start, rest].some((dim) => typeof dim === "number" && dim < 0) || rest === 0) {
    const got = `the index ${dimText(value)} on an axis of size ${dimText(size)}`;
    throw tensors.source.wrong("A3017", position, got, "a whole number inside the axis, counted from 0");
  }
  const one = sliced(tensors, x, axis, start, addDims(start, 1), 1);
  const shape = one.node.type.shape.filter((_, place) => place !== x.labels.length + axis);
  return { ...x, node: tensors.reshaped(one.node, shape), axes: x.axes.filter((_, i) => i !== axis) };
}

/** Operators that make whole numbers of whole numbers. */
const wholeOperators: ReadonlySet<OpName> = new Set<OpName>([
  ...(["Add", "Sub", "Mul", "Neg", "Maximum", "Minimum", "Where", "Sum"] as const),
  ...(["Transpose", "Reshape", "Broadcast", "Concat", "Slice", "Take"] as const),
]);

/** The node with its whole numbers as integers, where it is computed from nothing but these and integers. */
function asIntegers(tensors: Tensors, node: Node): Node | undefined {
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

/** An integer tensor picks rows; its own axes stand where the axis was. */
function taken(tensors: Tensors, position: Position, x: Tensor, axis: number, index: Tensor): Tensor {
  const rowsNode = asIntegers(tensors, index.node);
  if (rowsNode === undefined) {
    const got = `an index that is not an integer, of shape ${tensors.shapeText(index)}`;
    throw tensors.source.wrong(
      "A3017",
      position,
      got,
      "a letter, a range, a whole number or a tensor declared as integers",
    );
  }
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
