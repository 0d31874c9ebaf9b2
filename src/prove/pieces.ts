/**
 * @file Values that code computes only together with others: gates that come out of one function and are cut apart behind it,
 * products with several things side by side. A paper names each, so the comparison needs them as values of the code.
 */
import { at } from "../base/assert.ts";
import { addDims, type Dim, equalShapes } from "../ir/dim.ts";
import { applied, type Builder, type Graph, type Node, transform } from "../ir/graph.ts";
import { broadcastAxes } from "../ops/define.ts";
import { parseContraction } from "../ops/reduction.ts";
import { definitionOf, newBuilder } from "../ops/table.ts";
import { contractionOf } from "../ops/traits.ts";
import { reorderedValues } from "./reordered.ts";
import { Stacked, timesSideBySide } from "./stacked.ts";

/**
 * The graph with such values beside its own, and with those that only the spec has apart or in their order; `image` leads from
 * its nodes to the new ones. Both graphs are in primitives.
 */
export function withPieces(
  graph: Graph,
  spec: Graph,
): {
  readonly graph: Graph;
  readonly image: ReadonlyMap<Node, Node>;
} {
  const builder = newBuilder();
  const pieces: Node[] = [];
  const stacked = new Stacked(builder, timesSideBySide(spec));
  const { graph: copy, image } = transform(graph, builder, (node, inputs) => {
    const made = applied(builder, node.op, inputs, node.attrs);
    pieces.push(...slicesBelow(builder, made), ...partsOfContraction(builder, made), ...stacked.pieces(made));
    return made;
  });
  pieces.push(...reorderedValues(builder, copy, spec));
  const outputs = [...copy.outputs, ...pieces.map((node) => ({ name: "", node }))];
  const { inputs, parameters, notes, name } = copy;
  return {
    graph: { ...builder.graph({ name, inputs, parameters, notes, outputs }), outputs: copy.outputs },
    image,
  };
}

/** Of f(g(x))[i:j], g(x)[i:j] and x[i:j], for all that acts on each element. */
function slicesBelow(builder: Builder, node: Node): Node[] {
  if (node.op !== "Slice") return [];
  const seen = new Set<Node>();
  const pending: Node[] = [...node.inputs];
  for (let whole = pending.pop(); whole !== undefined; whole = pending.pop()) {
    if (definitionOf(whole.op).axes !== broadcastAxes) continue;
    for (const x of whole.inputs) {
      if (seen.has(x) || !equalShapes(x.type.shape, whole.type.shape)) continue;
      seen.add(x);
      pending.push(x);
    }
  }
  return [...seen].map((x) => applied(builder, "Slice", [x], node.attrs));
}

/** Of [a, b] · w with a and b side by side along what is summed, a · w[0:n] and b · w[n:]. */
function partsOfContraction(builder: Builder, node: Node): Node[] {
  const equation = contractionOf(node);
  if (equation === undefined) return [];
  const { left, right, summed } = parseContraction(equation);
  const sides = [left, right];
  return sides.flatMap((letters, side) => {
    const joined = at<Node>(node.inputs, side);
    if (joined.op !== "Concat") return [];
    const letter = at(letters, joined.attrs.axis);
    const axis = at(sides, 1 - side).indexOf(letter);
    if (!summed.includes(letter) || axis < 0) return [];
    let start: Dim = 0;
    return joined.inputs.map((part) => {
      const stop = addDims(start, at(part.type.shape, joined.attrs.axis));
      const other = applied(builder, "Slice", [at(node.inputs, 1 - side)], { axis, start, stop, step: 1 });
      start = stop;
      return applied(builder, node.op, side === 0 ? [part, other] : [other, part], node.attrs);
    });
  });
}
