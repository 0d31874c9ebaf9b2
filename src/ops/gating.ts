/** @file What the parts of gated recurrent cells are made of. */
import { toNumber } from "../base/rational.ts";
import type { Node } from "../ir/graph.ts";
import { constantOf } from "./traits.ts";

/** Whether a node adds its two operands. */
export const isSum = (node: Node): boolean => node.op === "Add";

/** Whether a node is a sigmoid, as gates are. */
export const isSigmoid = (node: Node): boolean => node.op === "Sigmoid";

/** Whether a node is a hyperbolic tangent. */
export const isTanh = (node: Node): boolean => node.op === "Tanh";

/** Whether a node is what a gate leaves of one: 1 − gate. */
export function isOneMinus(node: Node, gate: Node): boolean {
  const [one, other] = node.inputs;
  const value = one && constantOf(one);
  return node.op === "Sub" && other === gate && value !== undefined && toNumber(value) === 1;
}
