/**
 * @file Finds the values of the code that a value of the spec equals, whatever their layout: a multiset hash of the
 * residues joins them (equivalence.md §5), and an axis permutation then confirms the join element by element.
 */
import { at, range } from "../base/assert.ts";
import type { Node } from "../ir/graph.ts";
import { count, positions, strides } from "../ops/tensor.ts";
import type { Exact, World } from "./world.ts";

/** A value of the code that equals a value of the spec. */
export interface Match {
  readonly node: Node;
  /** Flat position in the spec's value of each element of the code's. */
  readonly positions: Int32Array;
  /** Whether the shapes are the same and no axis moved. */
  readonly sameLayout: boolean;
}

export class MatchIndex {
  readonly #world: World;
  readonly #byKey = new Map<string, Node[]>();

  constructor(world: World) {
    this.#world = world;
    for (const [node, tensor] of world.values) {
      const key = multisetKey(tensor);
      const nodes = this.#byKey.get(key);
      if (nodes === undefined) this.#byKey.set(key, [node]);
      else nodes.push(node);
    }
  }

  /** Every value of the code equal to `tensor`, those of the same layout first. */
  find(tensor: Exact): Match[] {
    const matches: Match[] = [];
    for (const node of this.#byKey.get(multisetKey(tensor)) ?? []) {
      const match = align(tensor, node, this.#world.values.get(node));
      if (match !== undefined) matches.push(match);
    }
    return matches.sort((a, b) => Number(b.sameLayout) - Number(a.sameLayout));
  }
}

/** The numbers by which equality is decided: p-residues, or exact integers. */
export const identity = (tensor: Exact): ArrayLike<number> =>
  tensor.kind === "real" ? tensor.values.p : tensor.values;

function multisetKey(tensor: Exact): string {
  const values = identity(tensor);
  let [sum, mixed] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = at(values, i);
    let x = value | 0;
    x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
    x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
    sum = (sum + value) % 2 ** 48;
    mixed = (mixed + (x >>> 0)) % 2 ** 48;
  }
  return `${tensor.kind}/${values.length}/${sum}/${mixed}`;
}

/** Permutations tried; beyond rank 5 only the identity and the swap of the last two axes. */
export function permutations(rank: number): readonly (readonly number[])[] {
  const known = knownPermutations.get(rank);
  if (known !== undefined) return known;
  const made = permutationsOf(rank);
  knownPermutations.set(rank, made);
  return made;
}

const knownPermutations = new Map<number, readonly (readonly number[])[]>();

function permutationsOf(rank: number): number[][] {
  if (rank > 5) {
    const identityOrder = range(rank);
    return [identityOrder, [...identityOrder.slice(0, -2), rank - 1, rank - 2]];
  }
  let orders: number[][] = [[]];
  for (const axis of range(rank)) {
    orders = orders.flatMap((order) =>
      range(order.length + 1).map((place) => [...order.slice(0, place), axis, ...order.slice(place)]),
    );
  }
  const moved = (order: readonly number[]): number => order.filter((axis, i) => axis !== i).length;
  return orders.sort((a, b) => moved(a) - moved(b));
}

/** How the code's tensor is laid out over the spec's; axes of size 1 may come and go, and axes may be joined. */
function align(spec: Exact, node: Node, code: Exact | undefined): Match | undefined {
  if (code === undefined) return undefined;
  const [wanted, found] = [identity(spec), identity(code)];
  const squeeze = (shape: readonly number[]): number[] => shape.filter((size) => size !== 1);
  const [from, to] = [squeeze(spec.shape), squeeze(code.shape)];
  if (count(from) !== count(to)) return undefined;
  const sameShape = spec.shape.join() === code.shape.join();
  // The one with more axes is turned until its numbers stand as the other's do.
  const [turned, still] = from.length >= to.length ? [from, to] : [to, from];
  for (const order of permutations(turned.length)) {
    if (from.length === to.length && !order.every((axis, i) => turned[axis] === still[i])) continue;
    const places = turnedPositions(turned, order);
    const inSpec = turned === from ? places : inverse(places);
    if (inSpec.every((place, i) => wanted[place] === found[i])) {
      return { node, positions: inSpec, sameLayout: sameShape && order.every((axis, i) => axis === i) };
    }
  }
  return undefined;
}

/** Flat positions in a tensor of this shape of the elements in the order of the turned one. */
function turnedPositions(shape: readonly number[], order: readonly number[]): Int32Array {
  const steps = strides(shape);
  return positions(
    order.map((axis) => at(shape, axis)),
    order.map((axis) => at(steps, axis)),
  );
}

function inverse(places: Int32Array): Int32Array {
  const result = new Int32Array(places.length);
  for (const [i, place] of places.entries()) result[place] = i;
  return result;
}
