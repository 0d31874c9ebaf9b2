/** @file Operators that move numbers without changing them. */
import { at, get, range, zip } from "../base/assert.ts";
import { call, index, type Layout, list, number, wholeAxis } from "../base/layout.ts";
import { float64 } from "../domain/float64.ts";
import {
  addDims,
  broadcastShapes,
  type Dim,
  dimText,
  divideUp,
  elementCount,
  equalDims,
  equalShapes,
  type Shape,
  shapeText,
  subtractDims,
} from "../ir/dim.ts";
import { isReal, promote } from "../ir/type.ts";
import { type AxisMap, broadcastAxes, checkAxes, misfit, type Primitive, wholeLabel } from "./define.ts";
import {
  asReal,
  count,
  discrete,
  integers,
  permute,
  pick,
  positions,
  real,
  broadcast as stretch,
  strides,
} from "./tensor.ts";

/** Axis pairs of a reshape that only adds or removes axes of size 1: result axis → operand axis; else `undefined`. */
export function unitAxisMap(from: Shape, to: Shape): ReadonlyMap<number, number> | undefined {
  const large = (shape: Shape): number[] => range(shape.length).filter((axis) => at(shape, axis) !== 1);
  const [source, target] = [large(from), large(to)];
  const sizes = (shape: Shape, axes: readonly number[]): Shape => axes.map((axis) => at(shape, axis));
  if (!equalShapes(sizes(from, source), sizes(to, target))) return undefined;
  return new Map(zip(target, source));
}

export const transpose: Primitive<"Transpose"> = {
  name: "Transpose",
  kind: "primitive",
  doc: "Axis i of the result is axis permutation[i] of x.",
  family: "structure",
  arity: 1,
  field: "exact",
  infer: (inputs, { permutation }) => {
    const { shape, dtype } = at(inputs, 0);
    const sorted = [...permutation].sort((a, b) => a - b);
    if (sorted.length !== shape.length || sorted.some((axis, i) => axis !== i)) {
      throw misfit(
        "Transpose",
        `permutation [${permutation.join(", ")}]`,
        `an order of the axes of ${shapeText(shape)}`,
      );
    }
    return { shape: permutation.map((axis) => at(shape, axis)), dtype };
  },
  evaluate: (system, inputs, { permutation }) => permute(system, at(inputs, 0), permutation),
  axes: (inputs, { permutation }) => {
    const labels = range(at(inputs, 0).shape.length).map(String);
    return { operands: [labels], result: permutation.map((axis) => at(labels, axis)) };
  },
  rearranges: true,
  render: (args, { permutation }) => {
    const last = permutation.length - 1;
    const swapped = [...range(last - 1), last, last - 1];
    return last >= 1 && permutation.every((axis, i) => axis === swapped[i])
      ? { kind: "transpose", operand: at(args, 0) }
      : call("permute", [at(args, 0), list(permutation.map((axis) => number(String(axis))))]);
  },
  renderElement: (args) => at(args, 0),
};

export const reshape: Primitive<"Reshape"> = {
  name: "Reshape",
  kind: "primitive",
  doc: "The same numbers in row-major order under another shape.",
  family: "structure",
  arity: 1,
  field: "exact",
  infer: (inputs, { shape }) => {
    const { shape: from, dtype } = at(inputs, 0);
    if (!equalDims(elementCount(from), elementCount(shape))) {
      throw misfit("Reshape", `${shapeText(from)} to ${shapeText(shape)}`, "equal numbers of elements");
    }
    return { shape, dtype };
  },
  evaluate: (_, inputs, __, { shape }) => ({ ...at(inputs, 0), shape }),
  axes: (inputs, { shape }) => reshapedAxes(at(inputs, 0).shape, shape),
  rearranges: true,
  render: (args, { shape }, notation) =>
    pickedOne(at(args, 0), at(notation.operandTypes, 0).shape, shape) ??
    withoutUnit(at(args, 0), at(notation.operandTypes, 0).shape, shape) ??
    call("reshape", [at(args, 0), notation.shape()]),
  renderElement: (args, { shape }, { operandTypes }) =>
    unitAxisMap(at(operandTypes, 0).shape, shape) && at(args, 0),
};

/** What has one axis of size 1 less is the one element along it. */
function withoutUnit(x: Layout, from: Shape, to: Shape): Layout | undefined {
  const units = range(from.length).filter((axis) => from[axis] === 1);
  const [cut, ...more] = units.filter((axis) => equalShapes(from.toSpliced(axis, 1), to));
  if (cut === undefined || more.length > 0 || (x.kind !== "symbol" && x.kind !== "call")) return undefined;
  return index(
    x,
    from.map((_, axis) => (axis === cut ? number("0") : wholeAxis)),
  );
}

