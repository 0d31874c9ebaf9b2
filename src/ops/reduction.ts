/** @file Sums and maxima over axes, and the two-operand contraction. */
import { at, range } from "../base/assert.ts";
import { big, call, infix, type Layout } from "../base/layout.ts";
import { equal as equalRationals, rational } from "../base/rational.ts";
import { float64 } from "../domain/float64.ts";
import type { NumberSystem } from "../domain/number-system.ts";
import { type Dim, equalDims, type Shape, shapeText } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { OpAttrs } from "../ir/operators.ts";
import { isReal, promote } from "../ir/type.ts";
import { axesWithout, checkAxes, misfit, type Notation, type Primitive } from "./define.ts";
import { asReal, count, discrete, integers, permute, real } from "./tensor.ts";

/** The axes of a tensor of this rank that `axes` leaves, in order. */
export const remaining = (rank: number, axes: readonly number[]): number[] =>
  range(rank).filter((axis) => !axes.includes(axis));

/** Names of some axes of the only operand. */
export const namesOf = (axes: readonly number[], notation: Notation): string[] =>
  axes.map((axis) => notation.axis(0, axis));

/** Names of the axes that a reduction drops; none where it drops all of them, and places would have to tell them apart. */
export function droppedNames(axes: readonly number[], notation: Notation): string[] {
  const names = namesOf(axes, notation);
  const dropsAll = axes.length === notation.operandTypes[0]?.shape.length;
  return dropsAll && names.some((name) => name.startsWith("-")) ? [] : names;
}

type ReduceRows = <A>(system: NumberSystem<A>, values: A, rows: number, columns: number) => A;

function reduction<N extends "Sum" | "Max">(
  name: N,
  doc: string,
  field: "exact" | "structured",
  reduceRows: ReduceRows,
): Primitive<N> {
  const sign = name === "Sum" ? "sum" : "max";
  return {
    name,
    kind: "primitive",
    doc,
    family: "reduction",
    arity: 1,
    field,
    infer: (inputs, { axes }) => {
      const { shape, dtype } = at(inputs, 0);
      checkAxes(name, shape, axes);
      return {
        shape: remaining(shape.length, axes).map((axis) => at(shape, axis)),
        dtype: dtype === "bool" ? "int64" : dtype,
      };
    },
    evaluate: (system, inputs, { axes }, { shape }) => {
      const source = at(inputs, 0);
      const order = [...remaining(source.shape.length, axes), ...axes];
      const ordered = permute(system, source, order);
      const [rows, columns] = [count(shape), count(axes.map((axis) => at(source.shape, axis)))];
      return ordered.kind === "real"
        ? real(shape, reduceRows(system, ordered.values, rows, columns))
        : discrete(shape, reduceRows(float64, integers(ordered), rows, columns));
    },
    axes: (inputs, { axes }) => axesWithout(at(inputs, 0), axes),
    render: (args, { axes }, notation) => call(sign, args, droppedNames(axes, notation)),
    renderElement: (args, { axes }, notation) => big(sign, namesOf(axes, notation), at(args, 0)),
  };
}

const renderLogSumExp = (
  args: readonly Layout[],
  { axis }: OpAttrs["LogSumExp"],
  notation: Notation,
): Layout => call("logsumexp", args, namesOf([axis], notation));

export const logSumExp: Primitive<"LogSumExp"> = {
  name: "LogSumExp",
  kind: "primitive",
  doc: "log Σ_j e^(x_j) along one axis, which disappears.",
  family: "reduction",
  arity: 1,
  field: "hashed",
  infer: (inputs, { axis }) => {
    const { shape, dtype } = at(inputs, 0);
    checkAxes("LogSumExp", shape, [axis]);
    return {
      shape: remaining(shape.length, [axis]).map((i) => at(shape, i)),
      dtype: isReal(dtype) ? dtype : "float32",
    };
  },
  evaluate: (system, inputs, { axis }, { shape }) => {
    const source = at(inputs, 0);
    const ordered = permute(system, source, [...remaining(source.shape.length, [axis]), axis]);
    return real(shape, system.logSumExpRows(asReal(system, ordered), count(shape), at(source.shape, axis)));
  },
  axes: (inputs, { axis }) => axesWithout(at(inputs, 0), [axis]),
  render: renderLogSumExp,
  renderElement: renderLogSumExp,
};

export const sum: Primitive<"Sum"> = reduction(
  "Sum",
  "Sum over axes, which disappear.",
  "exact",
  (s, x, rows, columns) => s.sumRows(x, rows, columns),
);
export const max: Primitive<"Max"> = reduction(
  "Max",
  "Largest element over axes, which disappear.",
  "structured",
  (s, x, rows, columns) => s.maxRows(x, rows, columns),
);

/**
 * The sizes whose product a scalar is, where it counts elements at run time: a sum of ones. The mean over symbolic sizes
 * divides by such a number.
 */
export function countedSizes(node: Node): Shape | undefined {
  const ones = node.op === "Sum" && node.type.shape.length === 0 ? node.inputs[0] : undefined;
  const one = ones?.op === "Broadcast" ? ones.inputs[0] : undefined;
  return one?.op === "Constant" && equalRationals(one.attrs.value, rational(1))
    ? ones?.type.shape
    : undefined;
}

export interface Contraction {
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly out: readonly string[];
  /** Letters of both operands that the result keeps. */
  readonly batch: readonly string[];
  /** Letters of both operands that are summed. */
  readonly summed: readonly string[];
  readonly rows: readonly string[];
  readonly columns: readonly string[];
}

