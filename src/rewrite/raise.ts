/** @file Raises a graph to the operators that a person would name: from compilers' formulas to mean, softmax, LayerNorm. */
import { invariant } from "../base/assert.ts";
import { bodyGraph, nest } from "../ir/body.ts";
import { equalShapes } from "../ir/dim.ts";
import { type Graph, type Node, nodeText, type Origin, transform } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { isReal } from "../ir/type.ts";
import { newBuilder } from "../ops/table.ts";
import { activationRules } from "./activation.ts";
import { arithmeticRules } from "./arithmetic.ts";
import { geluRules } from "./gelu.ts";
import { groupRules } from "./groups.ts";
import { lossRules } from "./losses.ts";
import { normalisationRules } from "./normalisation.ts";
import { positionRules } from "./positions.ts";
import { rearrangementRules } from "./rearrangement.ts";
import { reversalRules } from "./reversal.ts";
import type { Make, Rule } from "./rule.ts";
import { stepRules } from "./steps.ts";
import { truthRules } from "./truths.ts";
import { regionsTurned } from "./turned-regions.ts";
import { unitRules } from "./units.ts";

/** Every rule, in the order in which they are tried. */
export const rules: readonly Rule[] = [
  ...rearrangementRules,
  ...unitRules,
  ...stepRules,
  ...reversalRules,
  ...positionRules,
  ...truthRules,
  ...arithmeticRules,
  ...activationRules,
  ...geluRules,
  ...normalisationRules,
  ...groupRules,
  ...lossRules,
];

/** Hears of a rule that made a value of the result, and where that value comes from. */
export type RuleUse = (rule: Rule, origin: Origin | undefined) => void;

/** An equal graph of operators that a person would name. */
export function raise(graph: Graph, told?: RuleUse): Graph {
  const raised = simplified(graph, rules, told);
  const turned = regionsTurned(raised);
  return turned === raised ? raised : simplified(turned, rules, told);
}

/**
 * An equal graph in which no rule applies any more. Origins, labels and parameters follow. Every node is made in its
 * simplest form, operands first, so that one pass reaches the fixed point; each rule makes the graph smaller or moves a
 * rearrangement outwards.
 */
export function simplified(graph: Graph, applicable: readonly Rule[], told?: RuleUse): Graph {
  const builder = newBuilder();
  const uses: { readonly rule: Rule; readonly result: Node }[] = [];
  const known = new Map<Node, Node>();
  const make: Make = (op, inputs, attrs) => simplest(builder.node(op, inputs, attrs) as unknown as Node);
  const simplest = (node: Node): Node => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const result = rewritten(node) ?? node;
    known.set(node, result);
    return result;
  };
  const rewritten = (node: Node): Node | undefined => {
    for (const rule of applicable) {
      const place = rule.placedAs?.(node);
      const apply = (): Node | undefined => rule.apply(node, make);
      const result = place === undefined ? apply() : builder.like(place, apply);
      if (result === undefined || result === node) continue;
      const isSameType =
        equalShapes(result.type.shape, node.type.shape) &&
        isReal(result.type.dtype) === isReal(node.type.dtype);
      invariant(isSameType, `${rule.name} keeps the type: ${nodeText(node)} became ${nodeText(result)}`);
      uses.push({ rule, result });
      return result;
    }
    return undefined;
  };
  const inside = (attrs: OpAttrs[OpName]): OpAttrs[OpName] =>
    "body" in attrs ? { ...attrs, body: nest(simplified(bodyGraph(attrs.body), applicable, told)) } : attrs;
  const raised = transform(graph, builder, (node, inputs) => make(node.op, inputs, inside(node.attrs))).graph;
  if (told !== undefined) {
    const kept = new Set(raised.nodes);
    for (const { rule, result } of uses) if (kept.has(result)) told(rule, raised.origins.get(result));
  }
  return raised;
}