/** x[:, 2:3] without the axis of size 1 is x[:, 2]. */
function pickedOne(x: Layout, from: Shape, to: Shape): Layout | undefined {
  if (x.kind !== "index") return undefined;
  const cut = x.indices.findIndex((item) => item.kind === "range" && item.start !== undefined);
  const rest = from.filter((_, axis) => axis !== cut);
  const item = x.indices[cut];
  if (item?.kind !== "range" || !equalShapes(rest, to)) return undefined;
  return item.start && index(x.tensor, x.indices.with(cut, item.start));
}

/** Axes that a reshape leaves as they are: those around the ones that it splits or joins, or all larger than 1. */
function reshapedAxes(from: Shape, to: Shape): AxisMap {
  const map = new Map(unitAxisMap(from, to) ?? unchangedEnds(from, to));
  const sources = new Set(map.values());
  return {
    operands: [from.map((_, axis) => (sources.has(axis) ? String(axis) : undefined))],
    result: to.map((_, axis) => (map.has(axis) ? String(get(map, axis)) : undefined)),
  };
}

function unchangedEnds(from: Shape, to: Shape): [number, number][] {
  const same = (i: number, j: number): boolean => equalDims(at(from, i), at(to, j));
  const shorter = Math.min(from.length, to.length);
  let leading = 0;
  while (leading < shorter && same(leading, leading)) leading++;
  let trailing = 0;
  while (trailing < shorter - leading && same(from.length - 1 - trailing, to.length - 1 - trailing))
    trailing++;
  const first = range(leading).map((axis): [number, number] => [axis, axis]);
  const last = range(trailing).map((i): [number, number] => [to.length - 1 - i, from.length - 1 - i]);
  return [...first, ...last];
}

export const broadcast: Primitive<"Broadcast"> = {
  name: "Broadcast",
  kind: "primitive",
  doc: "x repeated along new leading axes and along axes of size 1 (NumPy broadcast_to).",
  family: "structure",
  arity: 1,
  field: "exact",
  infer: (inputs, { shape }) => {
    const { shape: from, dtype } = at(inputs, 0);
    const reached = broadcastShapes([from, shape]);
    if (reached === undefined || !equalShapes(reached, shape)) {
      throw misfit("Broadcast", `${shapeText(from)} to ${shapeText(shape)}`, "sizes that are equal or 1");
    }
    return { shape, dtype };
  },
  evaluate: (system, inputs, _, { shape }) => stretch(system, at(inputs, 0), shape),
  axes: broadcastAxes,
  rearranges: true,
  render: (args, _, notation) => call("broadcast", [at(args, 0), notation.shape()]),
  renderElement: (args) => at(args, 0),
};

export const concat: Primitive<"Concat"> = {
  name: "Concat",
  kind: "primitive",
  doc: "Operands joined along one axis.",
  family: "structure",
  arity: "any",
  field: "exact",
  infer: (inputs, { axis }) => {
    const first = at(inputs, 0);
    checkAxes("Concat", first.shape, [axis]);
    const others = (shape: Shape): Shape => shape.filter((_, i) => i !== axis);
    for (const { shape } of inputs) {
      if (shape.length !== first.shape.length || !equalShapes(others(shape), others(first.shape))) {
        const want = `sizes that agree except on axis ${axis}`;
        throw misfit("Concat", `${shapeText(first.shape)} and ${shapeText(shape)}`, want);
      }
    }
    const size = inputs.map((input) => at<Dim>(input.shape, axis)).reduce(addDims);
    const dtype = promote(inputs.map((input) => input.dtype));
    return { shape: first.shape.map((dim, i) => (i === axis ? size : dim)), dtype };
  },
  evaluate: (system, inputs, { axis }, { shape, dtype }) => {
    const indices = joinPositions(
      inputs.map((input) => input.shape),
      axis,
      shape,
    );
    const flat = [indices.length];
    const joined = isReal(dtype)
      ? real(flat, system.concat(inputs.map((input) => asReal(system, input))))
      : discrete<never>(flat, float64.concat(inputs.map(integers)));
    return pick(system, joined, indices, shape);
  },
  axes: (inputs, { axis: joined }, result) => {
    const labels = result.shape.map((_, axis) => (axis === joined ? wholeLabel : String(axis)));
    return { operands: inputs.map(() => labels), result: labels };
  },
  render: (args, { axis }, notation) => call("concat", args, notation.joinedAxis(axis)),
  renderElement: (args, { axis }, notation) => call("concat", args, notation.joinedAxis(axis)),
};