/** Reads "bi,ij->bj". */
export function parseContraction(equation: string): Contraction {
  const parts = equation.split(/,|->/).map((part) => [...part]);
  const [l, r, o] = [at(parts, 0), at(parts, 1), at(parts, 2)];
  return {
    left: l,
    right: r,
    out: o,
    batch: l.filter((letter) => r.includes(letter) && o.includes(letter)),
    summed: l.filter((letter) => r.includes(letter) && !o.includes(letter)),
    rows: l.filter((letter) => !r.includes(letter)),
    columns: r.filter((letter) => !l.includes(letter)),
  };
}

/** The equation with letters a, b, … in order of first appearance, so that equal contractions have equal attributes. */
export function canonicalEquation(equation: string): string {
  const names = new Map<string, string>();
  return equation.replace(/[A-Za-z]/g, (letter) => {
    if (!names.has(letter)) names.set(letter, String.fromCharCode("a".charCodeAt(0) + names.size));
    return names.get(letter) ?? letter;
  });
}

const wellFormed = /^[a-z]*,[a-z]*->[a-z]*$/;

export const contract: Primitive<"Contract"> = {
  name: "Contract",
  kind: "primitive",
  doc: "Two-operand einsum without repeated letters in one operand: products summed over the letters that the result lacks.",
  family: "contraction",
  arity: 2,
  field: "exact",
  infer: (inputs, { equation }) => {
    const [x, y] = [at(inputs, 0), at(inputs, 1)];
    const facts = wellFormed.test(equation) ? parseContraction(equation) : undefined;
    const unique = (letters: readonly string[]): boolean => new Set(letters).size === letters.length;
    const kept = facts && [...facts.batch, ...facts.rows, ...facts.columns];
    if (
      facts === undefined ||
      ![facts.left, facts.right, facts.out].every(unique) ||
      !kept?.every((letter) => facts.out.includes(letter)) ||
      kept.length !== facts.out.length ||
      facts.left.length !== x.shape.length ||
      facts.right.length !== y.shape.length
    ) {
      const got = `${equation} of ${shapeText(x.shape)} and ${shapeText(y.shape)}`;
      throw misfit("Contract", got, "one letter for each axis, and every unsummed letter in the result");
    }
    const sizes = new Map<string, Dim>(facts.left.map((letter, axis) => [letter, at(x.shape, axis)]));
    for (const [axis, letter] of facts.right.entries()) {
      const [size, known] = [at(y.shape, axis), sizes.get(letter)];
      if (known !== undefined && !equalDims(known, size)) {
        const got = `${shapeText(x.shape)} and ${shapeText(y.shape)} in ${equation}`;
        throw misfit("Contract", got, `equal sizes for ${letter}`);
      }
      sizes.set(letter, size);
    }
    return { shape: facts.out.map((letter) => sizes.get(letter) ?? 1), dtype: promote([x.dtype, y.dtype]) };
  },
  evaluate: (system, inputs, { equation }, { shape, dtype }) => {
    const { left, right, out, batch, summed, rows, columns } = parseContraction(equation);
    const [x, y] = [at(inputs, 0), at(inputs, 1)];
    const sizes = new Map([
      ...left.map((l, i) => [l, at(x.shape, i)] as const),
      ...right.map((l, i) => [l, at(y.shape, i)] as const),
    ]);
    const size = (letters: readonly string[]): number =>
      count(letters.map((letter) => sizes.get(letter) ?? 1));
    const order = (from: readonly string[], to: readonly string[]): number[] =>
      to.map((letter) => from.indexOf(letter));
    const a = permute(system, x, order(left, [...batch, ...rows, ...summed]));
    const b = permute(system, y, order(right, [...batch, ...summed, ...columns]));
    const extent = { batch: size(batch), rows: size(rows), inner: size(summed), columns: size(columns) };
    const made = [...batch, ...rows, ...columns];
    const madeShape = made.map((letter) => sizes.get(letter) ?? 1);
    const product = isReal(dtype)
      ? real(madeShape, system.matmul(asReal(system, a), asReal(system, b), extent))
      : discrete<never>(madeShape, float64.matmul(integers(a), integers(b), extent));
    return { ...permute(system, product, order(made, out)), shape };
  },
  axes: (_, { equation }) => {
    const { left, right, out } = parseContraction(equation);
    return { operands: [left, right], result: out };
  },
  render: (args, { equation }) => matrixNotation(equation, at(args, 0), at(args, 1)),
  renderElement: (args, { equation }, notation) => {
    const { left, summed } = parseContraction(equation);
    const letters = summed.map((letter) => notation.axis(0, left.indexOf(letter)));
    return big("sum", letters, infix("juxtaposed", at(args, 0), at(args, 1)));
  },
};

/**
 * The contraction as a matrix product x y or x yᵀ, where it is one: the last axis of x against the first or last axis of
 * a matrix or vector y, or stacks of matrices; or the inner product of two vectors. `undefined` for every other contraction.
 */
export function matrixNotation(equation: string, x: Layout, y: Layout): Layout | undefined {
  const { left, right, out, batch, summed, rows, columns } = parseContraction(equation);
  const [inner] = summed;
  if (summed.length !== 1) return undefined;
  const natural = [...left.slice(0, -1), ...columns].join("") === out.join("");
  if (!natural || columns.length > 1) return undefined;
  if (left.length === 1 && right.length === 1) return infix(".", x, y);
  const stacked = batch.length > 0;
  if (
    stacked &&
    (rows.length !== 1 || columns.length !== 1 || left.slice(0, batch.length).join("") !== batch.join(""))
  ) {
    return undefined;
  }
  const form = right.join("");
  if (form === [...batch, inner, ...columns].join("")) return infix("juxtaposed", x, y);
  if (form === [...batch, ...columns, inner].join(""))
    return infix("juxtaposed", x, { kind: "transpose", operand: y });
  return undefined;
}
