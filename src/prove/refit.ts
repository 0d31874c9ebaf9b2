/**
 * @file Rebuilds what follows an edit that changed a size: flattening joins as many numbers as there are now, and parameters
 * have the sizes that they meet, as the code's author will have made them.
 */
import { at, zip } from "../base/assert.ts";
import { Diagnostic } from "../diag/diagnostic.ts";
import { type Dim, elementCount, equalDims, type Shape } from "../ir/dim.ts";
import { type Builder, type Node, rebuild } from "../ir/graph.ts";
import { parseContraction } from "../ops/reduction.ts";
import { contractionOf, isParameter, reshapeOf } from "../ops/traits.ts";

/** The same operator on new operands; throws a Diagnostic where it can't be made to fit. */
export function refit(builder: Builder, node: Node, inputs: readonly Node[]): Node {
  try {
    return rebuild(builder, node, inputs);
  } catch (error) {
    if (!(error instanceof Diagnostic)) throw error;
    const fitted = reshaped(builder, node, inputs) ?? contracted(builder, node, inputs);
    if (fitted === undefined) throw error;
    return fitted;
  }
}

function reshaped(builder: Builder, node: Node, inputs: readonly Node[]): Node | undefined {
  const shape = reshapeOf(node);
  const fresh = at(inputs, 0);
  const fitted = shape && regrouped(at(node.inputs, 0).type.shape, shape, fresh.type.shape);
  return fitted && builder.node("Reshape", [fresh], { shape: fitted });
}

/** The target of a reshape that joins axes, once its operand has other sizes. */
function regrouped(from: Shape, to: Shape, fresh: Shape): Shape | undefined {
  if (from.length !== fresh.length) return undefined;
  let next = 0;
  const result: Dim[] = [];
  for (const size of to) {
    const first = next;
    while (!equalDims(elementCount(from.slice(first, next)), size))
      if (++next > from.length) return undefined;
    result.push(elementCount(fresh.slice(first, next)));
  }
  return next === from.length ? result : undefined;
}

/** A contraction with a parameter, which takes the sizes of the other operand. */
function contracted(builder: Builder, node: Node, inputs: readonly Node[]): Node | undefined {
  const equation = contractionOf(node);
  const place = inputs.findIndex(isParameter);
  if (equation === undefined || place < 0) return undefined;
  const { left, right } = parseContraction(equation);
  const [own, others] = place === 0 ? [left, right] : [right, left];
  const [parameter, other] = [at(inputs, place), at(inputs, 1 - place)];
  const hasRanks = others.length === other.type.shape.length && own.length === parameter.type.shape.length;
  if (!isParameter(parameter) || !hasRanks) return undefined;
  const sizes = new Map(zip(others, other.type.shape));
  const shape = own.map((letter, axis) => sizes.get(letter) ?? at(parameter.type.shape, axis));
  const fitted = builder.node("Parameter", [], { ...parameter.attrs, shape });
  return rebuild(builder, node, place === 0 ? [fitted, other] : [other, fitted]);
}
