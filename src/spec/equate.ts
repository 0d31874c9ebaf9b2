/** @file The two sides of an equation: the order of the axes, and the declared shape. */
import { at } from "../base/assert.ts";
import { quoted } from "../diag/diagnostic.ts";
import { dimText, equalDims, equalShapes, symbol } from "../ir/dim.ts";
import type { Declaration } from "./declarations.ts";
import type { Scope } from "./scope.ts";
import { sizeFrom } from "./sizes.ts";
import type { Target } from "./target.ts";
import { labelSize, positional, type Tensor, type Tensors } from "./tensors.ts";

/** The value that the name on the left gets: its axes are positional, in the order in which they stand there. */
export function equated(tensors: Tensors, scope: Scope, target: Target, value: Tensor): Tensor {
  const letters = value.labels.filter((label) => !tensors.hidden.has(label));
  const namesPlaces = target.named === true && letters.length === 0;
  if (!namesPlaces) checkLetters(tensors, target, letters);
  const result = namesPlaces ? named(tensors, target, value) : positionally(tensors, target, value);
  if (target.named === true) checkNames(tensors, scope, target, result);
  const declared = scope.declaration(target.name);
  return declared?.shape === undefined ? result : checkedShape(tensors, scope, declared, target, result);
}

/** Braces name the axes of a value in their order. */
function named(tensors: Tensors, { name, indices = [], position }: Target, value: Tensor): Tensor {
  if (indices.length === value.axes.length) return { ...value, axes: indices };
  const got = `${quoted(name)}{${indices.join(", ")}} and a value of shape ${tensors.shapeText(value)}`;
  throw tensors.source.wrong("A3017", position, got, "one name for each axis");
}

/** An axis that is called as a size has that size. */
function checkNames(
  tensors: Tensors,
  scope: Scope,
  { name, indices = [], position }: Target,
  value: Tensor,
): void {
  for (const [axis, index] of indices.entries()) {
    const size = scope.sizeNames.has(index) ? scope.dim(sizeFrom(symbol(index))) : undefined;
    const own = at(positional(value), axis);
    if (size === undefined || equalDims(size, own)) continue;
    const got = `the axis ${quoted(index)} of ${quoted(name)}, which has the size ${dimText(own)}`;
    const want = `${dimText(size)}, since ${quoted(index)} is a size, or another name`;
    throw tensors.source.wrong("A3019", position, got, want);
  }
}

function checkLetters(tensors: Tensors, target: Target, letters: readonly string[]): void {
  const onLeft = (target.indices ?? []).filter((index) => index !== ":");
  const missing = letters.find((letter) => !onLeft.includes(letter));
  if (missing !== undefined) {
    const got = `the index ${quoted(missing)} on the right only`;
    const want = "every index on the left too, or summed";
    throw tensors.source.wrong("A3016", target.position, got, want, repair(target, letters, missing));
  }
  const extra = onLeft.find((letter, i) => !letters.includes(letter) || onLeft.indexOf(letter) !== i);
  if (extra === undefined) return;
  const twice = onLeft.filter((letter) => letter === extra).length > 1;
  const got = `the index ${quoted(extra)} ${twice ? "twice on the left" : "on the left only"}`;
  throw tensors.source.wrong("A3016", target.position, got, "each index once on the left, and on the right");
}

const repair = ({ name, indices }: Target, letters: readonly string[], missing: string): string =>
  indices === undefined
    ? `write ${quoted(name)}[${letters.join(", ")}] = …`
    : `write sum_${quoted(missing)} before the product to sum over ${quoted(missing)}`;

function positionally(tensors: Tensors, { name, indices, position }: Target, value: Tensor): Tensor {
  if (indices === undefined) return value;
  const hidden = value.labels.filter((label) => tensors.hidden.has(label));
  const kept = indices.filter((index) => index === ":").length;
  if (kept !== value.axes.length) {
    const got = `${quoted(name)}[${indices.join(", ")}] and a value of shape ${tensors.shapeText(value)}`;
    throw tensors.source.wrong("A3017", position, got, "one `:` for each axis that has no letter");
  }
  let next = 0;
  const order = indices.map((index) =>
    index === ":" ? value.labels.length + next++ : value.labels.indexOf(index),
  );
  const axes = order.map((place) =>
    place < value.labels.length
      ? dimText(labelSize(value, at(value.labels, place)))
      : at(value.axes, place - value.labels.length),
  );
  const leading = hidden.map((label) => value.labels.indexOf(label));
  return { node: tensors.permuted(value.node, [...leading, ...order]), labels: hidden, axes };
}

/** The value with its axes called as declared. */
function checkedShape(
  tensors: Tensors,
  scope: Scope,
  declared: Declaration,
  target: Target,
  value: Tensor,
): Tensor {
  const sizes = declared.shape ?? [];
  const shape = sizes.map((size) => scope.dim(size));
  if (equalShapes(shape, positional(value))) return { ...value, axes: sizes.map((size) => size.name) };
  const got = `${quoted(target.name)} of shape ${tensors.shapeText(value)}`;
  const want = `[${sizes.map((size) => size.name).join(", ")}], as line ${declared.position.line} declares it`;
  throw tensors.source.wrong("A3019", target.position, got, want);
}
