/** @file What each primitive of jax-js means in the graph. */
import { at, invariant, only, range, zip } from "../../base/assert.ts";
import { one, rational } from "../../base/rational.ts";
import { type Dim, elementCount, equalDims, type Shape } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import { transposed } from "../common/contraction.ts";
import type { Maker } from "../common/maker.ts";
import { dot } from "./contract.ts";
import { dtypeOf } from "./dtypes.ts";
import { type AttributeRecord, type Equation, SizeDependence } from "./program.ts";
import { conv, pool } from "./windows.ts";

/** The values of an equation's results, or `undefined` where the graph has no such operator. */
export type Rule = (make: Maker, inputs: readonly Node[], equation: Equation) => readonly Node[] | undefined;

const first = (inputs: readonly Node[]): Node => at(inputs, 0);
const second = (inputs: readonly Node[]): Node => at(inputs, 1);
const isBool = (x: Node): boolean => x.type.dtype === "bool";

const plain =
  (op: "Neg" | "Exp" | "Log" | "Sqrt" | "Sin" | "Cos" | "Erf" | "Maximum" | "Minimum" | "Where"): Rule =>
  (make, inputs) => [make.apply(op, inputs, {})];

function nameOf(attributes: AttributeRecord, name: string): string {
  const value = attributes[name];
  invariant(typeof value === "string", `${name} is a name`);
  return value;
}
function integerOf(attributes: AttributeRecord, name: string): number {
  const value = attributes[name];
  if (typeof value !== "number") throw new SizeDependence(`${name} is not a plain integer`);
  return value;
}
function shapeOf(attributes: AttributeRecord, name: string): Shape {
  return attributes[name] as Shape;
}
function integersOf(attributes: AttributeRecord, name: string): readonly number[] {
  return shapeOf(attributes, name).map(concrete);
}
function concrete(dim: Dim): number {
  if (typeof dim !== "number") throw new SizeDependence("a position depends on the batch size");
  return dim;
}

const add: Rule = (make, inputs) => {
  const [x, y] = [first(inputs), second(inputs)];
  if (isBool(x) && isBool(y)) return [make.or(x, y)];
  // x - y is lowered to x + (-y).
  if (y.op === "Neg") return [make.apply("Sub", [x, at(y.inputs, 0)], {})];
  if (y.op === "Constant" && y.attrs.value.numerator < 0n) {
    const { value, dtype } = y.attrs;
    const opposite = { value: rational(-value.numerator, value.denominator), dtype };
    return [make.apply("Sub", [x, make.apply("Constant", [], opposite)], {})];
  }
  return [make.apply("Add", inputs, {})];
};

const multiply: Rule = (make, inputs, equation) => {
  const [x, y] = [first(inputs), second(inputs)];
  if (isBool(x) && isBool(y)) return [make.apply("And", [x, y], {})];
  const mean = meanOf(make, x, equation);
  if (mean !== undefined) return [mean];
  // x / y is lowered to x · (1 / y).
  return [
    y.op === "Reciprocal" ? make.apply("Div", [x, at(y.inputs, 0)], {}) : make.apply("Mul", inputs, {}),
  ];
};

/** A sum times one over the number of its terms, which is how jax-js lowers a mean; kept axes are reshaped in between. */
function meanOf(make: Maker, x: Node, equation: Equation): Node | undefined {
  const sum = x.op === "Reshape" ? at(x.inputs, 0) : x;
  if (sum.op !== "Sum") return undefined;
  const source = at(sum.inputs, 0);
  const count = elementCount(sum.attrs.axes.map((axis) => at(source.type.shape, axis)));
  if (!isInverse(at(equation.inputs, 1), count)) return undefined;
  const mean = make.apply("Mean", [source], { axes: sum.attrs.axes });
  return x === sum ? mean : make.reshape(mean, x.type.shape);
}

function isInverse(atom: Equation["inputs"][number], count: Dim): boolean {
  if (atom.kind === "number") return typeof count === "number" && Math.fround(1 / count) === atom.value;
  return atom.kind === "inverse" && equalDims(count, atom.size);
}

