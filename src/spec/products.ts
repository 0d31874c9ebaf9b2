/** @file Products: juxtaposition, inner products, and sums over an index of a product. */
import { at } from "../base/assert.ts";
import { equalDims } from "../ir/dim.ts";
import { definitionOf } from "../ops/table.ts";
import type { Position } from "./source.ts";
import { contraction, type Key, positional, type Tensor, type Tensors } from "./tensors.ts";

/** Elementwise product. */
export const times = (tensors: Tensors, position: Position, x: Tensor, y: Tensor): Tensor =>
  tensors.elementwise(position, [x, y], (nodes) => tensors.node("Mul", nodes, {}));

/** `x y`: scaling when one of them has no positional axes, else the matrix product. */
export function juxtaposed(tensors: Tensors, position: Position, x: Tensor, y: Tensor): Tensor {
  if (x.axes.length === 0 || y.axes.length === 0) return times(tensors, position, x, y);
  const isVector = y.axes.length === 1;
  const inner = isVector ? 0 : y.axes.length - 2;
  if (!sameSize(x, x.axes.length - 1, y, inner)) throw misfit(tensors, position, x, y);
  const stackOfX = isVector || y.axes.length === 2 ? 0 : x.axes.length - 2;
  const stack = stacked(tensors, position, x, y, Math.max(0, stackOfX), isVector ? 0 : inner);
  const rows = x.axes.slice(stack.x.length, -1).map((name, i) => ({ key: `row ${i}`, name }));
  const columns = isVector ? [] : [{ key: "column", name: at(y.axes, inner + 1) }];
  return contraction(
    tensors,
    x,
    y,
    [...stack.x, ...rows.map(({ key }) => key), "inner"],
    [...stack.y, "inner", ...columns.map(({ key }) => key)],
    tensors.commonLabels(position, [x, y]),
    [...stack.out, ...rows, ...columns],
  );
}

/** `x . y`: sums products over the last axis of both; of a scalar it is scaling. */
export function innerProduct(tensors: Tensors, position: Position, x: Tensor, y: Tensor): Tensor {
  if (x.axes.length === 0 || y.axes.length === 0) return times(tensors, position, x, y);
  if (!sameSize(x, x.axes.length - 1, y, y.axes.length - 1)) {
    const got = `${tensors.shapeText(x)} . ${tensors.shapeText(y)}`;
    throw tensors.source.wrong("A3013", position, got, "last axes of equal size", productAction(x, y));
  }
  const stack = stacked(tensors, position, x, y, x.axes.length - 1, y.axes.length - 1);
  const labels = tensors.commonLabels(position, [x, y]);
  return contraction(tensors, x, y, [...stack.x, "inner"], [...stack.y, "inner"], labels, stack.out);
}

const sameSize = (x: Tensor, i: number, y: Tensor, j: number): boolean =>
  equalDims(at(positional(x), i), at(positional(y), j));

const productAction = (x: Tensor, y: Tensor): string | undefined =>
  y.axes.length > 1 && sameSize(x, x.axes.length - 1, y, y.axes.length - 2)
    ? "write the factors side by side for the matrix product"
    : undefined;

function misfit(tensors: Tensors, position: Position, x: Tensor, y: Tensor): Error {
  const got = `${tensors.shapeText(x)} times ${tensors.shapeText(y)}`;
  const want = "the last axis of the first factor as long as the first axis of the second";
  return tensors.source.wrong("A3013", position, got, want, transposition(x, y));
}

function transposition(x: Tensor, y: Tensor): string | undefined {
  const [lastOfX, lastOfY] = [x.axes.length - 1, y.axes.length - 1];
  if (!sameSize(x, lastOfX, y, lastOfY)) return undefined;
  if (x.node.op === "Parameter" && x.axes.length === 2 && y.axes.length >= 2) {
    return "with rows as examples write `x W^T` for `W x`, or declare x for one example";
  }
  if (definitionOf(y.node.op).rearranges === true) return "leave out the transposition of the second factor";
  return y.axes.length === 2 ? "transpose the second factor, as in `x W^T`" : undefined;
}

