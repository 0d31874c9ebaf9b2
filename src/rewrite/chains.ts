/** @file Repetitions in a graph: values x_1, x_2, … each made in the same way of the one before and parameters of its own. */
import { at, get } from "../base/assert.ts";
import { shapeText } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { isCall, isParameter } from "../ops/traits.ts";
import { type Correspondence, isSameType } from "./correspond.ts";
import { Pairs, Walks } from "./hopeless.ts";
import { firstOf } from "./rule.ts";
import { alikeDownTo, ownText } from "./surface.ts";

/** A repetition, from its first round on. */
export interface Chain {
  /** What the first round starts from. */
  readonly start: Node;
  readonly rounds: readonly Round[];
}

/** What one round computes. */
interface Round {
  readonly result: Node;
  /** The round's own nodes, operands first, in the same order in every round. */
  readonly inner: readonly Node[];
  /** Its own parameters, in the order of use. */
  readonly parameters: readonly Node[];
  /** What the rounds read besides, the same in all. */
  readonly shared: readonly Node[];
}

/**
 * Which pairs of values are tried: those alike down to a depth, and how many places apart among these. In a short repetition
 * what is deeper differs already, because there it starts; what is alike on the surface only may alternate.
 */
const searches = [
  { depth: 6, apart: 1 },
  { depth: 2, apart: 4 },
];

/** A parameter stands for any other of its shape. */
const textOf = (node: Node): string =>
  isParameter(node) ? `Parameter ${shapeText(node.type.shape)}` : ownText(node);

/** A round of fewer nodes is as quickly written out. */
const leastNodes = 2;

export class Chains {
  readonly #graph: Graph;
  readonly #users: ReadonlyMap<Node, readonly Node[]>;
  readonly #outputs: ReadonlySet<Node>;
  readonly #walks = new Walks({});
  /** Values of rounds, and those in their places in the rounds before. */
  readonly #covered = new Pairs();

  constructor(graph: Graph, users: ReadonlyMap<Node, readonly Node[]>) {
    this.#graph = graph;
    this.#users = users;
    this.#outputs = new Set(graph.outputs.map(({ node }) => node));
  }

  /** Repetitions that save at least so many nodes; of those that overlap the one that saves most, or else ends last. */
  best(least: number): Chain[] {
    const found = [...this.#candidates()].filter((chain) => savedBy(chain) >= least);
    const taken = new Set<Node>();
    return found
      .sort((a, b) => savedBy(b) - savedBy(a))
      .filter(({ rounds }) => {
        const own = rounds.flatMap(({ inner, parameters }) => [...inner, ...parameters]);
        const isFree = !own.some((node) => taken.has(node));
        if (isFree) for (const node of own) taken.add(node);
        return isFree;
      });
  }

  /** From the last values on, so that of a repetition whose rounds could begin anywhere the one of most rounds is met first. */
  *#candidates(): Generator<Chain> {
    const depths = searches.map(({ depth }) => depth);
    const alike = alikeDownTo(this.#graph, depths, textOf);
    for (const [search, { apart }] of searches.entries()) {
      const tries = at(alike, search)
        .flatMap((members) => members.map((later, place) => ({ later, members, place })))
        .sort((a, b) => b.later.id - a.later.id);
      for (const { later, members, place } of tries) {
        const partners = members.slice(Math.max(0, place - apart), place).reverse();
        const chain = firstOf(partners, (earlier) =>
          this.#covered.has(later, earlier) ? "covered" : this.#chain(later, earlier),
        );
        if (chain !== undefined && chain !== "covered") yield chain;
      }
    }
  }

  /** The repetition whose last round ends in `later` and the one before in `earlier`. */
  #chain(later: Node, earlier: Node): Chain | undefined {
    const links: Correspondence[] = [];
    let [result, before] = [later, earlier];
    for (;;) {
      const link = this.#link(result, before);
      if (link === undefined || !follows(link, links)) break;
      links.push(link);
      [result, before] = [before, get(link.carried, before)];
    }
    for (const { inner } of links) for (const [node, other] of inner) this.#covered.add(node, other);
    const [last] = links;
    return last && { start: before, rounds: roundsOf(last, links, later) };
  }

