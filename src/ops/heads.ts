/** @file The heads of attention: split from one axis, merged into one, and repeated where several queries share one. */
import { at, range } from "../base/assert.ts";
import { call, infix, number, symbol } from "../base/layout.ts";
import {
  type Dim,
  dimText,
  equalShapes,
  exactQuotient,
  multiplyDims,
  type Shape,
  shapeText,
} from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { promote } from "../ir/type.ts";
import { type Composite, misfit } from "./define.ts";

/** The order of axes in which the third and the second from the last are exchanged. */
export const headsFirst = (rank: number): number[] => [...range(rank - 3), rank - 2, rank - 3, rank - 1];

/** […, T, H, k] for […, T, H k] and H; `undefined` where H does not divide the last size. */
export function headShape(shape: Shape, heads: Dim): Shape | undefined {
  const width = shape.at(-1);
  const size = width === undefined || shape.length < 2 ? undefined : exactQuotient(width, heads);
  return size === undefined ? undefined : [...shape.slice(0, -1), heads, size];
}

/** […, T, H k] for […, H, T, k]. */
const mergedShape = (shape: Shape): Shape => [
  ...shape.slice(0, -3),
  at(shape, shape.length - 2),
  multiplyDims(at(shape, shape.length - 3), at(shape, shape.length - 1)),
];

export const splitHeads: Composite<"SplitHeads"> = {
  name: "SplitHeads",
  kind: "composite",
  doc: "[…, T, H k] as […, H, T, k]: H heads with k features each (Vaswani et al. 2017, §3.2.2).",
  family: "structure",
  arity: 1,
  infer: (inputs, { heads }) => {
    const { shape, dtype } = at(inputs, 0);
    const split = headShape(shape, heads);
    if (split !== undefined) return { shape: headsFirst(split.length).map((axis) => at(split, axis)), dtype };
    throw misfit("SplitHeads", shapeText(shape), `[…, T, ${dimText(heads)} k]`);
  },
  expand: (build, inputs, { heads }) => {
    const x = at(inputs, 0);
    const shape = headShape(x.type.shape, heads) ?? [];
    const split = build.node("Reshape", [x], { shape }) as Node;
    return build.node("Transpose", [split], { permutation: headsFirst(shape.length) }) as Node;
  },
  axes: (inputs) => {
    const labels = range(at(inputs, 0).shape.length - 1).map(String);
    const result = [...labels.slice(0, -1), undefined, labels.at(-1), undefined];
    return { operands: [[...labels, undefined]], result };
  },
  rearranges: true,
  render: (args, _, notation) => {
    const name = notation.sizeName("result", at(notation.operandTypes, 0).shape.length - 2);
    return name === undefined ? undefined : call("split", args, [name]);
  },
};

export const mergeHeads: Composite<"MergeHeads"> = {
  name: "MergeHeads",
  kind: "composite",
  doc: "[…, H, T, k] as […, T, H k]: the heads side by side (Vaswani et al. 2017, §3.2.2).",
  family: "structure",
  arity: 1,
  infer: (inputs) => {
    const { shape, dtype } = at(inputs, 0);
    if (shape.length < 3) throw misfit("MergeHeads", shapeText(shape), "[…, H, T, k]");
    return { shape: mergedShape(shape), dtype };
  },
  expand: (build, inputs) => {
    const x = at(inputs, 0);
    const { shape } = x.type;
    const turned = build.node("Transpose", [x], { permutation: headsFirst(shape.length) }) as Node;
    return build.node("Reshape", [turned], { shape: mergedShape(shape) }) as Node;
  },
  axes: (inputs) => {
    const labels = range(at(inputs, 0).shape.length - 2).map(String);
    const operand = [...labels.slice(0, -1), undefined, labels.at(-1), undefined];
    return { operands: [operand], result: [...labels, undefined] };
  },
  rearranges: true,
  render: (args, _, notation) => {
    const { shape } = at(notation.operandTypes, 0);
    const axis = shape.length - 3;
    const name = notation.sizeName(0, axis);
    return call("merge", args, name === undefined ? [] : [name]);
  },
};

