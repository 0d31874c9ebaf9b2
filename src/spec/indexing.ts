/** @file Index brackets: letters, ranges, whole numbers and integer tensors. */
import { at, zip } from "../base/assert.ts";
import { addDims, type Dim, dimText, equalDims, subtractDims } from "../ir/dim.ts";
import type { Meaning } from "./meaning.ts";
import { elementsOf, rowsOf } from "./picking.ts";
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
  const meant = items.map((item) => meaningOf(meaning, item));
  const own = new Set([
    ...tensor.labels,
    ...meant.flatMap((item) => (item.kind === "letter" ? [item.name] : [])),
  ]);
  const letters = new Map<number, string>();
  /** Integers that differ from row to row of the tensor, by a letter for their axis: rows are known when all letters are. */
  const places = new Map<string, readonly [integers: Tensor, position: Position]>();
  let [x, axis] = [tensor, 0];
  for (const [item, { position }] of zip(meant, items)) {
    const before = x.axes.length;
    if (item.kind === "letter") {
      checkNew(tensors, position, item.name, [...tensor.labels, ...letters.values()]);
      letters.set(axis, item.name);
    } else if (item.kind === "range") {
      x = ranged(meaning, x, axis, item);
    } else if (item.kind === "size") {
      x = picked(tensors, position, x, axis, item.size);
    } else if (item.integers.axes.length === 0 && item.integers.labels.some((label) => own.has(label))) {
      const letter = `place ${places.size + 1}`;
      letters.set(axis, letter);
      places.set(letter, [item.integers, position]);
    } else {
      x = rowsOf(tensors, position, x, axis, item.integers);
    }
    axis += x.axes.length - before + 1;
  }
  const whole = labelled(tensors, x, letters);
  return [...places].reduce(
    (y, [letter, [integers, place]]) => elementsOf(tensors, place, y, letter, integers),
    whole,
  );
}

type Meant =
  | (IndexItem & { readonly kind: "letter" | "range" })
  | { readonly kind: "size"; readonly size: Dim }
  | { readonly kind: "integers"; readonly integers: Tensor };

/** What an index is: a name may be that of integers, and an expression a size. */
function meaningOf(meaning: Meaning, item: IndexItem): Meant {
  if (item.kind === "range") return item;
  if (item.kind === "letter") {
    const integers = meaning.integers(item.name);
    return integers === undefined ? item : { kind: "integers", integers };
  }
  const size = sizeIn(meaning, item.expression);
  return size === undefined
    ? { kind: "integers", integers: meaning.evaluate(item.expression) }
    : { kind: "size", size };
}

function checkNew(tensors: Tensors, position: Position, letter: string, labels: readonly string[]): void {
  if (!labels.includes(letter)) return;
  const got = `the index ${letter} twice on one tensor`;
  throw tensors.source.wrong("A3018", position, got, "a different letter for each axis of a tensor");
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
