/**
 * @file Remembers from which pairs of values a walk comes to nothing, so that it is not walked again from each pair on its way:
 * two long computations that are alike down to where they part would take the square of their length.
 */
import { get, zip } from "../base/assert.ts";
import type { Node } from "../ir/graph.ts";
import { type Correspondence, correspond, isParting, type Terms } from "./correspond.ts";

/** Pairs of nodes. */
export class Pairs {
  readonly #others = new Map<Node, Set<Node>>();

  has(node: Node, other: Node): boolean {
    return this.#others.get(node)?.has(other) ?? false;
  }

  add(node: Node, other: Node): void {
    const others = this.#others.get(node);
    if (others === undefined) this.#others.set(node, new Set([other]));
    else others.add(other);
  }
}

interface Ownership extends Pick<Terms, "mayOwn"> {
  /** A node of the later round that it may not own after all. */
  readonly odd?: (link: Correspondence) => Node | undefined;
}

/** A shorter walk is as quickly walked again. */
const leastWalk = 16;

export class Walks {
  readonly #terms: Pick<Terms, "sharesParameters" | "hasInputs">;
  readonly #hopeless = new Pairs();

  constructor(terms: Pick<Terms, "sharesParameters" | "hasInputs">) {
    this.#terms = terms;
  }

  /**
   * How one round lies over another that it reads something of; `undefined` if it does not, or if it owns what it must not: that
   * which ends the walk, or what is found `odd` behind it.
   */
  from(later: Node, earlier: Node, { mayOwn, odd }: Ownership = {}): Correspondence | undefined {
    if (this.#hopeless.has(later, earlier)) return undefined;
    const link = correspond([[later, earlier]], { ...this.#terms, ...(mayOwn && { mayOwn }) });
    const isWhole = !isParting(link) && link.carried.size > 0;
    const bad = isWhole ? odd?.(link) : undefined;
    if (isWhole && bad === undefined) return link;
    const walked = isParting(link) ? link.alike : link.inner;
    if (walked.size < leastWalk) return undefined;
    // A walk that begins amid this one meets no more ends than it, nor does it own more.
    if (bad !== undefined) this.#above({ later: bad, earlier: get(walked, bad) }, walked);
    else if (!isParting(link)) for (const [node, other] of walked) this.#hopeless.add(node, other);
    else if (!link.isLocal) this.#above(link, walked);
    return undefined;
  }

  #above(last: { readonly later: Node; readonly earlier: Node }, walked: ReadonlyMap<Node, Node>): void {
    for (const [node, other] of above(last, walked)) this.#hopeless.add(node, other);
  }
}

/** Those of the pairs from which a way leads to the last one. */
function above(last: { readonly later: Node; readonly earlier: Node }, pairs: ReadonlyMap<Node, Node>) {
  const found = new Map([[last.later, last.earlier]]);
  for (const [node, other] of [...pairs].reverse()) {
    const leads = zip(node.inputs, other.inputs).some(
      ([operand, counterpart]) => found.get(operand) === counterpart,
    );
    if (leads) found.set(node, other);
  }
  found.delete(last.later);
  return found;
}
