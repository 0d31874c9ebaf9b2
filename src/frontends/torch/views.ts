/**
 * @file Tensors that share their numbers, so that a change of one in place is a change of all. In the graph nothing changes:
 * the names of the program come to stand for other values.
 */
import { at } from "../../base/assert.ts";
import { addDims, type Dim } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { type Call, NotCovered } from "./call.ts";
import { withPart, withSteps } from "./operators-parts.ts";
import { sliceEnd } from "./operators-structure.ts";
import { type ProgramNode, type TensorMeta, tensorNames } from "./schema.ts";

/** How a view came about: which tensor it shows, by which operator, and as which of its results. */
export interface View {
  readonly base: string;
  readonly node: ProgramNode;
  readonly index: number;
}

/** What a tensor becomes when a view of it becomes `changed`; `c` is the call that made the view. */
type Inverse = (c: Call, base: Node, changed: Node, index: number) => Node;

const reshaped: Inverse = (c, base, changed) => c.reshape(changed, base.type.shape);

/** The order of axes is found by what the operator does to them. */
const permuted =
  (axes: (c: Call, rank: number) => readonly number[]): Inverse =>
  (c, base, changed) => {
    const order = axes(c, base.type.shape.length);
    return c.transpose(
      changed,
      order.map((_, axis) => order.indexOf(axis)),
    );
  };
const swapped = (order: readonly number[], i: number, j: number): number[] =>
  order.map((axis) => (axis === i ? j : axis === j ? i : axis));
const upTo = (rank: number): number[] => Array.from({ length: rank }, (_, axis) => axis);

const ofSlice: Inverse = (c, base, changed) => {
  const axis = c.axis("dim", base.type.shape.length, 0);
  const size = at(base.type.shape, axis);
  const start = c.has("start") ? sliceEnd(c.dim("start"), size) : 0;
  const step = c.int("step", 1);
  if (step === 1) return withPart(c, base, changed, axis, start);
  if (typeof start !== "number") throw new NotCovered("a change at every few places from a symbolic one on");
  return withSteps(c, base, changed, axis, [start, step]);
};
const ofSelection: Inverse = (c, base, changed) => {
  const axis = c.axis("dim", base.type.shape.length);
  const start = sliceEnd(c.dim("index"), at(base.type.shape, axis));
  return withPart(c, base, c.reshape(changed, base.type.shape.with(axis, 1)), axis, start);
};
const ofNarrow: Inverse = (c, base, changed) => {
  const axis = c.axis("dim", base.type.shape.length);
  return withPart(c, base, changed, axis, sliceEnd(c.dim("start"), at(base.type.shape, axis)));
};
const ofPiece: Inverse = (c, base, changed, index) => {
  const axis = c.axis("dim", base.type.shape.length, 0);
  const start = c.declared.slice(0, index).reduce<Dim>((sum, { shape }) => addDims(sum, at(shape, axis)), 0);
  return withPart(c, base, changed, axis, start);
};
const ofRow: Inverse = (c, base, changed, index) => {
  const axis = c.axis("dim", base.type.shape.length, 0);
  return withPart(c, base, c.reshape(changed, base.type.shape.with(axis, 1)), axis, index);
};
const lost: Inverse = () => {
  throw new NotCovered("a change through a view that repeats or picks elements");
};

/** Operators whose results share their numbers with their first operand. */
const views: ReadonlyMap<string, Inverse> = new Map(
  Object.entries({
    alias: reshaped,
    detach: reshaped,
    view: reshaped,
    _unsafe_view: reshaped,
    view_as: reshaped,
    squeeze: reshaped,
    unsqueeze: reshaped,
    flatten: reshaped,
    unflatten: reshaped,
    reshape: reshaped,
    reshape_as: reshaped,
    ravel: reshaped,
    contiguous: reshaped,
    dropout: reshaped,
    feature_dropout: reshaped,
    to: reshaped,
    type_as: reshaped,
    positive: reshaped,
    lift_fresh: reshaped,
    transpose: permuted((c, rank) => swapped(upTo(rank), c.axis("dim0", rank), c.axis("dim1", rank))),
    permute: permuted((c, rank) => c.axisList("dims", rank)),
    t: permuted((_, rank) => upTo(rank).toReversed()),
    numpy_T: permuted((_, rank) => upTo(rank).toReversed()),
    mT: permuted((_, rank) => swapped(upTo(rank), rank - 2, rank - 1)),
    slice: ofSlice,
    select: ofSelection,
    narrow: ofNarrow,
    split: ofPiece,
    split_with_sizes: ofPiece,
    chunk: ofPiece,
    tensor_split: ofPiece,
    unbind: ofRow,
    expand: lost,
    expand_as: lost,
    broadcast_to: lost,
    diagonal: lost,
    unfold: lost,
    movedim: lost,
    swapaxes: lost,
    as_strided: lost,
  }),
);

