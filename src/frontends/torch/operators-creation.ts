/** @file Tensors that the program makes itself, masks of positions, dropout and attention. */
import { at } from "../../base/assert.ts";
import { rational, toText } from "../../base/rational.ts";
import { type Dim, multiplyDims, type Shape } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { type Dtype, isReal } from "../../ir/type.ts";
import { type Call, type Lower, NotAFunction, NotCovered, type Rows } from "./call.ts";
import { contract } from "./operators-linear.ts";
import { addend } from "./operators-reduction.ts";

/** One number everywhere. */
const filled = (c: Call, number: Node): Node => c.apply("Broadcast", [number], { shape: c.result.shape });
const full =
  (value: number): Lower =>
  (c) =>
    filled(c, c.constant(value, c.result.dtype));
const fullOf =
  (name: string): Lower =>
  (c) =>
    filled(c, c.scalar(name, c.constant(0, c.result.dtype)));

/** The numbers 0 … size − 1. */
function positions(c: Call, size: Dim, dtype: Dtype): Node {
  if (!isReal(dtype)) return c.apply("Iota", [], { size, dtype });
  return c.apply("Cast", [c.apply("Iota", [], { size, dtype: "int64" })], { dtype });
}

/** A number of the dtype that the program asks for, however it is written. */
const counted = (c: Call, name: string, like: Node): Node =>
  isReal(like.type.dtype) || c.isSize(name)
    ? c.scalar(name, like)
    : c.constant(c.number(name), like.type.dtype);

/** start, start + step, …; as many as the file declares. */
const progression: Lower = (c) => {
  const { shape, dtype } = c.result;
  const like = c.constant(0, dtype);
  const argument = (name: string, neutral: Node): Node | undefined => {
    const number = c.has(name) ? counted(c, name, like) : neutral;
    return number === neutral ? undefined : number;
  };
  const [step, start] = [argument("step", c.constant(1, dtype)), argument("start", like)];
  const numbers = positions(c, at(shape, 0), dtype);
  const stepped = step === undefined ? numbers : c.mul(numbers, step);
  return start === undefined ? stepped : c.add(stepped, start);
};

/** Which entries of the last two axes have column − row at most (lower) or at least (upper) `diagonal`. */
export function triangle(
  c: Call,
  [rows, columns]: readonly [Dim, Dim],
  diagonal: number,
  side: "lower" | "upper",
): Node {
  const row = c.reshape(c.apply("Iota", [], { size: rows, dtype: "int64" }), [rows, 1]);
  const column = c.apply("Iota", [], { size: columns, dtype: "int64" });
  const [first, second] = side === "lower" ? [column, row] : [row, column];
  // Of first ≤ second + reach, the form that needs no number.
  const reach = side === "lower" ? diagonal : -diagonal;
  if (reach === -1) return c.apply("Less", [first, second], {});
  const shifted = reach === 0 ? second : c.add(second, c.constant(reach, "int64"));
  return c.apply("Not", [c.apply("Less", [shifted, first], {})], {});
}

export const lastTwo = (shape: Shape): [Dim, Dim] => [
  at(shape, shape.length - 2),
  at(shape, shape.length - 1),
];

/** Where the row is the column. */
function onDiagonal(c: Call, [rows, columns]: readonly [Dim, Dim]): Node {
  const row = c.reshape(c.apply("Iota", [], { size: rows, dtype: "int64" }), [rows, 1]);
  return c.apply("Equal", [row, c.apply("Iota", [], { size: columns, dtype: "int64" })], {});
}

/** The unit matrix, or as much of it as a matrix of the declared shape holds. */
const unit: Lower = (c) => {
  const places = onDiagonal(c, lastTwo(c.result.shape));
  return c.result.dtype === "bool" ? places : c.apply("Cast", [places], { dtype: c.result.dtype });
};

const triangular =
  (side: "lower" | "upper"): Lower =>
  (c) => {
    const x = c.tensor("self");
    const inside = triangle(c, lastTwo(x.type.shape), c.int("diagonal", 0), side);
    if (x.type.dtype === "bool") return c.apply("And", [inside, x], {});
    return c.apply("Where", [inside, x, c.constant(0, x.type.dtype)], {});
  };

export const fixedSize = (shape: Shape, axis: number): number => {
  const size = at(shape, axis);
  if (typeof size !== "number") throw new NotCovered("a symbolic number of classes, heads or features");
  return size;
};

/** Along a new last axis, whether it is the class that x names. */
export function oneHot(c: Call, x: Node, classes: Dim): Node {
  const spread = c.reshape(x, [...x.type.shape, 1]);
  return c.apply("Equal", [spread, positions(c, classes, x.type.dtype)], {});
}
const oneHotIntegers: Lower = (c) => {
  const x = c.tensor("self");
  return c.apply("Cast", [oneHot(c, x, fixedSize(c.result.shape, x.type.shape.length))], { dtype: "int64" });
};

