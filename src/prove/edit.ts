/** @file An edit of a spec: what the search for a bug's name is made of. */
import { type Builder, type Graph, type Node, transform } from "../ir/graph.ts";
import { misfit } from "../ops/define.ts";
import { newBuilder } from "../ops/table.ts";
import { isParameter } from "../ops/traits.ts";
import type { FindingKind } from "../result/findings.ts";
import { type Copies, copiesIn, type Extent } from "./copies.ts";
import { refit } from "./refit.ts";

export interface Edit {
  readonly kind: FindingKind;
  /** The node of the spec that the edit changes. */
  readonly node: Node;
  /** The copy of the node at which spec and code part, where that is another one. */
  readonly near?: Node;
  /** Which of the copies of the node it changes; as many as make sense, when nothing is said. */
  readonly extent?: Extent;
  /** Whether a step of the node's definition is edited, and not the node as a whole. */
  readonly isInside?: boolean;
  /** The widest extent that makes sense, where that is not everywhere: "alike" for what speaks of nothing but the node's operands. */
  readonly widest?: Extent;
  /** A value that stands beside the node where the mistake was made: its place is in the block that holds both. */
  readonly beside?: Node;
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

/** The edit speaks of a value that this copy has no counterpart of, such as the step before the first. */
class NothingThere extends Error {}

/** `undefined` for a copy that the edit leaves as it is. */
function edited(make: () => Node): Node | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof NothingThere) return undefined;
    throw error;
  }
}

/** Another graph that an edit speaks of, and the way from its nodes to those of the edited one. */
export interface Spoken {
  readonly graph: Graph;
  readonly own: (node: Node) => Node | undefined;
}

/**
 * Edits a node and its copies, since a mistake in the body of a loop is made at every step. Throws a Diagnostic when the edited
 * spec is not well typed.
 */
export function applyEdit(spec: Graph, edit: Edit, spoken: Spoken = { graph: spec, own: (n) => n }): Mutant {
  const builder = newBuilder();
  const seen = new Map<Node, Node>();
  const copies = editedCopies(edit, spoken);
  const { graph, image } = transform(spec, builder, (node, inputs) => {
    const imageOf = (other: Node): Node => {
      const counterpart = copies.get(node)?.(other);
      if (counterpart === undefined) throw new NothingThere();
      const there = seen.get(counterpart);
      if (there === undefined) throw misfit("an edit", "a value that is computed later", "one that is there");
      return there;
    };
    const made = copies.has(node)
      ? (edited(() => edit.make(builder, inputs, imageOf)) ?? refit(builder, node, inputs))
      : refit(builder, node, inputs);
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

/** All the places of an edit, which are those of a part of the program; a setting of the model is a wider matter. */
export const placesOf = ({ widest = "everywhere" }: Pick<Edit, "widest">): Extent =>
  widest === "alike" ? "everywhere" : widest;

/** The nodes to edit, each with the way to it from the surroundings of the edit's node. */
function editedCopies(edit: Edit, { graph, own }: Spoken): Copies {
  const { node, near = node, extent = placesOf(edit) } = edit;
  const copies = copiesIn(graph);
  const ways = copies(node, extent.startsWith("alike") ? extent : "everywhere");
  return new Map(
    [...copies(near, extent).keys()].flatMap((copy) => {
      const [place, way] = [own(copy), ways.get(copy)];
      // Where a part was cut out, its border is no copy.
      if (place === undefined || way === undefined || place.op !== copy.op) return [];
      return [[place, (other: Node) => ownOf(way(other))] as const];
    }),
  );

  function ownOf(node: Node | undefined): Node | undefined {
    return node && own(node);
  }
}
