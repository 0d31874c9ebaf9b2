/** @file What operators demand of the sizes of axes, and applications at other sizes that meet these demands. */
import { at } from "../base/assert.ts";
import { dimsOf, mapDims } from "../ir/attributes.ts";
import { addDims, type Dim, type Shape } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";

/** A relation between sizes beyond that axes which run together are equal, or 1. */
export type SizeDemand =
  /** The same number of elements, group by group of axes. */
  | { readonly kind: "product"; readonly left: Shape; readonly right: Shape }
  /** An axis is cut at two places; the part between them is an axis too. */
  | { readonly kind: "cut"; readonly whole: Dim; readonly start: Dim; readonly stop: Dim }
  /** Nothing is known: these sizes stay. */
  | { readonly kind: "fixed"; readonly sizes: readonly Dim[] };

type Rules = { readonly [N in OpName]?: (node: Node & { readonly op: N }) => readonly SizeDemand[] };

const none = (): readonly SizeDemand[] => [];

/** Operators without a rule fix every size that they see. */
const rules: Rules = {
  Input: none,
  Parameter: none,
  Constant: none,
  NamedConstant: none,
  Iota: none,
  Add: none,
  Sub: none,
  Mul: none,
  Div: none,
  Neg: none,
  Exp: none,
  Log: none,
  Sqrt: none,
  Power: none,
  Sin: none,
  Cos: none,
  Erf: none,
  Abs: none,
  Maximum: none,
  Minimum: none,
  Less: none,
  Equal: none,
  Not: none,
  And: none,
  Where: none,
  Cast: none,
  StopGradient: none,
  Sum: none,
  Max: none,
  LogSumExp: none,
  Contract: none,
  Transpose: none,
  Broadcast: none,
  Take: none,
  Reshape: ({ inputs, type }) => [{ kind: "product", left: at(inputs, 0).type.shape, right: type.shape }],
  Concat: ({ inputs, attrs: { axis }, type }) => {
    const whole = at(type.shape, axis);
    let start: Dim = 0;
    return inputs.map((input) => {
      const stop = addDims(start, at(input.type.shape, axis));
      const cut = { kind: "cut", whole, start, stop } as const;
      start = stop;
      return cut;
    });
  },
  Pad: ({ inputs, attrs: { axis }, type }) => [
    { kind: "fixed", sizes: [at(at(inputs, 0).type.shape, axis), at(type.shape, axis)] },
  ],
  Windows: ({ inputs, attrs: { axis, size }, type }) => [
    { kind: "fixed", sizes: [at(at(inputs, 0).type.shape, axis), at(type.shape, axis), size] },
  ],
  Slice: ({ inputs, attrs: { axis, start, stop, step }, type }) => {
    const [whole, part] = [at(at(inputs, 0).type.shape, axis), at(type.shape, axis)];
    if (step === 1) return [{ kind: "cut", whole, start, stop }];
    if (!isComb(whole, start, step, part)) return [{ kind: "fixed", sizes: [whole, part] }];
    return [
      { kind: "product", left: [whole], right: [part, step] },
      { kind: "fixed", sizes: [step] },
    ];
  },
};

/** Whether a slice takes one element of each group of `step`, to the end of the axis. */
const isComb = (whole: Dim, start: Dim, step: number, part: Dim): boolean =>
  typeof whole === "number" &&
  typeof start === "number" &&
  typeof part === "number" &&
  start < step &&
  whole === part * step;

export function sizeDemands(node: Node): readonly SizeDemand[] {
  const rule = rules[node.op] as ((node: Node) => readonly SizeDemand[]) | undefined;
  return rule?.(node) ?? [{ kind: "fixed", sizes: [...node.inputs.flatMap(dimsOf), ...dimsOf(node)] }];
}

export interface OtherSizes {
  size(dim: Dim): Dim;
  /** Where a place on an axis of size `whole` lies at its other size. */
  place(whole: Dim, place: Dim): Dim;
}

/** The node's attributes at other sizes. */
export function attrsAt(node: Node, sizes: OtherSizes): OpAttrs[OpName] {
  if (node.op !== "Slice") return mapDims<OpAttrs[OpName]>(node.attrs, (dim) => sizes.size(dim));
  const { axis, start, stop, step } = node.attrs;
  const whole = at(at(node.inputs, 0).type.shape, axis);
  if (step === 1) return { axis, start: sizes.place(whole, start), stop: sizes.place(whole, stop), step };
  const comb = isComb(whole, start, step, at(node.type.shape, axis));
  return { axis, start, stop: comb ? sizes.size(whole) : stop, step };
}
