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
import { headsFirst } from "../ops/heads.ts";
import { as, type Rule, reshaped } from "./rule.ts";

export const headRules: readonly Rule[] = [
  {
    name: "split-heads",
    algebra: "[…, T, H k] reshaped to […, T, H, k], then with H in front of T → split(H)",
    apply: (node, make) => {
      const turned = as(node, "Transpose");
      const split = as(turned?.inputs[0], "Reshape");
      if (turned === undefined || split === undefined) return undefined;
      const order = headOrder(turned.attrs.permutation);
      const { shape } = split.attrs;
      const [heads, size] = [shape.at(-2), shape.at(-1)];
      if (order === undefined || heads === undefined || size === undefined) return undefined;
      // One head is none, and a number of heads needs a name.
      if (heads === 1 || (typeof heads !== "number" && !symbolsOf([heads]).has(heads.key))) return undefined;
      const source = only(split.inputs);
      const width = multiplyDims(heads, size);
      // Any other reshape would mix positions and features.
      if (!equalDims(source.type.shape.at(-1) ?? 1, width)) return undefined;
      const rows = reshaped(source, [...shape.slice(0, -2), width], make);
      const made = make("SplitHeads", [rows], { heads });
      return order === "heads" ? made : make("Transpose", [made], { permutation: lastSwapped(shape.length) });
    },
  },
  {
    name: "merge-heads",
    algebra: "[…, H, T, k] with T in front of H, then reshaped to […, T, H k] → merge",
    apply: (node, make) => {
      const merged = as(node, "Reshape");
      const turned = as(merged?.inputs[0], "Transpose");
      if (merged === undefined || turned === undefined) return undefined;
      const source = only(turned.inputs);
      const heads = source.type.shape.at(-3);
      if (headOrder(turned.attrs.permutation) !== "heads" || heads === undefined || heads === 1)
        return undefined;
      const made = make("MergeHeads", [source], {});
      const width = at(made.type.shape, made.type.shape.length - 1);
      return equalDims(merged.attrs.shape.at(-1) ?? 1, width)
        ? reshaped(made, merged.attrs.shape, make)
        : undefined;
    },
  },
  {
    name: "repeat",
    algebra: "a with a new axis behind an axis, stretched to n and joined with that axis → repeat(a, n)",
    apply: (node, make) => {
      const joined = as(node, "Reshape");
      const copied = as(joined?.inputs[0], "Broadcast");
      const apart = as(copied?.inputs[0], "Reshape");
      if (joined === undefined || copied === undefined || apart === undefined) return undefined;
      const source = only(apart.inputs);
      const { shape } = source.type;
      const axis = range(shape.length).find((own) =>
        equalShapes(apart.attrs.shape, shape.toSpliced(own + 1, 0, 1)),
      );
      const count = axis === undefined ? undefined : copied.attrs.shape[axis + 1];
      if (axis === undefined || typeof count !== "number" || count < 2) return undefined;
      const isCopied = equalShapes(copied.attrs.shape, shape.toSpliced(axis + 1, 0, count));
      const size = multiplyDims(at(shape, axis), count);
      const isJoined = equalShapes(joined.attrs.shape, shape.with(axis, size));
      return isCopied && isJoined ? make("Repeat", [source], { axis, count }) : undefined;
    },
  },
  {
    name: "one-of-several-heads",
    algebra:
      "[B, T, m H k] reshaped to [B, T, m, H, k] and turned to [m, B, H, T, k], of which one is picked → split(H) of its part",
    apply: (node, make) => {
      const picked = as(node, "Reshape");
      const slice = as(picked?.inputs[0], "Slice");
      const turned = as(slice?.inputs[0], "Transpose");
      const apart = as(turned?.inputs[0], "Reshape");
      if (picked === undefined || slice === undefined || turned === undefined || apart === undefined)
        return undefined;
      const [source, { shape }] = [only(apart.inputs), apart.attrs];
      const { start, stop, axis, step } = slice.attrs;
      const [heads, size] = [shape[3], shape[4]];
      const isOne = typeof start === "number" && stop === start + 1 && axis === 0 && step === 1;
      if (!isOne || turned.attrs.permutation.join() !== "2,0,3,1,4") return undefined;
      if (typeof heads !== "number" || typeof size !== "number" || heads === 1) return undefined;
      const isSplit = equalShapes(source.type.shape, [...shape.slice(0, 2), elementCount(shape.slice(2))]);
      if (!isSplit || !equalShapes(picked.attrs.shape, slice.type.shape.slice(1))) return undefined;
      const width = heads * size;
      const part = { axis: 2, start: start * width, stop: (start + 1) * width, step: 1 };
      return make("SplitHeads", [make("Slice", [source], part)], { heads });
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

const lastSwapped = (rank: number): number[] => [...range(rank - 2), rank - 1, rank - 2];

/** Whether an order of axes brings H in front of T, with the features last or, as of transposed keys, before T. */
function headOrder(permutation: readonly number[]): "heads" | "transposed" | undefined {
  const rank = permutation.length;
  if (rank < 3) return undefined;
  const heads = headsFirst(rank);
  if (permutation.every((axis, i) => axis === heads[i])) return "heads";
  const turned = lastSwapped(rank).map((axis) => at(heads, axis));
  return permutation.every((axis, i) => axis === turned[i]) ? "transposed" : undefined;
}
