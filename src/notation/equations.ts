/** @file Reads a graph out as equations that a person would write, and that the specification language reads back. */
import { invariant } from "../base/assert.ts";
import type { Layout } from "../base/layout.ts";
import { bodyGraph } from "../ir/body.ts";
import type { Dim } from "../ir/dim.ts";
import type { Graph, Origin, Parameter } from "../ir/graph.ts";
import type { Dtype, TensorType } from "../ir/type.ts";
import { isCall } from "../ops/traits.ts";
import { laid } from "./laid.ts";
import { SizeNames } from "./sizes.ts";
import { Writer } from "./writer.ts";

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
  /** The name, with its indices in index notation. */
  readonly left: Layout;
  readonly right: Layout;
  readonly name: string;
  readonly type: TensorType;
  readonly origin: Origin | undefined;
  /** The repetition that it stands in. */
  readonly rounds: Rounds | undefined;
}

export interface DeclaredParameter extends Declared {
  readonly parameter: Parameter;
  /** The model stores the transpose of what the equations mean. */
  readonly transposed: boolean;
  readonly used: boolean;
}

export interface Equations {
  readonly name: string;
  readonly inputs: readonly Declared[];
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
  /** The blocks that are used, in the order of use; none has definitions of its own. */
  readonly definitions: readonly Equations[];
}

export interface EquationOptions {
  /** Columns of the page; what an equation says in one piece takes at most two thirds of them. */
  readonly width: number;
}

/** The graph's equations. Raise the graph first, or softmax and the like appear as their formulas; fold it for blocks. */
export function equationsOf(graph: Graph, { width }: EquationOptions): Equations {
  const parts = [graph, ...blocksOf(graph)].map(laid);
  const sizes = new SizeNames(parts);
  // A size has one name in all of them: names of values are given before those of sizes, and letters of indices last.
  const writers = parts.map((part) => new Writer(part, width, sizes));
  for (const writer of writers) writer.nameSizes();
  const [model, ...definitions] = writers.map((writer) => writer.document());
  invariant(model !== undefined, "a model has equations");
  return { ...model, sizes: sizes.given, definitions };
}

/** The bodies of the blocks that a graph uses, and that these use, in the order of use. */
function blocksOf(graph: Graph): Graph[] {
  const found = new Map<string, Graph>();
  const visit = ({ nodes }: Graph): void => {
    for (const node of nodes) {
      if (!isCall(node) || found.has(node.attrs.body.key)) continue;
      const body = bodyGraph(node.attrs.body);
      found.set(node.attrs.body.key, body);
      visit(body);
    }
  };
  visit(graph);
  return [...found.values()];
}
