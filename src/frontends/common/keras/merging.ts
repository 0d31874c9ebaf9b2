/** @file Layers of several inputs. */
import { at, range } from "../../../base/assert.ts";
import type { Node } from "../../../ir/graph.ts";
import { maximum, minimum } from "./activations.ts";
import { channelsLast, isMoved, together } from "./channels.ts";
import type { Layer, Lower, Rows } from "./layer.ts";
import { length } from "./normalisations.ts";
import { Malformed, NotCovered } from "./problem.ts";

/** Inputs of fewer axes get axes of size 1 behind the batch. */
function aligned(c: Layer, inputs: readonly Node[]): Node[] {
  const rank = Math.max(...inputs.map((x) => x.type.shape.length));
  return inputs.map((x) => {
    const missing = rank - x.type.shape.length;
    return missing === 0 ? x : c.reshape(x, x.type.shape.toSpliced(1, 0, ...range(missing).map(() => 1)));
  });
}

const folded =
  (
    make: (c: Layer, x: Node, y: Node) => Node,
    finish: (c: Layer, x: Node, count: number) => Node = (_, x) => x,
  ): Lower =>
  (c) => {
    const inputs = aligned(c, c.inputs);
    if (inputs.length === 0) throw new Malformed(c.name, "no inputs", "two or more");
    const result = together(c, inputs, (values) => {
      const sum = values.slice(1).reduce((x, y) => make(c, x, y), at(values, 0));
      return finish(c, sum, values.length);
    });
    handOn(c, result);
    // A position counts where it counts in one of them.
    const masks = c.inputs.map((x) => c.knownMask(x));
    if (masks.every((mask) => mask !== undefined))
      c.reading.masks.set(
        result,
        masks.reduce((x, y) => c.or(x, y)),
      );
    return result;
  };

/** Whether there is a mask is as unclear as for the inputs. */
function handOn(c: Layer, result: Node): void {
  if (c.inputs.some((x) => c.reading.unclear.has(x))) c.reading.unclear.add(result);
}

const concatenate: Lower = (c) => {
  const inputs = c.inputs;
  const first = inputs[0];
  if (first === undefined) throw new Malformed(c.name, "no inputs", "two or more");
  const rank = first.type.shape.length;
  const axis = c.config.axis("axis", rank);
  if (
    inputs.every(isMoved) &&
    axis === rank - 1 &&
    new Set(inputs.map((x) => x.type.shape.length)).size === 1
  ) {
    return channelsLast(
      c,
      c.concat(
        inputs.map((x) => at(x.inputs, 0)),
        1,
      ),
    );
  }
  const masks = inputs.map((x) => c.knownMask(x));
  const result = c.concat(inputs, axis);
  handOn(c, result);
  if (masks.some((mask) => mask !== undefined)) keepMask(c, inputs, axis, result);
  return result;
};

/** Joined along the last axis, a position counts where it counts in all. */
function keepMask(c: Layer, inputs: readonly Node[], axis: number, result: Node): void {
  if (axis === 0 || axis === 1) throw new NotCovered("masks that are joined along the steps");
  const masks = inputs.flatMap((x) => c.knownMask(x) ?? []);
  c.reading.masks.set(
    result,
    masks.reduce((x, y) => c.and(x, y)),
  );
}

/** Products of two inputs, summed over one axis of each, for each example. */
const dot: Lower = (c) => {
  const [x, y] = c.inputs;
  if (x === undefined || y === undefined) throw new Malformed(c.name, "one input", "two");
  const given = c.config.get("axes");
  const list = typeof given === "number" ? [given, given] : c.config.ints("axes");
  const axes = [x, y].map((node, i) => c.config.wrapped("axes", at(list, i), node.type.shape.length));
  if (axes.includes(0)) throw new NotCovered("a product over the batch");
  const [left, right] = [x, y].map((node, i) =>
    c.config.bool("normalize", false) ? c.div(node, length(c, node, [at(axes, i)])) : node,
  );
  const labels = [x, y].map((node, i) =>
    range(node.type.shape.length).map((axis) =>
      axis === 0 ? "b" : axis === axes[i] ? "k" : `${"xy"[i] ?? ""}${axis}`,
    ),
  );
  const out = ["b", ...labels.flat().filter((label) => label !== "b" && label !== "k")];
  const [a = [], b = []] = labels;
  const product = c.contract(left ?? x, right ?? y, [a.join(" "), b.join(" "), out.join(" ")]);
  return out.length === 1 ? c.withAxis(product, 1) : product;
};

const sum = (c: Layer, x: Node, y: Node): Node => c.add(x, y);

export const mergingLayers: Rows = {
  Add: folded(sum),
  Subtract: folded((c, x, y) => c.sub(x, y)),
  Multiply: folded((c, x, y) => c.mul(x, y)),
  Average: folded(sum, (c, x, count) => c.div(x, c.integer(count, x))),
  Maximum: folded(maximum),
  Minimum: folded(minimum),
  Concatenate: concatenate,
  Dot: dot,
  // Of keras.applications.
  CustomScaleLayer: (c) => {
    const [x, y] = c.inputs;
    if (x === undefined || y === undefined) throw new NotCovered("a sum of one tensor");
    return c.add(x, c.mul(y, c.rational(c.config.number("scale"), y)));
  },
};
