/** @file Reads a graph out as equations that a person would write, and that the specification language reads back. */
import { at, invariant } from "../base/assert.ts";
import type { Graph } from "../ir/graph.ts";
import { blocksOf, givenBlocks } from "../rewrite/length.ts";
import type { RuleUse } from "../rewrite/raise.ts";
import { gathered } from "./beside.ts";
import type { Equations, Profile } from "./document.ts";
import { withInnerBlocks } from "./inner-recurrences.ts";
import { laid } from "./laid.ts";
import { kernelNotes } from "./notes.ts";
import { SizeNames } from "./sizes.ts";
import { withUnknownBlocks } from "./unknown-blocks.ts";
import { Writer } from "./writer.ts";

export interface EquationOptions {
  /** Columns of the page; what an equation says in one piece takes at most two thirds of them. */
  readonly width: number;
  readonly notation?: Profile;
  /** Hears of the rules that phrase the graph. */
  readonly told?: RuleUse;
}

/** The graph's equations. Raise the graph first, or softmax and the like appear as their formulas; fold it for blocks. */
export function equationsOf(graph: Graph, { width, notation = "matrix", told }: EquationOptions): Equations {
  const model = withInnerBlocks(withUnknownBlocks(graph));
  const parts = [model, ...blocksOf(model)].map((part) => laid(part, told));
  const numbers = givenBlocks(model);
  const sizes = new SizeNames(parts, notation);
  // A size has one name in all of them: names of values are given before those of sizes, and letters of indices last.
  const writers = parts.map((part, place) => new Writer(part, { width, notation }, sizes, place > 0));
  for (const writer of writers) writer.nameSizes();
  const [main, ...definitions] = writers.map((writer, place) => {
    const own = numbers.get(at(parts, place).given) ?? [];
    const document = { ...writer.document(), numbers: own.map((name) => sizes.symbol(name)) };
    return { ...document, equations: gathered(document) };
  });
  invariant(main !== undefined, "a model has equations");
  const kernels = kernelNotes([main, ...definitions].flatMap(({ parameters }) => parameters));
  return { ...main, notes: [...main.notes, ...kernels], sizes: sizes.given, definitions };
}
