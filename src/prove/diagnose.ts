/**
 * @file Names the bug: searches for the fewest edits of the spec that make it the code (equivalence.md §6). Each edited
 * spec is laid over the code as the spec itself was; an edit counts only when every output agrees in fresh worlds.
 */
import { Diagnostic } from "../diag/diagnostic.ts";
import { type Graph, type Node, reachable } from "../ir/graph.ts";
import { isStored } from "../ops/traits.ts";
import { alike, othersLike } from "./alike.ts";
import { overlay } from "./bind.ts";
import { Budget } from "./budget.ts";
import {
  type Applied,
  type Candidate,
  distinctEdits,
  farther,
  isComplete,
  lowerSpec,
  nearby,
  neededBindings,
  type Range,
  type Search,
  type Told,
} from "./candidate.ts";
import { copiesIn, type Extent, extents, typical } from "./copies.ts";
import { applyEdit, type Edit } from "./edit.ts";
import { editsAt } from "./edit-catalogue.ts";
import { numbersOnlyOf } from "./edits-arithmetic.ts";
import { orderOfStepsEdits } from "./edits-order.ts";
import { familyFaults } from "./faults.ts";
import { brief, glance, type Limits, look, thorough } from "./limits.ts";
import { frontier, leadingTo, neighbourhood, wrongOutputs } from "./localise.ts";
import { nameIn } from "./names.ts";
import { isClash, pair } from "./pairing.ts";
import { recurrenceCandidates } from "./recurrences.ts";
import { scaleEditsAt } from "./scale.ts";
import { screen } from "./screen.ts";
import { type Carry, carrying, everything, settled, untied } from "./settled.ts";
import { verify } from "./verify.ts";

/** Most edits at once, and how many partly successful ones are taken further. */
const mostEdits = 3;
const beamWidth = 6;
/** Most edits of one spec that are tried on the whole of it. */
const mostFollowed = 40;
/** Candidates of each kind that are laid over the code once more from the start when no edit explains it. */
const mostRestarted = 4;
const confirmingRuns = 2;

/** Sets of edits that explain the code: first those of one edit, then those of two, and so on; often empty. */
export function* diagnoses(search: Search, start: Candidate): Generator<readonly Candidate[]> {
  const budget = new Budget(search);
  let beam: readonly Candidate[] = [start];
  let trust = all;
  for (let depth = 1; depth <= mostEdits; depth++) {
    const found = pass(search, beam, trust, budget);
    if (depth === 1) found.push(...recurrenceCandidates(search, start).map((made) => tried(search, made)));
    yield explaining(found);
    yield* among(search, found, beam, budget);
    const doubted = beam.filter(hasTies);
    const apart = pass(search, doubted, distinct, budget);
    yield explaining(apart).filter(isFine);
    yield* among(search, apart, doubted, budget);
    const together = beam.flatMap((from) => editedTogether(search, from, found, budget));
    yield explaining(together);
    // Bindings beyond a difference are usually right; when they are not, they have to be found again, and at last all of them.
    const again = pass(search, beam, certain, budget);
    if (!again.some(({ explains }) => explains))
      again.push(...beam.flatMap((from) => editedAlike(search, from, [...found, ...again], budget)));
    if (!again.some(({ explains }) => explains))
      again.push(
        ...best([...found, ...apart, ...again], mostRestarted).map((from) => restarted(search, from)),
      );
    yield explaining([...apart, ...again]);
    // What lacks least may be right without having found most, where an edit puts values in that are found anywhere.
    yield explaining(nearest([...found, ...apart, ...again]).map((from) => restarted(search, from)));
    // Code that computes in another order has no value near the mistake.
    const wider = depth === 1 ? pass(search, beam, wide, budget) : [];
    yield explaining(wider);
    beam = leading([...found, ...apart, ...together, ...again, ...wider], beam);
    if (wider.some(({ candidate }) => beam.includes(candidate))) trust = wide;
  }
}

