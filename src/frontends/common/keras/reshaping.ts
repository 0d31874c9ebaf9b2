/** @file Layers that give the same numbers another shape. */
import { at, range } from "../../../base/assert.ts";
import {
  type Dim,
  divideUp,
  elementCount,
  equalDims,
  multiplyDims,
  type Shape,
  symbol,
} from "../../../ir/dim.ts";

import { isLast } from "./channels.ts";
import type { Lower, Rows } from "./layer.ts";
import { Malformed, NotCovered } from "./problem.ts";

/** A shape whose −1 is what is left of `count` elements. */
export function completed(part: string, count: Dim, shape: Shape): Dim[] {
  const open = shape.filter((size) => size === -1).length;
  if (open === 0) return [...shape];
  const rest = shape.filter((size) => size !== -1).reduce(multiplyDims, 1);
  const left = quotient(count, rest);
  if (open > 1) throw new Malformed(part, `${open} open sizes`, "at most one");
  if (left === undefined) throw new NotCovered("a shape that sizes as symbols leave open", part);
  return shape.map((size) => (size === -1 ? left : size));
}

/** a / b where it is a size; for symbols only where their product shows it. */
function quotient(a: Dim, b: Dim): Dim | undefined {
  if (typeof b === "number") {
    const whole = b > 0 ? divideUp(a, b) : undefined;
    return whole !== undefined && equalDims(multiplyDims(whole, b), a) ? whole : undefined;
  }
  if (typeof a === "number" || a.terms.length !== 1 || b.terms.length !== 1) return undefined;
  const [top, bottom] = [at(a.terms, 0), at(b.terms, 0)];
  const symbols = [...top.symbols];
  for (const name of bottom.symbols) {
    const index = symbols.indexOf(name);
    if (index < 0) return undefined;
    symbols.splice(index, 1);
  }
  const factor = top.coefficient / bottom.coefficient;
  if (!Number.isInteger(factor)) return undefined;
  return symbols.length === 0 ? factor : symbols.map((name) => symbol(name)).reduce(multiplyDims, factor);
}

const reshape: Lower = (c) => {
  const x = c.input;
  const [batch = 1, ...rest] = x.type.shape;
  const target = c.config.ints("target_shape");
  return c.reshape(x, [batch, ...completed(c.name, elementCount(rest), target)]);
};

/** Keras 2 has an option for the channels in front, which are moved last before. */
const flatten: Lower = (c) => {
  const x = c.input;
  const [batch = 1, ...rest] = x.type.shape;
  const rank = x.type.shape.length;
  const ordered = isLast(c) || rank <= 2 ? x : c.transpose(x, [0, ...range(rank - 2).map((i) => i + 2), 1]);
  if (rank === 1) return c.withAxis(x, 1);
  return rank === 2 ? x : c.reshape(ordered, [batch, elementCount(rest)]);
};

const permute: Lower = (c) => c.transpose(c.input, [0, ...c.config.ints("dims")]);

const repeatVector: Lower = (c) => {
  const x = c.input;
  const [batch = 1, size = 1] = x.type.shape;
  return c.stretch(c.withAxis(x, 1), [batch, c.config.size("n"), size]);
};

export const reshapingLayers: Rows = {
  Reshape: reshape,
  Flatten: flatten,
  Permute: permute,
  RepeatVector: repeatVector,
};