const dropout: Lower = (c) => {
  if (c.bool("train", true)) throw new NotAFunction("dropout in training mode");
  c.note(`dropout with p = ${toText(c.number("p"))} is off`);
  return c.tensor("input");
};

/** Halves along an axis: first · sigmoid(second). */
const gatedLinearUnit: Lower = (c) => {
  const x = c.tensor("self");
  const axis = c.axis("dim", x.type.shape.length, -1);
  const half = at(c.result.shape, axis);
  const part = (index: number): Node =>
    c.apply("Slice", [x], {
      axis,
      start: multiplyDims(index, half),
      stop: multiplyDims(index + 1, half),
      step: 1,
    });
  return c.mul(part(0), c.apply("Sigmoid", [part(1)], {}));
};

/** Sums of all elements up to each one. */
const runningSum: Lower = (c) => {
  const x = addend(c, c.tensor("self"));
  const { shape } = x.type;
  if (shape.length === 0) return x;
  const axis = c.axis("dim", shape.length);
  const size = at(shape, axis);
  const before = c.apply("Cast", [triangle(c, [size, size], 0, "lower")], { dtype: c.result.dtype });
  const labels = shape.map((_, i) => `axis${i}`);
  return contract(c, before, x, [["out", `axis${axis}`], labels, labels.with(axis, "out")]);
};

/** Numbers that were never set. Programs set them before they read them; those that an output depends on are refused. */
const unset: Lower = (c) => {
  const { shape, dtype } = c.result;
  const real = isReal(dtype) ? dtype : "float64";
  const numbers = c.apply("Opaque", [c.constant(0, real)], {
    name: unsetName,
    attributes: "",
    shape,
    dtype: real,
  });
  return dtype === "bool" ? c.truth(numbers) : c.cast(numbers, dtype);
};
const unsetName = "torch.empty";
/** Whether a node stands for numbers that were never set. */
export const isUnset = (node: Node): boolean => node.op === "Opaque" && node.attrs.name === unsetName;

/** From start to end in equal steps, which may be exponents of a base. */
function spaced(c: Call): Node {
  const { shape, dtype } = c.result;
  const count = fixedSize(shape, 0);
  const real: Dtype = isReal(dtype) ? dtype : "float64";
  const like = c.constant(0, real);
  const [start, end] = ["start", "end"].map((name) => c.cast(c.operand(name, like), real)) as [Node, Node];
  const shares = c.div(positions(c, count, real), c.constant(Math.max(count - 1, 1), real));
  return c.add(start, c.mul(c.sub(end, start), shares));
}
const inSteps: Lower = (c) => c.cast(spaced(c), c.result.dtype);
const inPowers: Lower = (c) => {
  const base = c.constant(
    c.number("base", rational(10)),
    isReal(c.result.dtype) ? c.result.dtype : "float64",
  );
  return c.cast(c.apply("Function", [base, spaced(c)], { name: "pow" }), c.result.dtype);
};

const each = (lower: Lower, ...names: readonly string[]): Rows =>
  Object.fromEntries(names.map((name) => [`aten.${name}`, lower]));
const ends = ["default", "Tensor_Tensor", "Tensor_Scalar", "Scalar_Tensor"];

export const creation: Rows = {
  ...each(unset, "empty.memory_format", "empty_like.default", "new_empty.default", "empty_strided.default"),
  ...each(unset, "new_empty_strided.default", "empty_permuted.default"),
  ...each(inSteps, ...ends.map((kind) => `linspace.${kind}`)),
  ...each(inPowers, ...ends.map((kind) => `logspace.${kind}`)),
  "aten.zeros.default": full(0),
  "aten.zeros_like.default": full(0),
  "aten.new_zeros.default": full(0),
  "aten.ones.default": full(1),
  "aten.ones_like.default": full(1),
  "aten.new_ones.default": full(1),
  "aten.full.default": fullOf("fill_value"),
  "aten.full_like.default": fullOf("fill_value"),
  "aten.new_full.default": fullOf("fill_value"),
  "aten.scalar_tensor.default": fullOf("s"),
  "aten.eye.default": unit,
  "aten.eye.m": unit,
  "aten.arange.default": progression,
  "aten.arange.start": progression,
  "aten.arange.start_step": progression,
  "aten.tril.default": triangular("lower"),
  "aten.triu.default": triangular("upper"),
  "aten.cumsum.default": runningSum,
  "aten.one_hot.default": oneHotIntegers,
  "aten.dropout.default": dropout,
  "aten.feature_dropout.default": dropout,
  "aten.alpha_dropout.default": dropout,
  "aten.feature_alpha_dropout.default": dropout,
  "aten.glu.default": gatedLinearUnit,
};
