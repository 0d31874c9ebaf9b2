/** @file A model as the specification of another. */
import { Diagnostic, Unsupported } from "../diag/diagnostic.ts";
import type { Graph } from "../ir/graph.ts";
import { equationsOf } from "../notation/equations.ts";
import { textOf } from "../notation/text.ts";
import { raise } from "../rewrite/raise.ts";
import { readSpec } from "../spec/read.ts";

/** Wide enough that no equation is broken. */
const width = 200;

/** What `read` prints of a model, read back: a spec whose equations have numbers and whose values have names. */
export function asSpec(model: Graph, name: string): Graph {
  const raised = raise(model);
  try {
    return readSpec(textOf(equationsOf(raised, { width }), { width, color: false }), name);
  } catch (error) {
    // An unknown function and a recurrence can be compared, but not read back.
    if (error instanceof Diagnostic || error instanceof Unsupported) return raised;
    throw error;
  }
}
