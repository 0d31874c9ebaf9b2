/** @file ONNX operators that fill axes up, and that trade the axes of images for channels. */
import { at, range } from "../../base/assert.ts";
import { rational } from "../../base/rational.ts";
import { type Dim, exactQuotient, multiplyDims } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { padded } from "../common/padding.ts";
import type { Call, Lower, Rows } from "./call.ts";
import { Contradiction, NotCovered } from "./contradiction.ts";
import { taken } from "./operators-structure.ts";

const rankOf = (x: Node): number => x.type.shape.length;

type Mode = (c: Call, x: Node, axis: number, before: number, after: number) => Node;
/** The edge, the mirror image around the edge, or the other end, taken from the axis itself. */
const modes: Readonly<Record<string, Mode>> = {
  edge: (c, x, axis, before, after) =>
    around(c, x, axis, before, after, (place, size) => Math.min(Math.max(place, 0), size - 1)),
  reflect: (c, x, axis, before, after) =>
    around(c, x, axis, before, after, (place, size) => {
      const period = Math.max(2 * (size - 1), 1);
      const folded = ((place % period) + period) % period;
      return Math.min(folded, period - folded);
    }),
  wrap: (c, x, axis, before, after) =>
    around(c, x, axis, before, after, (place, size) => ((place % size) + size) % size),
};
function around(
  c: Call,
  x: Node,
  axis: number,
  before: number,
  after: number,
  source: (place: number, size: number) => number,
): Node {
  const size = c.concrete(at(x.type.shape, axis), "padding by the axis itself");
  const places = range(Math.max(size + before + after, 0)).map((i) => source(i - before, size));
  return taken(c, x, axis, c.list(places, [places.length], "int64"));
}

const pad: Lower = (c) => {
  const x = c.input(0);
  const given = c.axesOf("pads", 1) ?? [];
  const chosen = c.optional(3);
  const axes =
    chosen === undefined
      ? range(rankOf(x))
      : c.integers(chosen, "the axes").map((axis) => c.wrapped(axis, rankOf(x)));
  const widths = range(rankOf(x)).map((axis): [number, number] => {
    const place = axes.indexOf(axis);
    return place < 0 ? [0, 0] : [given[place] ?? 0, given[place + axes.length] ?? 0];
  });
  const mode = c.text("mode", "constant");
  if (mode === "constant") {
    const value = c.optional(2);
    const fill =
      value === undefined ? c.constant(c.float("value", rational(0)), x.type.dtype) : c.reshape(value, []);
    return padded(c, x, widths, fill);
  }
  const fill = modes[mode];
  if (fill === undefined) throw new NotCovered(`padding by ${mode}`);
  return widths.reduce(
    (node, [before, after], axis) =>
      before === 0 && after === 0 ? node : fill(c, node, axis, before, after),
    x,
  );
};

/** Blocks of an image as channels, or channels as blocks. */
const depthToSpace: Lower = (c) => {
  const x = c.input(0);
  const [n, depth, height, width] = x.type.shape as [Dim, Dim, Dim, Dim];
  const block = c.int("blocksize");
  const channels = exactQuotient(depth, block * block);
  if (channels === undefined) throw new Contradiction("channels that are no multiple of the block", "one");
  const isColumnRow = c.text("mode", "DCR") === "CRD";
  const split = isColumnRow
    ? [n, channels, block, block, height, width]
    : [n, block, block, channels, height, width];
  const order = isColumnRow ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2];
  return c.reshape(c.transpose(c.reshape(x, split), order), [
    n,
    channels,
    multiplyDims(height, block),
    multiplyDims(width, block),
  ]);
};
const spaceToDepth: Lower = (c) => {
  const x = c.input(0);
  const [n, depth, height, width] = x.type.shape as [Dim, Dim, Dim, Dim];
  const block = c.int("blocksize");
  const [rows, columns] = [exactQuotient(height, block), exactQuotient(width, block)];
  if (rows === undefined || columns === undefined)
    throw new Contradiction("an image that is no multiple of the block", "one");
  const split = c.reshape(x, [n, depth, rows, block, columns, block]);
  return c.reshape(
    c.transpose(split, c.text("mode", "DCR") === "CRD" ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]),
    [n, multiplyDims(depth, block * block), rows, columns],
  );
};

/** The middle of each axis cut out, or zeros around it. */
const centerCropPad: Lower = (c) => {
  const x = c.input(0);
  const wanted = c.integers(c.input(1), "the shape");
  const axes = c.ints("axes")?.map((axis) => c.wrapped(axis, rankOf(x))) ?? range(rankOf(x));
  const zero = c.constant(0, x.type.dtype);
  return axes.reduce((node, axis, i) => {
    const size = c.concrete(at(node.type.shape, axis), "the middle of an axis");
    const difference = at(wanted, i) - size;
    if (difference <= 0) {
      const start = Math.floor(-difference / 2);
      return difference === 0 ? node : c.slice(node, axis, start, start + at(wanted, i));
    }
    const before = Math.floor(difference / 2);
    return c.apply("Pad", [node, zero], { axis, before, after: difference - before, interior: 0 });
  }, x);
};

export const paddings: Rows = {
  Pad: pad,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  CenterCropPad: centerCropPad,
};
