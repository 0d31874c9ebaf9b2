/** @file Operators without operands. */
import { range } from "../base/assert.ts";
import { call, infix, type Layout, negation, number, rationalLayout, symbol } from "../base/layout.ts";
import { isInteger, toNumber, toText } from "../base/rational.ts";
import { quoted } from "../diag/diagnostic.ts";
import type { OpAttrs } from "../ir/operators.ts";
import { isReal, type TensorType } from "../ir/type.ts";
import { type AxisMap, misfit, type Notation, type Primitive } from "./define.ts";
import { count, discrete, real } from "./tensor.ts";

const supplied = (name: string): never => {
  throw new RangeError(`no value is given for ${name}`);
};

const unlabelled = (inputs: readonly TensorType[], _: unknown, result: TensorType): AxisMap => ({
  operands: inputs.map(({ shape }) => shape.map(() => undefined)),
  result: result.shape.map(() => undefined),
});

/** The language has no words for true and false. */
const renderConstant = (_: readonly Layout[], { value, dtype }: OpAttrs["Constant"]): Layout =>
  dtype === "bool" ? infix("==", rationalLayout(value), number("1")) : rationalLayout(value);

const renderNamed = (_: readonly Layout[], { name }: OpAttrs["NamedConstant"]): Layout =>
  name === "negative infinity" ? negation(symbol("inf")) : symbol(name);

export const input: Primitive<"Input"> = {
  name: "Input",
  kind: "primitive",
  doc: "A value that the caller supplies on each call.",
  family: "leaf",
  arity: 0,
  field: "exact",
  infer: (_, { shape, dtype }) => ({ shape, dtype }),
  evaluate: (_, __, { name }) => supplied(name),
  axes: unlabelled,
  render: (_, { name }) => symbol(name),
};

export const parameter: Primitive<"Parameter"> = {
  name: "Parameter",
  kind: "primitive",
  doc: "A value that the model stores.",
  family: "leaf",
  arity: 0,
  field: "exact",
  infer: (_, { shape, dtype }) => ({ shape, dtype }),
  evaluate: (_, __, { name }) => supplied(name),
  axes: unlabelled,
  render: (_, { name }) => symbol(name),
};

export const constant: Primitive<"Constant"> = {
  name: "Constant",
  kind: "primitive",
  doc: "A rational number, exactly.",
  family: "leaf",
  arity: 0,
  field: "exact",
  infer: (_, { value, dtype }) => {
    if (!isReal(dtype) && !isInteger(value)) throw misfit("Constant", toText(value), `a value of ${dtype}`);
    return { shape: [], dtype };
  },
  evaluate: (system, _, { value }, { dtype }) =>
    isReal(dtype) ? real([], system.constant(value)) : discrete([], Float64Array.of(toNumber(value))),
  axes: unlabelled,
  render: renderConstant,
  renderElement: renderConstant,
};

export const namedConstant: Primitive<"NamedConstant"> = {
  name: "NamedConstant",
  kind: "primitive",
  doc: "π, e or −∞.",
  family: "leaf",
  arity: 0,
  field: "exact",
  infer: (_, { name, dtype }) => {
    if (!isReal(dtype)) throw misfit("NamedConstant", name, `a value of ${dtype}`);
    return { shape: [], dtype };
  },
  evaluate: (system, _, { name }) => real([], system.named(name)),
  axes: unlabelled,
  render: renderNamed,
  renderElement: renderNamed,
};

const renderIota = (_: readonly Layout[], __: unknown, notation: Notation): Layout => {
  const sizes = notation.shape();
  return call("range", sizes.kind === "list" ? sizes.items : [sizes]);
};

export const iota: Primitive<"Iota"> = {
  name: "Iota",
  kind: "primitive",
  doc: "The integers 0, 1, … size − 1.",
  family: "leaf",
  arity: 0,
  field: "exact",
  infer: (_, { size, dtype }) => {
    if (isReal(dtype) || dtype === "bool") throw misfit("Iota", dtype, "integers");
    return { shape: [size], dtype };
  },
  evaluate: (_, __, ___, { shape }) => discrete(shape, Float64Array.from(range(count(shape)))),
  axes: (_, __, { shape }) => ({ operands: [], result: shape.map((_size, axis) => String(axis)) }),
  render: renderIota,
};

export const opaque: Primitive<"Opaque"> = {
  name: "Opaque",
  kind: "primitive",
  doc: "A function that Assay has no definition for: equal arguments give equal results, nothing else is assumed.",
  family: "opaque",
  arity: "any",
  field: "hashed",
  infer: (_, { name, shape, dtype }) => {
    if (!isReal(dtype)) throw misfit("Opaque", `${quoted(name)} of ${dtype}`, "a real result");
    return { shape, dtype };
  },
  evaluate: (system, inputs, { name, attributes }, { shape }) => {
    const args = inputs.map((tensor) =>
      tensor.kind === "real" ? tensor.values : system.fromIntegers(tensor.values),
    );
    const shapes = inputs.map((tensor) => `[${tensor.shape.join(",")}]`).join();
    return real(
      shape,
      system.opaque(
        `${name}(${attributes})${shapes}`,
        args,
        shape.reduce((a, b) => a * b, 1),
      ),
    );
  },
  axes: unlabelled,
  render: (args) => call("unknown", args),
};