  /** How a round lies over the one before, which is read outside of itself in its result alone, as the later one is. */
  #link(result: Node, before: Node): Correspondence | undefined {
    const mayOwn = (node: Node, inner: ReadonlyMap<Node, Node>): boolean =>
      node === result || this.#isWithin(node, inner);
    const link = this.#walks.from(result, before, { mayOwn });
    if (link === undefined || !isSingle(link, result, before) || link.inner.size < leastNodes)
      return undefined;
    const earlier = new Set(link.inner.values());
    const isOwn = (node: Node): boolean => node === before || this.#isWithin(node, earlier);
    const parameters = new Set(link.parameters.values());
    const isClosed = parameters.size === link.parameters.size && [...earlier, ...parameters].every(isOwn);
    return isClosed ? link : undefined;
  }

  /** Whether nothing else reads a node. */
  #isWithin(node: Node, inside: { has(node: Node): boolean }): boolean {
    return !this.#outputs.has(node) && get(this.#users, node).every((user) => inside.has(user));
  }
}

/** A use of a block is about as long to read as so many operations. */
const lengthOfUse = 3;

/** In operations. */
const savedBy = ({ rounds }: Chain): number =>
  (rounds.length - 1) *
  at(rounds, 0).inner.reduce((length, node) => length + (isCall(node) ? lengthOfUse : 1), 0);

/** Whether a link goes on where others from the last round on end: the next round is that of which these are copies. */
function follows(link: Correspondence, links: readonly Correspondence[]): boolean {
  const [last] = links;
  const next = links.at(-1);
  if (last === undefined || next === undefined) return !isRun([...link.inner.keys()]);
  return isSameSet(last.shared, link.shared) && isSameSet(new Set(next.inner.values()), link.inner);
}

/** Uses of one block one after the other are a repetition already. */
const isRun = ([first, ...others]: readonly Node[]): boolean =>
  first !== undefined &&
  isCall(first) &&
  others.every((node) => isCall(node) && node.attrs.body.key === first.attrs.body.key);

/** Whether a round reads exactly one value of the round before, its result. */
function isSingle({ carried, elements }: Correspondence, result: Node, before: Node): boolean {
  const start = carried.get(before);
  return (
    carried.size === 1 &&
    elements.size === 0 &&
    start !== undefined &&
    isSameType(start, before) &&
    result !== before
  );
}

const isSameSet = (a: ReadonlySet<Node>, b: ReadonlySet<Node> | ReadonlyMap<Node, Node>): boolean =>
  a.size === b.size && [...a].every((node) => b.has(node));

/** The rounds from the first on, out of the links from the last on. */
function roundsOf(last: Correspondence, links: readonly Correspondence[], result: Node): Round[] {
  const shared = [...last.shared].sort((a, b) => a.id - b.id);
  const inner = [...last.inner.keys()].sort((a, b) => a.id - b.id);
  const parameters = inOrderOfUse(inner, last.parameters);
  const rounds: Round[] = [{ result, inner, parameters, shared }];
  for (const [place, link] of links.entries()) {
    const { result: later, inner: nodes, parameters: own } = at(rounds, place);
    rounds.push({
      result: get(link.inner, later),
      inner: nodes.map((node) => get(link.inner, node)),
      parameters: own.map((node) => get(link.parameters, node)),
      shared,
    });
  }
  return rounds.reverse();
}

function inOrderOfUse(inner: readonly Node[], parameters: ReadonlyMap<Node, Node>): Node[] {
  const seen = new Set<Node>();
  for (const node of inner) for (const input of node.inputs) if (parameters.has(input)) seen.add(input);
  return [...seen];
}