const compare: Rule = (make, inputs, { attributes }) => {
  const [x, y] = [first(inputs), second(inputs)];
  switch (nameOf(attributes, "op")) {
    case "less":
      return [make.apply("Less", [x, y], {})];
    case "less_equal":
      return [make.not(make.apply("Less", [y, x], {}))];
    case "equal":
      return [make.apply("Equal", [x, y], {})];
    case "not_equal": {
      const isTrue = y.op === "Constant" && isBool(y) && y.attrs.value.numerator === 1n;
      return [make.not(isTrue && isBool(x) ? x : make.apply("Equal", [x, y], {}))];
    }
    default:
      return undefined;
  }
};

const cast: Rule = (make, inputs, { attributes }) => {
  const [x, dtype] = [first(inputs), dtypeOf(nameOf(attributes, "dtype"))];
  if (!isReal(x.type.dtype) || isReal(dtype)) return [make.cast(x, dtype)];
  if (dtype !== "bool") return undefined;
  return [make.not(make.apply("Equal", [x, make.constant(0, x.type.dtype)], {}))];
};

const reduce: Rule = (make, inputs, { attributes }) => {
  const x = first(inputs);
  const axes = integersOf(attributes, "axis").toSorted((a, b) => a - b);
  const any = (mask: Node): Node =>
    make.cast(make.apply("Max", [make.cast(mask, "int32")], { axes }), "bool");
  const negated = (value: Node): Node => make.apply("Neg", [value], {});
  switch (nameOf(attributes, "op")) {
    case "Add":
      return [isBool(x) ? any(x) : make.apply("Sum", [x], { axes })];
    case "Max":
      return [isBool(x) ? any(x) : make.apply("Max", [x], { axes })];
    case "Min":
      return [isBool(x) ? make.not(any(make.not(x))) : negated(make.apply("Max", [negated(x)], { axes }))];
    case "Mul":
      return [isBool(x) ? make.not(any(make.not(x))) : product(make, x, axes)];
    default:
      return undefined;
  }
};

/** The product over axes, factor by factor. */
function product(make: Maker, x: Node, axes: readonly number[]): Node {
  const [axis, ...rest] = axes.toReversed();
  if (axis === undefined) return x;
  const shape = x.type.shape.filter((_, i) => i !== axis);
  const factors = range(concrete(at<Dim>(x.type.shape, axis))).map((i) =>
    make.reshape(make.slice(x, axis, i, i + 1), shape),
  );
  const all = factors.reduce((a, b) => make.apply("Mul", [a, b], {}));
  return product(make, all, rest.toReversed());
}

const broadcast: Rule = (make, inputs, { attributes }) => {
  const [x, shape, axes] = [first(inputs), shapeOf(attributes, "shape"), integersOf(attributes, "axis")];
  if (x.type.shape.length === shape.length || axes.every((axis) => axis < axes.length)) {
    return [make.apply("Broadcast", [x], { shape })];
  }
  const own = x.type.shape.values();
  const inserted = shape.map((_, axis): Dim => (axes.includes(axis) ? 1 : (own.next().value ?? 1)));
  return [make.apply("Broadcast", [make.reshape(x, inserted)], { shape })];
};

const shrink: Rule = (make, inputs, { attributes }) => {
  const bounds = attributes["slice"] as readonly (readonly [Dim, Dim])[];
  const cut = (x: Node, [start, stop]: readonly [Dim, Dim], axis: number): Node =>
    start === 0 && equalDims(stop, at<Dim>(x.type.shape, axis))
      ? x
      : make.slice(x, axis, concrete(start), concrete(stop));
  return [bounds.reduce(cut, first(inputs))];
};

const pad: Rule = (make, inputs, { attributes }) => {
  const widths = attributes["width"] as readonly (readonly [Dim, Dim])[];
  return [
    widths.reduce((x, [before, after], axis) => {
      const zeros = (size: Dim): readonly Node[] => {
        if (size === 0) return [];
        const shape = x.type.shape.map((own, i) => (i === axis ? size : own));
        return [make.apply("Broadcast", [make.constant(0, x.type.dtype)], { shape })];
      };
      return make.concat([...zeros(before), x, ...zeros(after)], axis);
    }, first(inputs)),
  ];
};

