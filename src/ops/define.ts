/** @file What the definition of an operator consists of. */
import type { Layout } from "../base/layout.ts";
import { Diagnostic } from "../diag/diagnostic.ts";
import type { NumberSystem } from "../domain/number-system.ts";
import { broadcastShapes, type Shape, shapeText } from "../ir/dim.ts";
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
  | "opaque";

/**
 * What equality over the prime field proves about it: `exact` for ring and field operations, `structured` when listed laws
 * are kept (exp, sign, square root), `hashed` for a keyed random function of its argument.
 */
export type FieldMeaning = "exact" | "structured" | "hashed";

/** Names of axes, for operators whose notation shows one. */
export interface AxisNames {
  operand(index: number, axis: number): string;
  result(axis: number): string;
}

interface Common<N extends OpName> {
  readonly name: N;
  /** One sentence with the formula and its source. */
  readonly doc: string;
  readonly family: Family;
  /** Number of operands; "any" for one or more. */
  readonly arity: number | "any";
  readonly commutative?: true;
  /** Throws a Diagnostic when the operands do not fit. */
  infer(inputs: readonly TensorType[], attrs: OpAttrs[N]): TensorType;
  render(args: readonly Layout[], attrs: OpAttrs[N], axes: AxisNames): Layout;
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

export type Definition<N extends OpName> = Primitive<N> | Composite<N>;
export type Table = { readonly [N in OpName]: Definition<N> };

/** The Diagnostic of operands that do not fit; the caller adds the place. */
export const misfit = (operator: string, got: string, want: string): Diagnostic =>
  new Diagnostic({ code: "A2001", place: { part: operator }, got, want });

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
  const fit = axes.every((axis, i) => axis >= 0 && axis < shape.length && axis > (axes[i - 1] ?? -1));
  if (!fit) {
    throw misfit(operator, `axes [${axes.join(", ")}]`, `increasing axes of ${shapeText(shape)}`);
  }
}
