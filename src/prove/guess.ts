/**
 * @file Candidates for a parameter that no equation gives, such as γ in x · exp(γ): whole parameters of the code of a
 * fitting shape. A guess is only a hypothesis; it is kept when the value made of it is found in the code.
 */
import { get } from "../base/assert.ts";
import { zero } from "../base/rational.ts";
import { type Graph, type Node, reachable, usersOf } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { count, positions, strides } from "../ops/tensor.ts";
import { isParameter, isStored } from "../ops/traits.ts";
import type { Binding } from "./binding.ts";
import { type SpecSizes, unifyLoosely } from "./pairing.ts";
import type { World } from "./world.ts";

export interface Guess {
  readonly binding: Binding;
  readonly sizes: SpecSizes;
}

/** Parameters of the code, without those `used`, that the spec's parameter could be, those of its name first. */
export function guesses(
  parameter: Node & { readonly op: "Parameter" },
  world: World,
  sizes: SpecSizes,
  used: ReadonlySet<Node>,
): Guess[] {
  const sameName = (names: readonly string[]): number => Number(names.includes(parameter.attrs.name));
  return (
    world.graph.parameters
      .filter(({ node }) => !used.has(node))
      // A table of integers is none of the code's real numbers.
      .filter(({ node }) => isReal(parameter.type.dtype) || !isReal(node.type.dtype))
      .sort((a, b) => sameName(b.names) - sameName(a.names))
      .flatMap(({ node }) => layouts(parameter, node, world, sizes))
  );
}

/** Steps from a value within which what is made of it may read the parameter. */
const reach = 4;

/** Which parameters are read where in a graph. */
export class Surroundings {
  readonly #users: ReadonlyMap<Node, readonly Node[]>;

  constructor(graph: Graph) {
    this.#users = usersOf(graph);
  }

  /** Parameters that are read by what is made of these values within a few steps. */
  parametersNear(values: readonly Node[]): ReadonlySet<Node> {
    const seen = new Set<Node>();
    let front: readonly Node[] = values;
    for (let step = 0; step < reach; step++) {
      front = front.flatMap((node) => this.#users.get(node) ?? []).filter((node) => !seen.has(node));
      for (const node of front) seen.add(node);
    }
    const operands = [...seen].flatMap((node) => node.inputs.filter(isStored));
    return new Set(reachable(operands).filter(isParameter));
  }
}

/** The code's parameter as it is, and transposed. */
function layouts(parameter: Node, source: Node, world: World, sizes: SpecSizes): Guess[] {
  const { shape } = get(world.given, source);
  const steps = strides(shape);
  const orders = shape.length === 2 ? [steps, [...steps].reverse()] : [steps];
  return orders.flatMap((order) => {
    const own = order === steps ? shape : [...shape].reverse();
    const unified = unifyLoosely(parameter.type.shape, own, sizes);
    if (unified === undefined) return [];
    const part = { parameters: [source], owner: new Uint16Array(count(own)), index: positions(own, order) };
    return [
      { binding: { shape: unified.shape, parts: [part], shift: zero, factor: 1 }, sizes: unified.sizes },
    ];
  });
}
