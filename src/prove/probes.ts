/**
 * @file Unit vectors for probing a contraction through the values that its data operand consists of. One number of such a
 * base may stand in many places of the data, as the pixels of an image do in overlapping windows; a row of the data is read
 * when exactly one of its places holds a 1.
 */
import { at, get, range } from "../base/assert.ts";
import { float64 } from "../domain/float64.ts";
import { evaluate } from "../eval/evaluate.ts";
import { sizesOf } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { isReal } from "../ir/type.ts";
import { asReal, count, discrete, real, type Tensor } from "../ops/tensor.ts";
import { gatheredOperand } from "../ops/traits.ts";
import type { Match } from "./match.ts";
import type { SpecSizes } from "./pairing.ts";
import type { Exact } from "./world.ts";

type Reals = Tensor<Float64Array>;

/** A value of the code that the data operand holds elements of. */
export interface Base {
  readonly value: Exact;
  readonly matches: readonly Match[];
  /** Its flat place for each flat place of the data; −1 where these are 0 whatever it is. */
  readonly source: Int32Array;
}

/** The operand itself, and the values that it was gathered from, as far as the code has them. */
export function* basesOf(
  operand: Node,
  sizes: SpecSizes,
  known: (node: Node) => { readonly value: Exact | undefined; readonly matches: readonly Match[] },
): Generator<Base> {
  for (let node: Node | undefined = operand; node !== undefined; node = gatheredOperand(node)) {
    const { value, matches } = known(node);
    const source = value === undefined || matches.length === 0 ? undefined : sourceOf(operand, node, sizes);
    if (value !== undefined && source !== undefined) yield { value, matches, source };
  }
}

/** Flat entry of `from` at each flat position of a node that rearranges it, −1 for a zero; `undefined` while a size is unknown. */
export function sourceOf(node: Node, from: Node, sizes: SpecSizes): Int32Array | undefined {
  try {
    const shape = sizesOf(from.type.shape, sizes);
    const numbers = Float64Array.from(range(count(shape)), (place) => place + 1);
    const table: Reals = isReal(from.type.dtype) ? real(shape, numbers) : discrete(shape, numbers);
    const given = new Map([[from, table]]);
    const values = evaluate({ ...emptyGraph, nodes: between(node, from) }, float64, given, sizes);
    return Int32Array.from(asReal(float64, get(values, node)), (number) => number - 1);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What leads from a node to one that rearranges it, operands first. */
function between(node: Node, from: Node): Node[] {
  const seen = new Set<Node>();
  const pending = [node];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    if (next !== from) pending.push(...next.inputs);
  }
  return [...seen].sort((a, b) => a.id - b.id);
}

const emptyGraph: Graph = {
  name: "",
  inputs: [],
  parameters: [],
  outputs: [],
  nodes: [],
  origins: new Map(),
  labels: new Map(),
  copies: new Map(),
  notes: [],
  isSetUp: false,
};

/** The data as rows of places that are summed over. */
interface Rows {
  /** Flat places in the base, −1 for none: rows × inner. */
  readonly source: Int32Array;
  readonly inner: number;
  /** Which part of the parameter each row reads. */
  readonly part: Int32Array;
}

interface Probe {
  /** Places of the base that are 1. */
  readonly ones: readonly number[];
  /** Rows with a single 1, and where in the row it stands. */
  readonly hits: readonly (readonly [row: number, inner: number])[];
}

/** Above this many probes the contraction is left unsolved. */
const mostProbes = 512;

/** Probes that between them read every entry of every part; `undefined` where that can't be done. */
export function planProbes(rows: Rows): Probe[] | undefined {
  const plan = new Plan(rows);
  const probes: Probe[] = [];
  while (!plan.isDone) {
    const probe = plan.next();
    if (probe === undefined || probes.length === mostProbes) return undefined;
    probes.push(probe);
  }
  return probes;
}

class Plan {
  readonly #rows: Rows;
  /** Positions in the source of each place of the base. */
  readonly #uses: ReadonlyMap<number, readonly number[]>;
  readonly #rowsOfPart: ReadonlyMap<number, readonly number[]>;
  /** Entries of parts that no probe has read yet. */
  readonly #missing: Set<number>;

  constructor(rows: Rows) {
    this.#rows = rows;
    const uses = new Map<number, number[]>();
    rows.source.forEach((place, position) => {
      const known = uses.get(place);
      if (known === undefined) uses.set(place, [position]);
      else known.push(position);
    });
    this.#uses = uses;
    this.#rowsOfPart = Map.groupBy(rows.part.keys(), (row) => at(rows.part, row));
    const parts = [...this.#rowsOfPart.keys()];
    this.#missing = new Set(parts.flatMap((part) => range(rows.inner).map((i) => part * rows.inner + i)));
  }

  get isDone(): boolean {
    return this.#missing.size === 0;
  }

  /** Puts a 1 wherever it reads something new and disturbs no row that is read already. */
  next(): Probe | undefined {
    const { inner } = this.#rows;
    const taken = new Set<number>();
    const ones: number[] = [];
    const hits: (readonly [number, number])[] = [];
    for (const entry of this.#missing) {
      const place = this.#freePlace(entry, taken);
      if (place === undefined) continue;
      ones.push(place);
      for (const position of get(this.#uses, place)) {
        const [row, i] = [Math.floor(position / inner), position % inner];
        taken.add(row);
        hits.push([row, i]);
        this.#missing.delete(at(this.#rows.part, row) * inner + i);
      }
      if (taken.size === this.#rows.part.length) break;
    }
    return ones.length === 0 ? undefined : { ones, hits };
  }

  /** A place of the base at which a 1 reads this entry, and stands in no row that is taken, and in none twice. */
  #freePlace(entry: number, taken: ReadonlySet<number>): number | undefined {
    const { inner, source } = this.#rows;
    const [part, i] = [Math.floor(entry / inner), entry % inner];
    for (const row of get(this.#rowsOfPart, part)) {
      const place = taken.has(row) ? -1 : at(source, row * inner + i);
      if (place < 0) continue;
      const users = get(this.#uses, place).map((position) => Math.floor(position / inner));
      if (new Set(users).size === users.length && !users.some((user) => taken.has(user))) return place;
    }
    return undefined;
  }
}
