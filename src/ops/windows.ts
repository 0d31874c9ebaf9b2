/** @file Operators that lay sliding windows over an axis: padding, and the windows themselves. */
import { at, invariant, range } from "../base/assert.ts";
import { call, infix, type Layout, number, symbol } from "../base/layout.ts";
import { float64 } from "../domain/float64.ts";
import { addDims, type Dim, dimText, divideUp, multiplyDims, shapeText, subtractDims } from "../ir/dim.ts";
import { isReal, promote } from "../ir/type.ts";
import { checkAxes, misfit, type Notation, type Primitive } from "./define.ts";
import { asReal, count, discrete, integers, pick, positions, real, strides } from "./tensor.ts";

const isCount = (value: number, least: number): boolean => Number.isInteger(value) && value >= least;

/** An argument by its name: `stride = 2`. */
export const option = (name: string, value: Layout): Layout => infix("=", symbol(name), value);

/** Integers by their names, written only where they differ from what is meant without them. */
const options = (
  values: readonly (readonly [name: string, value: Dim, usual: number])[],
  { size }: Notation,
): Layout[] =>
  values.filter(([, value, usual]) => value !== usual).map(([name, value]) => option(name, size(value)));

export const pad: Primitive<"Pad"> = {
  name: "Pad",
  kind: "primitive",
  doc: "x with copies of a scalar around one axis, `before` and `after` it, and `interior` of them between its elements (XLA Pad).",
  family: "structure",
  arity: 2,
  field: "exact",
  infer: (inputs, { axis, before, after, interior }) => {
    const [x, fill] = [at(inputs, 0), at(inputs, 1)];
    checkAxes("Pad", x.shape, [axis]);
    const isWidth = (width: Dim): boolean => typeof width !== "number" || isCount(width, 0);
    if (![before, after, interior].every(isWidth) || fill.shape.length > 0) {
      const got = `${dimText(before)}, ${dimText(after)} and ${interior} copies of ${shapeText(fill.shape)}`;
      throw misfit("Pad", got, "whole numbers of copies of a scalar");
    }
    const size = at(x.shape, axis);
    const between = size === 0 ? 0 : multiplyDims(interior, subtractDims(size, 1));
    const padded = [size, between, before, after].reduce(addDims);
    const shape = x.shape.map((dim, i) => (i === axis ? padded : dim));
    return { shape, dtype: promote([x.dtype, fill.dtype]) };
  },
  evaluate: (system, inputs, { axis, before, interior }, { shape, dtype }) => {
    const [x, fill] = [at(inputs, 0), at(inputs, 1)];
    invariant(typeof before === "number", "what is computed has no symbols");
    const size = count(x.shape);
    const target = strides(shape);
    const steps = target.map((step, i) => (i === axis ? step * (interior + 1) : step));
    const places = new Int32Array(count(shape)).fill(size);
    positions(x.shape, steps, before * at(target, axis)).forEach((place, from) => {
      places[place] = from;
    });
    const joined = isReal(dtype)
      ? real([size + 1], system.concat([asReal(system, x), asReal(system, fill)]))
      : discrete<never>([size + 1], float64.concat([integers(x), integers(fill)]));
    return pick(system, joined, places, shape);
  },
  axes: (inputs, { axis: padded }) => {
    const labels = at(inputs, 0).shape.map((_, axis) => (axis === padded ? undefined : String(axis)));
    return { operands: [labels, []], result: labels };
  },
  render: ([x, fill], { axis, before, after, interior }, notation) => {
    const values = [
      ["before", before, 0],
      ["after", after, 0],
      ["interior", interior, 0],
    ] as const;
    const widths = options(values, notation);
    return x && fill && call("pad", [x, fill, option("axis", number(String(axis))), ...widths]);
  },
};

/** Number of windows of `size` elements, `dilation` apart, that start every `step` elements. */
export function windowCount(operator: string, length: Dim, size: Dim, step: Dim, dilation: Dim): Dim {
  const laid = `windows of ${dimText(size)} elements, ${dimText(dilation)} apart, every ${dimText(step)}`;
  if (![size, step, dilation].every((value) => typeof value !== "number" || isCount(value, 1))) {
    throw misfit(operator, laid, "whole numbers from 1");
  }
  const reach = subtractDims(length, multiplyDims(dilation, subtractDims(size, 1)));
  const result = typeof reach === "number" && reach < 1 ? undefined : divideUp(reach, step);
  if (result !== undefined) return result;
  const got = `${laid} in ${dimText(length)}`;
  const isSymbolic = typeof reach !== "number";
  throw misfit(
    operator,
    got,
    isSymbolic ? "a size that is a number where steps are larger than 1" : "windows that fit",
  );
}

export const windows: Primitive<"Windows"> = {
  name: "Windows",
  kind: "primitive",
  doc: "The windows of `size` elements, `dilation` apart, that start every `step` elements of one axis: it becomes two axes, positions and elements (NumPy sliding_window_view).",
  family: "structure",
  arity: 1,
  field: "exact",
  infer: (inputs, { axis, size, step, dilation }) => {
    const { shape, dtype } = at(inputs, 0);
    checkAxes("Windows", shape, [axis]);
    const pair = [windowCount("Windows", at(shape, axis), size, step, dilation), size];
    return { shape: shape.toSpliced(axis, 1, ...pair), dtype };
  },
  evaluate: (system, inputs, { axis, step, dilation }, { shape }) => {
    const x = at(inputs, 0);
    const own = strides(x.shape);
    const stride = at(own, axis);
    const steps = own.toSpliced(axis, 1, stride * step, stride * dilation);
    return pick(system, x, positions(shape, steps), shape);
  },
  axes: (inputs, { axis: cut }) => {
    const labels = range(at(inputs, 0).shape.length).map((axis) => (axis === cut ? undefined : String(axis)));
    return { operands: [labels], result: labels.toSpliced(cut, 1, undefined, undefined) };
  },
  render: (args, { axis, size, step, dilation }, notation) => {
    const values = [
      ["step", step, 1],
      ["dilation", dilation, 1],
    ] as const;
    const rest = options(values, notation);
    const place = option("axis", number(String(axis)));
    return call("windows", [at(args, 0), place, option("size", notation.size(size)), ...rest]);
  },
};
