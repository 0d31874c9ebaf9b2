/**
 * @file Names the bug: searches for the fewest edits of the spec that make it the code (equivalence.md §6). Each edited
 * spec is laid over the code as the spec itself was; an edit counts only when every output agrees in fresh worlds.
 */
import { get } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import { Diagnostic } from "../diag/diagnostic.ts";
import { lower } from "../eval/lower.ts";
import type { Sizes } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { type Arena, type Overlay, overlay } from "./bind.ts";
import { applyEdit, type Edit } from "./edit.ts";
import { editsAt } from "./edit-catalogue.ts";
import { familyFaults } from "./faults.ts";
import { frontier, type Lowered, neighbourhood, wrongOutputs } from "./localise.ts";
import { nameIn } from "./names.ts";
import { isClash, type Pairing, pair } from "./pairing.ts";
import type { Scale } from "./reduce.ts";
import { scaleEditsAt } from "./scale.ts";
import { type Carry, carryFrom } from "./settled.ts";
import { verify } from "./verify.ts";

/** An edit, the spec that it was made to, and where that spec's nodes stand in the one as written. */
export interface Applied {
  readonly edit: Edit;
  readonly spec: Graph;
  readonly original: (node: Node) => Node | undefined;
  /** From that spec's nodes to the edited one's. */
  readonly image: ReadonlyMap<Node, Node>;
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
  readonly code: Graph;
  readonly codeSizes: Sizes;
  readonly arena: Arena;
  readonly random: Random;
  readonly scale: Scale;
  readonly onProgress?: (tried: number) => void;
}

/** Most edits at once, and how many partly successful ones are taken further. */
const mostEdits = 3;
const beamWidth = 6;
/** Edited specs tried, and values computed for them, before the search gives up. */
const mostTried = 2000;
const mostEffort = 600_000;
const confirmingRuns = 2;

/** Sets of edits that explain the code: first those of one edit, then those of two, and so on; often empty. */
export function* diagnoses(search: Search, start: Candidate): Generator<readonly Candidate[]> {
  let beam: readonly Candidate[] = [start];
  let [tried, effort] = [0, 0];
  for (let depth = 1; depth <= mostEdits; depth++) {
    const next: Candidate[] = [];
    const solved: Candidate[] = [];
    for (const candidate of beam) {
      const carry = carryFrom(candidate.lowered, candidate.overlay);
      for (const edit of editsOf(search, candidate)) {
        if (tried++ > mostTried || effort > mostEffort) break;
        if (tried % 50 === 0) search.onProgress?.(tried);
        const edited = attempt(search, candidate, edit, carry);
        if (edited === undefined) continue;
        effort += edited.overlay.effort;
        if (explains(search, edited)) solved.push(edited);
        else next.push(edited);
      }
    }
    yield solved;
    beam = next.sort((a, b) => b.overlay.score - a.overlay.score).slice(0, beamWidth);
  }
}

/** Steps around the frontier in which a bug is looked for. */
const reach = 3;

function editsOf(search: Search, { lowered, overlay: found, original }: Candidate): Edit[] {
  const parting = frontier(lowered, found);
  const names = nameIn(lowered.spec, original);
  // Where every value was found but an output is another one, the difference is at the output itself.
  const first = parting.length > 0 ? parting : wrongOutputs(lowered.spec, found);
  const near = oncePerPlace(lowered.spec, neighbourhood(lowered.spec, first, reach));
  return [
    ...near.flatMap((node) => editsAt(lowered.spec, node, names)),
    ...[...new Set(first.flatMap((node) => [node, ...node.inputs]))].flatMap((node) =>
      scaleEditsAt(search.arena.world, found, lowered, node, names),
    ),
  ];
}

/** Of the copies of one place the first, since an edit changes all of them. */
function oncePerPlace({ copies }: Graph, nodes: readonly Node[]): Node[] {
  const seen = new Set<string>();
  return nodes.filter((node) => {
    const place = copies.get(node)?.place;
    if (place === undefined) return true;
    const isFirst = !seen.has(place);
    seen.add(place);
    return isFirst;
  });
}

function attempt(search: Search, from: Candidate, edit: Edit, carry: Carry): Candidate | undefined {
  try {
    const mutant = applyEdit(from.lowered.spec, edit);
    const lowered = lowerSpec(mutant.graph, search.scale);
    if (lowered === undefined) return undefined;
    const pairing = pair(lowered.primitive, search.code);
    if (isClash(pairing)) return undefined;
    const { arena, scale } = search;
    const known = carry(lowered.primitive);
    const found = overlay({ spec: lowered.primitive, pairing, arena, scale, scaled: false, known });
    return {
      edits: [...from.edits, { edit, spec: from.lowered.spec, original: from.original, image: mutant.image }],
      lowered,
      pairing,
      overlay: found,
      written: from.written,
      original: throughInverse(mutant.image, from.original),
    };
  } catch (error) {
    // An edit that is not well typed is no edit of this spec.
    if (error instanceof Diagnostic) return undefined;
    throw error;
  }
}

/** Back through an edit, then on; the inverse is made when it is first asked for. */
function throughInverse(
  image: ReadonlyMap<Node, Node>,
  then: (node: Node) => Node | undefined,
): (node: Node) => Node | undefined {
  let inverse: Map<Node, Node> | undefined;
  return (node) => {
    inverse ??= new Map([...image].map(([from, to]) => [to, from]));
    const before = inverse.get(node);
    return before && then(before);
  };
}

/** The spec in primitives at the sizes of the comparison; `undefined` when it can't be brought to them. */
export function lowerSpec(spec: Graph, scale: Scale): Lowered | undefined {
  const lowered = lower(spec);
  const small = scale.spec(lowered.graph);
  if (small === undefined) return undefined;
  const image = new Map([...lowered.image].map(([node, primitive]) => [node, get(small.image, primitive)]));
  return { spec, primitive: small.graph, image };
}

/** Whether the edited spec is the code: every output agrees, here and in fresh worlds, with nothing tied or scaled. */
function explains(search: Search, { overlay: found, pairing, lowered }: Candidate): boolean {
  if (found.found.size < pairing.outputs.length) return false;
  const claim = {
    code: search.code,
    codeSizes: search.codeSizes,
    spec: lowered.primitive,
    specSizes: found.sizes,
    pairing,
    bindings: found.bindings,
    layouts: found.found,
    scale: search.scale,
  };
  if (familyFaults(claim).length > 0) return false;
  return verify(claim, search.random.fork("confirm"), confirmingRuns).agreed === true;
}
