/** @file What functions, indices and structure ask of the elaborator that calls them. */
import type { Rational } from "../base/rational.ts";
import type { Dim } from "../ir/dim.ts";
import type { Constants } from "./constants.ts";
import type { Scope } from "./scope.ts";
import type { Position } from "./source.ts";
import type { Call, Expression } from "./syntax.ts";
import type { Tensor, Tensors } from "./tensors.ts";

export interface Meaning {
  readonly tensors: Tensors;
  readonly scope: Scope;
  readonly constants: Constants;
  evaluate(expression: Expression): Tensor;
  /** Whether an input, a parameter or an equation has this name so far. */
  isDefined(name: string): boolean;
  /** How far an index of the equation runs; `undefined` where nothing says it. */
  letterSize(name: string): Dim | undefined;
  /** The tensor that a name in index brackets stands for; `undefined` for an index letter. */
  integers(name: string): Tensor | undefined;
  /** The arguments of a call: so many tensors, and then so many constants. */
  args(call: Call, tensors: number, constants: number): Arguments;
  checkCount(name: string, position: Position, got: number, want: number): void;
}

export interface Arguments {
  readonly tensors: readonly Tensor[];
  readonly constants: readonly Rational[];
}
