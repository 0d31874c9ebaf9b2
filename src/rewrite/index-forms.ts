/** @file Integers that are sums of multiples of indices, such as i − j + 1: what masks and windows compare. */
import { at, only } from "../base/assert.ts";
import { type Answering, deeply } from "../base/deeply.ts";
import { toNumber } from "../base/rational.ts";
import type { Node } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { definitionOf } from "../ops/table.ts";
import { isClosed } from "../ops/traits.ts";
import { constantValue } from "./rule.ts";

/** A number, and a multiple of the index along each axis, which are counted from the last, 1. */
export interface IndexForm {
  readonly offset: number;
  readonly multiples: ReadonlyMap<number, number>;
}

const scaled = ({ offset, multiples }: IndexForm, by: number): IndexForm => ({
  offset: offset * by,
  multiples: new Map([...multiples].map(([axis, multiple]) => [axis, multiple * by])),
});

function sum(a: IndexForm, b: IndexForm): IndexForm {
  const multiples = new Map(a.multiples);
  for (const [axis, multiple] of b.multiples) multiples.set(axis, (multiples.get(axis) ?? 0) + multiple);
  return { offset: a.offset + b.offset, multiples: new Map([...multiples].filter(([, own]) => own !== 0)) };
}

/** What a node is as a sum of multiples of indices; `undefined` for everything else. */
const indexForm = (node: Node): IndexForm | undefined => (isClosed(node) ? deeply(formOf)(node) : undefined);

function* formOf(node: Node): Answering<Node, IndexForm | undefined> {
  if (node.op === "Iota") return { offset: 0, multiples: new Map([[1, 1]]) };
  const value = constantValue(node);
  if (value !== undefined)
    return value.denominator === 1n ? { offset: toNumber(value), multiples: new Map() } : undefined;
  const combine = combinations[node.op];
  if (combine === undefined) return undefined;
  const [first, second] = node.inputs;
  const a = first && (yield first);
  const b = second && (yield second);
  return a && combine(node, a, b);
}

type Combine = (node: Node, a: IndexForm, b: IndexForm | undefined) => IndexForm | undefined;

const combinations: { readonly [N in OpName]?: Combine } = {
  Add: (_, a, b) => b && sum(a, b),
  Sub: (_, a, b) => b && sum(a, scaled(b, -1)),
  Neg: (_, a) => scaled(a, -1),
  Mul: (_, a, b) => b && product(a, b),
  Cast: (node, a) => (node.type.dtype === "bool" ? undefined : a),
  Reshape: moved,
  Transpose: moved,
  Broadcast: moved,
};

function product(a: IndexForm, b: IndexForm): IndexForm | undefined {
  if (a.multiples.size === 0) return scaled(b, a.offset);
  return b.multiples.size === 0 ? scaled(a, b.offset) : undefined;
}

/** The form behind what only rearranges; `undefined` where an index is no longer one. */
function moved(node: Node, { offset, multiples }: IndexForm): IndexForm | undefined {
  const source = only<Node>(node.inputs);
  const { operands, result } = definitionOf(node.op).axes([source.type], node.attrs, node.type);
  const labels = only(operands);
  const places = [...multiples].map(([axis, multiple]): readonly [number, number] => {
    const label = at(labels, labels.length - axis);
    return [label === undefined ? 0 : result.length - result.indexOf(label), multiple];
  });
  const isKept = places.every(([axis]) => axis > 0 && axis <= result.length);
  return isKept ? { offset, multiples: new Map(places) } : undefined;
}

/** The forms that are all at least 0 where a condition holds, or where it does not: comparisons of integers, joined and rearranged perhaps. */
export function conditionForms(node: Node, holds = true): readonly IndexForm[] | undefined {
  if (node.op === "Reshape" || node.op === "Transpose" || node.op === "Broadcast") {
    const inner = conditionForms(only<Node>(node.inputs), holds)?.map((form) => moved(node, form));
    const known = inner?.filter((form) => form !== undefined);
    return known?.length === inner?.length ? known : undefined;
  }
  const [a, b] = node.inputs;
  if (a !== undefined && node.op === "Not") return conditionForms(a, !holds);
  if (a === undefined || b === undefined) return undefined;
  if (node.op === "And" && holds) {
    const parts = [conditionForms(a), conditionForms(b)].filter((forms) => forms !== undefined);
    return parts.length === 2 ? parts.flat() : undefined;
  }
  const form = node.op !== "Less" ? undefined : holds ? difference(b, a, -1) : difference(a, b, 0);
  return form && [form];
}

function difference(left: Node, right: Node, offset: number): IndexForm | undefined {
  const [a, b] = [indexForm(left), indexForm(right)];
  return a && b && sum(sum(a, scaled(b, -1)), { offset, multiples: new Map() });
}
