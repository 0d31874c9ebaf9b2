/** @file Words for what attention does: `causal(s)` hides later keys, `hide(s, padding)` others, `rotary(q, theta)` turns pairs of features. */
import { at } from "../base/assert.ts";
import { dimText, equalDims, equalShapes } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { causal, hide, rotary } from "../ops/attention.ts";
import { interleave } from "../ops/heads.ts";
import type { Attending } from "./functions.ts";
import type { Meaning } from "./meaning.ts";
import type { Call } from "./syntax.ts";
import { positional, type Tensor, type Tensors } from "./tensors.ts";

export function attended(meaning: Meaning, call: Call, name: Attending["name"]): Tensor {
  const { tensors } = meaning;
  if (call.subscript.length > 0) {
    const got = `${call.name} with a subscript`;
    throw tensors.source.wrong("A3020", call.position, got, "none: it acts on the last axis");
  }
  const { tensors: args } = meaning.args(call, 2, 0);
  const [x, y] = [at(args, 0), at(args, 1)];
  if (name === "hide") return withoutMarked(tensors, call, x, y);
  return name === "interleave"
    ? byTurns(tensors, call, x, y)
    : turned(tensors, call, x, y, name === "rotary_pairs");
}

/** −∞ where the key, the last axis, stands behind the query, or a window before it. */
export function causalScores(
  tensors: Tensors,
  { position }: Call,
  x: Tensor,
  window: number | undefined,
): Tensor {
  const [queries, keys] = positional(x).slice(-2);
  if (queries === undefined || keys === undefined || !equalDims(queries, keys)) {
    const got = `causal of ${tensors.shapeText(x)}`;
    throw tensors.source.wrong("A3013", position, got, "[…, T, T]: as many queries as keys");
  }
  return { ...x, node: causal.expand(tensors.build, [x.node], window === undefined ? {} : { window }) };
}

/** −∞ at the keys that are marked. */
function withoutMarked(tensors: Tensors, { position }: Call, x: Tensor, marked: Tensor): Tensor {
  const shape = positional(x);
  const ends = [shape[0], shape.at(-1)].filter((size) => size !== undefined);
  const isOfKeys = marked.node.type.dtype === "bool" && equalShapes(positional(marked), ends);
  const isPlain = x.labels.length === 0 && marked.labels.length === 0;
  if (isPlain && isOfKeys && shape.length > 2)
    return { ...x, node: hide.expand(tensors.build, [x.node, marked.node], {}) };
  const got = `hide of ${tensors.shapeText(x)} by ${tensors.shapeText(marked)}`;
  throw tensors.source.wrong("A3013", position, got, "scores [B, …, keys], and booleans [B, keys]");
}

/** Pairs of features turned by angles. */
function turned(
  tensors: Tensors,
  { name, position }: Call,
  x: Tensor,
  angles: Tensor,
  neighbours: boolean,
): Tensor {
  const fits = x.axes.length > 0 && angles.axes.length > 0 && angles.axes.length <= x.axes.length;
  if (!fits) {
    const got = `${name} of ${tensors.shapeText(x)} by ${tensors.shapeText(angles)}`;
    throw tensors.source.wrong(
      "A3013",
      position,
      got,
      "an even last axis, and an angle for each two of its elements",
    );
  }
  const labels = tensors.commonLabels(position, [x, angles]);
  const nodes = [x, angles].map((arg): Node => tensors.aligned(arg, labels, x.axes.length));
  const attrs = { neighbours };
  rotary.infer(
    nodes.map(({ type }) => type),
    attrs,
  );
  return { node: rotary.expand(tensors.build, nodes, attrs), labels, axes: x.axes };
}

/** The elements of two tensors by turns. */
function byTurns(tensors: Tensors, { position }: Call, x: Tensor, y: Tensor): Tensor {
  const labels = tensors.labelSizes(position, [x, y]);
  if (x.axes.length === 0 || !equalShapes(positional(x), positional(y))) {
    const got = `interleave of ${tensors.shapeText(x)} and ${tensors.shapeText(y)}`;
    throw tensors.source.wrong("A3013", position, got, "two tensors of one shape");
  }
  const nodes = [x, y].map((part) => tensors.broadcast(part, labels, positional(part)));
  const node = interleave.expand(tensors.build, nodes, {});
  const size = dimText(at(node.type.shape, node.type.shape.length - 1));
  return { node, labels: [...labels.keys()], axes: [...x.axes.slice(0, -1), size] };
}