const hasTies = ({ lowered, overlay: found }: Candidate): boolean =>
  untied(lowered, found).length < everything(lowered, found).length;

/** With parameters free again, leaving out a whole computation can stand for a smaller edit that is still to be found. */
const isFine = ({ edits }: Candidate): boolean =>
  edits.every(({ edit }) => edit.kind !== "missing-operation");

/** An edit after which most of the rest is found was one of several mistakes, and the others follow. */
function* among(
  search: Search,
  found: readonly Tried[],
  before: readonly Candidate[],
  budget: Budget,
): Generator<readonly Candidate[]> {
  const far = leading(found, before).filter((candidate) => isFar(candidate, before));
  if (far.length === 0 || far.some(({ edits }) => edits.length >= mostEdits)) return;
  const more = pass(search, far, all, budget);
  yield explaining(more);
  yield* among(search, more, far, budget);
}

const best = (tried: readonly Tried[], count: number): Candidate[] =>
  tried
    .map(({ candidate }) => candidate)
    .sort((a, b) => b.overlay.score - a.overlay.score)
    .slice(0, count);

/** The candidates of which the fewest values were not found. */
function nearest(tried: readonly Tried[]): Candidate[] {
  const missing = ({ overlay: { matched }, lowered }: Candidate): number =>
    lowered.primitive.nodes.length - matched;
  return distinctEdits(best(tried, tried.length))
    .toSorted((a, b) => missing(a) - missing(b))
    .slice(0, mostRestarted);
}

/** Every candidate with one edit more, until one of them is the code. */
function pass(search: Search, beam: readonly Candidate[], trust: Trust, budget: Budget): Tried[] {
  const found: Tried[] = [];
  for (const from of beam) {
    found.push(...edited(search, from, trust, budget));
    if (found.some(({ explains }) => explains)) break;
  }
  return found;
}

const explaining = (found: readonly Tried[]): Candidate[] =>
  found.filter(({ explains }) => explains).map(({ candidate }) => candidate);

const furthest = (candidates: readonly Candidate[]): number =>
  Math.max(0, ...candidates.map(({ overlay: { matched } }) => matched));

/** The best candidates, each once, of those that came at least half as far from where they began as any. */
function leading(found: readonly Tried[], before: readonly Candidate[]): Candidate[] {
  const each = distinctEdits(best(found, found.length));
  const least = (furthest(before) + furthest(each)) / 2;
  return each.filter(({ overlay: { matched } }) => matched >= least).slice(0, beamWidth);
}

/** Whether so much of the spec was found by the last edit that it must have been one of several mistakes. */
const isFar = ({ overlay: { matched }, lowered }: Candidate, before: readonly Candidate[]): boolean =>
  matched - furthest(before) >= lowered.primitive.nodes.length / 4;

/** The candidate with nothing known of it. */
function restarted(search: Search, from: Candidate): Tried {
  const { arena, scale } = search;
  const { lowered, pairing } = from;
  const found = overlay({ spec: lowered.primitive, pairing, arena, scale, scaled: false, limits: thorough });
  return tried(search, { ...from, overlay: found });
}

/** Which of a candidate's values and bindings an edit leaves as they are, and where edits are looked for. */
interface Trust {
  readonly keep: typeof everything;
  readonly limits: Limits;
  readonly range: Range;
}
const all: Trust = { keep: everything, limits: glance, range: nearby };
const distinct: Trust = { keep: untied, limits: glance, range: nearby };
const certain: Trust = { keep: settled, limits: look, range: nearby };
const wide: Trust = { keep: everything, limits: glance, range: farther };

interface Tried {
  readonly candidate: Candidate;
  readonly explains: boolean;
}

