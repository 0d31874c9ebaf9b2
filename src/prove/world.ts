/**
 * @file One run of the exact comparison: a prime field with fresh random inputs and parameters, and the code's graph
 * evaluated in it. Code and spec are evaluated in the same world, so equal functions give equal residues.
 */
import type { Random } from "../base/random.ts";
import type { NumberSystem } from "../domain/number-system.ts";
import { PrimeField } from "../domain/prime-field.ts";
import { drawPrime } from "../domain/primes.ts";
import type { Residues } from "../domain/residues.ts";
import { evaluate, type Restart, type Values } from "../eval/evaluate.ts";
import { equalDims, type Shape, type Sizes, sizeOf, sizesOf, symbol, symbolsOf } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { count, discrete, real, type Tensor } from "../ops/tensor.ts";
import { placesCompared, rowsIndexed, sliceOf } from "../ops/traits.ts";

export type Exact = Tensor<Residues>;

export interface World {
  readonly field: PrimeField;
  readonly random: Random;
  readonly graph: Graph;
  readonly sizes: Sizes;
  /** Inputs, parameters and counts of the code. */
  readonly given: ReadonlyMap<Node, Exact>;
  readonly values: Values<Residues>;
}

/** Redraws until no denominator is 0; a graph that divides by 0 in every run has no value anywhere. */
const attempts = 8;

/**
 * A world for a graph of primitives; `undefined` when a division by zero happens in every attempt. `counts` are numbers that
 * the graph would count at run time; `restart` is asked anew in each attempt.
 */
export function drawWorld(
  graph: Graph,
  sizes: Sizes,
  random: Random,
  counts: ReadonlyMap<Node, number>,
  restart?: (field: PrimeField) => Restart<Residues>,
): World | undefined {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const field = new PrimeField(drawPrime(random), random);
    const given = new Map<Node, Exact>(
      [...graph.inputs, ...graph.parameters.map((parameter) => parameter.node)].map((leaf) => {
        const node = leaf;
        return [node, drawTensor(graph, node, sizes, field, random)] as const;
      }),
    );
    for (const [node, counted] of counts) given.set(node, scalar(field, node, counted));
    const values = evaluate(graph, field, given, sizes, restart?.(field));
    if (!field.undefinedDivision) return { field, random, graph, sizes, given, values };
  }
  return undefined;
}

/** A whole number as the value of a node. */
export const scalar = <A>(system: NumberSystem<A>, node: Node, value: number): Tensor<A> =>
  isReal(node.type.dtype)
    ? real([], system.fromIntegers(Float64Array.of(value)))
    : discrete([], Float64Array.of(value));

function drawTensor(graph: Graph, node: Node, sizes: Sizes, field: PrimeField, random: Random): Exact {
  const shape = sizesOf(node.type.shape, sizes);
  if (isReal(node.type.dtype)) return real(shape, field.draw(random, count(shape)));
  return discrete(shape, drawIntegers(graph, node, sizes, random, count(shape)));
}

/** Integers that are valid rows of every table they index, and places that they are compared with; bits when there are none. */
export function drawIntegers(
  graph: Graph,
  node: Node,
  sizes: Sizes,
  random: Random,
  length: number,
): Float64Array {
  const rows = graph.nodes
    .map((user) => rowsIndexed(user, node) ?? placesCompared(user, node))
    .filter((dim) => dim !== undefined)
    .map((dim) => sizeOf(dim, sizes));
  const bound = node.type.dtype === "bool" ? 2 : Math.min(...(rows.length > 0 ? rows : [2]));
  return Float64Array.from({ length }, () => random.below(bound));
}

/**
 * Small sizes for the symbols of graphs, different from each other and from every fixed size, so that no two axes are
 * equal by accident.
 */
export function chooseSizes(...graphs: readonly Graph[]): Sizes {
  const shapes: Shape[] = graphs.flatMap(({ nodes }) => nodes.map((node) => node.type.shape));
  const taken = new Set(shapes.flat().filter((dim) => typeof dim === "number"));
  const sizes = new Map<string, number>();
  for (const name of symbolsOf(shapes.flat())) {
    const most = Math.min(...graphs.map((graph) => largestSize(graph, name)));
    let size = Math.min(3, most);
    while (taken.has(size) && size < most) size++;
    taken.add(size);
    sizes.set(name, size);
  }
  return sizes;
}

/** What the symbol may be at most, so that no slice ends behind its axis. */
function largestSize(graph: Graph, name: string): number {
  let most = Number.POSITIVE_INFINITY;
  for (const node of graph.nodes) {
    const { end, size } = sliceOf(node) ?? {};
    if (typeof size === "number" && end !== undefined && equalDims(end, symbol(name)))
      most = Math.min(most, size);
  }
  return most;
}
