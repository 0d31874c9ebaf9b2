/** @file Rules for places along an axis: the element at the one that integers say, and the one of the largest or smallest element. */
import { only } from "../base/assert.ts";
import { equalShapes, type Shape } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { isPositional } from "../ops/traits.ts";
import { indexForm } from "./index-forms.ts";
import {
  as,
  bothOrders,
  firstOf,
  isNumber,
  isSameType,
  type Make,
  type Rule,
  repeated,
  reshaped,
} from "./rule.ts";

export const placeRules: readonly Rule[] = [
  {
    name: "element-at-place",
    algebra:
      "Σ_i where(k == i, a_i, 0) → a_k for integers k of data, one for each row of numbers a that are more than positions",
    apply: (node, make) => {
      const taken = takenAlong(node, make);
      if (taken === undefined || [taken.x, taken.places].some(isPositional)) return undefined;
      const { x, places, axis, others } = taken;
      if (places.type.shape.length === 0 || x.type.dtype === "bool") return undefined;
      const one = make("TakeAlong", [x, places], { axis });
      return others.length === 0 ? one : make("Sum", [one], { axes: others });
    },
  },
  {
    name: "place-of-extreme",
    algebra: "Σ_i where(rank_i(a) == 0, i, 0) → argmax_i(a), and argmin_i(a) for rank_i(−a)",
    apply: (node, make) => {
      const sum = as(node, "Sum");
      const [isFirst, places, nothing] = as(sum?.inputs[0], "Where")?.inputs ?? [];
      const [ranks, zero] = as(isFirst, "Equal")?.inputs ?? [];
      const rank = as(ranks, "Rank");
      if (sum === undefined || rank === undefined || places === undefined || !isZero(zero)) return undefined;
      const { axis } = rank.attrs;
      const { shape } = rank.type;
      const isAlong = isIndex(places, shape.length - axis) && isNumber(nothing, 0);
      const isWhole = equalShapes(only<Node>(sum.inputs).type.shape, shape);
      if (!isAlong || !isWhole || sum.attrs.axes.join() !== String(axis)) return undefined;
      const falling = only(rank.inputs);
      const rising = as(falling, "Neg")?.inputs[0];
      const place = rising ? make("Argmin", [rising], { axis }) : make("Argmax", [falling], { axis });
      return isSameType(place, node) ? place : undefined;
    },
  },
];

export interface TakenAlong {
  readonly x: Node;
  readonly places: Node;
  readonly axis: number;
  /** Axes that are summed too, once that of the places is gone. */
  readonly others: readonly number[];
}

/** What Σ_i where(k == i, a_i, 0) is made of, perhaps summed along other axes too. */
export function takenAlong(node: Node, make: Make): TakenAlong | undefined {
  const sum = as(node, "Sum");
  const [condition, x, nothing] = as(sum?.inputs[0], "Where")?.inputs ?? [];
  const equality = as(condition, "Equal");
  if (sum === undefined || equality === undefined || x === undefined || !isNumber(nothing, 0))
    return undefined;
  const { shape } = x.type;
  if (!equalShapes(only<Node>(sum.inputs).type.shape, shape)) return undefined;
  return firstOf(sum.attrs.axes, (axis) =>
    firstOf(bothOrders(equality), ([marked, index]) => {
      const places = isIndex(index, shape.length - axis) ? ofRows(marked, shape, axis, make) : undefined;
      if (places === undefined || isReal(places.type.dtype) || places.type.dtype === "bool") return undefined;
      const others = sum.attrs.axes.flatMap((own) => (own === axis ? [] : [own > axis ? own - 1 : own]));
      return { x, places, axis, others };
    }),
  );
}

/** What is the same all along an axis of this shape, without that axis. */
function ofRows(node: Node, shape: Shape, axis: number, make: Make): Node | undefined {
  if (!equalShapes(node.type.shape, shape.with(axis, 1))) return repeated(node, shape, [axis]);
  return reshaped(as(node, "Reshape")?.inputs[0] ?? node, shape.toSpliced(axis, 1), make);
}

/** Whether integers are 0 everywhere, be it as the index along an axis of size 1. */
function isZero(node: Node | undefined): boolean {
  const form = node && indexForm(node);
  return form?.offset === 0 && form.multiples.size === 0;
}

/** Whether integers are the index along an axis, which is counted from the last. */
function isIndex(node: Node, fromLast: number): boolean {
  const form = indexForm(node);
  return form?.offset === 0 && form.multiples.size === 1 && form.multiples.get(fromLast) === 1;
}