const inverseOf = (target: string): Inverse | undefined =>
  views.get(/^torch\.ops\.aten\.(\w+)\./.exec(target)?.[1] ?? "");

/** Operators that give their operand itself where its memory already lies as they want it, and a copy elsewhere. */
const perhapsCopies = /\.(reshape|reshape_as|flatten|ravel|contiguous|to|type_as)\./;

const numberOf = (size: TensorMeta["sizes"][number]): number =>
  "as_int" in size ? Number(size.as_int) : Number.NaN;

/** Whether the elements lie in row-major order without gaps; axes of size 1 have any stride. */
function isContiguous({ sizes, strides }: TensorMeta): boolean {
  let expected = 1;
  for (let axis = sizes.length - 1; axis >= 0; axis--) {
    const size = at(sizes, axis);
    if (numberOf(size) !== 1 && numberOf(at(strides, axis)) !== expected) return false;
    expected *= numberOf(size);
    // A symbolic size: the strides before it can't be compared as numbers.
    if (Number.isNaN(expected)) return axis === 0 || !sizes.slice(0, axis).some((one) => numberOf(one) !== 1);
  }
  return true;
}

/** Which names show which others. */
export class Views {
  readonly #views = new Map<string, View>();
  readonly #shownBy = new Map<string, string[]>();

  /** Notes the results of a node that show its first operand; `meta` tells how a tensor lies in memory. */
  record(node: ProgramNode, meta: (name: string) => TensorMeta): void {
    const [operand] = node.inputs.slice(0, 1).flatMap(({ arg }) => tensorNames(arg));
    const results = node.outputs.flatMap(tensorNames);
    if (operand === undefined || inverseOf(node.target) === undefined) return;
    for (const [index, name] of results.entries()) {
      if (perhapsCopies.test(node.target) && isCopy(meta(operand), meta(name))) continue;
      this.#add(name, { base: operand, node, index });
    }
  }
  #add(name: string, view: View): void {
    // Names of a forged file may show each other in a ring.
    if (this.root(view.base) === name || this.#views.has(name)) return;
    this.#views.set(name, view);
    this.#shownBy.set(view.base, [...(this.#shownBy.get(view.base) ?? []), name]);
  }
  /** The result of an operator that changes its operand is that operand. */
  same(name: string, operand: string): void {
    this.#add(name, { base: operand, node: identity, index: 0 });
  }

  of(name: string): View | undefined {
    return this.#views.get(name);
  }
  showing(name: string): readonly string[] {
    return this.#shownBy.get(name) ?? [];
  }
  /** The tensor that is no view, at the end of the chain. */
  root(name: string): string {
    let own = name;
    for (let view = this.#views.get(own); view !== undefined; view = this.#views.get(own)) own = view.base;
    return own;
  }
}

/** A view of a whole tensor as it is. */
const identity: ProgramNode = {
  target: "torch.ops.aten.alias.default",
  inputs: [],
  outputs: [],
  metadata: {},
};

/** A copy lies in row-major order, and so does the view of a tensor that does; a view of any other does not. */
const isCopy = (from: TensorMeta, to: TensorMeta): boolean =>
  from.dtype !== to.dtype || (!isContiguous(from) && isContiguous(to));

/** What the base of a view becomes. Throws NotCovered for views that can't be written through. */
export function writtenThrough(view: View, call: Call, base: Node, changed: Node): Node {
  const inverse = inverseOf(view.node.target) ?? lost;
  return inverse(call, base, changed, view.index);
}
