/** @file Rules that name what attention does to axes: heads that are split, merged and repeated. */
import { at, only, range } from "../base/assert.ts";
import {
  type Dim,
  elementCount,
  equalDims,
  equalShapes,
  multiplyDims,
  type Shape,
  symbolsOf,
} from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { type Factor, type Traced, traced } from "./axis-factors.ts";
import { as, type Make, type Rule, reshaped } from "./rule.ts";

export const headRules: readonly Rule[] = [
  {
    name: "split-heads",
    algebra:
      "[…, T, m H k] rearranged to […, H, T, k], of whose m parts one is picked → split(H) of this part, with the axes in front in their order",
    apply: (node, make) =>
      node.op === "Transpose" || node.op === "Reshape" ? splitOf(node, make) : undefined,
  },
  {
    name: "split-once",
    algebra: "split(H) of a, with an axis put in front and taken away → split(H) of a",
    apply: (node) => {
      const back = as(node, "Reshape");
      const heads = as(as(back?.inputs[0], "Reshape")?.inputs[0], "SplitHeads");
      return heads !== undefined && back !== undefined && equalShapes(heads.type.shape, back.attrs.shape)
        ? heads
        : undefined;
    },
  },
  {
    name: "merge-heads",
    algebra:
      "[…, H, T, k] rearranged so that H k is the last axis → merge, with the axes in front in their order",
    apply: (node, make) => (node.op === "Reshape" ? mergeOf(node, make) : undefined),
  },
  {
    name: "repeat",
    algebra:
      "a with a new axis behind an axis, stretched to n and joined with that axis → repeat(a, n); of a product that got an axis of size 1 in front of the last two split(1)",
    apply: (node, make) => {
      const joined = as(node, "Reshape");
      const copied = as(joined?.inputs[0], "Broadcast");
      const apart = as(copied?.inputs[0], "Reshape");
      if (joined === undefined || copied === undefined || apart === undefined) return undefined;
      const { shape } = apart.attrs;
      const [place, ...more] = range(shape.length).filter(
        (axis) => !equalDims(at(shape, axis), at(copied.attrs.shape, axis)),
      );
      const count = place === undefined ? undefined : copied.attrs.shape[place];
      if (place === undefined || place === 0 || more.length > 0) return undefined;
      if (typeof count !== "number" || copied.attrs.shape.length > shape.length) return undefined;
      const axis = place - 1;
      const before = shape.toSpliced(place, 1);
      const whole = before.with(axis, multiplyDims(at(before, axis), count));
      const isJoined = equalShapes(withoutUnits(whole), withoutUnits(joined.attrs.shape));
      if (!isJoined) return undefined;
      const source = reshaped(only(apart.inputs), before, make);
      const made = make("Repeat", [axis === source.type.shape.length - 3 ? oneHead(source, make) : source], {
        axis,
        count,
      });
      return reshaped(made, joined.attrs.shape, make);
    },
  },
  {
    name: "transpose-of-stack",
    algebra: "matrices of a stack transposed while its leading axes are joined → the stack transposed",
    apply: (node, make) => {
      const outer = as(node, "Reshape");
      const turned = as(outer?.inputs[0], "Transpose");
      const inner = as(turned?.inputs[0], "Reshape");
      if (outer === undefined || turned === undefined || inner === undefined) return undefined;
      const { shape } = outer.attrs;
      const swapped = lastSwapped(shape.length);
      const stack = swapped.map((axis) => at<Dim>(shape, axis));
      const fits =
        shape.length > 2 &&
        turned.attrs.permutation.join() === "0,2,1" &&
        equalShapes(inner.attrs.shape, [elementCount(stack.slice(0, -2)), ...stack.slice(-2)]);
      return fits
        ? make("Transpose", [reshaped(only(inner.inputs), stack, make)], { permutation: swapped })
        : undefined;
    },
  },
];

const withoutUnits = (shape: Shape): Shape => shape.filter((size) => size !== 1);

/** […, 1, T, k] as the one head of […, T, k], which may have been turned since. */
function oneHead(node: Node, make: Make): Node {
  const turned = as(node, "Rotary");
  if (turned !== undefined) {
    const [x, angles] = [at(turned.inputs, 0), at(turned.inputs, 1)];
    return make("Rotary", [oneHead(x, make), angles], turned.attrs);
  }
  const trace = traced(node);
  const rest = node.type.shape.toSpliced(-3, 1);
  if (trace === undefined || node.type.shape.at(-3) !== 1 || !isProjected(trace.source)) return node;
  const isOrdered = sameParts(trace.before.flat(), trace.after.flat());
  return isOrdered && equalShapes(trace.source.type.shape, rest)
    ? make("SplitHeads", [trace.source], { heads: 1 })
    : node;
}

/** Whether a value is a product with a matrix, perhaps with a bias, or a part of one. */
const isProjected = (node: Node): boolean =>
  node.op === "Contract" || ((node.op === "Add" || node.op === "Slice") && node.inputs.some(isProjected));

const lastSwapped = (rank: number): number[] => [...range(rank - 2), rank - 1, rank - 2];

