/** @file Parts of a graph as blocks: models of their own, and uses of them in the place of the parts. */
import { at, get } from "../base/assert.ts";
import { bodyGraph } from "../ir/body.ts";
import {
  type Graph,
  type Node,
  type NodeOf,
  type Origin,
  type Parameter,
  rebuild,
  transform,
} from "../ir/graph.ts";
import type { Body, Given } from "../ir/operators.ts";
import { callOf, usesIn } from "../ops/runs.ts";
import { newBuilder } from "../ops/table.ts";
import { isCall, isClosed } from "../ops/traits.ts";

const records = new WeakMap<Graph, ReadonlyMap<Node, Parameter>>();

/** What the model says of the tensor that a node is; made once for a graph, which has thousands of blocks at times. */
export function recordsOf(graph: Graph): ReadonlyMap<Node, Parameter> {
  const known =
    records.get(graph) ?? new Map<Node, Parameter>(graph.parameters.map((record) => [record.node, record]));
  records.set(graph, known);
  return known;
}

/** What a block is made from: values, computed from arguments and from parameters that nothing else reads. */
export interface Part {
  readonly results: readonly Node[];
  readonly args: readonly Node[];
  readonly parameters: readonly Node[];
}

export interface BlockNames {
  readonly block: string;
  readonly args: readonly string[];
  /** Under which names the model stores each parameter. */
  readonly parameters: readonly (readonly string[])[];
  /** What values of the part are called. */
  readonly labels: ReadonlyMap<Node, string>;
}

/**
 * A part as a model of its own. Its parameters are known by its class and their order: blocks of one class that differ in
 * names only are one, and a critic that is built as its generator is another.
 */
export function blockOf(graph: Graph, part: Part, names: BlockNames): Graph {
  const builder = newBuilder();
  const images = new Map<Node, Node>();
  const inputs = part.args.map((node, place): NodeOf<"Input"> => {
    const { shape, dtype } = node.type;
    const made = builder.node("Input", [], { name: at(names.args, place), shape, dtype });
    images.set(node, made);
    return made;
  });
  const parameters = part.parameters.map((node, place) => {
    const { shape, dtype } = node.type;
    const made = builder.node("Parameter", [], { name: `${names.block} ${place}`, shape, dtype });
    images.set(node, made);
    return {
      node: made,
      names: at(names.parameters, place),
      trainable: get(recordsOf(graph), node).trainable,
    };
  });
  for (const node of innerOf(part)) {
    const operands = node.inputs.map((input) => get(images, input));
    const made = builder.at(graph.origins.get(node), () => rebuild(builder, node, operands));
    const label = names.labels.get(node);
    if (label !== undefined) builder.label(made, label);
    images.set(node, made);
  }
  const isSole = part.results.length === 1;
  const outputs = part.results.map((node) => ({ name: isSole ? "y" : "", node: get(images, node) }));
  return builder.graph({ name: names.block, inputs, parameters, outputs });
}

/** The same block under other names. */
export function renamed(block: Graph, names: BlockNames): Graph {
  const parameters = block.parameters.map((record, place) => ({
    ...record,
    names: at(names.parameters, place),
  }));
  return { ...block, name: names.block, parameters };
}

/** What a part computes, operands first: in an order that its structure alone decides. */
export function innerOf({ results, args, parameters }: Part): Node[] {
  const outside = new Set([...args, ...parameters]);
  const done = new Set<Node>();
  const pending = results.toReversed();
  for (let node = pending.at(-1); node !== undefined; node = pending.at(-1)) {
    const open = node.inputs.filter((input) => !outside.has(input) && !done.has(input));
    if (open.length > 0) pending.push(...open.toReversed());
    else {
      done.add(node);
      pending.pop();
    }
  }
  return [...done];
}

/** What values are made of outside, in the order in which their structure meets it. */
export function boundaryOf(results: readonly Node[], isInside: (node: Node) => boolean): Node[] {
  const found = new Set<Node>();
  const seen = new Set<Node>();
  const pending = results.toReversed();
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    if (!isInside(node)) found.add(node);
    else pending.push(...node.inputs.toReversed());
  }
  return [...found];
}

/** How many operations on what the model is given a part has, those of its blocks among them. */
export const weightOf = (part: Part): number => operationsIn(innerOf(part));

/** The same of a model. */
export const operationsOf = ({ nodes }: Graph): number =>
  operationsIn(nodes.filter((node) => node.inputs.length > 0));

const operationsIn = (nodes: readonly Node[]): number =>
  usesIn({ nodes })
    .map((use) => operationsOf(bodyGraph(callOf(use).attrs.body)))
    .reduce((sum, own) => sum + own, nodes.filter((node) => !isClosed(node) && !isCall(node)).length);

export interface Use {
  readonly part: Part;
  readonly body: Body;
  /** As `Call` has it. */
  readonly instance: number;
  readonly given: readonly Given[];
  readonly origin: Origin;
}

/** The graph with uses of blocks in the place of parts, none of which is inside another; operands come before all results. */
export function withUses(graph: Graph, uses: readonly Use[]): Graph {
  const builder = newBuilder();
  const byResult = new Map(
    uses.flatMap((use) => use.part.results.map((node, output) => [node, { use, output }] as const)),
  );
  const images = new Map<Node, Node>();
  const image = (node: Node): Node => get(images, node);
  // What is given comes first: a result may be older than a parameter of its block.
  const nodes = [...graph.nodes].sort((a, b) => Number(a.inputs.length > 0) - Number(b.inputs.length > 0));
  return transform({ ...graph, nodes }, builder, (node, inputs) => {
    const found = byResult.get(node);
    const call = ({ part, body, instance, given }: Use, output: number): Node => {
      const operands = [...part.args, ...part.parameters].map(image);
      return builder.node("Call", operands, { body, instance, given, output }) as Node;
    };
    const made =
      found === undefined
        ? rebuild(builder, node, inputs)
        : builder.at(found.use.origin, () => call(found.use, found.output));
    images.set(node, made);
    return made;
  }).graph;
}
