/**
 * @file Whether two values are made in the same way, each from the value that the other pair stands for: rounds of a
 * repetition. What two rounds have in common is found by walking down from their results in step (anti-unification;
 * Plotkin 1970), and a round ends where the walk meets what the round before made.
 */
import { at, get, zip } from "../base/assert.ts";
import { equalShapes } from "../ir/dim.ts";
import { attributeText, type Node } from "../ir/graph.ts";
import { isParameter } from "../ops/traits.ts";

/** How one round lies over the round before. */
export interface Correspondence {
  /** The nodes that the later round computes, latest first, and those of the earlier round in their places. */
  readonly inner: ReadonlyMap<Node, Node>;
  /** Parameters of the later round, and the earlier round's. */
  readonly parameters: ReadonlyMap<Node, Node>;
  /** Values that both rounds read. */
  readonly shared: ReadonlySet<Node>;
  /** What the later round reads of the earlier, and what the earlier reads in its place. */
  readonly carried: ReadonlyMap<Node, Node>;
}

/** The first places at which two values are not made in the same way. */
export interface Parting {
  readonly later: Node;
  readonly earlier: Node;
  /** How many nodes were alike above it. */
  readonly alike: number;
}

/** Walks down from two results, the later one first; operands have smaller ids, so the walk goes by falling ids. */
export function correspond(later: Node, earlier: Node): Correspondence | Parting {
  const partner = new Map<Node, Node>([[later, earlier]]);
  const images = new Set<Node>([earlier]);
  const pending = new Queue([later]);
  const inner = new Map<Node, Node>();
  const parameters = new Map<Node, Node>();
  const shared = new Set<Node>();
  const carried = new Map<Node, Node>();
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const other = get(partner, node);
    if (node === other) shared.add(node);
    else if (images.has(node) && isSameType(node, other)) carried.set(node, other);
    else if (isParameter(node) && isParameter(other) && isSameType(node, other)) parameters.set(node, other);
    else if (!isAlike(node, other)) return { later: node, earlier: other, alike: inner.size };
    else {
      inner.set(node, other);
      for (const [operand, counterpart] of zip(node.inputs, other.inputs)) {
        const known = partner.get(operand);
        if (known === counterpart) continue;
        if (known !== undefined) return { later: operand, earlier: counterpart, alike: inner.size };
        partner.set(operand, counterpart);
        images.add(counterpart);
        pending.push(operand);
      }
    }
  }
  return { inner, parameters, shared, carried };
}

export const isParting = (result: Correspondence | Parting): result is Parting => "alike" in result;

const isSameType = (a: Node, b: Node): boolean =>
  a.type.dtype === b.type.dtype && equalShapes(a.type.shape, b.type.shape);

/** The same operator with the same attributes, over as many operands; leaves are alike only when they are one. */
const isAlike = (a: Node, b: Node): boolean =>
  a.op === b.op &&
  a.inputs.length > 0 &&
  a.inputs.length === b.inputs.length &&
  isSameType(a, b) &&
  attributeText(a.attrs) === attributeText(b.attrs);

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
