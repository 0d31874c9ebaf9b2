/** @file A spec on its way to becoming the code: which edits were made to it, and how it lies over the code. */
import { get } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import { lower } from "../eval/lower.ts";
import type { Sizes } from "../ir/dim.ts";
import { type Graph, type Node, reachable } from "../ir/graph.ts";
import type { Arena } from "./arena.ts";
import type { Overlay } from "./bind.ts";
import type { Edit } from "./edit.ts";
import type { Lowered } from "./localise.ts";
import type { Pairing } from "./pairing.ts";
import type { Scale } from "./reduce.ts";

/** What an edit says. Edits of a recurrence are made before it is unrolled, and not to the spec that is laid over the code. */
export type Told = Omit<Edit, "make"> & Partial<Pick<Edit, "make">>;

/** An edit, the spec that it was made to, and where that spec's nodes stand in the one as written. */
export interface Applied {
  readonly edit: Told;
  readonly spec: Graph;
  readonly original: (node: Node) => Node | undefined;
  /** From that spec's nodes to the edited one's. */
  readonly image: ReadonlyMap<Node, Node>;
  /** The edited spec's node that the code has in the place of the spec's, if not the edited one. */
  readonly instead?: Node | undefined;
}

/** A spec that was edited, and how it lies over the code. */
export interface Candidate {
  readonly edits: readonly Applied[];
  readonly lowered: Lowered;
  readonly pairing: Pairing;
  readonly overlay: Overlay;
  /** The spec as its author wrote it, with named sizes, and its node for a node of this one. */
  readonly written: Graph;
  readonly original: (node: Node) => Node | undefined;
}

export interface Search {
  /** The spec with its recurrences, whose lengths are numbers. */
  readonly recurrent: Graph;
  readonly code: Graph;
  readonly codeSizes: Sizes;
  readonly arena: Arena;
  readonly random: Random;
  readonly scale: Scale;
  readonly onProgress?: (tried: number) => void;
}

/** How far a bug is looked for. */
export interface Range {
  /** Steps around the place where spec and code part, in which edits are made. */
  readonly reach: number;
  /** Steps beyond an edited node within which it has to have an effect. */
  readonly horizon: number;
}
export const nearby: Range = { reach: 3, horizon: 8 };
export const farther: Range = { reach: 16, horizon: 24 };

/** The spec in primitives at the sizes of the comparison; `undefined` when it can't be brought to them. */
export function lowerSpec(spec: Graph, scale: Scale): Lowered | undefined {
  const lowered = lower(spec);
  const small = scale.spec(lowered.graph);
  if (small === undefined) return undefined;
  const image = new Map([...lowered.image].map(([node, primitive]) => [node, get(small.image, primitive)]));
  return { spec, primitive: small.graph, image };
}

const neededBy = ({ lowered: { primitive } }: Candidate): ReadonlySet<Node> =>
  new Set(reachable(primitive.outputs.map(({ node }) => node)));

/** What the outputs need is bound to; what an edit left unused may still be bound as it was before. */
export function neededBindings(candidate: Candidate): Overlay["bindings"] {
  const needed = neededBy(candidate);
  return new Map([...candidate.overlay.bindings].filter(([parameter]) => needed.has(parameter)));
}

/** Whether every output was found, and every parameter that they need. */
export function isComplete(candidate: Candidate): boolean {
  const { overlay: found, pairing, lowered } = candidate;
  const needed = neededBy(candidate);
  const isBound = ({ node }: Graph["parameters"][number]): boolean =>
    found.bindings.has(node) || !needed.has(node);
  return found.found.size === pairing.outputs.length && lowered.primitive.parameters.every(isBound);
}

/** Of candidates with the same edits the first. */
export function distinctEdits(candidates: readonly Candidate[]): Candidate[] {
  const edits = ({ edits: made }: Candidate): string =>
    made.map(({ edit }) => `${edit.words} ${edit.node.id} ${edit.extent}`).join("; ");
  return [...new Map(candidates.toReversed().map((one) => [edits(one), one])).values()].reverse();
}
