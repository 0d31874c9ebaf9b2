/**
 * @file Folds repetitions: what a graph computes again and again, each time with parameters of its own, becomes a block and
 * uses of it. `eval/unfold.ts` gives back the very graph that was folded.
 */
import { at, get } from "../base/assert.ts";
import { nest } from "../ir/body.ts";
import {
  type Graph,
  type Node,
  type NodeOf,
  type Parameter,
  rebuild,
  transform,
  usersOf,
} from "../ir/graph.ts";
import { newBuilder } from "../ops/table.ts";
import { isClosed, isParameter } from "../ops/traits.ts";
import { type BlockNames, blockNames, ownNames } from "./block-names.ts";
import { type Chain, Chains } from "./chains.ts";

/** What a repetition must save to be worth a definition of its own, in operations. */
const leastSaved = 12;

/** The graph with its repetitions as uses of blocks, whose bodies are folded in turn. */
export function fold(graph: Graph, taken: ReadonlySet<string> = new Set([graph.name])): Graph {
  const names = new Set(taken);
  let folded = graph;
  for (;;) {
    const chain = new Chains(folded).best();
    if (chain === undefined || saved(chain) < leastSaved) return folded;
    folded = withCalls(folded, chain, names);
  }
}

const saved = ({ rounds }: Chain): number => (rounds.length - 1) * at(rounds, 0).inner.length;

/** What the rounds of a chain are given, and what each of them owns. */
interface Operands {
  /** Values of outside that every round reads, beside what it carries. */
  readonly given: readonly Node[];
  /** The parameters of each round. */
  readonly own: readonly (readonly Node[])[];
}

/** Parameters that all rounds share belong to the block when nothing else reads them, and no round has others. */
function operandsOf(graph: Graph, { rounds }: Chain): Operands {
  const users = usersOf(graph);
  const inside = new Set(rounds.flatMap(({ inner }) => inner));
  const { shared, parameters } = at(rounds, 0);
  const open = shared.filter((node) => !isClosed(node));
  const isOnlyRead = (node: Node): boolean => get(users, node).every((user) => inside.has(user));
  const common = parameters.length > 0 ? [] : open.filter((node) => isParameter(node) && isOnlyRead(node));
  return {
    given: open.filter((node) => !common.includes(node)),
    own: rounds.map((round) => (round.parameters.length > 0 ? round.parameters : common)),
  };
}

/** The graph with a use of the block in the place of every round. */
function withCalls(graph: Graph, chain: Chain, taken: Set<string>): Graph {
  const operands = operandsOf(graph, chain);
  const block = blockNames(graph, chain, operands.own, taken);
  taken.add(block.name);
  const body = nest(fold(bodyOf(graph, chain, operands, block), taken));
  const instance = at(chain.rounds, 0).parameters.length === 0 && at(operands.own, 0).length > 0 ? 1 : 0;
  const builder = newBuilder();
  const places = new Map(chain.rounds.map(({ result }, place) => [result, place] as const));
  const images = new Map<Node, Node>();
  const image = (node: Node): Node => get(images, node);
  return transform(graph, builder, (node, inputs) => {
    const place = places.get(node);
    const call = (): Node => {
      const carried = place === 0 ? chain.start : at(chain.rounds, (place ?? 0) - 1).result;
      const all = [carried, ...operands.given, ...at(operands.own, place ?? 0)].map(image);
      return builder.node("Call", all, { body, instance }) as Node;
    };
    const made = place === undefined ? rebuild(builder, node, inputs) : builder.at(block.uses[place], call);
    images.set(node, made);
    return made;
  }).graph;
}

/** The first round as a model of its own. */
function bodyOf(graph: Graph, chain: Chain, { given, own: owned }: Operands, block: BlockNames): Graph {
  const builder = newBuilder();
  const images = new Map<Node, Node>();
  const input = (node: Node, name: string): NodeOf<"Input"> => {
    const made = builder.node("Input", [], { name, shape: node.type.shape, dtype: node.type.dtype });
    images.set(node, made);
    return made;
  };
  const inputs = [
    input(chain.start, "x"),
    ...given.map((node, place) => input(node, nameOf(graph, node) ?? `c_${place + 1}`)),
  ];
  const records = new Map<Node, Parameter>(graph.parameters.map((record) => [record.node, record]));
  const names = ownNames(graph, block, owned);
  const parameters = at(owned, 0).map((node, place): Parameter => {
    const { node: stored, trainable } = get(records, node);
    const own = at(names, place);
    // Blocks that differ in the names of parameters only are one.
    const made = builder.node("Parameter", [], { ...stored.attrs, name: own[0] ?? stored.attrs.name });
    images.set(node, made);
    return { node: made, names: own, trainable };
  });
  const copy = (node: Node): Node => {
    const known = images.get(node);
    if (known !== undefined) return known;
    const operands = node.inputs.map(copy);
    const made = builder.at(graph.origins.get(node), () => rebuild(builder, node, operands));
    const label = graph.labels.get(node);
    if (label !== undefined) builder.label(made, label);
    images.set(node, made);
    return made;
  };
  const { result, inner } = at(chain.rounds, 0);
  for (const node of inner) copy(node);
  return builder.graph({
    name: block.name,
    inputs,
    parameters,
    outputs: [{ name: "y", node: get(images, result) }],
  });
}

const nameOf = (graph: Graph, node: Node): string | undefined => {
  if (node.op === "Input") return node.attrs.name;
  return graph.labels.get(node);
};
