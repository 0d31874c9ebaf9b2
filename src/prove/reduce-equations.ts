/** @file What graphs demand of the numbers that are sizes of their axes, as equations between those numbers. */
import { at, zip } from "../base/assert.ts";
import { type Dim, equalDims, type Shape, subtractDims } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { type SizeDemand, sizeDemands } from "../ops/sizes.ts";
import { integerOf, positionsOf, rowsIndexed } from "../ops/traits.ts";

/** Symbols get sizes up to this. */
const mostOfSymbols = 16;

export interface Product {
  readonly whole: number;
  readonly factors: readonly number[];
}

/** The part of an axis of size `whole` from `start` to `stop` is an axis. */
export interface Cut {
  readonly whole: number;
  readonly start: number;
  readonly stop: number;
}

/** Equations over numbers; the same number is the same unknown wherever it is a size. */
export class Equations {
  readonly numbers: Set<number>;
  readonly fixed: Set<number>;
  readonly products: Map<string, Product>;
  readonly cuts: Map<string, Cut>;
  /** Sizes must not become smaller than this: integers that the graph writes down are compared with places on these axes. */
  readonly least: Map<number, number>;
  /** Of each pair, the first must not become smaller than the second. */
  readonly orders: Map<string, readonly [larger: number, smaller: number]>;
  /** Numbers that multiply a symbol: with `4 d`, what is 4 times another number stays that. */
  readonly multiples: Set<number>;

  constructor(from?: Equations) {
    this.numbers = new Set(from?.numbers);
    this.fixed = new Set(from?.fixed);
    this.products = new Map(from?.products);
    this.cuts = new Map(from?.cuts);
    this.least = new Map(from?.least);
    this.orders = new Map(from?.orders);
    this.multiples = new Set(from?.multiples);
  }

  /** Adds what a graph of primitives demands; `short` are symbols that get a size of at most `mostOfSymbols`. */
  add(graph: Graph, short: ReadonlySet<string>): void {
    for (const node of graph.nodes) {
      for (const dim of node.type.shape) this.#mention(dim);
      for (const demand of sizeDemands(node)) this.#demand(demand, short);
    }
    this.#addPlaces(graph, short);
    for (const multiple of this.multiples) {
      for (const number of this.numbers) {
        if (this.numbers.has(multiple * number)) this.#equate(multiple * number, [multiple, number]);
      }
    }
  }

  #mention(dim: Dim): void {
    if (typeof dim === "number") this.numbers.add(dim);
    // Numbers inside a polynomial stay.
    else for (const { coefficient } of dim.terms) this.fixed.add(Math.abs(coefficient));
    if (typeof dim === "number" || dim.terms.length !== 1) return;
    const [term] = dim.terms;
    if (term !== undefined && term.symbols.length === 1 && term.coefficient > 1)
      this.multiples.add(term.coefficient);
  }

  #demand(demand: SizeDemand, short: ReadonlySet<string>): void {
    switch (demand.kind) {
      case "fixed":
        return this.#fix(demand.sizes);
      case "product":
        return this.#product(demand.left, demand.right);
      case "cut":
        return this.#cut(demand, short);
    }
  }

  #fix(dims: readonly Dim[]): void {
    for (const dim of dims) if (typeof dim === "number") this.fixed.add(dim);
  }

  #product(left: Shape, right: Shape): void {
    const [symbolsLeft, symbolsRight] = withoutCommon(left.filter(isSymbolic), right.filter(isSymbolic));
    const [l, r] = [left.filter(isLarge), right.filter(isLarge)];
    const [restLeft, restRight] = withoutCommon(l, r);
    const open = symbolsLeft.length > 0 || symbolsRight.length > 0;
    const products = open ? undefined : (refinement(l, r) ?? refinement(restLeft, restRight));
    if (products === undefined) this.#fix([...restLeft, ...restRight]);
    else for (const { whole, factors } of products) this.#equate(whole, factors);
  }

  #equate(whole: number, factors: readonly number[]): void {
    if (factors.length > 1) this.products.set(`${whole}=${factors.join("*")}`, { whole, factors });
  }

  #cut({ whole, start, stop }: SizeDemand & { readonly kind: "cut" }, short: ReadonlySet<string>): void {
    if (typeof whole !== "number") return this.#fix([start, stop, subtractDims(stop, start)]);
    if (typeof start === "number" && typeof stop === "number") {
      this.cuts.set(`${whole}:${start}:${stop}`, { whole, start, stop });
      return;
    }
    this.#fix([start, stop]);
    this.#atLeast(whole, boundOf(stop, short) ?? whole);
  }

  /** Positions are integers that a graph compares, computes with, and takes rows by. */
  #addPlaces(graph: Graph, short: ReadonlySet<string>): void {
    const places = new Map<Node, Places>();
    for (const node of graph.nodes) {
      const own = placesOf(node, places);
      if (own !== undefined) places.set(node, own);
      for (const axis of own?.axes ?? []) {
        if (typeof axis === "number") this.#atLeast(axis, (own?.bound ?? 0) + 2);
      }
      const [, indices] = node.inputs;
      const rows = indices && rowsIndexed(node, indices);
      const taken = indices && places.get(indices);
      if (typeof rows === "number" && taken !== undefined) this.#addRows(rows, taken, short);
    }
  }

  #addRows(rows: number, { axes, bound }: Places, short: ReadonlySet<string>): void {
    this.#atLeast(rows, bound + 1);
    for (const axis of axes) {
      const most = boundOf(axis, short);
      if (typeof axis === "number" && bound === 0) this.orders.set(`${rows}>${axis}`, [rows, axis]);
      else this.#atLeast(rows, most === undefined ? rows : bound + most);
    }
  }

  #atLeast(size: number, bound: number): void {
    this.least.set(size, Math.min(size, Math.max(bound, this.least.get(size) ?? 0)));
  }
}