/** The candidate with one edit more, for each edit that brings it nearer to the code. */
function edited(search: Search, from: Candidate, { keep, limits, range }: Trust, budget: Budget): Tried[] {
  const kept = keep(from.lowered, from.overlay);
  const carry = carrying(kept, from.overlay);
  const parting = partingOf(from);
  const progress = screen(search, from, new Set(kept), limits, range);
  const ranked = editsOf(search, from, parting, range)
    .flatMap((edit) => {
      const made = budget.take() ? ifTyped(() => progress(edit)) : undefined;
      if (made === undefined) return [];
      budget.spend(made);
      return [{ edit, gain: made.gain }];
    })
    .sort((a, b) => b.gain - a.gain);
  const helpful = ranked.filter(({ gain }) => gain >= 1).slice(0, mostFollowed);
  // Of several mistakes in one place each is an edit that helps only with the others.
  const followed = helpful.length < beamWidth ? ranked.slice(0, beamWidth) : helpful;
  return followed.flatMap(({ edit }) => {
    const made: Tried[] = [];
    for (const extent of extentsOf(from.lowered.spec, edit)) {
      // What was found worth trying is tried, whatever finding it has cost.
      const candidate = attempt(search, from, { ...edit, extent }, carry);
      if (candidate === undefined) continue;
      budget.spend(candidate.overlay);
      made.push(tried(search, candidate));
      if (made.at(-1)?.explains === true) break;
    }
    return made;
  });
}

/** The candidate with all edits that do the same to values of the same form, where each of them helped. */
function editedAlike(search: Search, from: Candidate, found: readonly Tried[], budget: Budget): Tried[] {
  const groups = alike(helpfulAmong(found, from).map(({ edit }) => edit));
  return madeTogether(search, from, groups, budget);
}

/** The candidate with one of the edits that helped most and others that do the same, though they have not helped without it. */
function editedTogether(search: Search, from: Candidate, found: readonly Tried[], budget: Budget): Tried[] {
  const helpful = helpfulAmong(found, from).map(({ edit }) => edit);
  if (helpful.length === 0) return [];
  const all = editsOf(search, from, partingOf(from), farther);
  const groups = helpful.slice(0, mostRestarted).flatMap((edit) => {
    const others = othersLike(edit, all).slice(0, beamWidth);
    return [others, ...others.map((other) => [other])].map((some) =>
      [edit, ...some].sort((a, b) => a.node.id - b.node.id),
    );
  });
  const made = madeTogether(search, from, groups, budget);
  if (made.some(({ explains }) => explains)) return made;
  return [...made, ...best(made, mostRestarted).map((candidate) => restarted(search, candidate))];
}

/** Single edits of a candidate that led further, the best first. */
const helpfulAmong = (found: readonly Tried[], from: Candidate): Applied[] =>
  best(found, found.length)
    .filter(
      ({ edits, overlay: { score } }) => edits.length === from.edits.length + 1 && score > from.overlay.score,
    )
    .flatMap(({ edits }) => edits.at(-1) ?? [])
    .filter(({ spec }) => spec === from.lowered.spec);

/** The candidate with each group of edits. */
function madeTogether(
  search: Search,
  from: Candidate,
  groups: readonly (readonly Told[])[],
  budget: Budget,
): Tried[] {
  const carry = carrying(settled(from.lowered, from.overlay), from.overlay);
  return groups
    .filter((group) => group.length > 1 && from.edits.length + group.length <= mostEdits)
    .flatMap((group) => {
      const candidate = budget.take() ? withAll(search, from, group, carry) : undefined;
      if (candidate === undefined) return [];
      budget.spend(candidate.overlay);
      return [tried(search, candidate)];
    });
}

