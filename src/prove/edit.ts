/** @file An edit of a spec: what the search for a bug's name is made of. */
import { type Builder, type Graph, type Node, transform } from "../ir/graph.ts";
import { newBuilder } from "../ops/table.ts";
import { isParameter } from "../ops/traits.ts";
import type { FindingKind } from "../result/findings.ts";
import { refit } from "./refit.ts";

export interface Edit {
  readonly kind: FindingKind;
  /** The node of the spec that the edit changes. */
  readonly node: Node;
  /** What the code does instead, in words. */
  readonly words: string;
  /** What stands for the node, made from its copied operands; throws a Diagnostic where types do not fit. */
  readonly make: (builder: Builder, inputs: readonly Node[], imageOf: (node: Node) => Node) => Node;
}

/** A spec with an edit applied, and where each of its nodes went. */
export interface Mutant {
  readonly edit: Edit;
  readonly graph: Graph;
  readonly image: ReadonlyMap<Node, Node>;
}

/**
 * Throws a Diagnostic when the edited spec is not well typed. `own` leads from the nodes that the edit speaks of to those of
 * `spec`, when they are not the same.
 */
export function applyEdit(spec: Graph, edit: Edit, own: (node: Node) => Node | undefined = (n) => n): Mutant {
  const builder = newBuilder();
  const seen = new Map<Node, Node>();
  const imageOf = (node: Node): Node => seen.get(own(node) ?? node) ?? node;
  const place = own(edit.node);
  const { graph, image } = transform(spec, builder, (node, inputs) => {
    const made = node === place ? edit.make(builder, inputs, imageOf) : refit(builder, node, inputs);
    seen.set(node, made);
    return made;
  });
  const known = new Set<Node>(graph.parameters.map((parameter) => parameter.node as Node));
  const added = graph.nodes.filter(isParameter).filter((node) => !known.has(node));
  const parameters = [
    ...graph.parameters,
    ...added.map((node) => ({ node, names: [node.attrs.name], trainable: true })),
  ];
  return { edit, graph: { ...graph, parameters }, image };
}
