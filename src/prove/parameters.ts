/** @file The parameters of a spec, and what waits for them. */
import { at } from "../base/assert.ts";
import { equalShapes } from "../ir/dim.ts";
import { type Graph, type Node, usersOf } from "../ir/graph.ts";
import { definitionOf } from "../ops/table.ts";
import { isAdditive } from "../ops/traits.ts";
import type { Path } from "./path.ts";
import { basesOf } from "./probes.ts";
import type { Problem } from "./solve.ts";
import type { Exact } from "./world.ts";

const isSum = (node: Node): boolean => isAdditive(node) && definitionOf(node.op).commutative === true;

export class Parameters {
  readonly #nodes: ReadonlySet<Node>;
  readonly #users: ReadonlyMap<Node, readonly Node[]>;

  constructor(spec: Graph) {
    this.#nodes = new Set(spec.parameters.map((parameter) => parameter.node));
    this.#users = usersOf(spec);
  }

  has(node: Node): boolean {
    return this.#nodes.has(node);
  }

  /** Parameters that a value waits for. */
  below(node: Node, path: Path): Node[] {
    const open = new Set<Node>();
    const seen = new Set<Node>();
    const pending: Node[] = [node];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (seen.has(next) || path.values.has(next)) continue;
      seen.add(next);
      if (this.has(next) && !path.bindings.has(next)) open.add(next);
      pending.push(...next.inputs);
    }
    return [...open].sort((a, b) => a.id - b.id);
  }

  /** The unbound parameter that a node rearranges, if it does nothing else. */
  only(node: Node, path: Path): Node | undefined {
    if (this.has(node)) return path.bindings.has(node) ? undefined : node;
    const [input] = node.inputs;
    return this.#rearranges(node) && input !== undefined ? this.only(input, path) : undefined;
  }

  /** What a node says of its one unbound parameter, when all else in it is known. */
  problem(node: Node, path: Path): Problem | undefined {
    const open = node.inputs.flatMap((input, index) => (path.values.has(input) ? [] : [index]));
    const [index] = open;
    if (open.length !== 1 || index === undefined || node.inputs.length !== 2) return undefined;
    const parameter = this.only(at(node.inputs, index), path);
    const other = at(node.inputs, 1 - index);
    const data = path.values.get(other);
    if (parameter === undefined || data === undefined) return undefined;
    return {
      node,
      open: index,
      parameter,
      data,
      bases: basesOf(other, path.sizes, (base) => ({
        value: path.values.get(base),
        matches: path.matches.get(base) ?? [],
      })),
      sizes: path.sizes,
    };
  }

  /**
   * What a sum says of an unbound parameter inside its first terms, as of b in (x + b) + y: the code may have added what is
   * known in another order, so that it has nothing but the whole. `add` gives the node's value for other operands.
   */
  problemInSum(
    node: Node,
    path: Path,
    add: (terms: readonly Exact[]) => Exact | undefined,
  ): Problem | undefined {
    const [open, more] = node.inputs.filter((input) => !path.values.has(input));
    const known = node.inputs.map((input) => path.values.get(input)).find((value) => value !== undefined);
    if (!isSum(node) || open === undefined || more !== undefined || known === undefined) return undefined;
    if (!isSum(open) || !equalShapes(open.type.shape, node.type.shape)) return undefined;
    const inside = this.problem(open, path) ?? this.problemInSum(open, path, add);
    const data = inside && add([inside.data, known]);
    return inside && data && { ...inside, data, bases: [] };
  }

  /** How many values are made of a parameter, or of what it is rearranged to. */
  meetings(node: Node): number {
    if (!this.has(node)) {
      const [input] = node.inputs;
      return this.#rearranges(node) && input !== undefined ? this.meetings(input) : 0;
    }
    const count = (user: Node): number =>
      this.#rearranges(user) ? (this.#users.get(user) ?? []).reduce((sum, next) => sum + count(next), 0) : 1;
    return (this.#users.get(node) ?? []).reduce((sum, user) => sum + count(user), 0);
  }

  #rearranges(node: Node): boolean {
    return node.inputs.length === 1 && definitionOf(node.op).family === "structure";
  }
}