/** Where each element of the result lies in the flat arrays of the parts, laid end to end. */
function joinPositions(
  parts: readonly (readonly number[])[],
  axis: number,
  shape: readonly number[],
): Int32Array {
  const result = new Int32Array(count(shape));
  const target = strides(shape);
  let [source, offset] = [0, 0];
  for (const part of parts) {
    const places = positions(part, target, offset * at(target, axis));
    for (const place of places) result[place] = source++;
    offset += at(part, axis);
  }
  return result;
}

/** Whether a size is not known to be negative. */
const mayBeSize = (dim: Dim): boolean =>
  typeof dim === "number" ? dim >= 0 : dim.terms.some(({ coefficient }) => coefficient > 0);

export const slice: Primitive<"Slice"> = {
  name: "Slice",
  kind: "primitive",
  doc: "Every step-th element of one axis from start up to and without stop.",
  family: "structure",
  arity: 1,
  field: "exact",
  infer: (inputs, { axis, start, stop, step }) => {
    const { shape, dtype } = at(inputs, 0);
    checkAxes("Slice", shape, [axis]);
    const size = at(shape, axis);
    const ascends = [start, subtractDims(stop, start), subtractDims(size, stop)].every(mayBeSize);
    const length = step >= 1 ? divideUp(subtractDims(stop, start), step) : undefined;
    if (!ascends || length === undefined) {
      const got = `${dimText(start)}:${dimText(stop)}:${step} of size ${dimText(size)}`;
      throw misfit("Slice", got, "0 ≤ start ≤ stop ≤ size");
    }
    return { shape: shape.map((dim, i) => (i === axis ? length : dim)), dtype };
  },
  evaluate: (system, inputs, { axis, start, stop, step }, { shape }) => {
    const source = at(inputs, 0);
    if (typeof start !== "number" || typeof stop !== "number" || stop > at(source.shape, axis))
      throw new RangeError(`a slice to ${dimText(stop)} of [${source.shape.join(", ")}]`);
    const own = strides(source.shape);
    const steps = own.map((stride, i) => (i === axis ? stride * step : stride));
    return pick(system, source, positions(shape, steps, start * at(own, axis)), shape);
  },
  axes: (inputs, { axis: cut }) => {
    const labels = at(inputs, 0).shape.map((_, axis) => (axis === cut ? undefined : String(axis)));
    return { operands: [labels], result: labels };
  },
  wantsNames: true,
  render: (args, { axis: cut, start, stop, step }, { operandTypes, bound }) => {
    const part: Layout = { kind: "range", start: bound(start, cut), stop: bound(stop, cut), step };
    return index(
      at(args, 0),
      at(operandTypes, 0).shape.map((_, axis) => (axis === cut ? part : wholeAxis)),
    );
  },
};

export const take: Primitive<"Take"> = {
  name: "Take",
  kind: "primitive",
  doc: "Rows of a table picked by integers (embedding lookup): result[i…] = table[indices[i…]].",
  family: "structure",
  arity: 2,
  field: "exact",
  infer: (inputs) => {
    const [table, indices] = [at(inputs, 0), at(inputs, 1)];
    if (isReal(indices.dtype) || indices.dtype === "bool" || table.shape.length === 0) {
      throw misfit(
        "Take",
        `${shapeText(table.shape)} indexed by ${indices.dtype}`,
        "a table indexed by integers",
      );
    }
    return { shape: [...indices.shape, ...table.shape.slice(1)], dtype: table.dtype };
  },
  evaluate: (system, inputs, _, { shape }) => {
    const [table, indices] = [at(inputs, 0), integers(at(inputs, 1))];
    const width = count(table.shape.slice(1));
    const rows = Int32Array.from(indices, (row) => (row < 0 ? row + at(table.shape, 0) : row));
    const places = new Int32Array(rows.length * width);
    for (const [i, row] of rows.entries())
      for (let j = 0; j < width; j++) places[i * width + j] = row * width + j;
    return pick(system, table, places, shape);
  },
  axes: (inputs) => {
    const [table, indices] = [at(inputs, 0).shape, at(inputs, 1).shape];
    const rows = indices.map((_, axis) => `index ${axis}`);
    const columns = table.slice(1).map((_, axis) => `column ${axis}`);
    return { operands: [[undefined, ...columns], rows], result: [...rows, ...columns] };
  },
  wantsNames: true,
  render: (args) => index(at(args, 0), [at(args, 1)]),
  renderElement: ([table, rows]) =>
    table?.kind === "index" && rows !== undefined
      ? index(table.tensor, table.indices.with(0, rows))
      : undefined,
};
