/** @file What a rewrite rule is, and how rules see through operators that only repeat or rearrange. */
import { at, only, range } from "../base/assert.ts";
import { equal, type Rational, rational } from "../base/rational.ts";
import { type Dim, elementCount, equalDims, equalShapes, type Shape } from "../ir/dim.ts";
import type { Node, NodeOf } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { countedSizes, remaining } from "../ops/reduction.ts";

/** Makes a node in its simplest form. */
export type Make = <N extends OpName>(op: N, inputs: readonly Node[], attrs: OpAttrs[N]) => Node;

export interface Rule {
  readonly name: string;
  /** What becomes what, and under which conditions. */
  readonly algebra: string;
  /** The simpler node, or `undefined` where the rule does not apply. */
  apply(node: Node, make: Make): Node | undefined;
  /** The node whose place in the source the simpler one has, where that is another one. */
  placedAs?(node: Node): Node | undefined;
}

/** The node as one of this operator. */
export function as<N extends OpName>(node: Node | undefined, op: N): (NodeOf<N> & Node) | undefined {
  return node?.op === op ? (node as NodeOf<N> & Node) : undefined;
}

/** Whether two values have one shape and one kind of numbers. */
export const isSameType = (a: Node, b: Node): boolean =>
  a.type.dtype === b.type.dtype && equalShapes(a.type.shape, b.type.shape);

/** The node in this shape. */
export const reshaped = (node: Node, shape: Shape, make: Make): Node =>
  equalShapes(node.type.shape, shape) ? node : make("Reshape", [node], { shape });

/** Operands of a binary operator in both orders. */
export const bothOrders = (node: Node): readonly (readonly [Node, Node])[] => {
  const [x, y] = [at(node.inputs, 0), at(node.inputs, 1)];
  return [
    [x, y],
    [y, x],
  ];
};

/** The first result that is not `undefined`. */
export function firstOf<T, R>(items: readonly T[], attempt: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const result = attempt(item);
    if (result !== undefined) return result;
  }
  return undefined;
}

/** The value of a scalar constant. */
export const constantValue = (node: Node | undefined): Rational | undefined =>
  as(node, "Constant")?.attrs.value;

export const isNumber = (node: Node | undefined, value: number): boolean => {
  const own = constantValue(node);
  return own !== undefined && equal(own, rational(value));
};

/** The operand x of `op`, where node is op(x) under reshapes and broadcasts: with these put around x instead. */
export function peel(node: Node, op: "Neg" | "Reciprocal", make: Make): Node | undefined {
  const own = as(node, op);
  if (own !== undefined) return only(own.inputs);
  if (node.op !== "Reshape" && node.op !== "Broadcast") return undefined;
  const inner = peel(only<Node>(node.inputs), op, make);
  return inner && make<OpName>(node.op, [inner], node.attrs);
}

/**
 * The value that `node` repeats along `axes` of a tensor of this shape when NumPy stretches it: `node` itself where the
 * axes are leading, or what it gives axes of size 1.
 */
export function repeated(node: Node, shape: Shape, axes: readonly number[]): Node | undefined {
  const stretched = as(node, "Broadcast");
  const source = stretched && equalShapes(stretched.type.shape, shape) ? only(stretched.inputs) : node;
  const rest = remaining(shape.length, axes).map((axis) => at(shape, axis));
  const kept = shape.map((size, axis): Dim => (axes.includes(axis) ? 1 : size));
  if (equalShapes(source.type.shape, rest) && axes.every((axis, i) => axis === i)) return source;
  const reshaped = as(source, "Reshape");
  if (reshaped === undefined || !equalShapes(reshaped.type.shape, kept)) return undefined;
  const inner = only(reshaped.inputs);
  return equalShapes(inner.type.shape, rest) ? inner : undefined;
}

/** Every set of axes along which `node` can be a repeated value, when NumPy stretches it to this shape. */
export function repeatedAxes(node: Node, shape: Shape): readonly (readonly number[])[] {
  const source = as(node, "Broadcast")?.inputs[0] ?? node;
  const inner = as(source, "Reshape")?.inputs[0] ?? source;
  const count = shape.length - inner.type.shape.length;
  return choices(range(shape.length), count).filter((axes) => repeated(node, shape, axes) !== undefined);
}

function choices(items: readonly number[], count: number): number[][] {
  if (count <= 0) return count === 0 ? [[]] : [];
  return items.flatMap((item, i) => choices(items.slice(i + 1), count - 1).map((rest) => [item, ...rest]));
}

/** Whether `node`, stretched to this shape, has the same value all along an axis. */
export function isConstantAlong(node: Node, shape: Shape, axis: number): boolean {
  const own = axis - (shape.length - node.type.shape.length);
  const source = as(node, "Broadcast");
  if (source !== undefined && equalShapes(source.type.shape, shape))
    return isConstantAlong(only(source.inputs), shape, axis);
  return own < 0 || node.type.shape[own] === 1;
}

/** Whether a scalar is the number of elements along axes: a constant, or a sum of as many ones, be these integers. */
export function isCount(node: Node, shape: Shape, axes: readonly number[]): boolean {
  const count = elementCount(axes.map((axis) => at(shape, axis)));
  if (typeof count === "number") return isNumber(node, count);
  const counted = countedSizes(as(node, "Cast")?.inputs[0] ?? node);
  return counted !== undefined && equalDims(elementCount(counted), count);
}
