/** @file Tensors that the program makes itself, masks of positions, dropout and attention. */
import { at, range } from "../../base/assert.ts";
import { rational, toText } from "../../base/rational.ts";
import { type Dim, multiplyDims, type Shape } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { type Dtype, isReal } from "../../ir/type.ts";
import { type Call, type Lower, NotAFunction, NotCovered, type Rows } from "./call.ts";
import { contract } from "./operators-linear.ts";
import { repeatedEach } from "./operators-structure.ts";

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

/** start, start + step, …; as many as the file declares. */
const progression: Lower = (c) => {
  const { shape, dtype } = c.result;
  const like = c.constant(0, dtype);
  const argument = (name: string, neutral: Node): Node | undefined => {
    const number = c.has(name) ? c.scalar(name, like) : neutral;
    return number === neutral ? undefined : number;
  };
  const [step, start] = [argument("step", c.constant(1, dtype)), argument("start", like)];
  const counted = positions(c, at(shape, 0), dtype);
  const stepped = step === undefined ? counted : c.mul(counted, step);
  return start === undefined ? stepped : c.add(stepped, start);
};

/** Which entries of the last two axes have column − row at most (lower) or at least (upper) `diagonal`. */
function triangle(
  c: Pick<Call, "apply" | "reshape" | "add" | "constant">,
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

const lastTwo = (shape: Shape): [Dim, Dim] => [at(shape, shape.length - 2), at(shape, shape.length - 1)];

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

/** A vector along the diagonal, zero elsewhere; torch.diag of a matrix is another function. */
const diagonalMatrix: Lower = (c) => {
  const x = c.tensor("self");
  const offset = ["diagonal", "offset"].find((name) => c.has(name));
  if (x.type.shape.length !== 1 || (offset !== undefined && c.int(offset) !== 0))
    throw new NotCovered("a diagonal that is not the main one of a matrix made of a vector");
  return c.apply("Where", [onDiagonal(c, lastTwo(c.result.shape)), x, c.constant(0, x.type.dtype)], {});
};

const triangular =
  (side: "lower" | "upper"): Lower =>
  (c) => {
    const x = c.tensor("self");
    const inside = triangle(c, lastTwo(x.type.shape), c.int("diagonal", 0), side);
    if (x.type.dtype === "bool") return c.apply("And", [inside, x], {});
    return c.apply("Where", [inside, x, c.constant(0, x.type.dtype)], {});
  };

const fixedSize = (shape: Shape, axis: number): number => {
  const size = at(shape, axis);
  if (typeof size !== "number") throw new NotCovered("a symbolic number of classes, heads or features");
  return size;
};

/** Along a new last axis, whether it is the class that x names. */
export function oneHot(c: Call, x: Node, classes: number): Node {
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

/** softmax(q kᵀ · scale + mask) v over the last axes; torch.nn.functional.scaled_dot_product_attention. */
const attention: Lower = (c) => {
  const [q, ownK, ownV] = [c.tensor("query"), c.tensor("key"), c.tensor("value")];
  const rank = q.type.shape.length;
  if (c.number("dropout_p", rational(0)).numerator !== 0n) throw new NotAFunction("attention with dropout");
  if (ownK.type.shape.length !== rank || ownV.type.shape.length !== rank)
    throw new NotCovered("attention that broadcasts");
  const [k, v] = c.bool("enable_gqa", false) ? [grouped(c, q, ownK), grouped(c, q, ownV)] : [ownK, ownV];
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

/** Heads that several queries share, once for each of these. */
function grouped(c: Call, q: Node, shared: Node): Node {
  const axis = q.type.shape.length - 3;
  const [queries, own] = [fixedSize(q.type.shape, axis), fixedSize(shared.type.shape, axis)];
  return repeatedEach(c, shared, axis, queries / own);
}

function masked(c: Call, scores: Node): Node {
  const { dtype, shape } = scores.type;
  const hidden = c.apply("NamedConstant", [], { name: "negative infinity", dtype });
  const given = c.optionalTensor("attn_mask");
  const mask = c.bool("is_causal", false) ? triangle(c, lastTwo(shape), 0, "lower") : given;
  if (mask === undefined) return scores;
  return isReal(mask.type.dtype) ? c.add(scores, mask) : c.apply("Where", [mask, scores, hidden], {});
}

/** Sums of all elements up to each one. */
const runningSum: Lower = (c) => {
  const x = c.tensor("self");
  const { shape } = x.type;
  const axis = c.axis("dim", shape.length);
  const size = at(shape, axis);
  const before = c.apply("Cast", [triangle(c, [size, size], 0, "lower")], { dtype: c.result.dtype });
  const labels = shape.map((_, i) => `axis${i}`);
  return contract(c, before, x, [["out", `axis${axis}`], labels, labels.with(axis, "out")]);
};

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
  "aten.eye.default": unit,
  "aten.eye.m": unit,
  "aten.diag.default": diagonalMatrix,
  "aten.diag_embed.default": diagonalMatrix,
  "aten.arange.default": progression,
  "aten.arange.start": progression,
  "aten.arange.start_step": progression,
  "aten.tril.default": triangular("lower"),
  "aten.triu.default": triangular("upper"),
  "aten.cumsum.default": runningSum,
  "aten.one_hot.default": oneHotIntegers,
  "aten.dropout.default": dropout,
  "aten.glu.default": gatedLinearUnit,
  "aten.scaled_dot_product_attention.default": attention,
};
