/**
 * @file Blocks that differ in sizes only, as one block for all of them: its sizes are symbols, which the arguments of a use
 * decide.
 */
import { at, range } from "../base/assert.ts";
import { dimsOf, mapDims } from "../ir/attributes.ts";
import { bodyGraph } from "../ir/body.ts";
import { type Dim, dimText, multiplyDims, shapeText, substitute, symbol } from "../ir/dim.ts";
import { applied, attributeText, type Graph, type Node, transform } from "../ir/graph.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { sizesOfUse } from "../ops/call.ts";
import { newBuilder } from "../ops/table.ts";
import { isCall } from "../ops/traits.ts";

/** What blocks have in common that differ in sizes only, or in which of their values are results. */
export function skeletonOf(graph: Graph): string {
  const number = new Map(graph.nodes.map((node, place) => [node, place] as const));
  const lines = graph.nodes.map((node) => {
    // An input is known by its position.
    const known = node.op === "Input" ? { ...node.attrs, name: "" } : node.attrs;
    const attrs = attributeText(
      mapDims<OpAttrs[OpName]>(known, (dim) => (typeof dim === "number" ? -1 : dim)),
    );
    return `${node.op}(${node.inputs.map((input) => number.get(input)).join()})${attrs}`;
  });
  return lines.join(";");
}

/** One block for all of these, which have one skeleton; `undefined` where arguments do not decide its sizes. */
export function generalised(blocks: readonly Graph[]): Graph | undefined {
  const sizes = new Sizes(blocks);
  const [first] = blocks;
  if (first === undefined || !sizes.areDecided) return undefined;
  const builder = newBuilder();
  const places = new Map(first.nodes.map((node, place) => [node, place] as const));
  return transform(first, builder, (node, inputs) => {
    const place = places.get(node) ?? 0;
    const dims = blocks.map(({ nodes }) => attributeDims(at(nodes, place)));
    let next = 0;
    const attrs = mapDims(node.attrs, () => {
      const index = next++;
      return sizes.dim(dims.map((list) => at(list, index)));
    });
    return applied(builder, node.op, inputs, attrs);
  }).graph;
}

/** The sizes in a node's attributes, in the order in which `mapDims` visits them. */
const attributeDims = (node: Node): Dim[] => dimsOf(node).slice(node.type.shape.length);

/** A size of the common block: its values in the blocks are a whole multiple of those of a symbol. */
interface Variable {
  readonly name: string;
  readonly values: readonly number[];
}

class Sizes {
  readonly areDecided: boolean;
  readonly #variables: readonly Variable[];

  constructor(blocks: readonly Graph[]) {
    const inputs = tuplesOf(blocks, (block) => block.inputs.flatMap(dimsOf));
    const all = tuplesOf(blocks, ({ nodes }) => nodes.flatMap(dimsOf));
    this.#variables = variablesOf(inputs, tuplesOf(blocks, dimsWithin));
    this.areDecided = all.every((values) => this.#find(values) !== undefined);
  }

  /** The size that has these values. */
  dim(values: readonly Dim[]): Dim {
    const found = this.#find(values);
    if (found === undefined) throw new RangeError(`${shapeText(values)} is no size of the block`);
    return found;
  }

  #find(values: readonly Dim[]): Dim | undefined {
    const [first] = values;
    if (first !== undefined && values.every((value) => dimText(value) === dimText(first))) return first;
    const numbers = values.filter((value) => typeof value === "number");
    if (numbers.length < values.length) return undefined;
    for (const [place, { name, values: own }] of this.#variables.entries()) {
      const factor = ratio(numbers, own);
      if (factor !== undefined) return multiplyDims(factor, symbol(name));
      for (const other of this.#variables.slice(place)) {
        const product = own.map((value, i) => value * at(other.values, i));
        const both = ratio(numbers, product);
        if (both !== undefined) return multiplyDims(both, multiplyDims(symbol(name), symbol(other.name)));
      }
    }
    return undefined;
  }
}

/** The whole number that makes these values of those. */
function ratio(values: readonly number[], of: readonly number[]): number | undefined {
  const factor = at(values, 0) / at(of, 0);
  const fits = Number.isInteger(factor) && values.every((value, i) => value === factor * at(of, i));
  return fits ? factor : undefined;
}

/** The values that each size has in the blocks. */
function tuplesOf(blocks: readonly Graph[], sizesIn: (graph: Graph) => readonly Dim[]): Dim[][] {
  const lists = blocks.map(sizesIn);
  return range(at(lists, 0).length).map((place) => lists.map((list) => at(list, place)));
}

/** The sizes of a block with those inside of the blocks that it uses, whose windows may be several elements wide. */
function dimsWithin({ nodes }: Graph): Dim[] {
  return nodes.flatMap((node) => {
    if (!isCall(node)) return dimsOf(node);
    const body = bodyGraph(node.attrs.body);
    const sizes = sizesOfUse(
      body,
      node.inputs.map(({ type }) => type),
    );
    return [...dimsOf(node), ...dimsWithin(body).map((size) => substitute(size, sizes))];
  });
}

/**
 * A symbol for each direction in which the sizes of arguments grow from block to block, in their order: the largest of which
 * all sizes in this direction are multiples.
 */
function variablesOf(inputs: readonly (readonly Dim[])[], all: readonly (readonly Dim[])[]): Variable[] {
  const factors = new Map<string, number>();
  for (const { direction, factor } of all.flatMap(growthOf)) {
    const key = direction.join();
    factors.set(key, divisor(factor, factors.get(key) ?? 0));
  }
  const directions = new Map(
    inputs.flatMap(growthOf).map(({ direction }) => [direction.join(), direction] as const),
  );
  return [...directions].map(([key, direction], place) => ({
    name: `_${place}`,
    values: direction.map((value) => value * (factors.get(key) ?? 1)),
  }));
}

/** Values that are not all equal, as the smallest whole numbers of the same ratios, and what these were divided by. */
function growthOf(
  values: readonly Dim[],
): { readonly direction: readonly number[]; readonly factor: number }[] {
  const numbers = values.filter((value) => typeof value === "number");
  const isSize = numbers.length === values.length && numbers.every((value) => value > 0);
  if (!isSize || numbers.every((value) => value === numbers[0])) return [];
  const factor = numbers.reduce(divisor);
  return [{ direction: numbers.map((value) => value / factor), factor }];
}

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
