/** @file What the signs between two values mean, except juxtaposition. */
import { assertNever } from "../base/assert.ts";
import type { Node } from "../ir/graph.ts";
import { innerProduct, times } from "./products.ts";
import type { Position } from "./source.ts";
import type { Infix } from "./syntax.ts";
import type { Tensor, Tensors } from "./tensors.ts";

/** Operators without attributes that a sign stands for. */
type PlainOperator = "Add" | "Sub" | "Div" | "Less" | "Equal" | "And" | "Not" | "Neg" | "Exp" | "Log";

export const applied = (tensors: Tensors, op: PlainOperator, position: Position, ...args: Tensor[]): Tensor =>
  tensors.elementwise(position, args, (nodes: readonly Node[]) => tensors.node<PlainOperator>(op, nodes, {}));

export function combined(
  tensors: Tensors,
  operator: Exclude<Infix, "juxtaposed">,
  position: Position,
  x: Tensor,
  y: Tensor,
): Tensor {
  const apply = (op: PlainOperator, ...args: Tensor[]): Tensor => applied(tensors, op, position, ...args);
  const not = (value: Tensor): Tensor => apply("Not", value);
  switch (operator) {
    case "+":
      return apply("Add", x, y);
    case "-":
      return apply("Sub", x, y);
    case "*":
      return times(tensors, position, x, y);
    case "/":
      return apply("Div", x, y);
    case ".":
      return innerProduct(tensors, position, x, y);
    case "<":
      return apply("Less", x, y);
    case ">":
      return apply("Less", y, x);
    case "<=":
      return not(apply("Less", y, x));
    case ">=":
      return not(apply("Less", x, y));
    case "==":
      return apply("Equal", x, y);
    case "!=":
      return not(apply("Equal", x, y));
    case "and":
      return apply("And", x, y);
    case "or":
      return not(apply("And", not(x), not(y)));
    default:
      return assertNever(operator);
  }
}