/** Element by element from the last to the first. */
const flip: Rule = (make, inputs, { attributes }) => {
  const reverse = (x: Node, axis: number): Node => {
    const size = concrete(at<Dim>(x.type.shape, axis));
    const parts = range(size).map((i) => make.slice(x, axis, size - 1 - i, size - i));
    return make.concat(parts, axis);
  };
  return [integersOf(attributes, "axis").reduce(reverse, first(inputs))];
};

const split: Rule = (make, inputs, { attributes }) => {
  const axis = integerOf(attributes, "axis");
  let start = 0;
  return integersOf(attributes, "sizes").map((size) => {
    start += size;
    return make.slice(first(inputs), axis, start - size, start);
  });
};

const concatenate: Rule = (make, inputs, { attributes, outputs }) => {
  const dtype = dtypeOf(only(outputs).dtype);
  const parts = inputs.map((input) => make.weakCast(input, dtype)).filter((part) => part !== undefined);
  return parts.length < inputs.length ? undefined : [make.concat(parts, integerOf(attributes, "axis"))];
};

/** x indexed by integer tensors along some axes: one lookup in the table of those axes' positions, in row-major order. */
const gather: Rule = (make, inputs, { attributes }) => {
  const [x, ...indices] = inputs as readonly [Node, ...Node[]];
  const axes = integersOf(attributes, "axis");
  const { shape } = x.type;
  const others = range(shape.length).filter((axis) => !axes.includes(axis));
  const order = [...axes, ...others];
  const moved = order.every((axis, i) => axis === i) ? x : transposed(make.build, x, order);
  const sizes = axes.map((axis) => at<Dim>(shape, axis));
  const rest = others.map((axis) => at<Dim>(shape, axis));
  const table = axes.length === 1 ? moved : make.reshape(moved, [elementCount(sizes), ...rest]);
  const index = zip(indices, sizes).reduce<Node | undefined>((sum, [position, size]) => {
    if (sum === undefined) return position;
    const scaled = make.apply("Mul", [sum, make.constant(concrete(size), "int32")], {});
    return make.apply("Add", [scaled, position], {});
  }, undefined);
  if (index === undefined) return undefined;
  const taken = make.apply("Take", [table, index], {});
  return [placed(make, taken, index.type.shape.length, integerOf(attributes, "outDim"))];
};

/** Moves the first `count` axes so that they begin at `position`. */
function placed(make: Maker, x: Node, count: number, position: number): Node {
  if (position === 0) return x;
  const rest = range(x.type.shape.length).slice(count);
  return transposed(make.build, x, [...rest.slice(0, position), ...range(count), ...rest.slice(position)]);
}

const erfc: Rule = (make, inputs) => {
  const erf = make.apply("Erf", [first(inputs)], {});
  const unit = make.apply("Constant", [], { value: one, dtype: erf.type.dtype });
  return [make.apply("Sub", [unit, erf], {})];
};

export const rules: Readonly<Record<string, Rule>> = {
  add,
  mul: multiply,
  neg: plain("Neg"),
  reciprocal: (make, inputs) => [make.apply("Reciprocal", inputs, {})],
  exp: plain("Exp"),
  log: plain("Log"),
  sqrt: plain("Sqrt"),
  sin: plain("Sin"),
  cos: plain("Cos"),
  erf: plain("Erf"),
  erfc,
  max: plain("Maximum"),
  min: plain("Minimum"),
  where: plain("Where"),
  compare,
  cast,
  stop_gradient: (make, inputs) => [make.apply("StopGradient", inputs, {})],
  reduce,
  dot: (make, inputs) => [dot(make.build, first(inputs), second(inputs))],
  transpose: (make, inputs, { attributes }) => [
    transposed(make.build, first(inputs), integersOf(attributes, "perm")),
  ],
  reshape: (make, inputs, { attributes }) => [make.reshape(first(inputs), shapeOf(attributes, "shape"))],
  broadcast,
  shrink,
  pad,
  flip,
  split,
  concatenate,
  gather,
  conv,
  pool,
};