interface Stack {
  readonly x: readonly (Key | undefined)[];
  readonly y: readonly (Key | undefined)[];
  readonly out: readonly { readonly key: Key; readonly name: string }[];
}

/** Matches leading axes from the last as NumPy does; an axis of size 1 against a longer one disappears. */
function stacked(
  tensors: Tensors,
  position: Position,
  x: Tensor,
  y: Tensor,
  inX: number,
  inY: number,
): Stack {
  const rank = Math.max(inX, inY);
  const [xs, ys]: [(Key | undefined)[], (Key | undefined)[]] = [[], []];
  const out: { key: Key; name: string }[] = [];
  for (let axis = 0; axis < rank; axis++) {
    const [i, j, key] = [axis - (rank - inX), axis - (rank - inY), `stack ${axis}`];
    const [own, other] = [i < 0 ? 1 : at(positional(x), i), j < 0 ? 1 : at(positional(y), j)];
    const [stretchX, stretchY] = [own === 1 && other !== 1, other === 1 && own !== 1];
    if (!stretchX && !stretchY && !equalDims(own, other)) {
      const got = `${tensors.shapeText(x)} and ${tensors.shapeText(y)}`;
      throw tensors.source.wrong(
        "A3013",
        position,
        got,
        "leading axes that are equal or 1, counted from the last",
      );
    }
    if (i >= 0) xs.push(stretchX ? undefined : key);
    if (j >= 0) ys.push(stretchY ? undefined : key);
    out.push({ key, name: stretchX || i < 0 ? at(y.axes, j) : at(x.axes, i) });
  }
  return { x: xs, y: ys, out };
}

/** Sum over labels of the elementwise product of factors: contractions from left to right, each label as soon as it can. */
export function sumOfProduct(
  tensors: Tensors,
  position: Position,
  factors: readonly Tensor[],
  labels: readonly string[],
): Tensor {
  const holders = factors.filter((factor) => labels.some((label) => factor.labels.includes(label)));
  const others = factors.filter((factor) => !holders.includes(factor));
  const summed = holders.reduce((product, factor, index) => {
    const later = holders.slice(index + 1);
    const ready = labels.filter((label) => !later.some((holder) => holder.labels.includes(label)));
    return summedPair(tensors, position, product, factor, ready);
  });
  // A single holder was not paired.
  const total = holders.length === 1 ? summedOver(tensors, summed, labels) : summed;
  return others.reduceRight((product, other) => times(tensors, position, other, product), total);
}

function summedOver(tensors: Tensors, x: Tensor, labels: readonly string[]): Tensor {
  const places = labels.map((label) => x.labels.indexOf(label)).filter((place) => place >= 0);
  if (places.length === 0) return x;
  return tensors.along(x, places, false, (axes) => tensors.node("Sum", [x.node], { axes }));
}

/** Labels of one factor only are summed before, those of both by the contraction. */
function summedPair(
  tensors: Tensors,
  position: Position,
  left: Tensor,
  right: Tensor,
  labels: readonly string[],
): Tensor {
  const onlyIn = (x: Tensor, y: Tensor): string[] =>
    labels.filter((l) => x.labels.includes(l) && !y.labels.includes(l));
  const x = summedOver(tensors, left, onlyIn(left, right));
  const y = summedOver(tensors, right, onlyIn(right, left));
  if (!labels.some((label) => x.labels.includes(label))) return times(tensors, position, x, y);
  const stack = stacked(tensors, position, x, y, x.axes.length, y.axes.length);
  const kept = tensors.commonLabels(position, [x, y]).filter((label) => !labels.includes(label));
  return contraction(tensors, x, y, stack.x, stack.y, kept, stack.out);
}
