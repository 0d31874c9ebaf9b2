/** @file Tensors that the program makes itself, masks of positions, and dropout. */
import { at, range } from "../../base/assert.ts";
import { rational, toText } from "../../base/rational.ts";
import type { Shape } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { type Dtype, isReal } from "../../ir/type.ts";
import { type Call, type Lower, NotAFunction, NotCovered, type Rows } from "./call.ts";
import { contract } from "./operators-linear.ts";

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

/**
 * The integers 0 … count − 1. Concatenating a list with itself shifted doubles it, so that it takes few nodes:
 * [0], [0, 1], [0, 1, 2, 3], …
 */
function counting(c: Call, count: number, dtype: Dtype): Node {
  let list = c.reshape(c.constant(0, dtype), [1]);
  let length = 1;
  for (; length < count; length *= 2) {
    list = c.apply("Concat", [list, c.add(list, c.constant(length, dtype))], { axis: 0 });
  }
  return length === count ? list : c.apply("Slice", [list], { axis: 0, start: 0, stop: count, step: 1 });
}

const fixedSize = (shape: Shape, axis: number): number => {
  const size = at(shape, axis);
  if (typeof size !== "number") throw new NotCovered("positions along a symbolic size");
  return size;
};

/** start, start + step, …; as many as the file declares. */
const progression: Lower = (c) => {
  const { shape, dtype } = c.result;
  const positions = counting(c, fixedSize(shape, 0), dtype);
  const [start, step] = [c.number("start", rational(0)), c.number("step", rational(1))];
  return c.add(c.mul(positions, c.constant(step, dtype)), c.constant(start, dtype));
};

/** Which entries of the last two axes have column − row at most (lower) or at least (upper) `diagonal`. */
function triangle(c: Call, shape: Shape, diagonal: number, side: "lower" | "upper"): Node {
  const rank = shape.length;
  const [rows, columns] = [fixedSize(shape, rank - 2), fixedSize(shape, rank - 1)];
  const row = c.reshape(counting(c, rows, "int64"), [rows, 1]);
  const column = c.reshape(counting(c, columns, "int64"), [1, columns]);
  const shifted = c.add(row, c.constant(diagonal, "int64"));
  const outside = side === "lower" ? [shifted, column] : [column, shifted];
  return c.apply("Not", [c.apply("Less", outside, {})], {});
}
const triangular =
  (side: "lower" | "upper"): Lower =>
  (c) => {
    const x = c.tensor("self");
    const inside = triangle(c, x.type.shape, c.int("diagonal", 0), side);
    if (x.type.dtype === "bool") return c.apply("And", [inside, x], {});
    return c.apply("Where", [inside, x, c.constant(0, x.type.dtype)], {});
  };

/** Along a new last axis, whether it is the class that x names. */
export function oneHot(c: Call, x: Node, classes: number): Node {
  const spread = c.reshape(x, [...x.type.shape, 1]);
  return c.apply("Equal", [spread, counting(c, classes, x.type.dtype)], {});
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
  const half = fixedSize(c.result.shape, axis);
  const part = (index: number): Node =>
    c.apply("Slice", [x], { axis, start: index * half, stop: (index + 1) * half, step: 1 });
  return c.mul(part(0), c.apply("Sigmoid", [part(1)], {}));
};

/** softmax(q kᵀ · scale + mask) v over the last axes; torch.nn.functional.scaled_dot_product_attention. */
const attention: Lower = (c) => {
  const [q, k, v] = [c.tensor("query"), c.tensor("key"), c.tensor("value")];
  const rank = q.type.shape.length;
  if (c.number("dropout_p", rational(0)).numerator !== 0n) throw new NotAFunction("attention with dropout");
  if (c.bool("enable_gqa", false)) throw new NotCovered("grouped queries");
  if (k.type.shape.length !== rank || v.type.shape.length !== rank)
    throw new NotCovered("attention that broadcasts");
  const batch = range(rank - 2).map((axis) => `batch${axis}`);
  const [queries, keys, out] = [
    [...batch, "q", "d"],
    [...batch, "k", "d"],
    [...batch, "q", "k"],
  ];
  const scores = contract(c, q, k, [queries, keys, out]);
  const scaled = c.has("scale")
    ? c.mul(scores, c.scalar("scale", q))
    : c.div(scores, c.apply("Sqrt", [c.constant(fixedSize(q.type.shape, rank - 1), q.type.dtype)], {}));
  const weights = c.apply("Softmax", [masked(c, scaled)], { axis: rank - 1 });
  return contract(c, weights, v, [out, keys, queries]);
};

function masked(c: Call, scores: Node): Node {
  const { dtype, shape } = scores.type;
  const hidden = c.apply("NamedConstant", [], { name: "negative infinity", dtype });
  const given = c.optionalTensor("attn_mask");
  const mask = c.bool("is_causal", false) ? triangle(c, shape, 0, "lower") : given;
  if (mask === undefined) return scores;
  return isReal(mask.type.dtype) ? c.add(scores, mask) : c.apply("Where", [mask, scores, hidden], {});
}

export const creation: Rows = {
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
  "aten.arange.default": progression,
  "aten.arange.start": progression,
  "aten.arange.start_step": progression,
  "aten.tril.default": triangular("lower"),
  "aten.triu.default": triangular("upper"),
  "aten.one_hot.default": oneHotIntegers,
  "aten.dropout.default": dropout,
  "aten.glu.default": gatedLinearUnit,
  "aten.scaled_dot_product_attention.default": attention,
};
