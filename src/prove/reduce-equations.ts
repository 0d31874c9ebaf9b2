/** @file What graphs demand of the numbers that are sizes of their axes, as equations between those numbers. */
import { at, zip } from "../base/assert.ts";
import { type Dim, equalDims, subtractDims } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { type AxisOf, type SizeDemand, sizeAt, sizeDemands } from "../ops/sizes.ts";
import { integerOf, positionsOf, rowsIndexed } from "../ops/traits.ts";
import { ImageSizes } from "./reduce-images.ts";
import type { IsWindowed } from "./windowed-axes.ts";

/** Symbols get sizes up to this. */
const mostOfSymbols = 16;

export interface Product {
  readonly whole: number;
  readonly factors: readonly number[];
  /** Sizes of windowed axes that are factors, too. */
  readonly images: readonly number[];
}

/** A size, and whether it is that of a windowed axis. */
interface Sized {
  readonly dim: Dim;
  readonly isWindowed: boolean;
}

/** The part of an axis of size `whole` from `start` to `stop` is an axis. */
export interface Cut {
  readonly whole: number;
  readonly start: number;
  readonly stop: number;
}

/** One graph, as its demands are read. */
interface Reading {
  readonly sized: (axis: AxisOf) => Sized;
  readonly short: ReadonlySet<string>;
  /** How many elements of an axis maxima compare with each other, one after the other. */
  readonly reach: Map<number, number>;
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
  /** Sizes of axes that windows lie over: a number that is one of these may be another where it is not. */
  readonly images: ImageSizes;

  constructor(from?: Equations) {
    this.numbers = new Set(from?.numbers);
    this.fixed = new Set(from?.fixed);
    this.products = new Map(from?.products);
    this.cuts = new Map(from?.cuts);
    this.least = new Map(from?.least);
    this.orders = new Map(from?.orders);
    this.multiples = new Set(from?.multiples);
    this.images = new ImageSizes(from?.images);
  }

  /** Adds what a graph of primitives demands; `short` are symbols that get a size of at most `mostOfSymbols`. */
  add(graph: Graph, isWindowed: IsWindowed, short: ReadonlySet<string>): void {
    const reading: Reading = {
      sized: (axis) => ({
        dim: sizeAt(axis),
        isWindowed: typeof sizeAt(axis) === "number" && isWindowed(axis),
      }),
      short,
      reach: new Map(),
    };
    for (const node of graph.nodes) {
      for (const axis of node.type.shape.keys()) this.#mention(reading.sized({ node, axis }));
      for (const demand of sizeDemands(node)) this.#demand(demand, reading);
    }
    for (const [places, elements] of reading.reach) this.images.reach(places, elements);
    this.#addPlaces(graph, reading);
    for (const multiple of this.multiples) {
      for (const number of this.numbers) {
        if (this.numbers.has(multiple * number)) this.#equate(multiple * number, [multiple, number]);
      }
    }
  }

