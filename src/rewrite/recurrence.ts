/**
 * @file Recurrences that were unrolled: steps that are all made in the same way, each of what the step before gives and of
 * the next element of some sequences, by the same parameters.
 */
import { at, get, zip } from "../base/assert.ts";
import type { Node } from "../ir/graph.ts";
import { isStored } from "../ops/traits.ts";
import { correspond, elementOf, isParting, type Parting } from "./correspond.ts";
import type { Walks } from "./hopeless.ts";
import { isSameType } from "./rule.ts";

/** One step that stands for all. */
export interface Template {
  /** What it computes, operands first. */
  readonly inner: readonly Node[];
  /** What it gives to the next step, and in the same places what the step before gave to it. */
  readonly after: readonly Node[];
  readonly before: readonly Node[];
  /** Slices that cut one element out of a sequence. */
  readonly elements: readonly Node[];
  /** What every step reads. */
  readonly shared: readonly Node[];
}

/** The nodes of a step in the places of the template's. */
export type Step = ReadonlyMap<Node, Node>;

export interface Recurrence extends Template {
  /** From the first step on; the last one lacks what nothing needs. */
  readonly steps: readonly Step[];
  /** What the first step is given; a number may stand for a tensor of its copies. */
  readonly starts: readonly Node[];
  /** Whether the elements are read from the last to the first. */
  readonly reverse: boolean;
}

/** A loop that is none, since a step of it is made in another way. */
export interface Interruption extends Pick<Recurrence, "steps" | "starts" | "after"> {
  /** The step, counted from 0. */
  readonly place: number;
  readonly parting: Pick<Parting, "later" | "earlier">;
  /** The place of the element that would be next, where another one is read. */
  readonly expected?: number;
}

export const isInterruption = (found: Recurrence | Interruption): found is Interruption => "parting" in found;

/** As many partings in one step are a slip; more are another computation. */
export const tolerance = 2;

/** The step before `later`, which is a value of the last step, and `earlier` the same one of this step; `walks` share parameters. */
export function templateOf(later: Node, earlier: Node, walks: Walks): Template | undefined {
  const link = walks.from(later, earlier);
  if (link === undefined) return undefined;
  const [after, before] = [[...link.carried.keys()], [...link.carried.values()]];
  if (!zip(after, before).every(([a, b]) => isSameType(a, b))) return undefined;
  const known = { inner: new Set(link.inner.values()), elements: new Set(link.elements.values()) };
  const [inner, elements, shared] = [new Set<Node>(), new Set<Node>(), new Set<Node>()];
  const [pending, ends] = [[...after], new Set(before)];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (ends.has(node) || inner.has(node)) continue;
    if (known.elements.has(node)) elements.add(node);
    else if (link.shared.has(node)) shared.add(node);
    else if (known.inner.has(node)) {
      inner.add(node);
      pending.push(...node.inputs);
    } else return undefined;
  }
  // Values that are only handed on would never come to a start.
  if (inner.size === 0) return undefined;
  return { inner: inOrder(inner), after, before, elements: inOrder(elements), shared: inOrder(shared) };
}

const inOrder = (nodes: Iterable<Node>): Node[] => [...nodes].sort((a, b) => a.id - b.id);

/** Everything that a step has a counterpart of: what it computes, and what differs from step to step of what it reads. */
export const ownNodes = ({ inner, elements, before }: Template): Node[] => [...inner, ...elements, ...before];

/** What is told of a step that is made in another way. */
export type Slip = Pick<Interruption, "place" | "parting" | "expected">;

/** Steps that were found one after the other, and the first of them that is made in another way. */
export interface Steps {
  readonly steps: readonly Step[];
  /** What the first of them is given. */
  readonly starts: readonly Node[];
  readonly slip: Slip | undefined;
}

/** The template's step and those before it. */
export function stepsUpTo(template: Template): Steps {
  const { inner, after, before } = template;
  const own = ownNodes(template);
  const last = at(inner, inner.length - 1);
  const terms = { ends: new Set(before), sharesParameters: true, tolerance };
  const steps: Step[] = [new Map(own.map((node) => [node, node]))];
  let starts = before;
  let slip:
    | { readonly behind: number; readonly parting: Parting; readonly given: readonly Node[] }
    | undefined;
  for (;;) {
    const link = correspond(zip(after, starts), terms);
    if (isParting(link)) break;
    const { carried, partings } = link;
    const step = new Map<Node, Node>([...link.inner, ...link.elements, ...carried]);
    addShared(step, template, link.shared);
    const isSlip = slip === undefined && partings.length * 4 <= inner.length && !partings.some(isStart);
    if (!own.every((node) => step.has(node)) || (partings.length > 0 && !isSlip)) break;
    if (get(step, last).id >= get(at(steps, steps.length - 1), last).id) break;
    if (partings.length > 0) slip = { behind: steps.length, parting: at(partings, 0), given: starts };
    steps.push(step);
    starts = before.map((node) => get(carried, node));
  }
  // Another operator in the first step is what rules made of its start: of 0 + a, for example.
  if (slip?.behind === steps.length - 1 && slip.parting.later.op !== slip.parting.earlier.op) {
    steps.pop();
    return { steps: steps.reverse(), starts: slip.given, slip: undefined };
  }
  const place = slip && { place: steps.length - 1 - slip.behind, parting: slip.parting };
  return { steps: steps.reverse(), starts, slip: place };
}

/** An element that is read out of its order is one that another step reads: what is made of it is one node for both. */
function addShared(step: Map<Node, Node>, { inner, elements }: Template, shared: ReadonlySet<Node>): void {
  const own = new Set([...inner, ...elements]);
  for (const node of [...own].sort((a, b) => b.id - a.id)) {
    if (shared.has(node)) step.set(node, node);
    if (step.get(node) !== node) continue;
    for (const input of node.inputs) if (own.has(input) && !step.has(input)) step.set(input, input);
  }
}

/** Whether a value of a step stands for one that no step makes: what the first is given. */
const isStart = ({ later, earlier }: Parting): boolean =>
  (isStored(earlier) || earlier.inputs.length === 0) && !isStored(later);

/** Where the elements of step 0 stand, and which way the others go from there. */
export interface Course {
  readonly direction: 1 | -1;
  readonly first: ReadonlyMap<Node, number>;
}

/** Which way the elements go, and the first of them that is not the next one; `undefined` when they go no way. */
export function directionOf(
  { elements }: Template,
  steps: readonly Step[],
): (Course & { readonly slip: Slip | undefined }) | undefined {
  const places = elements.map((element) => steps.map((step) => placeOf(get(step, element))));
  const moves = places.flatMap((all) => all.slice(1).map((place, index) => place - at(all, index)));
  const direction = moves.filter((move) => move === -1).length * 2 > moves.length ? -1 : 1;
  const slips: Slip[] = [];
  const first = new Map<Node, number>();
  for (const [index, all] of places.entries()) {
    const offsets = all.map((place, step) => place - direction * step);
    const usual = mostFrequent(offsets);
    const right = offsets.indexOf(usual);
    first.set(at(elements, index), usual);
    for (const [place, offset] of offsets.entries()) {
      if (offset === usual) continue;
      const element = at(elements, index);
      slips.push({
        place,
        parting: { later: get(at(steps, right), element), earlier: get(at(steps, place), element) },
        expected: usual + direction * place,
      });
    }
  }
  if (slips.length > tolerance || slips.length >= steps.length - 1) return undefined;
  return { direction, first, slip: slips[0] };
}

const placeOf = (element: Node): number => elementOf(element)?.place ?? -1;

function mostFrequent(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return [...counts].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0];
}
