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
import {
  type Dim,
  equalDims,
  type Shape,
  type Sizes,
  sizeOf,
  sizesOf,
  symbol,
  symbolsOf,
} from "../ir/dim.ts";
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
  const slices = graphs.flatMap(slicesTo);
  for (const name of shortestFirst([...symbolsOf(shapes.flat())], slices)) {
    const [most, least] = [mostOf(name, slices), leastOf(name, slices, sizes)];
    let size = Math.max(Math.min(3, most), least);
    while (taken.has(size) && size < most) size++;
    taken.add(size);
    sizes.set(name, size);
  }
  return sizes;
}

/** The first elements of an axis, as many as a symbol says. */
interface SliceTo {
  readonly end: string;
  readonly size: Dim;
}

const slicesTo = (graph: Graph): SliceTo[] =>
  graph.nodes.flatMap((node) => {
    const { end, size } = sliceOf(node) ?? {};
    const name = end === undefined ? undefined : soleSymbolOf(end);
    return name === undefined || size === undefined ? [] : [{ end: name, size }];
  });

const soleSymbolOf = (dim: Dim): string | undefined =>
  [...symbolsOf([dim])].find((name) => equalDims(dim, symbol(name)));

/** What the symbol may be at most, so that no slice ends behind its axis. */
const mostOf = (name: string, slices: readonly SliceTo[]): number =>
  Math.min(...slices.flatMap(({ end, size }) => (end === name && typeof size === "number" ? [size] : [])));

/** What the symbol must be at least for that, beside those that have their sizes. */
const leastOf = (name: string, slices: readonly SliceTo[], sizes: Sizes): number =>
  Math.max(
    0,
    ...slices.flatMap(({ end, size }) => (equalDims(size, symbol(name)) ? (sizes.get(end) ?? 0) : [])),
  );

/** Symbols that ends of slices are before those of their axes. */
function shortestFirst(names: readonly string[], slices: readonly SliceTo[]): string[] {
  const ordered = new Set<string>();
  const visited = new Set<string>();
  const visit = (name: string): void => {
    if (visited.has(name)) return;
    visited.add(name);
    for (const { end, size } of slices) if (equalDims(size, symbol(name))) visit(end);
    ordered.add(name);
  };
  for (const name of names) visit(name);
  return [...ordered];
}
