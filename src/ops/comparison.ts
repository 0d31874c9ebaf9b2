/** @file Comparisons and what is done with truth values, elementwise. */
import { at } from "../base/assert.ts";
import { call, type Infix, infix, type Layout } from "../base/layout.ts";
import { float64 } from "../domain/float64.ts";
import type { Discrete, NumberSystem } from "../domain/number-system.ts";
import { type Dtype, isReal } from "../ir/type.ts";
import { broadcastAxes, elementwiseType, misfit, type Primitive } from "./define.ts";
import { asReal, broadcast, discrete, integers, real } from "./tensor.ts";

const between =
  (operator: Infix) =>
  (args: readonly Layout[]): Layout =>
    infix(operator, at(args, 0), at(args, 1));

type Compare = <A>(system: NumberSystem<A>, x: A, y: A) => Discrete;

function comparison<N extends "Less" | "Equal">(
  name: N,
  doc: string,
  compare: Compare,
  sign: Infix,
): Primitive<N> {
  return {
    name,
    kind: "primitive",
    doc,
    family: "comparison",
    arity: 2,
    field: "structured",
    infer: (inputs) => ({ shape: elementwiseType(name, inputs).shape, dtype: "bool" }),
    evaluate: (system, inputs, _, { shape }) => {
      const args = inputs.map((tensor) => broadcast(system, tensor, shape));
      const [x, y] = [at(args, 0), at(args, 1)];
      return discrete(
        shape,
        x.kind === "discrete" && y.kind === "discrete"
          ? compare(float64, x.values, y.values)
          : compare(system, asReal(system, x), asReal(system, y)),
      );
    },
    axes: broadcastAxes,
    render: between(sign),
    renderElement: between(sign),
  };
}

export const less: Primitive<"Less"> = comparison(
  "Less",
  "x < y; in the prime field the Legendre symbol of x − y is −1.",
  (system, x, y) => system.less(x, y),
  "<",
);
export const equal: Primitive<"Equal"> = {
  ...comparison("Equal", "x = y.", (system, x, y) => system.equal(x, y), "=="),
  commutative: true,
};

function requireBooleans(operator: string, dtypes: readonly Dtype[]): void {
  if (dtypes.some((dtype) => dtype !== "bool")) throw misfit(operator, dtypes.join(" and "), "booleans");
}

/** A negated comparison has a sign of its own. */
function renderNot(args: readonly Layout[]): Layout {
  const x = at(args, 0);
  if (x.kind === "infix" && x.operator === "<") return infix("<=", x.right, x.left);
  return x.kind === "infix" && x.operator === "==" ? infix("!=", x.left, x.right) : call("not", [x]);
}

export const not: Primitive<"Not"> = {
  name: "Not",
  kind: "primitive",
  doc: "Logical negation.",
  family: "comparison",
  arity: 1,
  field: "exact",
  infer: (inputs) => {
    requireBooleans(
      "Not",
      inputs.map((input) => input.dtype),
    );
    return elementwiseType("Not", inputs);
  },
  evaluate: (_, inputs, __, { shape }) =>
    discrete(
      shape,
      integers(at(inputs, 0)).map((value) => 1 - value),
    ),
  axes: broadcastAxes,
  render: renderNot,
  renderElement: renderNot,
};

export const and: Primitive<"And"> = {
  name: "And",
  kind: "primitive",
  doc: "Logical conjunction.",
  family: "comparison",
  arity: 2,
  field: "exact",
  commutative: true,
  infer: (inputs) => {
    requireBooleans(
      "And",
      inputs.map((input) => input.dtype),
    );
    return elementwiseType("And", inputs);
  },
  evaluate: (system, inputs, _, { shape }) => {
    const args = inputs.map((tensor) => integers(broadcast(system, tensor, shape)));
    return discrete(shape, float64.mul(at(args, 0), at(args, 1)));
  },
  axes: broadcastAxes,
  render: between("and"),
  renderElement: between("and"),
};

export const where: Primitive<"Where"> = {
  name: "Where",
  kind: "primitive",
  doc: "x where the condition holds, y elsewhere.",
  family: "comparison",
  arity: 3,
  field: "exact",
  infer: (inputs) => {
    requireBooleans("Where", [at(inputs, 0).dtype]);
    // A condition widens no other dtype.
    return elementwiseType("Where", inputs);
  },
  evaluate: (system, inputs, _, { shape, dtype }) => {
    const args = inputs.map((tensor) => broadcast(system, tensor, shape));
    const [mask, yes, no] = [integers(at(args, 0)), at(args, 1), at(args, 2)];
    return isReal(dtype)
      ? real(shape, system.select(mask, asReal(system, yes), asReal(system, no)))
      : discrete(shape, float64.select(mask, integers(yes), integers(no)));
  },
  axes: broadcastAxes,
  render: (args) => call("where", args),
  renderElement: (args) => call("where", args),
};
