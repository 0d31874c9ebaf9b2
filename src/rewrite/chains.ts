/** @file Repetitions in a graph: values x_1, x_2, … each made in the same way of the one before and parameters of its own. */
import { at, get } from "../base/assert.ts";
import { shapeText } from "../ir/dim.ts";
import { type Graph, type Node, usersOf } from "../ir/graph.ts";
import { isCall, isParameter } from "../ops/traits.ts";
import { type Correspondence, correspond, isParting, isSameType } from "./correspond.ts";
import { firstOf } from "./rule.ts";
import { alikeDownTo, ownText } from "./surface.ts";

/** A repetition, from its first round on. */
export interface Chain {
  /** What the first round starts from. */
  readonly start: Node;
  readonly rounds: readonly Round[];
}

/** What one round computes. */
export interface Round {
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

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#users = usersOf(graph);
    this.#outputs = new Set(graph.outputs.map(({ node }) => node));
  }

  /** The repetition that saves most nodes, if there is one. */
  best(): Chain | undefined {
    let best: Chain | undefined;
    let most = 0;
    for (const chain of this.#candidates()) {
      const saved = (chain.rounds.length - 1) * at(chain.rounds, 0).inner.length;
      if (saved > most) [best, most] = [chain, saved];
    }
    return best;
  }

  *#candidates(): Generator<Chain> {
    // Results of chains that were found from another pair.
    const found = new Set<Node>();
    for (const { depth, apart } of searches) {
      for (const members of alikeDownTo(this.#graph, depth, textOf)) {
        for (let place = members.length - 1; place > 0; place--) {
          const later = at(members, place);
          const partners = members.slice(Math.max(0, place - apart), place).reverse();
          const chain = found.has(later)
            ? undefined
            : firstOf(partners, (earlier) => this.#chain(later, earlier));
          if (chain === undefined) continue;
          for (const { result } of chain.rounds) found.add(result);
          yield chain;
        }
      }
    }
  }

  /** The repetition whose last round ends in `later` and the one before in `earlier`. */
  #chain(later: Node, earlier: Node): Chain | undefined {
    const links: Correspondence[] = [];
    let [result, before] = [later, earlier];
    let start: Node | undefined;
    for (;;) {
      const link = correspond([[result, before]]);
      if (isParting(link) || !isSingle(link, result, before)) break;
      const [first] = links;
      if (first === undefined && isRun([...link.inner.keys()])) return undefined;
      if (first !== undefined && !isSameSet(first.shared, link.shared)) break;
      links.push(link);
      start = get(link.carried, before);
      [result, before] = [before, start];
    }
    const [last] = links;
    if (last === undefined || start === undefined || last.inner.size < leastNodes) return undefined;
    const rounds = roundsOf(last, links, later);
    return this.#isClosed(rounds) ? { start, rounds } : undefined;
  }

  /** Whether nothing outside of a round reads what it computes, but for its result, or its parameters. */
  #isClosed(rounds: readonly Round[]): boolean {
    const parameters = new Set(rounds.flatMap((round) => round.parameters));
    if (parameters.size < rounds.length * at(rounds, 0).parameters.length) return false;
    return rounds.every(({ inner, parameters: own, result }) => {
      const inside = new Set(inner);
      const isInside = (node: Node): boolean =>
        !this.#outputs.has(node) && get(this.#users, node).every((user) => inside.has(user));
      return inner.every((node) => node === result || isInside(node)) && own.every(isInside);
    });
  }
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

const isSameSet = (a: ReadonlySet<Node>, b: ReadonlySet<Node>): boolean =>
  a.size === b.size && [...a].every((node) => b.has(node));

/** The rounds from the first on, out of the links from the last on. */
function roundsOf(last: Correspondence, links: readonly Correspondence[], result: Node): Round[] {
  const shared = [...last.shared].sort((a, b) => a.id - b.id);
  const inner = [...last.inner.keys()].sort((a, b) => a.id - b.id);
  const parameters = inOrderOfUse(inner, last.parameters);
  const rounds: Round[] = [{ result, inner, parameters, shared }];
  for (const link of links) {
    const { result: later, inner: nodes, parameters: own } = at(rounds, 0);
    rounds.unshift({
      result: get(link.inner, later),
      inner: nodes.map((node) => get(link.inner, node)),
      parameters: own.map((node) => get(link.parameters, node)),
      shared,
    });
  }
  return rounds;
}

function inOrderOfUse(inner: readonly Node[], parameters: ReadonlyMap<Node, Node>): Node[] {
  const seen = new Set<Node>();
  for (const node of inner) for (const input of node.inputs) if (parameters.has(input)) seen.add(input);
  return [...seen];
}
