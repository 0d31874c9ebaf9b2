/**
 * @file Whether two values are made in the same way, each from the value that the other pair stands for: rounds of a
 * repetition. What two rounds have in common is found by walking down from their results in step (anti-unification;
 * Plotkin 1970), and a round ends where the walk meets what the round before made.
 */
import { at, get, only, zip } from "../base/assert.ts";
import { attributeText, type Node } from "../ir/graph.ts";
import { isElementwise } from "../ops/table.ts";
import { isClosed, isParameter } from "../ops/traits.ts";
import { as, isSameType } from "./rule.ts";

/** A value of a later round, and the value of an earlier round in its place. */
export type Pair = readonly [later: Node, earlier: Node];

/** How one round lies over another. */
export interface Correspondence {
  /** The nodes that the later round computes, latest first, and those of the earlier round in their places. */
  readonly inner: ReadonlyMap<Node, Node>;
  /** Parameters of the later round, and the earlier round's. */
  readonly parameters: ReadonlyMap<Node, Node>;
  /** Slices that cut elements out of a sequence, and those that cut others in their places; and inputs, if each round has its own. */
  readonly elements: ReadonlyMap<Node, Node>;
  /** Values that both rounds read. */
  readonly shared: ReadonlySet<Node>;
  /** What the later round reads of the one before it, and what the earlier reads in its place. */
  readonly carried: ReadonlyMap<Node, Node>;
  /** Places at which the rounds are not made in the same way, as many as were tolerated. */
  readonly partings: readonly Parting[];
}

/** The first place at which two values are not made in the same way. */
export interface Parting {
  readonly later: Node;
  readonly earlier: Node;
  /** What was alike before it was met, latest first. */
  readonly alike: ReadonlyMap<Node, Node>;
  /** A walk that begins amid this one may not part there. */
  readonly isLocal: boolean;
}

export interface Terms {
  /** What the later round reads of the one before it; else that is what the earlier of the two rounds computes. */
  readonly ends?: ReadonlySet<Node>;
  /** The rounds read the same parameters: others are a parting. */
  readonly sharesParameters?: boolean;
  /** The rounds may have inputs of their own. */
  readonly hasInputs?: boolean;
  /** How many partings are walked past. */
  readonly tolerance?: number;
  /**
   * Whether the later round may have a node or a parameter for its own, when the round has these already: all that it
   * computes of the node. Another one ends the walk.
   */
  readonly mayOwn?: (node: Node, inner: ReadonlyMap<Node, Node>) => boolean;
}

/**
 * Values that are made in other ways may stand for each other only where a round begins, with what it is given. Where there are
 * more of them than rounds are given, the walk would go on for long and part all the same.
 */
const mostStarts = 16;

/** Walks down from the results of two rounds in step; operands have smaller ids, so the walk goes by falling ids. */
export function correspond(
  results: readonly Pair[],
  { ends, sharesParameters = false, hasInputs = false, tolerance = 0, mayOwn = () => true }: Terms = {},
): Correspondence | Parting {
  const partner = new Map<Node, Node>(results);
  const images = new Set<Node>(partner.values());
  const pending = new Queue([...partner.keys()]);
  const inner = new Map<Node, Node>();
  const [parameters, elements, carried] = [1, 2, 3].map(() => new Map<Node, Node>()) as [Links, Links, Links];
  const shared = new Set<Node>();
  const partings: Parting[] = [];
  let starts = 0;
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const other = get(partner, node);
    const isEnd = ends === undefined ? images.has(node) : ends.has(node);
    const isOther = isParameter(node) && isParameter(other) && isSameType(node, other);
    if (ends === undefined && node === other) shared.add(node);
    else if (isElement(node, other) || (hasInputs && areInputs(node, other))) elements.set(node, other);
    else if (isEnd && (isSameType(node, other) || isStretched(node, other))) carried.set(node, other);
    else if (node === other) shared.add(node);
    else if (!mayOwn(node, inner)) return { later: node, earlier: other, alike: inner, isLocal: false };
    else if (isOther && !sharesParameters) parameters.set(node, other);
    else {
      if (!isAlike(node, other)) {
        partings.push({ later: node, earlier: other, alike: inner, isLocal: false });
        if (partings.length > tolerance) return at(partings, 0);
        if (node.inputs.length === 0) shared.add(node);
        if (node.inputs.length !== other.inputs.length) continue;
      }
      if (node.inputs.length > 0) inner.set(node, other);
      for (const [operand, counterpart] of zip(node.inputs, other.inputs)) {
        const isMoved = isSameType(operand, counterpart) || isElementwise(node);
        const known = partner.get(operand);
        const agreed = known === undefined ? counterpart : wider(known, counterpart);
        if (!isMoved || agreed === undefined) {
          partings.push({ later: operand, earlier: counterpart, alike: inner, isLocal: isMoved });
          if (partings.length > tolerance) return at(partings, 0);
          continue;
        }
        partner.set(operand, agreed);
        images.add(counterpart);
        if (known !== undefined) continue;
        pending.push(operand);
        if (ends === undefined && !mayGoOn(operand, agreed)) starts++;
        if (starts > mostStarts) return { later: operand, earlier: agreed, alike: inner, isLocal: true };
      }
    }
  }
  return { inner, parameters, elements, shared, carried, partings };
}

