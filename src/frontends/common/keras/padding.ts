/** @file Layers that repeat, cut off or fill up along the axes of space. */
import { at, range } from "../../../base/assert.ts";
import { multiplyDims } from "../../../ir/dim.ts";
import type { Node } from "../../../ir/graph.ts";
import { spatially } from "./channels.ts";
import type { Widths } from "./convolutions.ts";
import type { Layer, Lower, Rows } from "./layer.ts";
import { NotCovered } from "./problem.ts";

/** Each element of one axis `factor` times. */
export function repeated(c: Layer, x: Node, axis: number, factor: number): Node {
  const { shape } = x.type;
  const wide = c.stretch(c.withAxis(x, axis + 1), shape.toSpliced(axis + 1, 0, factor));
  return c.reshape(wide, shape.with(axis, multiplyDims(at(shape, axis), factor)));
}

const upSampling =
  (axes: number): Lower =>
  (c) => {
    if (axes === 2 && c.config.text("interpolation", "nearest") !== "nearest")
      throw new NotCovered(`interpolation ${c.config.text("interpolation")}`);
    const factors = c.config.perAxis("size", axes, 2);
    return spatially(c, c.input, (x) =>
      factors.reduce((node, factor, i) => repeated(c, node, i + 2, factor), x),
    );
  };

/** One pair of widths for each axis: a number, numbers, or pairs of them. */
function widthOptions(c: Layer, name: string, axes: number): Widths {
  const value = c.config.get(name);
  if (axes === 1 && Array.isArray(value)) {
    const [before = 0, after = 0] = c.config.ints(name);
    return [[before, after]];
  }
  if (!Array.isArray(value)) return range(axes).map(() => [c.config.int(name, 1), c.config.int(name, 1)]);
  return value.map((item: unknown): readonly [number, number] => {
    const [before, after] = Array.isArray(item) ? (item as unknown[]) : [item, item];
    const isWidth = [before, after].every((width) => Number.isSafeInteger(width) && Number(width) >= 0);
    if (!isWidth || value.length !== axes) throw c.config.misses(name, "two widths for each axis");
    return [Number(before), Number(after)];
  });
}

const zeroPadding =
  (axes: number): Lower =>
  (c) => {
    const widths = widthOptions(c, "padding", axes);
    return spatially(c, c.input, (x) =>
      widths.reduce<Node>((node, [before, after], i) => {
        if (before + after === 0) return node;
        return c.apply("Pad", [node, c.integer(0, x)], { axis: i + 2, before, after, interior: 0 });
      }, x),
    );
  };

const cropping =
  (axes: number): Lower =>
  (c) => {
    const widths = widthOptions(c, "cropping", axes);
    return spatially(c, c.input, (x) =>
      widths.reduce<Node>((node, [before, after], i) => {
        const size = at(node.type.shape, i + 2);
        if (typeof size !== "number") throw new NotCovered("cropping of an axis of symbolic size");
        return before + after === 0 ? node : c.slice(node, i + 2, before, size - after);
      }, x),
    );
  };

const each = (name: string, lower: (axes: number) => Lower): Rows =>
  Object.fromEntries([1, 2, 3].map((axes) => [`${name}${axes}D`, lower(axes)]));

export const paddingLayers: Rows = {
  ...each("UpSampling", upSampling),
  ...each("ZeroPadding", zeroPadding),
  ...each("Cropping", cropping),
};
