/** @file Functions that move numbers (reshape, permute, broadcast, concat) and the Euclidean norm. */
import { at } from "../base/assert.ts";
import {
  addDims,
  type Dim,
  dimText,
  divideUp,
  equalDims,
  multiplyDims,
  subtractDims,
  symbol,
} from "../ir/dim.ts";
import { placeFromLast } from "./along.ts";
import type { Structural } from "./functions.ts";
import type { Meaning } from "./meaning.ts";
import { checkRank, sizeFrom } from "./sizes.ts";
import type { Call, Expression } from "./syntax.ts";
import { labelSize, positional, type Tensor } from "./tensors.ts";

export function restructured(meaning: Meaning, call: Call, name: Structural["name"]): Tensor {
  if (name === "concat") return concatenated(meaning, call);
  if (name === "range") return positions(meaning, call);
  meaning.checkCount(name, call.position, call.args.length, name === "norm" ? 1 : 2);
  const x = meaning.evaluate(at(call.args, 0));
  if (name === "norm") return norm(meaning, call, x);
  const { tensors } = meaning;
  const list = at(call.args, 1);
  if (name === "permute") return permuted(meaning, list, x);
  checkRank(tensors.source, list.position, listItems(meaning, list).length);
  const shape = listItems(meaning, list).map((item) => dimOf(meaning, item));
  const labels = new Map(x.labels.map((label) => [label, labelSize(x, label)] as const));
  const axes = shape.map(dimText);
  if (name === "broadcast") return { ...x, axes, node: tensors.broadcast(x, labels, shape) };
  return { ...x, axes, node: tensors.node("Reshape", [x.node], { shape: [...labels.values(), ...shape] }) };
}

/** 0, 1, … up to a size. */
function positions(meaning: Meaning, call: Call): Tensor {
  meaning.checkCount(call.name, call.position, call.args.length, 1);
  const size = dimOf(meaning, at(call.args, 0));
  return {
    node: meaning.tensors.node("Iota", [], { size, dtype: "int64" }),
    labels: [],
    axes: [dimText(size)],
  };
}

function listItems({ tensors }: Meaning, list: Expression): readonly Expression[] {
  if (list.kind === "list") return list.items;
  const got = "an argument that is not a list";
  throw tensors.source.wrong("A3020", list.position, got, "a list in brackets, such as [n, m]");
}

/** A list item such as `3 d` as a size. */
function dimOf(meaning: Meaning, item: Expression): Dim {
  const dim = sizeIn(meaning, item);
  if (dim !== undefined) return dim;
  const want = "whole numbers and names of sizes";
  throw meaning.tensors.source.wrong("A3020", item.position, "a list item that is not a size", want);
}

/** What an expression of sizes says, such as `d/2` where d is even; `undefined` for every other expression. */
export function sizeIn(meaning: Meaning, item: Expression): Dim | undefined {
  const { scope, constants } = meaning;
  if (item.kind === "name" && scope.sizeNames.has(item.name)) return scope.dim(sizeFrom(symbol(item.name)));
  const value = constants.of(item);
  if (value?.denominator === 1n) return Number(value.numerator);
  if (item.kind === "negation") {
    const size = sizeIn(meaning, item.operand);
    return size && multiplyDims(-1, size);
  }
  if (item.kind !== "infix") return undefined;
  const [left, right] = [sizeIn(meaning, item.left), sizeIn(meaning, item.right)];
  if (left === undefined || right === undefined) return undefined;
  if (item.operator === "+") return addDims(left, right);
  if (item.operator === "-") return subtractDims(left, right);
  if (item.operator === "/") return quotient(left, right);
  return item.operator === "*" || item.operator === "juxtaposed" ? multiplyDims(left, right) : undefined;
}

/** The quotient that leaves no rest. */
function quotient(dim: Dim, divisor: Dim): Dim | undefined {
  const found = typeof divisor === "number" && divisor > 0 ? divideUp(dim, divisor) : undefined;
  return found !== undefined && equalDims(multiplyDims(found, divisor), dim) ? found : undefined;
}

function permuted(meaning: Meaning, list: Expression, x: Tensor): Tensor {
  const { tensors, constants } = meaning;
  const order = listItems(meaning, list).map((item) => Number(constants.of(item)?.numerator ?? -1));
  const isOrder =
    [...order].sort((a, b) => a - b).every((axis, i) => axis === i) && order.length === x.axes.length;
  if (isOrder) return tensors.reordered(x, order);
  const got = `an order of ${order.length} axes for ${tensors.shapeText(x)}`;
  const want = `each of the axes 0 to ${x.axes.length - 1} once`;
  throw tensors.source.wrong("A3020", list.position, got, want);
}

/** √ Σ x² over the only axis. */
function norm({ tensors }: Meaning, { position }: Call, x: Tensor): Tensor {
  if (x.axes.length !== 1) {
    const got = `the norm of ${tensors.shapeText(x)}`;
    throw tensors.source.wrong("A3015", position, got, "a vector", "write sqrt(sum_d(x^2)) with the axis");
  }
  const squares = tensors.node("Square", [x.node], {});
  const total = tensors.node("Sum", [squares], { axes: [x.labels.length] });
  return { ...x, axes: [], node: tensors.node("Sqrt", [total], {}) };
}

function concatenated(meaning: Meaning, call: Call): Tensor {
  const { tensors } = meaning;
  const parts = call.args.map((arg) => meaning.evaluate(arg));
  const axis = joinedAxis(meaning, call, parts);
  const labels = tensors.labelSizes(call.position, parts);
  const nodes = parts.map((part) => tensors.broadcast(part, labels, positional(part)));
  const place = labels.size + axis;
  const node = tensors.node("Concat", nodes, { axis: place });
  const name = dimText(at(node.type.shape, place));
  const axes = at(parts, 0).axes.map((own, i) => (i === axis ? name : own));
  return { node, labels: [...labels.keys()], axes };
}

/** The axis along which tensors are joined: the only one, or the one that is so called in one of them, else in the result. */
function joinedAxis(meaning: Meaning, call: Call, parts: readonly Tensor[]): number {
  const { tensors, scope } = meaning;
  const [name = "", ...more] = call.subscript;
  const { axes } = at(parts, 0);
  const equalRanks = parts.every((part) => part.axes.length === axes.length);
  if (equalRanks && axes.length === 1 && call.subscript.length === 0) return 0;
  const place = equalRanks && more.length === 0 ? placeFromLast(name, axes.length) : undefined;
  if (place !== undefined) return place;
  const places = equalRanks ? [...axes.keys()] : [];
  const named = places.filter((axis) => parts.some((part) => part.axes[axis] === name));
  const wanted = scope.dim(sizeFrom(symbol(name)));
  const sized = places.filter((axis) => {
    const total = parts.map((part) => at(positional(part), axis)).reduce(addDims);
    return dimText(total) === name || equalDims(total, wanted);
  });
  const found = named.length > 0 ? named : sized;
  const [axis] = found;
  if (axis !== undefined && found.length === 1 && more.length === 0) return axis;
  const got = `${call.name} of ${parts.map((part) => tensors.shapeText(part)).join(" and ")}`;
  const code = found.length > 1 ? "A3015" : "A3014";
  throw tensors.source.wrong(
    code,
    call.position,
    got,
    "the name of one axis as the subscript, in tensors of equal rank",
  );
}