type Links = Map<Node, Node>;

export const isParting = (result: Correspondence | Parting): result is Parting => "alike" in result;

/** The same operator with the same attributes, over as many operands; leaves are alike only when they are one. */
const isAlike = (a: Node, b: Node): boolean =>
  a.op === b.op &&
  a.inputs.length > 0 &&
  a.inputs.length === b.inputs.length &&
  isSameType(a, b) &&
  attributeText(a.attrs) === attributeText(b.attrs);

/** Whether a walk may go through a pair, or end there because it is no value of a round. */
const mayGoOn = (node: Node, other: Node): boolean =>
  node === other ||
  isAlike(node, other) ||
  (isParameter(node) && isParameter(other)) ||
  isElement(node, other);

/** Whether both cut one element out of the same axis of one sequence. */
function isElement(node: Node, other: Node): boolean {
  const [one, two] = [elementOf(node), elementOf(other)];
  return (
    one !== undefined &&
    two !== undefined &&
    one.source === two.source &&
    one.axis === two.axis &&
    node !== other
  );
}

const areInputs = (node: Node, other: Node): boolean =>
  node.op === "Input" && other.op === "Input" && node !== other && isSameType(node, other);

/** The one element that a node cuts out of an axis. */
export function elementOf(node: Node): { source: Node; axis: number; place: number } | undefined {
  const slice = as(node, "Slice");
  if (slice === undefined) return undefined;
  const { axis, start, stop } = slice.attrs;
  if (typeof start !== "number" || stop !== start + 1) return undefined;
  return { source: only(slice.inputs), axis, place: start };
}

/** What NumPy repeats where a tensor is expected. */
const unstretched = (node: Node): Node => as(node, "Broadcast")?.inputs[0] ?? node;

/** A number in the place of a tensor that holds nothing else: rules leave out its broadcast where NumPy stretches it. */
const isStretched = (node: Node, other: Node): boolean =>
  node.type.dtype === other.type.dtype && other.type.shape.length === 0 && isClosed(other);

/** Two values for one place: the same, or one of them with its broadcast left out. */
function wider(a: Node, b: Node): Node | undefined {
  if (a === b) return a;
  if (unstretched(a) !== unstretched(b)) return undefined;
  return a.type.shape.length > b.type.shape.length ? a : b;
}

/** Nodes by falling ids: a binary heap. */
class Queue {
  readonly #heap: Node[] = [];

  constructor(nodes: readonly Node[]) {
    for (const node of nodes) this.push(node);
  }

  push(node: Node): void {
    const heap = this.#heap;
    let place = heap.push(node) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (at(heap, parent).id >= node.id) break;
      heap[place] = at(heap, parent);
      place = parent;
    }
    heap[place] = node;
  }

  pop(): Node | undefined {
    const heap = this.#heap;
    const [top, last] = [heap[0], heap.pop()];
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      if (left >= heap.length) break;
      const right = left + 1;
      const child = right < heap.length && at(heap, right).id > at(heap, left).id ? right : left;
      if (at(heap, child).id <= last.id) break;
      heap[place] = at(heap, child);
      place = child;
    }
    heap[place] = last;
    return top;
  }
}
