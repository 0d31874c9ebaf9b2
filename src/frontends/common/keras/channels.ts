/**
 * @file Channels last and channels first. Keras keeps channels on the last axis, convolutions of the graph on the second.
 * A value with its channels moved back is a Transpose, and what is done to each number by itself is done below it, so
 * that between two convolutions nothing is moved.
 */
import { at, range } from "../../../base/assert.ts";
import type { Node } from "../../../ir/graph.ts";
import type { Maker } from "../maker.ts";
import type { Layer } from "./layer.ts";
import { NotCovered } from "./problem.ts";

const toFirst = (rank: number): number[] => [0, rank - 1, ...range(rank - 2).map((i) => i + 1)];
const toLast = (rank: number): number[] => [0, ...range(rank - 2).map((i) => i + 2), 1];

/** The value whose channels were moved last to give x. */
export function below(x: Node): Node | undefined {
  const rank = x.type.shape.length;
  const isMoved =
    x.op === "Transpose" && rank > 2 && toLast(rank).every((axis, i) => x.attrs.permutation[i] === axis);
  return isMoved ? at(x.inputs, 0) : undefined;
}

export const isMoved = (x: Node): boolean => below(x) !== undefined;
/** x with its channels on the second axis. */
export const channelsFirst = (c: Maker, x: Node): Node =>
  below(x) ?? c.transpose(x, toFirst(x.type.shape.length));
export const channelsLast = (c: Maker, x: Node): Node => c.transpose(x, toLast(x.type.shape.length));

/** A function of each number by itself, under the move of the channels. */
export function pointwise(c: Maker, x: Node, make: (x: Node) => Node): Node {
  const inner = below(x);
  return inner === undefined ? make(x) : channelsLast(c, make(inner));
}

/** A function of several values of one shape, number by number. */
export function together(c: Layer, values: readonly Node[], make: (values: readonly Node[]) => Node): Node {
  const inner = values.map(below);
  const isSame = inner.every((node) => node !== undefined);
  return isSame ? channelsLast(c, make(inner)) : make(values);
}

/** Whether a layer's option says that channels are last. */
export const isLast = (c: Layer): boolean => {
  const format = c.config.text("data_format", "channels_last");
  if (format === "channels_last" || format === "channelsLast") return true;
  if (format === "channels_first" || format === "channelsFirst") return false;
  throw new NotCovered(`data_format ${format}`);
};

/** A function of a value with channels first, whatever the layer's format is. */
export function spatially(c: Layer, x: Node, make: (x: Node) => Node): Node {
  return isLast(c) ? channelsLast(c, make(channelsFirst(c, x))) : make(x);
}
