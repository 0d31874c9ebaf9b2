/** @file Places along an axis: the element at one that integers say, and the one of the largest or smallest element. */
import { at } from "../base/assert.ts";
import { call, type Layout, replaceSymbol } from "../base/layout.ts";
import { zero } from "../base/rational.ts";
import { type Dim, equalShapes, shapeText } from "../ir/dim.ts";
import type { Builder, Node } from "../ir/graph.ts";
import type { OpAttrs } from "../ir/operators.ts";
import { isReal, type TensorType } from "../ir/type.ts";
import { axesWithout, type Composite, checkAxes, countedLabel, misfit, type Notation } from "./define.ts";

/** The axes of a tensor and of integers for each of its rows along one of them. */
export function axesOfPlaces(
  inputs: readonly TensorType[],
  { axis }: OpAttrs["TakeAlong"],
): ReturnType<typeof axesWithout> {
  const { operands, result } = axesWithout(at(inputs, 0), [axis]);
  return { operands: [at(operands, 0).with(axis, countedLabel), result], result };
}

/** Throws unless integers say a place along the axis for each row. */
export function checkPlaces(name: string, inputs: readonly TensorType[], axis: number): void {
  const [x, places] = [at(inputs, 0), at(inputs, 1)];
  checkAxes(name, x.shape, [axis]);
  const shape = x.shape.toSpliced(axis, 1);
  if (!isReal(places.dtype) && places.dtype !== "bool" && equalShapes(places.shape, shape)) return;
  const got = `${shapeText(x.shape)} and ${places.dtype} ${shapeText(places.shape)}`;
  throw misfit(name, got, "integers of the first shape without the axis");
}

/** 0, 1, 2, … along one axis. */
function numbersAlong(
  build: Builder,
  { type: { shape } }: Node,
  axis: number,
  dtype: "int32" | "int64",
): Node {
  const size = at(shape, axis);
  const ones = shape.slice(axis + 1).map((): Dim => 1);
  const numbers = build.node("Iota", [], { size, dtype }) as Node;
  return build.node("Reshape", [numbers], { shape: [size, ...ones] }) as Node;
}

/** x where the condition holds, and their sum along the axis: of one that holds once, the element there. */
function chosen(build: Builder, condition: Node, x: Node, axis: number): Node {
  const nothing = build.node("Constant", [], { value: zero, dtype: x.type.dtype }) as Node;
  const kept = build.node("Where", [condition, x, nothing], {}) as Node;
  return build.node("Sum", [kept], { axes: [axis] }) as Node;
}

export const takeAlong: Composite<"TakeAlong"> = {
  name: "TakeAlong",
  kind: "composite",
  doc: "The element along one axis, which disappears, at the place that integers say for each row (NumPy take_along_axis); 0 where there is no such place.",
  family: "reduction",
  arity: 2,
  infer: (inputs, { axis }) => {
    checkPlaces("TakeAlong", inputs, axis);
    const { shape, dtype } = at(inputs, 0);
    // Integers without rows of their own pick from a table.
    if (dtype === "bool" || shape.length < 2)
      throw misfit("TakeAlong", `${dtype} ${shapeText(shape)}`, "rows of numbers");
    return { shape: shape.toSpliced(axis, 1), dtype };
  },
  expand: (build, inputs, { axis }) => {
    const [x, places] = [at(inputs, 0), at(inputs, 1)];
    const dtype = places.type.dtype === "int32" ? "int32" : "int64";
    const column = build.node("Reshape", [places], { shape: x.type.shape.with(axis, 1) }) as Node;
    const isThere = build.node("Equal", [column, numbersAlong(build, x, axis, dtype)], {}) as Node;
    return chosen(build, isThere, x, axis);
  },
  axes: axesOfPlaces,
  wantsNames: true,
  // Only single elements say of which rows the places are.
  render: () => undefined,
  renderElement: (args, { axis }, notation) =>
    replaceSymbol(at(args, 0), notation.axis(0, axis), at(args, 1)),
};

/** Where the largest element lies, or the smallest. */
function extreme<N extends "Argmax" | "Argmin">(name: N, word: string, doc: string): Composite<N> {
  const render = (args: readonly Layout[], { axis }: OpAttrs["Argmax"], notation: Notation): Layout =>
    call(word, args, [notation.axis(0, axis)]);
  return {
    name,
    kind: "composite",
    doc,
    family: "comparison",
    arity: 1,
    infer: (inputs, { axis }) => {
      const { shape } = at(inputs, 0);
      checkAxes(name, shape, [axis]);
      return { shape: shape.toSpliced(axis, 1), dtype: "int64" };
    },
    expand: (build, inputs, { axis }) => {
      const x = at(inputs, 0);
      const falling = name === "Argmax" ? x : (build.node("Neg", [x], {}) as Node);
      const ranks = build.node("Rank", [falling], { axis }) as Node;
      const first = build.node("Constant", [], { value: zero, dtype: "int64" }) as Node;
      const isFirst = build.node("Equal", [ranks, first], {}) as Node;
      return chosen(build, isFirst, numbersAlong(build, x, axis, "int64"), axis);
    },
    axes: (inputs, attrs) => {
      const { operands, result } = axesOfPlaces(inputs, attrs);
      return { operands: operands.slice(0, 1), result };
    },
    render,
    renderElement: render,
  };
}

export const argmax: Composite<"Argmax"> = extreme(
  "Argmax",
  "argmax",
  "The place of the largest element along one axis, which disappears, counted from 0; of equals the first (NumPy argmax).",
);

export const argmin: Composite<"Argmin"> = extreme(
  "Argmin",
  "argmin",
  "The place of the smallest element along one axis, which disappears, counted from 0; of equals the first (NumPy argmin).",
);