/** The most that a size can be in the comparison. */
function boundOf(dim: Dim, short: ReadonlySet<string>): number | undefined {
  if (typeof dim === "number") return dim;
  const plain = dim.terms.every(
    ({ coefficient, symbols }) => coefficient === 1 && symbols.every((s) => short.has(s)),
  );
  return plain && dim.terms.length === 1 && dim.terms[0]?.symbols.length === 1 ? mostOfSymbols : undefined;
}

/** What integers may be: places on these axes, and written numbers up to the bound. */
interface Places {
  readonly axes: readonly Dim[];
  readonly bound: number;
}

function placesOf(node: Node, known: ReadonlyMap<Node, Places>): Places | undefined {
  const size = positionsOf(node);
  if (size !== undefined) return { axes: [size], bound: 0 };
  const integer = integerOf(node);
  if (integer !== undefined) return { axes: [], bound: Math.abs(integer) };
  const operands = node.inputs.flatMap((input) => known.get(input) ?? []);
  if (operands.length === 0 || isReal(node.type.dtype)) return undefined;
  const bounds = operands.map(({ bound }) => bound);
  // Sums and products stay below the product of what is one larger.
  const bound = bounds.reduce((product, own) => product * (own + 1), 1) - 1;
  return { axes: [...new Set(operands.flatMap(({ axes }) => axes))], bound };
}

const isLarge = (dim: Dim): dim is number => typeof dim === "number" && dim !== 1;
const isSymbolic = (dim: Dim): boolean => typeof dim !== "number";

/** Both lists without what they share. */
function withoutCommon<D extends Dim>(left: readonly D[], right: readonly D[]): readonly [D[], D[]] {
  const rest = [...right];
  const own = left.filter((dim) => {
    const same = rest.findIndex((other) => equalDims(other, dim));
    if (same >= 0) rest.splice(same, 1);
    return same < 0;
  });
  return [own, rest];
}

/** Each number of two lists of equal product as a product of finer factors, where the lists have a common refinement. */
function refinement(left: readonly number[], right: readonly number[]): Product[] | undefined {
  const [a, b] = [[...left], [...right]];
  const [inA, inB] = [a.map((): number[] => []), b.map((): number[] => [])];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const [x, y] = [at(a, i), at(b, j)];
    const shared = Math.min(x, y);
    if (x % shared !== 0 || y % shared !== 0) return undefined;
    at(inA, i).push(shared);
    at(inB, j).push(shared);
    [a[i], b[j]] = [x / shared, y / shared];
    if (a[i] === 1) i++;
    if (b[j] === 1) j++;
  }
  return [...zip(left, inA), ...zip(right, inB)].map(([whole, factors]) => ({ whole, factors }));
}