/** What splits the last axis of a tensor into heads, in front of the axis behind them. */
function splitOf(node: Node, make: Make): Node | undefined {
  const trace = withQuery(traced(node));
  const last = trace?.before.at(-1) ?? [];
  const axes = (trace?.after ?? []).filter((parts) => parts.length > 0);
  const order = axes.flatMap((parts) => (parts.length === 1 ? parts : []));
  const [heads, size] = last.slice(-2);
  if (trace === undefined || heads === undefined || size === undefined || trace.picked.has(heads))
    return undefined;
  if (order.length < axes.length || order.length < 3) return undefined;
  // Keys may be transposed already.
  const isTransposed = order.at(-2) === size;
  const split = isTransposed ? swapped(order) : order;
  const front = [...split.slice(0, -3), at(split, split.length - 2)];
  if (split.at(-3) !== heads || split.at(-1) !== size) return undefined;
  // A number of heads needs a name.
  if (typeof heads.size !== "number" && !symbolsOf([heads.size]).has(heads.size.key)) return undefined;
  const others = trace.before.slice(0, -1).flat();
  const isWhole = others.length === front.length && others.every((factor) => front.includes(factor));
  if (!isWhole) return undefined;
  const permutation = [
    ...front.map((factor) => others.findIndex((other) => other === factor)),
    others.length,
  ];
  const shape = [...others.map((factor) => factor.size), multiplyAll(last)];
  const part = partOf(trace, transposed(reshaped(trace.source, shape, make), permutation, make), make);
  if (part === undefined) return undefined;
  const made = make("SplitHeads", [part], { heads: heads.size });
  const rank = made.type.shape.length;
  const laid = isTransposed ? make("Transpose", [made], { permutation: lastSwapped(rank) }) : made;
  return reshaped(laid, node.type.shape, make);
}

/** A single query, the axis of size 1 in front of the last one, with a part of its own: where it stands behind heads it is theirs. */
function withQuery(trace: Traced | undefined): Traced | undefined {
  if (trace === undefined || trace.before.length < 3) return trace;
  const { before, after } = trace;
  const [heads, ...others] = after.slice(-3);
  const places = range(others.length).filter((place) => at(others, place).length === 0);
  const isSingle = before.at(-2)?.length === 0 && heads?.length === 1 && places.length === 1;
  if (!isSingle) return trace;
  const query: readonly Factor[] = [{ size: 1 }];
  const place = after.length - others.length + at(places, 0);
  return { ...trace, before: before.with(before.length - 2, query), after: after.with(place, query) };
}

/** Of the last axis of rows the one part of it that is picked. */
function partOf({ before, picked }: Traced, rows: Node, make: Make): Node | undefined {
  const last = before.at(-1) ?? [];
  const [outer, ...more] = last.slice(0, -2);
  if (outer === undefined) return picked.size === 0 ? rows : undefined;
  const element = picked.get(outer);
  const width = multiplyAll(last.slice(-2));
  const isOne = more.length === 0 && picked.size === 1 && element !== undefined;
  if (!isOne || typeof width !== "number") return undefined;
  const part = { start: element * width, stop: (element + 1) * width, step: 1 };
  return make("Slice", [rows], { axis: rows.type.shape.length - 1, ...part });
}

/** What makes the third axis from the last and the last one the last axis. */
function mergeOf(node: Node, make: Make): Node | undefined {
  const trace = traced(node);
  if (trace === undefined || trace.picked.size > 0 || trace.before.length < 3) return undefined;
  const { source, before, after } = trace;
  const [heads, , size] = before.slice(-3);
  const merged = after.at(-1) ?? [];
  if (heads?.length === 0 || merged.length === 0 || !sameParts(merged, [...(heads ?? []), ...(size ?? [])]))
    return undefined;
  const made = make("MergeHeads", [source], {});
  const front = before.toSpliced(-3, 1).slice(0, -1);
  const wanted = after.slice(0, -1).flat();
  // Axes of size 1 stay where they are.
  const moved = front.flatMap((parts, axis) => (parts.length === 0 ? [] : [{ parts, axis }]));
  const order = ordered(moved, wanted);
  if (order === undefined) return undefined;
  const places = moved.map(({ axis }) => axis);
  const permutation = [...front.keys()].map((axis) =>
    places.includes(axis) ? at(order, places.indexOf(axis)) : axis,
  );
  return reshaped(transposed(made, [...permutation, front.length], make), node.type.shape, make);
}

interface Placed {
  readonly parts: readonly Factor[];
  readonly axis: number;
}

/** The order of axes in which their parts are as wanted; `undefined` where one is taken apart. */
function ordered(axes: readonly Placed[], wanted: readonly Factor[]): number[] | undefined {
  const order: number[] = [];
  for (let place = 0; place < wanted.length; ) {
    const next = axes.find(({ parts }) => parts[0] === wanted[place]);
    if (next === undefined || !sameParts(next.parts, wanted.slice(place, place + next.parts.length)))
      return undefined;
    order.push(next.axis);
    place += next.parts.length;
  }
  return order.length === axes.length ? order : undefined;
}

const sameParts = (a: readonly Factor[], b: readonly Factor[]): boolean =>
  a.length === b.length && a.every((factor, i) => factor === b[i]);

const multiplyAll = (factors: readonly Factor[]): Dim =>
  factors.map(({ size }) => size).reduce(multiplyDims, 1);

const swapped = <T>(items: readonly T[]): T[] => lastSwapped(items.length).map((place) => at(items, place));

const transposed = (node: Node, permutation: readonly number[], make: Make): Node =>
  permutation.every((axis, i) => axis === i) ? node : make("Transpose", [node], { permutation });
