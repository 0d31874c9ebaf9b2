/** @file Edits of the order of two steps, of which one combines what it is given with something stored. */
import { at } from "../base/assert.ts";
import { equalShapes } from "../ir/dim.ts";
import { applied, type Builder, type Node, rebuild } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import { isAdditive, isStored } from "../ops/traits.ts";
import type { Edit } from "./edit.ts";
import { operationWords, opWords } from "./edit-variants.ts";
import type { Namer } from "./names.ts";

/** A node as a step from one of its operands, in whose shape it leaves it. */
interface Step {
  readonly from: Node;
  /** How it combines with what is stored; a function of one operand does not. */
  readonly combines?: "additive" | "multiplicative";
  readonly words: string;
  readonly redo: (builder: Builder, x: Node, imageOf: (node: Node) => Node) => Node;
}

/** f(x) + c instead of f(x + c), or (x + d) · c instead of x · c + d: such as an ε added behind the root. */
export function exchangeEdits(node: Node, names: Namer): Edit[] {
  return stepsOf(node, names).flatMap((outer) =>
    stepsOf(outer.from, names)
      .filter(({ combines }) => combines !== outer.combines)
      .map(
        (inner): Edit => ({
          kind: "wrong-order",
          node,
          words: `${inner.words} after ${outer.words}`,
          make: (builder, _, imageOf) =>
            inner.redo(builder, outer.redo(builder, imageOf(inner.from), imageOf), imageOf),
        }),
      ),
  );
}

function stepsOf(node: Node, names: Namer): Step[] {
  const { algebra, arity, family } = definitionOf(node.op);
  const keepsShape = (operand: Node): boolean => equalShapes(operand.type.shape, node.type.shape);
  if (arity === 1 && (family === "activation" || family === "function")) {
    const from = at(node.inputs, 0);
    const redo: Step["redo"] = (builder, x) => applied(builder, node.op, [x], node.attrs);
    return keepsShape(from) && !isStored(from) ? [{ from, words: `${opWords(node)} is applied`, redo }] : [];
  }
  if (algebra === undefined) return [];
  return node.inputs.flatMap((from, place): Step[] => {
    const other = at<Node>(node.inputs, 1 - place);
    if (!keepsShape(from) || isStored(from) || !isStored(other)) return [];
    return [
      {
        from,
        combines: isAdditive(node) ? "additive" : "multiplicative",
        words: `${names.value(other)} is ${operationWords(node.op)}`,
        redo: (builder, x, imageOf) =>
          rebuild(builder, node, place === 0 ? [x, imageOf(other)] : [imageOf(other), x]),
      },
    ];
  });
}