export const repeat: Composite<"Repeat"> = {
  name: "Repeat",
  kind: "composite",
  doc: "Each element along one axis so many times, one behind the other (NumPy repeat).",
  family: "structure",
  arity: 1,
  infer: (inputs, { axis, count }) => {
    const { shape, dtype } = at(inputs, 0);
    if (axis >= shape.length || count < 1)
      throw misfit("Repeat", `${count} times along axis ${axis}`, `an axis of ${shapeText(shape)}`);
    return { shape: shape.with(axis, multiplyDims(at(shape, axis), count)), dtype };
  },
  expand: (build, inputs, { axis, count }) => {
    const x = at(inputs, 0);
    const { shape } = x.type;
    const apart = build.node("Reshape", [x], { shape: shape.toSpliced(axis + 1, 0, 1) }) as Node;
    const copied = build.node("Broadcast", [apart], { shape: shape.toSpliced(axis + 1, 0, count) }) as Node;
    return build.node("Reshape", [copied], {
      shape: shape.with(axis, multiplyDims(at(shape, axis), count)),
    }) as Node;
  },
  axes: (inputs, { axis: own }) => {
    const labels = at(inputs, 0).shape.map((_, axis) => (axis === own ? undefined : String(axis)));
    return { operands: [labels], result: labels };
  },
  rearranges: true,
  render: (args, { axis, count }, notation) => {
    // Copies of one element are the whole axis.
    const isWhole = at(at(notation.operandTypes, 0).shape, axis) === 1;
    const times = isWhole ? notation.sizeName("result", axis) : undefined;
    const copies = times === undefined || /^\d/.test(times) ? number(String(count)) : symbol(times);
    return call("repeat", [at(args, 0), copies, infix("=", symbol("axis"), number(String(axis)))]);
  },
};

export const rotateHalf: Composite<"RotateHalf"> = {
  name: "RotateHalf",
  kind: "composite",
  doc: "(−x₂, x₁) of the halves x₁, x₂ of the last axis: each pair turned by a right angle (Su et al. 2021, eq. 34).",
  family: "structure",
  arity: 1,
  infer: (inputs) => {
    const { shape, dtype } = at(inputs, 0);
    const half = exactQuotient(shape.at(-1) ?? 1, 2);
    if (half === undefined) throw misfit("RotateHalf", shapeText(shape), "an even size of the last axis");
    return { shape, dtype };
  },
  expand: (build, inputs) => {
    const x = at(inputs, 0);
    const axis = x.type.shape.length - 1;
    const size = at(x.type.shape, axis);
    const half = exactQuotient(size, 2) ?? size;
    const first = build.node("Slice", [x], { axis, start: 0, stop: half, step: 1 }) as Node;
    const second = build.node("Slice", [x], { axis, start: half, stop: size, step: 1 }) as Node;
    return build.node("Concat", [build.node("Neg", [second], {}) as Node, first], { axis }) as Node;
  },
  axes: (inputs) => {
    const { shape } = at(inputs, 0);
    const labels = shape.map((_, axis) => (axis === shape.length - 1 ? undefined : String(axis)));
    return { operands: [labels], result: labels };
  },
  render: (args) => call("rotate_half", args),
};

export const interleave: Composite<"Interleave"> = {
  name: "Interleave",
  kind: "composite",
  doc: "The elements of two tensors by turns along the last axis: x₀, y₀, x₁, y₁ … (sines and cosines in Vaswani et al. 2017, §3.5).",
  family: "structure",
  arity: 2,
  infer: (inputs) => {
    const [x, y] = [at(inputs, 0), at(inputs, 1)];
    const size = x.shape.at(-1);
    if (size === undefined || !equalShapes(x.shape, y.shape)) {
      const got = `${shapeText(x.shape)} and ${shapeText(y.shape)}`;
      throw misfit("Interleave", got, "two tensors of one shape");
    }
    const shape = [...x.shape.slice(0, -1), multiplyDims(2, size)];
    return { shape, dtype: promote([x.dtype, y.dtype]) };
  },
  expand: (build, inputs) => {
    const { shape } = at(inputs, 0).type;
    const columns = inputs.map((x) => build.node("Reshape", [x], { shape: [...shape, 1] }) as Node);
    const pairs = build.node("Concat", columns, { axis: shape.length }) as Node;
    const size = multiplyDims(2, at(shape, shape.length - 1));
    return build.node("Reshape", [pairs], { shape: [...shape.slice(0, -1), size] }) as Node;
  },
  axes: (inputs) => {
    const { shape } = at(inputs, 0);
    const labels = shape.map((_, axis) => (axis === shape.length - 1 ? undefined : String(axis)));
    return { operands: [labels, labels], result: labels };
  },
  render: (args) => call("interleave", args),
};
