/** @file Integers that are sums of multiples of indices, such as i − j + 1: what masks and windows compare. */
import { at, only } from "../base/assert.ts";
import { type Answering, deeply } from "../base/deeply.ts";
import { toNumber } from "../base/rational.ts";
import { addDims, equalDims } from "../ir/dim.ts";
import type { Node, NodeOf } from "../ir/graph.ts";
import type { OpName } from "../ir/operators.ts";
import { isReal } from "../ir/type.ts";
import { parseContraction } from "../ops/reduction.ts";
import { definitionOf } from "../ops/table.ts";
import { isClosed } from "../ops/traits.ts";
import { as, constantValue } from "./rule.ts";

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
export const indexForm = (node: Node): IndexForm | undefined =>
  isClosed(node) ? deeply(formOf)(node) : undefined;

function* formOf(node: Node): Answering<Node, IndexForm | undefined> {
  const form = yield* wholeForm(node);
  if (form === undefined) return undefined;
  // An index along an axis of size 1 is 0.
  const counting = [...form.multiples].filter(([axis]) => node.type.shape.at(-axis) !== 1);
  return { offset: form.offset, multiples: new Map(counting) };
}

function* wholeForm(node: Node): Answering<Node, IndexForm | undefined> {
  if (node.op === "Iota") return { offset: 0, multiples: new Map([[1, 1]]) };
  const value = constantValue(node);
  if (value !== undefined)
    return value.denominator === 1n ? { offset: toNumber(value), multiples: new Map() } : undefined;
  if (node.op === "Concat") {
    const parts: (IndexForm | undefined)[] = [];
    for (const part of node.inputs) parts.push(yield part);
    return joined(node, parts);
  }
  if (node.op === "Contract") {
    const forms = [yield at(node.inputs, 0), yield at(node.inputs, 1)];
    return cumulated(node, forms);
  }
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
  Slice: cut,
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

/** The form of elements start, start + step, … of one axis. */
function cut(node: Node, { offset, multiples }: IndexForm): IndexForm | undefined {
  const slice = as(node, "Slice");
  if (slice === undefined || typeof slice.attrs.start !== "number") return undefined;
  const { axis, start, step } = slice.attrs;
  const place = node.type.shape.length - axis;
  const multiple = multiples.get(place) ?? 0;
  return sum(
    { offset: offset + start * multiple, multiples },
    { offset: 0, multiples: new Map([[place, (step - 1) * multiple]]) },
  );
}

/** The form of parts that go on counting where the one before ended; one of a single element may count by any number. */
function joined(node: NodeOf<"Concat">, parts: readonly (IndexForm | undefined)[]): IndexForm | undefined {
  const place = node.type.shape.length - node.attrs.axis;
  const known = parts.filter((part) => part !== undefined);
  const sizes = node.inputs.map((input) => at(input.type.shape, node.attrs.axis));
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce(addDims, 0));
  const first = known[0];
  const next = starts[1];
  if (known.length < parts.length || first === undefined || typeof next !== "number") return undefined;
  const long = known.find((_, i) => sizes[i] !== 1);
  const step = long?.multiples.get(place) ?? (at(known, 1).offset - first.offset) / next;
  const whole = sum(first, {
    offset: 0,
    multiples: new Map([[place, step - (first.multiples.get(place) ?? 0)]]),
  });
  const goesOn = known.every((part, i) => {
    const start = starts[i];
    if (typeof start !== "number") return false;
    const rest = sum(sum(whole, { offset: start * step, multiples: new Map() }), scaled(part, -1));
    const others = [...rest.multiples.keys()].filter((axis) => axis !== place || sizes[i] !== 1);
    return rest.offset === 0 && others.length === 0;
  });
  return goesOn ? whole : undefined;
}

/** Σ_j c over those j ≤ i, which are i + 1; and any sum of zeros. */
function cumulated(
  node: NodeOf<"Contract">,
  forms: readonly (IndexForm | undefined)[],
): IndexForm | undefined {
  const which = forms.findIndex((form) => form?.multiples.size === 0);
  const number = forms[which]?.offset;
  if (number === undefined) return undefined;
  const mask = at(node.inputs, 1 - which);
  // Real numbers may be infinite, of which 0 leaves no number.
  if (number === 0) return isReal(mask.type.dtype) ? undefined : { offset: 0, multiples: new Map() };
  const facts = parseContraction(node.attrs.equation);
  const letters = which === 0 ? facts.right : facts.left;
  const [condition, ...others] = conditionForms(mask.op === "Cast" ? only<Node>(mask.inputs) : mask) ?? [];
  const axisOf = ([place]: readonly [number, number]): number => letters.length - place;
  const later = [...(condition?.multiples ?? [])].find(([, multiple]) => multiple === 1);
  const summed = [...(condition?.multiples ?? [])].find(([, multiple]) => multiple === -1);
  if (
    others.length > 0 ||
    later === undefined ||
    summed === undefined ||
    condition?.offset !== 0 ||
    condition.multiples.size !== 2
  )
    return undefined;
  const { shape } = mask.type;
  const isCounted =
    facts.summed.length === 1 &&
    facts.summed[0] === letters[axisOf(summed)] &&
    equalDims(at(shape, axisOf(summed)), at(shape, axisOf(later)));
  const place = facts.out.length - facts.out.indexOf(at(letters, axisOf(later)));
  return isCounted ? { offset: number, multiples: new Map([[place, number]]) } : undefined;
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

/** The form of left − right + offset. */
export function difference(left: Node, right: Node, offset: number): IndexForm | undefined {
  const [a, b] = [indexForm(left), indexForm(right)];
  return a && b && sum(sum(a, scaled(b, -1)), { offset, multiples: new Map() });
}
