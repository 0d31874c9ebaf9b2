/** @file Turns the nodes of an exported program into nodes of a graph, by the operator table. */
import { type Lowering, resultsOf } from "./apply.ts";
import { changedOperand, isUnreadUpdate, lowerChange } from "./changes.ts";
import { isControl, lowerControl } from "./control.ts";
import { originOf } from "./origin.ts";
import type { Argument, ProgramNode } from "./schema.ts";

/** Checks of sizes and dtypes that the exporter inserts; they compute nothing. */
const assertion = /\b(_assert\w*|_check\w*|sym_constrain_range\w*)\./;

/** Defines the results of one node in the scope. */
export function lowerNode(lowering: Lowering, node: ProgramNode): void {
  if (assertion.test(node.target) || node.outputs.every(isSize)) return;
  if (isUnreadUpdate(lowering, node)) return;
  const origin = originOf(node);
  const { scope } = lowering;
  if (isControl(node)) return lowerControl(lowering, node, lowerNode);
  const changed = changedOperand(node);
  if (changed !== undefined) return lowerChange(lowering, node, changed, origin);
  for (const [name, result] of resultsOf(lowering, node, origin)) {
    if (result === undefined) scope.defineUnknown(name, node.target);
    else scope.define(name, result);
  }
  lowering.views.record(node, (name) => scope.meta(name));
}

/** Sizes are known from the file without computing them. */
const isSize = (output: Argument): boolean =>
  output.as_sym_int !== undefined || output.as_sym_ints !== undefined;
