/** @file A binding in words names exactly the entries that it holds. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, range, zip } from "../../src/base/assert.ts";
import { rational, zero } from "../../src/base/rational.ts";
import type { Node } from "../../src/ir/graph.ts";
import { count, positions, strides } from "../../src/ops/tensor.ts";
import type { Binding, Part } from "../../src/prove/binding.ts";
import { Sketch } from "../arbitrary/sketch.ts";
import { wordsOf } from "./parts.ts";

/** Parameters of a code: A and B are 4 by 6, C is 2 by 3 by 4, v and w have 6 numbers, u has 1. */
function code(): {
  readonly nodes: Readonly<Record<string, Node>>;
  readonly text: (binding: Binding) => string;
} {
  const sketch = new Sketch();
  const shapes = { A: [4, 6], B: [4, 6], C: [2, 3, 4], v: [6], w: [6], u: [1, 6] };
  const nodes = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, sketch.parameter(name, shape)]),
  );
  const nameOf = new Map(Object.entries(nodes).map(([name, node]) => [node, name]));
  const text = (binding: Binding): string => wordsOf(binding, (node) => nameOf.get(node) ?? "?");
  return { nodes, text };
}

/** Entries of one parameter from a place on, by steps along the axes of the result. */
const view = (
  node: Node | undefined,
  shape: readonly number[],
  steps: readonly number[],
  start = 0,
): Part => ({
  parameters: node === undefined ? [] : [node],
  owner: new Uint16Array(count(shape)),
  index: positions(shape, steps, start),
});
const bound = (shape: readonly number[], ...parts: Part[]): Binding => ({
  shape,
  parts,
  shift: zero,
  factor: 1,
});
/** Consecutive views along one axis of a common result, as one part. */
const joined = (parameters: readonly (Node | undefined)[], owner: number[], index: number[]): Part => ({
  parameters: parameters.filter((node) => node !== undefined),
  owner: Uint16Array.from(owner),
  index: Int32Array.from(index),
});

describe("a binding is written", () => {
  const { nodes, text } = code();
  const { A, C, v, w, u } = nodes;

  test.for([
    ["A", bound([4, 6], view(A, [4, 6], [6, 1]))],
    ["A^T", bound([6, 4], view(A, [6, 4], [1, 6]))],
    ["A[2:4, :]", bound([2, 6], view(A, [2, 6], [6, 1], 12))],
    ["A[:, 3:6]^T", bound([3, 4], view(A, [3, 4], [1, 6], 3))],
    ["A[:, 1:6:2]", bound([4, 3], view(A, [4, 3], [6, 2], 1))],
    ["A[1:4:2, 0:3]", bound([2, 3], view(A, [2, 3], [12, 1], 6))],
    ["A[3, :]", bound([6], view(A, [6], [1], 18))],
    ["A[:, 5]", bound([4, 1], view(A, [4, 1], [6, 0], 5))],
    ["A[1, 2]", bound([], view(A, [], [], 8))],
    ["C with axes [2, 0, 1]", bound([4, 2, 3], view(C, [4, 2, 3], [1, 12, 4]))],
    ["C[1, :, :]^T", bound([4, 3], view(C, [4, 3], [1, 4], 12))],
    ["u", bound([6], view(u, [6], [1]))],
    ["v + w", bound([6], view(v, [6], [1]), view(w, [6], [1]))],
    ["1 + v", { ...bound([6], view(v, [6], [1])), shift: rational(1) }],
    ["3 · (-0.5 + v)", { ...bound([6], view(v, [6], [1])), shift: rational(-1, 2), factor: 3 }],
    ["2 · v", { ...bound([6], view(v, [6], [1])), factor: 2 }],
    ["-1 · (v + w)", { ...bound([6], view(v, [6], [1]), view(w, [6], [1])), factor: -1 }],
    // No slice goes backwards, repeats an entry, or runs over the end of a row.
    ["entries of v", bound([6], view(v, [6], [-1], 5))],
    ["entries of v", bound([2, 6], view(v, [2, 6], [0, 1]))],
    ["entries of A", bound([8], view(A, [8], [1]))],
    ["entries of A", bound([3], joined([A], [0, 0, 0], [0, 1, 5]))],
    ["entries of C", bound([3, 3], view(C, [3, 3], [4, 4]))],
    ["concat(v[0:2], w[3:6]; axis 0)", bound([5], joined([v, w], [0, 0, 1, 1, 1], [0, 1, 3, 4, 5]))],
    ["concat(v[0], w[0], v[1]; axis 0)", bound([3], joined([v, w], [0, 1, 0], [0, 0, 1]))],
    ["concat(v[0:2], w[0:2]; axis 1)", bound([1, 4], joined([v, w], [0, 0, 1, 1], [0, 1, 0, 1]))],
    ["entries of v, w", bound([2, 2], joined([v, w], [0, 1, 1, 0], [0, 1, 2, 3]))],
  ] as const)("%s", ([expected, binding]) => {
    expect(text(binding)).toBe(expected);
  });
});

/** The entries of a parameter that `A[…]^T` or `A[…] with axes […]` names, and their shape. */
function read(
  words: string,
  shape: readonly number[],
): { readonly shape: number[]; readonly index: Int32Array } {
  const [, slices, order, turned] = /^\w+(?:\[(.*?)\])?(?: with axes \[(.*)\]|(\^T))?$/.exec(words) ?? [];
  const own = strides(shape);
  const cuts = (slices?.split(", ") ?? shape.map(() => ":")).map((cut, axis) => {
    if (cut === ":") return { start: 0, size: at(shape, axis), step: 1 };
    const [start = 0, stop, step = 1] = cut.split(":").map(Number);
    return { start, size: stop === undefined ? 1 : Math.ceil((stop - start) / step), step };
  });
  const long = range(shape.length).filter((axis) => at(cuts, axis).size > 1);
  const axes = order?.split(", ").map(Number) ?? (turned === undefined ? long : [...long].reverse());
  const start = cuts.reduce((sum, cut, axis) => sum + cut.start * at(own, axis), 0);
  const sizes = axes.map((axis) => at(cuts, axis).size);
  const steps = axes.map((axis) => at(cuts, axis).step * at(own, axis));
  return { shape: sizes, index: positions(sizes, steps, start) };
}

test("slices and orders of axes are read back as the same entries", () => {
  const source = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 });
  const cut = source.chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.tuple(
        ...shape.map((size) => fc.tuple(fc.nat(size - 1), fc.nat(size - 1), fc.integer({ min: 1, max: 2 }))),
      ),
      fc.shuffledSubarray(range(shape.length), { minLength: shape.length }),
    ),
  );
  fc.assert(
    fc.property(cut, ([shape, cuts, order]) => {
      const sketch = new Sketch();
      const node = sketch.parameter("A", shape);
      const own = strides(shape);
      const first = cuts.map(([a, b]) => Math.min(a, b));
      const sizes = cuts.map(([a, b, step]) => Math.floor(Math.abs(a - b) / step) + 1);
      const start = zip(first, own).reduce((sum, [from, stride]) => sum + from * stride, 0);
      const viewed = order.map((axis) => at(sizes, axis));
      const steps = order.map((axis) => at(own, axis) * (at(cuts, axis)[2] ?? 1));
      const part = view(node, viewed, steps, start);
      const text = wordsOf(bound(viewed, part), () => "A");
      const found = read(text, shape);
      expect(found.index, text).toEqual(part.index);
      expect(found.shape, text).toEqual(viewed.filter((size) => size > 1));
    }),
    { numRuns: 300 },
  );
});
