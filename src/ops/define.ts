/** @file What the definition of an operator consists of. */
import { range } from "../base/assert.ts";
import type { Layout } from "../base/layout.ts";
import { Diagnostic } from "../diag/diagnostic.ts";
import type { NumberSystem } from "../domain/number-system.ts";
import { broadcastShapes, type Dim, type Shape, shapeText } from "../ir/dim.ts";
import type { Builder, Node } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { type Dtype, promote, type TensorType } from "../ir/type.ts";
import type { Tensor } from "./tensor.ts";

/** What shared code may ask of an operator instead of its name. */
export type Family =
  | "leaf"
  | "arithmetic"
  | "function"
  | "activation"
  | "comparison"
  | "reduction"
  | "normalisation"
  | "contraction"
  | "structure"
  | "nested"
  | "opaque";

/**
 * What equality over the prime field proves about it: `exact` for ring and field operations, `structured` when listed laws
 * are kept (exp, sign, square root), `hashed` for a keyed random function of its argument.
 */
export type FieldMeaning = "exact" | "structured" | "hashed";

/** Labels of the axes of one tensor; an axis that is cut, joined or of size 1 beside a larger one has none. */
export type AxisLabels = readonly (string | undefined)[];

/** The label of an axis that stays whole in index notation: joined from several, or one of those. */
export const wholeLabel = ":";

/** The label of an axis of which it matters which place comes first: integers say the places, or neighbours are a group. */
export const countedLabel = "#";

/** Which axes run together: those of operands and result that carry the same label. */
export interface AxisMap {
  readonly operands: readonly AxisLabels[];
  readonly result: AxisLabels;
}

/**
 * What notation may show beside the operands. In array notation an axis is called by the name of its size, in index
 * notation by its index.
 */
export interface Notation {
  axis(operand: number, axis: number): string;
  /** The subscript that says along which axis the operands are joined; none where there is only one. */
  joinedAxis(axis: number): readonly string[];
  readonly operandTypes: readonly TensorType[];
  /** The size of an axis as a subscript: its name or a whole number, if it is one of these. */
  sizeName(of: number | "result", axis: number): string | undefined;
  /** The sizes of the result, as the document names them. */
  shape(): Layout;
  /** A size as a number. */
  size(dim: Dim): Layout;
  /** A place on an axis of the first operand as a number. */
  bound(place: Dim, axis: number): Layout;
}

/** What the arithmetic of two operands says about one of them. */
export interface Algebra {
  /** Operands whose removal leaves the other one: x of x + y, but not x of x − y. */
  readonly removable: readonly number[];
  /** The operand at position `unknown` that gives `result` together with the other operand. */
  solve<A>(system: NumberSystem<A>, result: A, known: A, unknown: number): A;
}

interface Common<N extends OpName> {
  readonly name: N;
  /** One sentence with the formula and its source. */
  readonly doc: string;
  readonly family: Family;
  /** Number of operands; "any" for one or more. */
  readonly arity: number | "any";
  readonly commutative?: true;
  readonly algebra?: Algebra;
  /** Throws a Diagnostic when the operands do not fit. */
  infer(inputs: readonly TensorType[], attrs: OpAttrs[N]): TensorType;
  axes(inputs: readonly TensorType[], attrs: OpAttrs[N], result: TensorType): AxisMap;
  /** Array notation; `undefined` where only index notation can say it. */
  render(args: readonly Layout[], attrs: OpAttrs[N], notation: Notation): Layout | undefined;
  /** Index notation: one element of the result from one element of each operand; absent where there is no such form. */
  renderElement?(args: readonly Layout[], attrs: OpAttrs[N], notation: Notation): Layout | undefined;
  /** The result holds the operand's elements under other indices, so that index notation needs no function for it. */
  readonly rearranges?: true;
  /** Its notation puts indices on operands, which therefore must be names. */
  readonly wantsNames?: true;
}

export interface Primitive<N extends OpName> extends Common<N> {
  readonly kind: "primitive";
  readonly field: FieldMeaning;
  /** `result` is the concrete type of the result. */
  evaluate<A>(
    system: NumberSystem<A>,
    inputs: readonly Tensor<A>[],
    attrs: OpAttrs[N],
    result: { readonly shape: readonly number[]; readonly dtype: Dtype },
  ): Tensor<A>;
}

/** Everything about a composite follows from its expansion. */
export interface Composite<N extends OpName> extends Common<N> {
  readonly kind: "composite";
  expand(build: Builder, inputs: readonly Node[], attrs: OpAttrs[N]): Node;
}

/** Its meaning is a graph among its attributes, which has to be unrolled before it is evaluated. */
export interface Nested<N extends OpName> extends Common<N> {
  readonly kind: "nested";
}

export type Definition<N extends OpName> = Primitive<N> | Composite<N> | Nested<N>;
export type Table = { readonly [N in OpName]: Definition<N> };

/** The Diagnostic of operands that do not fit; the caller adds the place. */
export const misfit = (operator: string, got: string, want: string): Diagnostic =>
  new Diagnostic({ code: "A2001", place: { part: operator }, got, want });

/** Labels of axes counted from the last, as NumPy broadcasting aligns them; an axis of size 1 beside a larger one has none. */
export function broadcastAxes(inputs: readonly TensorType[], _: unknown, result: TensorType): AxisMap {
  const rank = result.shape.length;
  const labels = ({ shape }: TensorType): AxisLabels =>
    shape.map((size, axis) => {
      const aligned = axis + rank - shape.length;
      return size === 1 && result.shape[aligned] !== 1 ? undefined : String(aligned);
    });
  return { operands: inputs.map(labels), result: range(rank).map(String) };
}

/** The operand's axes under their numbers, those in `dropped` missing from the result. */
export function axesWithout(input: TensorType, dropped: readonly number[]): AxisMap {
  const labels = range(input.shape.length).map(String);
  return { operands: [labels], result: labels.filter((_, axis) => !dropped.includes(axis)) };
}

/** Type of an elementwise result; throws when the shapes do not broadcast. */
export function elementwiseType(operator: string, inputs: readonly TensorType[]): TensorType {
  const shape = broadcastShapes(inputs.map((input) => input.shape));
  if (shape === undefined) {
    const shapes = inputs.map((input) => shapeText(input.shape)).join(" and ");
    throw misfit(operator, shapes, "sizes that are equal or 1, counted from the last axis");
  }
  return { shape, dtype: promote(inputs.map((input) => input.dtype)) };
}

/** Checks axes against a shape. */
export function checkAxes(operator: string, shape: Shape, axes: readonly number[]): void {
  const fit = axes.every((axis, i) => axis > (axes[i - 1] ?? -1) && axis < shape.length);
  if (!fit) {
    throw misfit(operator, `axes [${axes.join(", ")}]`, `increasing axes of ${shapeText(shape)}`);
  }
}
