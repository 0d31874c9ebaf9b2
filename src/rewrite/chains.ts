/** @file Repetitions in a graph: values x_1, x_2, … each made in the same way of the one before and parameters of its own. */
import { at, get } from "../base/assert.ts";
import { shapeText } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import { isCall, isParameter } from "../ops/traits.ts";
import type { Correspondence } from "./correspond.ts";
import { Pairs, Walks } from "./hopeless.ts";
import { lengthOfBlock } from "./length.ts";
import { inOrder } from "./results.ts";
import { firstOf, isSameType } from "./rule.ts";
import { alikeDownTo, ownText } from "./surface.ts";

/** What one round computes. Lists have the same order in every round. */
interface Round {
  /** What others read of it. */
  readonly results: readonly Node[];
  /** What the round before hands on to it, and then what it alone is given. */
  readonly given: readonly Node[];
  /** The round's own nodes, operands first. */
  readonly inner: readonly Node[];
  /** Its own parameters, in the order of use. */
  readonly parameters: readonly Node[];
  /** What the rounds read besides, the same in all. */
  readonly shared: readonly Node[];
}

/** A repetition, from its first round on. */
export type Chain = readonly Round[];

/**
 * Which pairs of values are tried: those alike down to a depth, and how many places apart among these. In a short repetition
 * what is deeper differs already, because there it starts; what is alike on the surface only may alternate.
 */
const searches = [
  { depth: 6, apart: 1 },
  { depth: 2, apart: 4 },
];
/**
 * The same where only the latest operand of each value is followed: in a stream of residuals that is the branch, so that two rounds
 * are alike whatever the first one starts from.
 */
const branches = { depth: 4, apart: 1 };

const latest = ({ inputs }: Node): readonly Node[] =>
  inputs.length < 2 ? inputs : [inputs.reduce((last, input) => (isLater(input, last) ? input : last))];
const isLater = (a: Node, b: Node): boolean => (isMade(a) === isMade(b) ? a.id > b.id : isMade(a));
const isMade = ({ inputs }: Node): boolean => inputs.length > 0;

/** A parameter stands for any other of its shape. */
const textOf = (node: Node): string =>
  isParameter(node) ? `Parameter ${shapeText(node.type.shape)}` : ownText(node);

/** A round of fewer nodes is as quickly written out. */
const leastNodes = 2;
/** More results of a round than these, and the one that it is found by, are no repetition that a reader would see. */
const mostOthers = 3;

/** More values than these that rounds hand on are streams that cross, of which each round would have parts of two. */
const mostHanded = 2;

/** How a round lies over the one before, and what others read of it. */
interface Link extends Correspondence {
  readonly results: ReadonlySet<Node>;
}

export class Chains {
  readonly #graph: Graph;
  readonly #users: ReadonlyMap<Node, readonly Node[]>;
  readonly #outputs: ReadonlySet<Node>;
  readonly #walks = new Walks({ hasInputs: true });
  /** Values of rounds, and those in their places in the rounds before: of rounds that hand on one value, and of others. */
  readonly #covered = { one: new Pairs(), several: new Pairs() };

  constructor(graph: Graph, users: ReadonlyMap<Node, readonly Node[]>) {
    this.#graph = graph;
    this.#users = users;
    this.#outputs = new Set(graph.outputs.map(({ node }) => node));
  }