/** The candidate with several edits, in the order of the spec. */
function withAll(
  search: Search,
  from: Candidate,
  edits: readonly Told[],
  carry: Carry,
): Candidate | undefined {
  let candidate: Candidate | undefined = from;
  for (const { node, kind, words, extent } of edits) {
    const { lowered, original, edits: made }: Candidate = candidate;
    const own: Node | undefined = made
      .slice(from.edits.length)
      .reduce((current: Node | undefined, { image }) => current && image.get(current), node);
    const again: Edit[] = own === undefined ? [] : editsAt(lowered.spec, own, nameIn(lowered.spec, original));
    const edit = again.find((other) => other.kind === kind && other.words === words);
    candidate = edit && attempt(search, candidate, { ...edit, ...(extent && { extent }) }, carry);
    if (candidate === undefined) return undefined;
  }
  return candidate;
}

/** The extents that an edit can have, of which no two mean the same. */
function extentsOf(spec: Graph, { node, near = node, widest = "everywhere" }: Edit): Extent[] {
  const copies = copiesIn(spec);
  const sensible = extents.slice(extents.indexOf(widest));
  const bySize = new Map(sensible.map((extent) => [copies(near, extent).size, extent] as const).reverse());
  return [...bySize.values()].reverse();
}

/** Where spec and code part. Where every value was found but an output is another one, that is at the output itself. */
function partingOf({ lowered, overlay: found }: Candidate): Node[] {
  const parting = frontier(lowered, found);
  return parting.length > 0 ? parting : wrongOutputs(lowered.spec, found);
}

function editsOf(
  search: Search,
  { lowered, overlay: found, original }: Candidate,
  parting: readonly Node[],
  { reach }: Range,
): Edit[] {
  const names = nameIn(lowered.spec, original);
  const around = neighbourhood(lowered.spec, parting, reach);
  // What is computed of numbers and parameters alone has no values that could part.
  const tables = reachable(around.filter(isStored));
  const places = oncePerPlace(lowered.spec, [...new Set([...around, ...tables])]);
  const numbers = numbersOnlyOf(search.code, lowered.primitive);
  return [
    ...orderOfStepsEdits(lowered.spec, leadingTo(parting, reach), names),
    ...places.flatMap((node) =>
      editsAt(lowered.spec, typical(lowered.spec, node), names, numbers).map((edit) => ({
        ...edit,
        near: node,
      })),
    ),
    ...[...new Set([...parting.flatMap((node) => [node, ...node.inputs]), ...tables])].flatMap((node) =>
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
  return ifTyped(() => {
    const mutant = applyEdit(from.lowered.spec, edit);
    const lowered = lowerSpec(mutant.graph, search.scale);
    if (lowered === undefined) return undefined;
    const pairing = pair(lowered.primitive, search.code);
    if (isClash(pairing)) return undefined;
    const { arena, scale } = search;
    const known = carry(lowered.primitive);
    const found = overlay({
      spec: lowered.primitive,
      pairing,
      arena,
      scale,
      scaled: false,
      known,
      limits: brief,
    });
    return {
      edits: [...from.edits, { edit, spec: from.lowered.spec, original: from.original, image: mutant.image }],
      lowered,
      pairing,
      overlay: found,
      written: from.written,
      original: throughInverse(mutant.image, from.original),
    };
  });
}

/** An edit that is not well typed is no edit of a spec. */
function ifTyped<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
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

const tried = (search: Search, candidate: Candidate): Tried => ({
  candidate,
  explains: explains(search, candidate),
});

/** Whether the edited spec is the code: every output agrees, here and in fresh worlds, with nothing tied or scaled. */
function explains(search: Search, candidate: Candidate): boolean {
  const { overlay: found, pairing, lowered } = candidate;
  if (!isComplete(candidate)) return false;
  const claim = {
    code: search.code,
    codeSizes: search.codeSizes,
    spec: lowered.primitive,
    specSizes: found.sizes,
    pairing,
    bindings: neededBindings(candidate),
    layouts: found.found,
    scale: search.scale,
  };
  if (familyFaults(claim).length > 0) return false;
  return verify(claim, search.random.fork("confirm"), confirmingRuns).agreed === true;
}
