/** @file Axes that are filled up or turned around. */
import { at, range } from "../../base/assert.ts";
import { subtractDims } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import type { Maker } from "./maker.ts";

export type Widths = readonly (readonly [before: number, after: number])[];

/** The last axes filled up with a scalar, also between the elements; negative widths cut off. */
export function padded(
  make: Maker,
  x: Node,
  widths: Widths,
  fill: Node,
  interior: readonly number[] = [],
): Node {
  const first = x.type.shape.length - widths.length;
  return widths.reduce((node, [before, after], i) => {
    const axis = first + i;
    const filled = {
      axis,
      before: Math.max(before, 0),
      after: Math.max(after, 0),
      interior: interior[i] ?? 0,
    };
    const grows = filled.before + filled.after + filled.interior > 0;
    const wide = grows ? make.apply("Pad", [node, fill], filled) : node;
    const size = at(wide.type.shape, axis);
    const [start, stop] = [Math.max(-before, 0), subtractDims(size, Math.max(-after, 0))];
    return start === 0 && after >= 0 ? wide : make.slice(wide, axis, start, stop);
  }, x);
}

/** x with the order of the elements of one axis reversed. */
export function reversed(make: Maker, x: Node, axis: number): Node {
  const size = at(x.type.shape, axis);
  const order = make.sub(
    make.size(subtractDims(size, 1), "int64"),
    make.apply("Iota", [], { size, dtype: "int64" }),
  );
  const toFront = range(x.type.shape.length).map((i) => (i === 0 ? axis : i === axis ? 0 : i));
  const swap = (node: Node): Node => make.transpose(node, toFront);
  return swap(make.apply("Take", [swap(x), order], {}));
}
