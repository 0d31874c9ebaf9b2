/** @file Rules about tensors that are joined along an axis of their own. */
import { at } from "../base/assert.ts";
import { equalShapes } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { as, type Rule } from "./rule.ts";

export const stackRules: readonly Rule[] = [
  {
    name: "stack",
    algebra: "tensors of one shape, each with a new axis of size 1, joined along this axis → stack",
    apply: (node, make) => {
      const stacked = as(node, "Concat") && stackOf(node);
      return stacked && make("Stack", stacked.parts, { axis: stacked.axis });
    },
  },
];

interface Stacked {
  readonly parts: readonly Node[];
  readonly axis: number;
}

/** What a node joins along a new axis, and the place of that. */
export function stackOf(node: Node): Stacked | undefined {
  const stack = as(node, "Stack");
  if (stack !== undefined) return { parts: stack.inputs, axis: stack.attrs.axis };
  const joined = as(node, "Concat");
  if (joined === undefined) return undefined;
  const { axis } = joined.attrs;
  const parts = joined.inputs.flatMap((part) => as(part, "Reshape")?.inputs[0] ?? []);
  if (parts.length < joined.inputs.length) return undefined;
  const { shape } = at(parts, 0).type;
  const isNew = [...joined.inputs].every((part) => equalShapes(part.type.shape, shape.toSpliced(axis, 0, 1)));
  return isNew && parts.every((part) => equalShapes(part.type.shape, shape)) ? { parts, axis } : undefined;
}
