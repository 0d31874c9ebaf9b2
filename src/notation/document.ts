/** @file What equations are written from: names, layouts and places, before they are text, LaTeX or a page. */
import type { Layout } from "../base/layout.ts";
import type { Dim } from "../ir/dim.ts";
import type { Origin, Parameter } from "../ir/graph.ts";
import type { Dtype } from "../ir/type.ts";

/**
 * How equations are written: whole tensors where that can be said, every tensor with its indices, or with axes that have
 * the names of what they count.
 */
export type Profile = "matrix" | "index" | "named";

/** A name and its shape, as a signature or a where list writes it. */
export interface Declared {
  readonly name: string;
  readonly shape: Layout;
  readonly dtype: Dtype;
}

/** `for l = 1..L`: what stands in it holds once for each round. */
interface Rounds {
  readonly index: string;
  readonly count: number;
}

export interface Equation {
  /** The name, with its indices in index notation, or the names of the results of a block. */
  readonly left: Layout;
  readonly right: Layout;
  readonly names: readonly string[];
  /** The sizes of what each name is, as declarations would write them; of a result that nothing reads none. */
  readonly shapes: readonly (Layout | undefined)[];
  readonly origin: Origin | undefined;
  /** The repetition that it stands in. */
  readonly rounds: Rounds | undefined;
}

export interface DeclaredParameter extends Declared {
  readonly parameter: Parameter;
  /** The stored axes in the order that they have in the equations, where that is another one: [1, 0] of a matrix. */
  readonly order: readonly number[] | undefined;
  /** The model stores it with more axes, such as one for heads, in the same order of numbers. */
  readonly joined: boolean;
  readonly used: boolean;
}

export interface Equations {
  readonly name: string;
  readonly inputs: readonly Declared[];
  /** Sizes and other integers that each use gives by name. */
  readonly numbers: readonly string[];
  readonly outputs: readonly Declared[];
  readonly equations: readonly Equation[];
  /** Indices of steps, and how many these are. */
  readonly steps: readonly { readonly name: string; readonly length: Layout }[];
  /** Numbers that recurrences start from. */
  readonly starts: readonly { readonly name: string; readonly value: Layout }[];
  /** Values of which the equations don't say the shape, or how far an index runs. */
  readonly values: readonly Declared[];
  readonly parameters: readonly DeclaredParameter[];
  /** Names that stand for integer sizes, in all definitions. */
  readonly sizes: readonly { readonly name: string; readonly value: Layout }[];
  /** Number of trainable numbers, of a block those of one use. */
  readonly count: Dim;
  readonly notes: readonly string[];
  /** Names of the blocks that the equations use. */
  readonly uses: readonly string[];
  /** The blocks that are used, in the order of use; none has definitions of its own. */
  readonly definitions: readonly Equations[];
}