  /** Repetitions that save at least so many nodes; of those that overlap the one that is worth most, or else ends last. */
  best(least: number): Chain[] {
    const found = [...this.#candidates()].filter((chain) => savedBy(chain) >= least);
    const taken = new Set<Node>();
    return found
      .sort((a, b) => worthOf(b) - worthOf(a))
      .filter((rounds) => {
        const own = rounds.flatMap(({ inner, parameters }) => [...inner, ...parameters]);
        const isFree = !own.some((node) => taken.has(node));
        if (isFree) for (const node of own) taken.add(node);
        return isFree;
      });
  }

  /** From the last values on, so that of a repetition whose rounds could begin anywhere the one of most rounds is met first. */
  *#candidates(): Generator<Chain> {
    const depths = searches.map(({ depth }) => depth);
    const alike = [
      ...alikeDownTo(this.#graph, depths, textOf),
      ...alikeDownTo(this.#graph, [branches.depth], textOf, latest),
    ];
    for (const [search, { apart }] of [...searches, branches].entries()) {
      const tries = at(alike, search)
        .flatMap((members) => members.map((later, place) => ({ later, members, place })))
        .sort((a, b) => b.later.id - a.later.id);
      for (const { later, members, place } of tries) {
        const partners = members.slice(Math.max(0, place - apart), place).reverse();
        const chain = firstOf(partners, (earlier) =>
          this.#covered.one.has(later, earlier) ? "covered" : this.#chain(later, earlier),
        );
        if (chain !== undefined && chain !== "covered") yield chain;
      }
    }
  }

  /** The repetition whose last round ends in `later` and the one before in `earlier`. */
  #chain(later: Node, earlier: Node): Chain | undefined {
    const links: Link[] = [];
    let [result, before] = [later, earlier];
    for (;;) {
      const link = this.#link(result, before, links.at(-1));
      if (link === undefined || !follows(link, links)) break;
      links.push(link);
      [result, before] = [before, get(link.carried, before)];
    }
    const [last] = links;
    if (last === undefined) return undefined;
    const covered = last.results.size > 1 ? this.#covered.several : this.#covered.one;
    for (const { inner } of links) for (const [node, other] of inner) covered.add(node, other);
    const rounds = roundsOf(last, links);
    return last.results.size === 1 || rounds.every(isInOrder) ? rounds : undefined;
  }

  /** How a round lies over the one before; each is read outside of itself in its results alone. */
  #link(result: Node, before: Node, next: Link | undefined): Link | undefined {
    const open = new Set<Node>([result]);
    if (next !== undefined) for (const node of next.results) open.add(get(next.inner, node));
    const isPhase = next === undefined && this.#covered.several.has(result, before);
    const most = next !== undefined || isPhase ? 0 : open.size + mostOthers;
    const mayOwn = (node: Node, inner: ReadonlyMap<Node, Node>): boolean => {
      if (open.has(node) || this.#isWithin(node, inner)) return true;
      if (open.size >= most || node.inputs.length === 0) return false;
      open.add(node);
      return true;
    };
    const odd = (link: Correspondence): Node | undefined =>
      next === undefined && open.size > 1 ? this.#oddOf(open, link) : undefined;
    const link = this.#walks.from(result, before, { mayOwn, odd });
    if (link === undefined || link.inner.size < leastNodes || !isRound(link, before)) return undefined;
    const results = next === undefined ? withHanded(open, link) : open;
    const isOther = !isPhase || results.size === 1;
    return isOther && this.#isClosed(link, results) ? { ...link, results } : undefined;
  }

  /** A result that others read of this round alone, and not of the round before. */
  #oddOf(results: ReadonlySet<Node>, { inner, carried }: Correspondence): Node | undefined {
    const earlier = new Set(inner.values());
    return [...results].find((node) => {
      const other = get(inner, node);
      return !carried.has(other) && this.#isWithin(other, earlier);
    });
  }

  /** Whether of the earlier round, too, nothing else is read, and what each is given is its own. */
  #isClosed({ inner, parameters, elements }: Correspondence, results: ReadonlySet<Node>): boolean {
    const earlier = new Set(inner.values());
    const open = new Set([...results].map((node) => get(inner, node)));
    const others = new Set(parameters.values());
    const isOwn = (node: Node): boolean => open.has(node) || this.#isWithin(node, earlier);
    return (
      others.size === parameters.size &&
      [...earlier, ...others, ...elements.values()].every(isOwn) &&
      [...elements.keys()].every((node) => this.#isWithin(node, inner))
    );
  }

  /** Whether nothing else reads a node. */
  #isWithin(node: Node, inside: { has(node: Node): boolean }): boolean {
    return !this.#outputs.has(node) && get(this.#users, node).every((user) => inside.has(user));
  }
}

/** A use of a block is about as long to read as so many operations. */
const lengthOfUse = 3;

/** In operations. */
const savedBy = (rounds: Chain): number =>
  (rounds.length - 1) *
  at(rounds, 0).inner.reduce((length, node) => length + (isCall(node) ? lengthOfUse : 1), 0);

