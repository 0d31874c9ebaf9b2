/** @file A part of a spec on its own: what leads to it becomes inputs. */
import { type Graph, type Node, type NodeOf, rebuild } from "../ir/graph.ts";
import { newBuilder } from "../ops/table.ts";

export interface Part {
  /** Its inputs are those of the whole, and then the cuts; its outputs are the ends. */
  readonly graph: Graph;
  readonly image: ReadonlyMap<Node, Node>;
  /** Nodes of the whole that became inputs. */
  readonly cuts: readonly Node[];
}

/**
 * What is needed for `ends` of a graph. Cuts are made at the nodes `mayCut` allows, and `named` nodes are kept, as cuts
 * where nothing needs them.
 */
export function partOf(
  whole: Graph,
  ends: readonly Node[],
  mayCut: (node: Node) => boolean,
  named: readonly Node[],
): Part {
  const inside = new Set<Node>();
  const cuts = new Set<Node>();
  const pending = [...ends];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (inside.has(node) || cuts.has(node)) continue;
    if (mayCut(node)) cuts.add(node);
    else {
      inside.add(node);
      pending.push(...node.inputs);
    }
  }
  for (const node of named) if (!inside.has(node) && mayCut(node)) cuts.add(node);
  return cutOut(whole, ends, inside, cuts);
}

function cutOut(
  whole: Graph,
  ends: readonly Node[],
  inside: ReadonlySet<Node>,
  cuts: ReadonlySet<Node>,
): Part {
  const builder = newBuilder();
  const image = new Map<Node, Node>();
  const imageOf = (node: Node): Node => image.get(node) ?? made(node);
  const input = (node: Node, name: string): NodeOf<"Input"> => {
    const copy = builder.node("Input", [], { name, shape: node.type.shape, dtype: node.type.dtype });
    image.set(node, copy);
    return copy;
  };
  function made(node: Node): Node {
    const copy = rebuild(builder, node, node.inputs.map(imageOf));
    const [label, place] = [whole.labels.get(node), whole.copies.get(node)];
    if (label !== undefined) builder.label(copy, label);
    if (place !== undefined) builder.copied(copy, place);
    image.set(node, copy);
    return copy;
  }
  const order = whole.nodes.filter((node) => cuts.has(node));
  const inputs = [
    ...whole.inputs.map((node) => input(node, node.attrs.name)),
    ...order.map((node) => input(node, `value ${node.id}`)),
  ];
  // In the order of the whole, in which operands come first.
  for (const node of whole.nodes) if (inside.has(node)) imageOf(node);
  const parameters = whole.parameters.flatMap(({ node, ...rest }) => {
    const copy = image.get(node);
    return copy?.op === "Parameter" ? [{ ...rest, node: copy }] : [];
  });
  const outputs = ends.map((node, index) => ({ name: `end ${index}`, node: imageOf(node) }));
  return { graph: builder.graph({ name: whole.name, inputs, parameters, outputs }), image, cuts: order };
}
