/**
 * @file Axes that windows lie over or that are filled up, and all that run along with one: those of images and signals. Their sizes
 * depend on each other in another way than numbers of channels do, though they may be the same numbers.
 */
import { at, get, zip } from "../base/assert.ts";
import type { Graph, Node } from "../ir/graph.ts";
import type { AxisMap } from "../ops/define.ts";
import { type AxisOf, sizeAt, sizeDemands } from "../ops/sizes.ts";
import { definitionOf } from "../ops/table.ts";
import { isClash, pair } from "./pairing.ts";

export type IsWindowed = (axis: AxisOf) => boolean;

/** Sets of axes that run along each other (Tarjan's union-find, with path halving). */
class RunningAlong {
  readonly #first = new Map<Node, number>();
  readonly #parent: number[] = [];

  constructor({ nodes }: Graph) {
    for (const node of nodes) {
      this.#first.set(node, this.#parent.length);
      for (const _ of node.type.shape) this.#parent.push(this.#parent.length);
    }
    for (const node of nodes) this.#join(node);
  }

  /** A number that all axes of a set have. */
  of({ node, axis }: AxisOf): number {
    let own = get(this.#first, node) + axis;
    for (let up = at(this.#parent, own); up !== own; up = at(this.#parent, own)) {
      this.#parent[own] = at(this.#parent, up);
      own = up;
    }
    return own;
  }

  #join(node: Node): void {
    const definition = definitionOf(node.op);
    const types = node.inputs.map(({ type }) => type);
    const { operands, result }: AxisMap = definition.axes(types, node.attrs, node.type);
    const owners = new Map<string, AxisOf>();
    for (const [part, labels] of [[node, result] as const, ...zip(node.inputs, operands)]) {
      for (const [axis, label] of labels.entries()) {
        const own = { node: part, axis };
        const owner = label === undefined ? undefined : owners.get(label);
        if (owner !== undefined) this.#parent[this.of(own)] = this.of(owner);
        else if (label !== undefined) owners.set(label, own);
      }
    }
  }
}

/** Which axes of a graph are windowed, `given` ones and what runs along these among them; none of size 1 is. */
function windowedIn(graph: Graph, given: readonly AxisOf[]): IsWindowed {
  const sets = new RunningAlong(graph);
  const windowed = new Set(given.map((axis) => sets.of(axis)));
  for (const demand of graph.nodes.flatMap(sizeDemands)) {
    if (demand.kind !== "windows" && demand.kind !== "pad") continue;
    for (const axis of [demand.from, demand.to]) windowed.add(sets.of(axis));
  }
  return (axis) => sizeAt(axis) !== 1 && windowed.has(sets.of(axis));
}

const axesOf = (node: Node): AxisOf[] => node.type.shape.map((_, axis) => ({ node, axis }));

/** Inputs and outputs of two graphs that face each other. */
function facing(graph: Graph, other: Graph): (readonly [Node, Node])[] {
  const pairing = pair(graph, other);
  if (isClash(pairing)) return [];
  return [...pairing.inputs, ...pairing.outputs.map(([own, its]) => [own.node, its.node] as const)];
}

/**
 * Which axes of a graph are windowed, where those of its inputs and outputs are that are so in another graph, too: of two programs one
 * may write windows of one element as a product.
 */
export function windowedBeside(graph: Graph, other: Graph, isWindowed: IsWindowed): IsWindowed {
  const given = facing(graph, other).flatMap(([own, its]) =>
    own.type.shape.length === its.type.shape.length
      ? axesOf(own).filter(({ axis }) => isWindowed({ node: its, axis }))
      : [],
  );
  return windowedIn(graph, given);
}

/** Which axes are windowed in two graphs whose inputs and outputs face each other. */
export function windowedInBoth(first: Graph, second: Graph): readonly [IsWindowed, IsWindowed] {
  const outside = ({ inputs, outputs }: Graph): AxisOf[] =>
    [...inputs, ...outputs.map(({ node }) => node)].flatMap(axesOf);
  let [own, its] = [windowedIn(first, []), windowedIn(second, [])];
  const told = (): number => outside(first).filter(own).length + outside(second).filter(its).length;
  for (let before = -1; before !== told(); ) {
    before = told();
    [own, its] = [windowedBeside(first, second, its), windowedBeside(second, first, own)];
  }
  return [own, its];
}
