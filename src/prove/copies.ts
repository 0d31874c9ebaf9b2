/** @file Which nodes of a graph are copies of one place of the program: the steps of a loop, the uses of a block. */
import { at, zip } from "../base/assert.ts";
import { equalShapes } from "../ir/dim.ts";
import { attributeText, type Graph, type Node, type Turn } from "../ir/graph.ts";
import { isStored } from "../ops/traits.ts";

/** From what stands near one copy to what stands there near another; `undefined` where there is nothing. */
type Counterpart = (node: Node) => Node | undefined;
/** A node and its copies, each with the way to it from the surroundings of the node. */
export type Copies = ReadonlyMap<Node, Counterpart>;

/**
 * Where a mistake was made: in a setting of the whole model, and so at every value of the same operator, or of those of one shape; in the block, and so everywhere;
 * where the block is used, and so in every round of that use; or in one round alone.
 */
export const extents = ["alike", "alike in shape", "everywhere", "in this use", "here"] as const;
export type Extent = (typeof extents)[number];

const known = new WeakMap<Graph, ReturnType<typeof copiesOf>>();

/** The copies of a node of the graph. */
export function copiesIn(graph: Graph): (node: Node, extent?: Extent) => Copies {
  const copies = known.get(graph) ?? copiesOf(graph);
  known.set(graph, copies);
  return copies;
}

/** How far below a node it is looked for values that depend on the input. */
const within = 1;

/**
 * The copy of a node with the most values below it that depend on the input, of several the nearest: what the first step is
 * started from is a number, and the second step says what is meant.
 */
export function typical(graph: Graph, node: Node): Node {
  const varying = ({ inputs }: Node, depth: number): number =>
    inputs
      .filter((input) => !isStored(input))
      .reduce((sum, input) => sum + 1 + (depth === 0 ? 0 : varying(input, depth - 1)), 0);
  const copies = [node, ...copiesIn(graph)(node).keys()];
  const counts = copies.map((copy) => varying(copy, within));
  return at(copies, counts.indexOf(Math.max(...counts)));
}

function copiesOf(graph: Graph): (node: Node, extent?: Extent) => Copies {
  const places = new Map<string, Map<string, Node>>();
  for (const node of graph.nodes) {
    const copy = graph.copies.get(node);
    if (copy === undefined) continue;
    const there = places.get(copy.place) ?? new Map<string, Node>();
    places.set(copy.place, there.set(turnsKey(copy.turns), node));
  }
  const between =
    (from: readonly Turn[], to: readonly Turn[], start?: Node, end?: Node): Counterpart =>
    (node) => {
      const copy = graph.copies.get(node);
      const all = copy && places.get(copy.place);
      // What does not change from copy to copy is one node for all of them.
      if (all !== undefined && all.size > 1) return all.get(turnsKey(moved(copy?.turns ?? [], from, to)));
      // What one use of a block is given, another is given something else for.
      const isOtherUse = start !== undefined && end !== undefined && scopes(from) !== scopes(to);
      return (isOtherUse ? onTheSameWay(node, start, end) : undefined) ?? node;
    };
  return (node, extent = "everywhere") => {
    const copy = graph.copies.get(node);
    const own = copy?.turns ?? [];
    if (extent === "alike" || extent === "alike in shape") {
      const isMeant = ({ type }: Node): boolean =>
        extent === "alike" || equalShapes(type.shape, node.type.shape);
      return new Map(
        likeIn(graph, node)
          .filter(isMeant)
          .map((other) => [other, between(own, own)]),
      );
    }
    if (copy === undefined || extent === "here") return new Map([[node, between(own, own)]]);
    const copies = [...(places.get(copy.place)?.values() ?? [])].flatMap((other) => {
      const turns = graph.copies.get(other)?.turns ?? [];
      // What another shape made another operator is no copy.
      const isAlike = other.op === node.op && other.inputs.length === node.inputs.length;
      const isMeant = isAlike && (extent === "everywhere" || scopes(turns) === scopes(own));
      return isMeant ? [[other, between(own, turns, node, other)] as const] : [];
    });
    return new Map(copies);
  };
}

/** The nodes of the same operator with the same attributes. */
const likeIn = ({ nodes }: Graph, { op, attrs }: Node): Node[] =>
  nodes.filter((other) => other.op === op && attributeText(other.attrs) === attributeText(attrs));

/** How far from a node what it is given is looked for. */
const longestWay = 6;

/** What stands before `end` where `wanted` stands before `start`. */
function onTheSameWay(wanted: Node, start: Node, end: Node): Node | undefined {
  let front: (readonly [own: Node, other: Node])[] = [[start, end]];
  for (let step = 0; step < longestWay; step++) {
    const [found] = front.filter(([own]) => own === wanted);
    if (found !== undefined) return found[1];
    front = front.flatMap(([own, other]) =>
      own.op === other.op && own.inputs.length === other.inputs.length ? zip(own.inputs, other.inputs) : [],
    );
  }
  return undefined;
}

/** A text for turns; equal turns have equal texts. */
export const turnsKey = (turns: readonly Turn[]): string =>
  turns.map(({ scope, round }) => `${scope} ${round}`).join("/");

const scopes = (turns: readonly Turn[]): string => turns.map(({ scope }) => scope).join("/");

/**
 * Turns that stand to `to` as these do to `from`: what is a step before one copy is a step before the other, and what is
 * inside or around the one is inside or around the other.
 */
function moved(turns: readonly Turn[], from: readonly Turn[], to: readonly Turn[]): Turn[] {
  const parting = turns.findIndex(({ scope }, level) => scope !== from[level]?.scope);
  const common = parting < 0 ? turns.length : parting;
  // Blocks are used at different depths: levels agree from the innermost on.
  const offset = to.length - from.length;
  const around = to.slice(0, Math.max(0, common + offset)).map(({ scope, round }, level) => {
    const [own, other] = [turns[level - offset], from[level - offset]];
    return { scope, round: round + (own?.round ?? 0) - (other?.round ?? 0) };
  });
  return [...around, ...turns.slice(common)];
}
