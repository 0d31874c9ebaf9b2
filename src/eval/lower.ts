/** @file Replaces blocks by their bodies, recurrences by their steps and composites by expansions: only primitives are left. */
import { type Graph, type Node, rebuild, transform } from "../ir/graph.ts";
import { definitionOf, newBuilder } from "../ops/table.ts";
import { unfold } from "./unfold.ts";
import { unroll } from "./unroll.ts";

interface Lowered {
  readonly graph: Graph;
  readonly image: ReadonlyMap<Node, Node>;
}

/**
 * The graph in primitives, and the primitive node that carries the value of each original node; composites may be left whole.
 * Recurrences must have a number as their length: `specialise` gives it.
 */
export function lower(graph: Graph, staysWhole: (node: Node) => boolean = () => false): Lowered {
  if (!graph.nodes.some((node) => definitionOf(node.op).kind === "nested")) return expand(graph, staysWhole);
  const unfolded = unfold(graph);
  const unrolled = unroll(unfolded.graph);
  const expanded = expand(unrolled.graph, staysWhole);
  // A sequence of which no step needs an element has gone.
  const through = ([node, inlined]: readonly [Node, Node]): (readonly [Node, Node])[] => {
    const step = unrolled.image.get(inlined);
    const primitive = step && expanded.image.get(step);
    return primitive === undefined ? [] : [[node, primitive]];
  };
  return { graph: expanded.graph, image: new Map([...unfolded.image].flatMap(through)) };
}

function expand(graph: Graph, staysWhole: (node: Node) => boolean): Lowered {
  const builder = newBuilder();
  // Nodes of the builder to their primitive form. Expansions may use composites, so lowering one lowers what it made.
  const done = new Map<Node, Node>();
  const lowered = (node: Node): Node => {
    const known = done.get(node);
    if (known !== undefined) return known;
    const inputs = node.inputs.map(lowered);
    const definition = definitionOf(node.op);
    const result =
      definition.kind === "composite" && !staysWhole(node)
        ? lowered(definition.expand(builder, inputs, node.attrs))
        : rebuild(builder, node, inputs);
    done.set(node, result);
    done.set(result, result);
    return result;
  };
  return transform(graph, builder, (node, inputs) => lowered(rebuild(builder, node, inputs)));
}
