/** @file Where spec and code part: the first values of the spec that the code does not have, though it has their operands. */
import { at } from "../base/assert.ts";
import { type Graph, type Node, usersOf } from "../ir/graph.ts";
import { isStored } from "../ops/traits.ts";
import type { Overlay } from "./bind.ts";

/** Nodes of the spec with the nodes in primitives that carry their values. */
export interface Lowered {
  readonly spec: Graph;
  readonly primitive: Graph;
  readonly image: ReadonlyMap<Node, Node>;
}

/** Values of outputs that the code's outputs differ from. */
export const wrongOutputs = (spec: Graph, overlay: Overlay): Node[] =>
  spec.outputs.filter(({ name }) => !overlay.found.has(name)).map((output) => output.node);

/** The frontier, in reading order. */
export function frontier(lowered: Lowered, overlay: Overlay): Node[] {
  const { spec, image } = lowered;
  const matched = (node: Node): boolean => {
    const primitive = image.get(node);
    return primitive !== undefined && (overlay.matches.get(primitive) ?? []).length > 0;
  };
  // Only values that a wrong output needs, and needs by a way on which nothing is matched.
  const concerned = new Set<Node>();
  const pending = wrongOutputs(spec, overlay);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (concerned.has(node) || matched(node) || isStored(node)) continue;
    concerned.add(node);
    pending.push(...node.inputs);
  }
  return spec.nodes.filter(
    (node) => concerned.has(node) && node.inputs.every((input) => isStored(input) || matched(input)),
  );
}

/** Nodes within some steps of the frontier, nearest first, parameters included. */
export function neighbourhood(spec: Graph, from: readonly Node[], steps: number): Node[] {
  const users = usersOf(spec);
  return within(from, steps, (node) => [...node.inputs, ...(users.get(node) ?? [])]);
}

/** Values of which these are made in some steps at most, as far as they depend on an input. */
export const leadingTo = (nodes: readonly Node[], steps: number): Node[] =>
  within(nodes, steps, (node) => node.inputs.filter((input) => !isStored(input))).filter(
    (node) => !nodes.includes(node),
  );

/** Nodes that some steps lead to from these. */
export function usersWithin(spec: Graph, from: readonly Node[], steps: number): Node[] {
  const users = usersOf(spec);
  return within(from, steps, (node) => users.get(node) ?? []);
}

function within(from: readonly Node[], steps: number, next: (node: Node) => readonly Node[]): Node[] {
  const seen = new Set<Node>(from);
  let front: readonly Node[] = from;
  for (let step = 0; step < steps; step++) {
    front = front.flatMap(next).filter((node) => !seen.has(node));
    for (const node of front) seen.add(node);
  }
  return [...seen];
}

/** The place in the code that a matched value comes from. */
export function codeNode(overlay: Overlay, primitive: Node | undefined): Node | undefined {
  const matches = primitive === undefined ? undefined : overlay.matches.get(primitive);
  return matches === undefined || matches.length === 0 ? undefined : at(matches, 0).node;
}