  #mention({ dim, isWindowed }: Sized): void {
    if (typeof dim === "number") {
      if (isWindowed) this.images.mention(dim);
      else this.numbers.add(dim);
    }
    // Numbers inside a polynomial stay.
    else for (const { coefficient } of dim.terms) this.fixed.add(Math.abs(coefficient));
    if (typeof dim === "number" || dim.terms.length !== 1) return;
    const [term] = dim.terms;
    if (term !== undefined && term.symbols.length === 1 && term.coefficient > 1)
      this.multiples.add(term.coefficient);
  }

  #demand(demand: SizeDemand, { sized, short, reach }: Reading): void {
    switch (demand.kind) {
      case "fixed":
        return this.#fix(demand.axes.map(sized));
      case "product":
        return this.#product(demand.left.map(sized), demand.right.map(sized));
      case "comb":
        return this.#comb(sized(demand.whole), sized(demand.part), demand.step);
      case "cut":
        return this.#cut(sized(demand.whole), demand.start, demand.stop, short);
      case "pad":
      case "windows": {
        const [from, to] = [sizeAt(demand.from), sizeAt(demand.to)];
        if (typeof from === "number" && typeof to === "number") this.images.step({ ...demand, from, to });
        return;
      }
      case "largest": {
        const places = sizeAt(demand.places);
        if (typeof places === "number") reach.set(places, (reach.get(places) ?? 1) + demand.extent - 1);
      }
    }
  }

  #fix(sizes: readonly Sized[]): void {
    for (const { dim, isWindowed } of sizes) {
      if (isWindowed) this.images.fix();
      else if (typeof dim === "number") this.fixed.add(dim);
    }
  }

  #product(left: readonly Sized[], right: readonly Sized[]): void {
    const [symbolsLeft, symbolsRight] = withoutCommon(left.filter(isSymbolic), right.filter(isSymbolic));
    const [l, r] = [left.filter(isLarge), right.filter(isLarge)];
    const [restLeft, restRight] = withoutCommon(l, r);
    const open = symbolsLeft.length > 0 || symbolsRight.length > 0;
    const products = open ? undefined : (refinement(l, r) ?? refinement(restLeft, restRight));
    if (products === undefined) this.#fix([...restLeft, ...restRight]);
    else for (const { whole, factors } of products) this.#factorise(whole, factors);
  }

  #factorise(whole: Sized, factors: readonly Sized[]): void {
    const numbers = (windowed: boolean): number[] =>
      factors.flatMap(({ dim, isWindowed }) =>
        typeof dim === "number" && isWindowed === windowed ? [dim] : [],
      );
    const isSplit = factors.length > 1;
    if (!whole.isWindowed && typeof whole.dim === "number") {
      if (isSplit || numbers(true).length > 0) this.#equate(whole.dim, numbers(false), numbers(true));
    } else if (isSplit) {
      // What a part of such an axis is to windows over the whole is not known.
      this.#fix([whole, ...factors]);
    }
  }

  #equate(whole: number, factors: readonly number[], images: readonly number[] = []): void {
    this.products.set([whole, "=", ...factors, "*", ...images].join(" "), { whole, factors, images });
  }

  #comb(whole: Sized, part: Sized, step: number): void {
    this.#product([whole], [part, { dim: step, isWindowed: false }]);
    this.fixed.add(step);
  }

  #cut(whole: Sized, start: Dim, stop: Dim, short: ReadonlySet<string>): void {
    if (whole.isWindowed) return this.images.fix();
    const plain = (dim: Dim): Sized => ({ dim, isWindowed: false });
    if (typeof whole.dim !== "number") return this.#fix([start, stop, subtractDims(stop, start)].map(plain));
    if (typeof start === "number" && typeof stop === "number") {
      this.cuts.set(`${whole.dim}:${start}:${stop}`, { whole: whole.dim, start, stop });
      return;
    }
    this.#fix([start, stop].map(plain));
    this.#atLeast(whole.dim, boundOf(stop, short) ?? whole.dim);
  }

  /** Positions are integers that a graph compares, computes with, and takes rows by. */
  #addPlaces(graph: Graph, { sized, short }: Reading): void {
    const places = new Map<Node, Places>();
    for (const node of graph.nodes) {
      const own = placesOf(node, places);
      if (own !== undefined) places.set(node, own);
      for (const axis of own?.axes ?? []) {
        if (typeof axis === "number") this.#atLeast(axis, (own?.bound ?? 0) + 2);
      }
      const [table, indices] = node.inputs;
      // What a place on an image means depends on its size.
      const counted = positionsOf(node) === undefined ? undefined : node;
      for (const axis of [counted, indices && rowsIndexed(node, indices) && table])
        if (axis && sized({ node: axis, axis: 0 }).isWindowed) this.images.fix();
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

const isLarge = ({ dim }: Sized): boolean => typeof dim === "number" && dim !== 1;
const isSymbolic = ({ dim }: Sized): boolean => typeof dim !== "number";

/** Both lists without what they share. */
function withoutCommon(left: readonly Sized[], right: readonly Sized[]): readonly [Sized[], Sized[]] {
  const rest = [...right];
  const own = left.filter(({ dim, isWindowed }) => {
    const same = rest.findIndex((other) => equalDims(other.dim, dim) && other.isWindowed === isWindowed);
    if (same >= 0) rest.splice(same, 1);
    return same < 0;
  });
  return [own, rest];
}

interface Factorised {
  readonly whole: Sized;
  readonly factors: readonly Sized[];
}

/** Each number of two lists of equal product as a product of finer factors, where the lists have a common refinement. */
function refinement(left: readonly Sized[], right: readonly Sized[]): Factorised[] | undefined {
  const numbers = (sizes: readonly Sized[]): number[] =>
    sizes.map(({ dim }) => (typeof dim === "number" ? dim : 1));
  const [a, b] = [numbers(left), numbers(right)];
  const [inA, inB] = [a.map((): Sized[] => []), b.map((): Sized[] => [])];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const [x, y] = [at(a, i), at(b, j)];
    const shared = Math.min(x, y);
    if (x % shared !== 0 || y % shared !== 0) return undefined;
    // A factor that is an axis of the other side is that axis.
    const asFactor = (axis: Sized): Sized =>
      axis.dim === shared ? axis : { dim: shared, isWindowed: false };
    at(inA, i).push(asFactor(at(right, j)));
    at(inB, j).push(asFactor(at(left, i)));
    [a[i], b[j]] = [x / shared, y / shared];
    if (a[i] === 1) i++;
    if (b[j] === 1) j++;
  }
  return [...zip(left, inA), ...zip(right, inB)].map(([whole, factors]) => ({ whole, factors }));
}
