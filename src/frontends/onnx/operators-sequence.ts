/** @file ONNX operators on lists of tensors and on values that may be absent: both are known when the model is read. */
import { at, range } from "../../base/assert.ts";
import type { Node } from "../../ir/graph.ts";
import type { Call, Lower, Rows } from "./call.ts";
import { Contradiction } from "./contradiction.ts";
import { absent, type Sequence, tensor, type Value } from "./scope.ts";

const sequence = (items: readonly Node[]): Sequence => ({ kind: "sequence", items });

/** A place in a list, counted from the end where it is negative. */
function placeIn(c: Call, index: number, length: number): number {
  const place = at(c.integers(c.input(index), "a place in a list"), 0);
  const own = place < 0 ? place + length : place;
  if (own >= 0 && own <= length) return own;
  throw new Contradiction(`place ${place} of a list of ${length}`, "a place inside");
}

const insert: Lower = (c) => {
  const { items } = c.sequence(0);
  const place = c.optional(2) === undefined ? items.length : placeIn(c, 2, items.length);
  return [sequence(items.toSpliced(place, 0, c.input(1)))];
};
const erase: Lower = (c) => {
  const { items } = c.sequence(0);
  const place = c.optional(1) === undefined ? items.length - 1 : placeIn(c, 1, items.length);
  return [sequence(items.toSpliced(place, 1))];
};
const element: Lower = (c) => {
  const { items } = c.sequence(0);
  return at(items, placeIn(c, 1, items.length));
};

/** Along one axis in parts of given sizes, or of one size, or one element each. */
const splitToSequence: Lower = (c) => {
  const x = c.input(0);
  const axis = c.axis("axis", x.type.shape.length, 0);
  const size = c.concrete(at(x.type.shape, axis), "the number of parts");
  const given = c.optional(1);
  const sizes = given === undefined ? range(size).map(() => 1) : partSizes(c, given, size);
  let start = 0;
  const items = sizes.map((length) => {
    start += length;
    const part = c.slice(x, axis, start - length, start);
    const isDropped = given === undefined && !c.flag("keepdims", true);
    return isDropped ? c.reshape(part, x.type.shape.toSpliced(axis, 1)) : part;
  });
  return [sequence(items)];
};
function partSizes(c: Call, given: Node, size: number): number[] {
  const sizes = c.integers(given, "the sizes of the parts");
  if (given.type.shape.length > 0) return sizes;
  const each = at(sizes, 0);
  return range(Math.ceil(size / each)).map((i) => Math.min(each, size - i * each));
}

const concatFromSequence: Lower = (c) => {
  const { items } = c.sequence(0);
  const first = at(items, 0);
  const isNew = c.flag("new_axis");
  const axis = c.wrapped(c.int("axis"), first.type.shape.length + Number(isNew));
  const parts = isNew ? items.map((item) => c.reshape(item, item.type.shape.toSpliced(axis, 0, 1))) : items;
  return c.concat(parts, axis);
};

/** A graph for each element of the lists, beside values that stay the same. */
const map: Lower = (c) => {
  const lists = c.inputs.map((value) => value ?? absent);
  const [first] = lists;
  const length = first?.kind === "sequence" ? first.items.length : 0;
  const rows = range(length).map((i) =>
    c.subgraphs.inline(
      c.graph("body"),
      lists.map((value): Value => (value.kind === "sequence" ? tensor(at(value.items, i)) : value)),
    ),
  );
  return c.outputs.map((_, output) =>
    sequence(
      rows.map((row) => {
        const value = at(row, output);
        if (value.kind !== "tensor") throw new Contradiction("a list of lists", "a list of tensors");
        return value.node;
      }),
    ),
  );
};

const optionalOf: Lower = (c) => [c.inputs[0] ?? absent];
const getElement: Lower = (c) => {
  const value = c.value(0);
  if (value.kind === "absent") throw new Contradiction("an optional value that there is not", "a value");
  return [value];
};
const hasElement: Lower = (c) => {
  const value = c.inputs[0] ?? absent;
  return c.constant(Number(value.kind !== "absent"), "bool");
};

const length: Lower = (c) => c.constant(c.sequence(0).items.length, "int64");

export const sequences: Rows = {
  SequenceEmpty: () => [sequence([])],
  SequenceConstruct: (c) => [sequence(c.tensors())],
  SequenceInsert: insert,
  SequenceErase: erase,
  SequenceAt: element,
  SequenceLength: length,
  SequenceMap: map,
  SplitToSequence: splitToSequence,
  ConcatFromSequence: concatFromSequence,
  Optional: optionalOf,
  OptionalGetElement: getElement,
  OptionalHasElement: hasElement,
};
