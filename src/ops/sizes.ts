/** @file What operators demand of the sizes of axes, and applications at other sizes that meet these demands. */
import { at } from "../base/assert.ts";
import { addDims, type Dim, type Shape } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";

/** An axis of a node's result. */
export interface AxisOf {
  readonly node: Node;
  readonly axis: number;
}

/** A relation between sizes beyond that axes which run together are equal, or 1. */
export type SizeDemand =
  /** The same number of elements, group by group of axes. */
  | { readonly kind: "product"; readonly left: readonly AxisOf[]; readonly right: readonly AxisOf[] }
  /** Of every `step` elements of an axis, the part has one. */
  | { readonly kind: "comb"; readonly whole: AxisOf; readonly part: AxisOf; readonly step: number }
  /** An axis is cut at two places; the part between them is an axis too. */
  | { readonly kind: "cut"; readonly whole: AxisOf; readonly start: Dim; readonly stop: Dim }
  /** An axis is filled up: by `width` elements in all, and by `interior` between any two. */
  | {
      readonly kind: "pad";
      readonly from: AxisOf;
      readonly to: AxisOf;
      readonly width: number;
      readonly interior: number;
    }
  /** Places of windows that reach over `extent` elements, `step` apart. */
  | {
      readonly kind: "windows";
      readonly from: AxisOf;
      readonly to: AxisOf;
      readonly extent: number;
      readonly step: number;
    }
  /** Each of these places has the largest of `extent` elements. */
  | { readonly kind: "largest"; readonly places: AxisOf; readonly extent: number }
  /** Nothing is known: these sizes stay. */
  | { readonly kind: "fixed"; readonly axes: readonly AxisOf[] };

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
  Max: ({ inputs }) => windowsOver(at(inputs, 0)),
  LogSumExp: none,
  Contract: none,
  Transpose: none,
  Broadcast: none,
  Take: none,
  Reshape: (node) => [{ kind: "product", left: axesOf(at(node.inputs, 0)), right: axesOf(node) }],
  Concat: (node) => {
    const { axis } = node.attrs;
    let start: Dim = 0;
    return node.inputs.map((input) => {
      const stop = addDims(start, at(input.type.shape, axis));
      const cut = { kind: "cut", whole: { node, axis }, start, stop } as const;
      start = stop;
      return cut;
    });
  },
  Pad: (node) => {
    const { axis, before, after, interior } = node.attrs;
    const [from, to, width] = [{ node: at(node.inputs, 0), axis }, { node, axis }, addDims(before, after)];
    if (typeof width !== "number") return [{ kind: "fixed", axes: [from, to] }];
    return [{ kind: "pad", from, to, width, interior }];
  },
  Windows: (node) => {
    const { axis, size, step, dilation } = node.attrs;
    const [from, to, elements] = [
      { node: at(node.inputs, 0), axis },
      { node, axis },
      { node, axis: axis + 1 },
    ];
    if (typeof size !== "number") return [{ kind: "fixed", axes: [from, to, elements] }];
    const extent = dilation * (size - 1) + 1;
    return [
      { kind: "windows", from, to, extent, step },
      { kind: "fixed", axes: [elements] },
    ];
  },
  Slice: (node) => {
    const { axis, start, stop, step } = node.attrs;
    const [whole, part] = [
      { node: at(node.inputs, 0), axis },
      { node, axis },
    ];
    if (step === 1) return [{ kind: "cut", whole, start, stop }];
    return isComb(sizeAt(whole), start, step, sizeAt(part))
      ? [{ kind: "comb", whole, part, step }]
      : [{ kind: "fixed", axes: [whole, part] }];
  },
};

export const sizeAt = ({ node, axis }: AxisOf): Dim => at(node.type.shape, axis);

const axesOf = (node: Node): AxisOf[] => node.type.shape.map((_, axis) => ({ node, axis }));

/** Windows whose elements are compared with each other. */
function windowsOver(node: Node): SizeDemand[] {
  const under = node.op === "Windows" ? windowsOver(at(node.inputs, 0)) : [];
  const own = sizeDemands(node).flatMap((demand) =>
    demand.kind === "windows" ? [{ kind: "largest" as const, places: demand.to, extent: demand.extent }] : [],
  );
  return [...under, ...own];
}

/** Whether a slice takes one element of each group of `step`, to the end of the axis. */
const isComb = (whole: Dim, start: Dim, step: number, part: Dim): boolean =>
  typeof whole === "number" &&
  typeof start === "number" &&
  typeof part === "number" &&
  start < step &&
  whole === part * step;

export function sizeDemands(node: Node): readonly SizeDemand[] {
  const rule = rules[node.op] as ((node: Node) => readonly SizeDemand[]) | undefined;
  return rule?.(node) ?? [{ kind: "fixed", axes: [node, ...node.inputs].flatMap(axesOf) }];
}

export interface OtherSizes {
  /** The shape of the node's result at the other sizes. */
  shape(node: Node): Shape;
  /** Where a place on an axis lies at its other size. */
  place(whole: AxisOf, place: Dim): Dim;
}

/** The node's attributes at other sizes. */
export function attrsAt(node: Node, sizes: OtherSizes): OpAttrs[OpName] {
  if (node.op !== "Slice") return withSizes(node, sizes.shape(node));
  const { axis, start, stop, step } = node.attrs;
  const whole = { node: at(node.inputs, 0), axis };
  if (step === 1) return { axis, start: sizes.place(whole, start), stop: sizes.place(whole, stop), step };
  const comb = isComb(sizeAt(whole), start, step, sizeAt({ node, axis }));
  return { axis, start, stop: comb ? at(sizes.shape(whole.node), axis) : stop, step };
}

/** Attributes under which the result has this shape. */
function withSizes(node: Node, shape: Shape): OpAttrs[OpName] {
  if ("shape" in node.attrs) return { ...node.attrs, shape };
  if (node.op === "Iota") return { ...node.attrs, size: at(shape, 0) };
  return node.attrs;
}
