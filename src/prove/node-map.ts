/** @file A map from nodes that is copied in no time: copies share what they have in common (a radix tree over ids). */
import type { Node } from "../ir/graph.ts";

const bits = 6;
const width = 2 ** bits;
/** Enough for ids below 2²⁴. */
const depth = 4;

type Branch<V> = readonly (Branch<V> | V | undefined)[];

export class NodeMap<V> {
  #root: Branch<V>;

  constructor(from?: NodeMap<V>) {
    this.#root = from === undefined ? [] : from.#root;
  }

  get(node: Node): V | undefined {
    let branch: Branch<V> | undefined = this.#root;
    for (let level = depth - 1; level > 0 && branch !== undefined; level--) {
      branch = branch[(node.id >>> (level * bits)) % width] as Branch<V> | undefined;
    }
    return branch?.[node.id % width] as V | undefined;
  }

  has(node: Node): boolean {
    return this.get(node) !== undefined;
  }

  set(node: Node, value: V): void {
    this.#root = withValue(this.#root, depth - 1, node.id, value);
  }

  /** As a plain map of those of the nodes that have a value. */
  over(nodes: readonly Node[]): ReadonlyMap<Node, V> {
    return new Map(
      nodes.flatMap((node) => {
        const value = this.get(node);
        return value === undefined ? [] : [[node, value] as const];
      }),
    );
  }
}

function withValue<V>(branch: Branch<V> | undefined, level: number, id: number, value: V): Branch<V> {
  const copy = branch === undefined ? [] : [...branch];
  const index = (id >>> (level * bits)) % width;
  copy[index] = level === 0 ? value : withValue(copy[index] as Branch<V> | undefined, level - 1, id, value);
  return copy;
}