/** A name for each further result is as much to read as a signature. */
const worthOf = (rounds: Chain): number =>
  savedBy(rounds) - lengthOfBlock * (at(rounds, 0).results.length - 1);

/** Whether a link goes on where others from the last round on end: the next round is that of which these are copies. */
function follows(link: Link, links: readonly Link[]): boolean {
  const [last] = links;
  const next = links.at(-1);
  if (last === undefined || next === undefined) return !isRun([...link.inner.keys()]);
  return (
    isSameSet(last.shared, link.shared) &&
    isSameSet(new Set(next.inner.values()), link.inner) &&
    isSameSet(new Set(next.carried.values()), link.carried) &&
    isSameSet(new Set(next.elements.values()), link.elements)
  );
}

/** Uses of one block one after the other are a repetition already. */
const isRun = ([first, ...others]: readonly Node[]): boolean =>
  first !== undefined &&
  isCall(first) &&
  others.every((node) => isCall(node) && node.attrs.body.key === first.attrs.body.key);

/** The values of a round that others read, with those that it hands on. */
function withHanded(open: ReadonlySet<Node>, { inner, carried }: Correspondence): ReadonlySet<Node> {
  const handed = [...inner].flatMap(([node, other]) => (carried.has(other) ? [node] : []));
  return new Set([...open, ...handed]);
}

/**
 * Whether a round reads results of the round before, that by which it is found among them, and starts from values like these.
 * Steps through a sequence with the same parameters are a recurrence.
 */
function isRound({ inner, parameters, elements, carried }: Correspondence, before: Node): boolean {
  const images = new Set(inner.values());
  return (
    carried.size <= mostHanded &&
    (elements.size === 0 || parameters.size > 0) &&
    carried.has(before) &&
    !inner.has(before) &&
    [...carried].every(([node, start]) => images.has(node) && isSameType(node, start))
  );
}

/** Whether all that a round is given was there before its first result. */
function isInOrder({ results, given, shared }: Round): boolean {
  const first = Math.min(...results.map(({ id }) => id));
  return [...given, ...shared].every(({ id, inputs }) => id < first || inputs.length === 0);
}

const isSameSet = (a: ReadonlySet<Node>, b: ReadonlySet<Node> | ReadonlyMap<Node, Node>): boolean =>
  a.size === b.size && [...a].every((node) => b.has(node));

/** The rounds from the first on, out of the links from the last on. */
function roundsOf(last: Link, links: readonly Link[]): Chain {
  const shared = [...last.shared].sort((a, b) => a.id - b.id);
  const inner = [...last.inner.keys()].sort((a, b) => a.id - b.id);
  const parameters = inOrderOfUse(inner, last.parameters);
  const own = inOrderOfUse(inner, last.elements).map((node) => rearranged(node, inner));
  const given = [...inOrderOfUse(inner, last.carried), ...own];
  const { results } = inOrder({ results: [...last.results], args: [...given, ...shared], parameters });
  const rounds: Round[] = [{ results, given, inner, parameters, shared }];
  for (const [place, link] of links.entries()) {
    const later = at(rounds, place);
    const [ofInner, ofOthers] = [
      link.inner,
      new Map([...link.parameters, ...link.carried, ...link.elements]),
    ];
    rounds.push({
      results: later.results.map((node) => get(ofInner, node)),
      given: later.given.map((node) => ofOthers.get(node) ?? get(ofInner, node)),
      inner: later.inner.map((node) => get(ofInner, node)),
      parameters: later.parameters.map((node) => get(ofOthers, node)),
      shared,
    });
  }
  return rounds.reverse();
}

/** An element without the axis along which it is cut out, if that is how a round reads it. */
function rearranged(element: Node, inner: readonly Node[]): Node {
  const [user, ...others] = inner.filter(({ inputs }) => inputs.includes(element));
  const isLaid = user?.inputs.length === 1 && definitionOf(user.op).rearranges === true;
  return user !== undefined && isLaid && others.length === 0 ? rearranged(user, inner) : element;
}

function inOrderOfUse(inner: readonly Node[], values: ReadonlyMap<Node, Node>): Node[] {
  const seen = new Set<Node>();
  for (const node of inner) for (const input of node.inputs) if (values.has(input)) seen.add(input);
  return [...seen];
}
