/** @file Finds entries of the code's parameters by their random values: residue pairs that are all different. */
import { at, get } from "../base/assert.ts";
import { negate, type Rational, toText, zero } from "../base/rational.ts";
import { invmod, mulmod } from "../domain/modular.ts";
import type { Residues } from "../domain/residues.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { isKept, isParameterLike, numberOf } from "../ops/traits.ts";
import type { Binding, Part } from "./binding.ts";
import type { World } from "./world.ts";

/** Beyond this many parameter entries, sums of two are not searched. */
const largestSumSearch = 1 << 14;
/** Multiples that are recognised, as numerator and denominator. */
const factors = [
  [2, 1],
  [1, 2],
  [-1, 1],
  [3, 1],
  [1, 3],
  [4, 1],
  [1, 4],
] as const;

export class ParameterIndex {
  readonly #world: World;
  readonly #parameters: readonly Node[];
  /** From a residue pair to the place of an entry in all parameters laid end to end; made when first needed. */
  #places: Map<number, number> | undefined;
  readonly #starts: number[] = [];
  #shifts: readonly Rational[] | undefined;

  constructor(world: World) {
    this.#world = world;
    const nodes = world.graph.parameters.map(({ node }) => node);
    this.#parameters = nodes.filter((node) => get(world.given, node).kind === "real");
  }

  /** The entries whose values make up the table; `undefined` when some value is not made of parameters. */
  name(shape: readonly number[], table: Residues): Binding | undefined {
    const single = this.#part(table);
    if (single !== undefined) return { shape, parts: [single], shift: zero, factor: 1 };
    return this.#shifted(shape, table) ?? this.#summed(shape, table);
  }

  #summed(shape: readonly number[], table: Residues): Binding | undefined {
    const sum = this.#sum(table);
    return sum && { shape, parts: sum, shift: zero, factor: 1 };
  }

  /** Entries to which the code adds a constant before it uses them. */
  #shifted(shape: readonly number[], table: Residues): Binding | undefined {
    const { field, graph } = this.#world;
    this.#shifts ??= shiftsIn(graph);
    for (const shift of this.#shifts) {
      const everywhere = new Int32Array(field.length(table));
      const single = this.#part(field.sub(table, field.gather(field.constant(shift), everywhere)));
      if (single !== undefined) return { shape, parts: [single], shift, factor: 1 };
    }
    return undefined;
  }

  /** As `name`, for a table that is a simple multiple of parameters. */
  nameScaled(shape: readonly number[], table: Residues): Binding | undefined {
    const { p, q } = this.#world.field;
    for (const [numerator, denominator] of factors) {
      const divided = (values: Int32Array, m: number): Int32Array => {
        const inverse = mulmod((denominator + m) % m, invmod((numerator + m) % m, m), m);
        return values.map((value) => mulmod(value, inverse, m));
      };
      const binding = this.name(shape, { p: divided(table.p, p), q: divided(table.q, q) });
      if (binding !== undefined) return { ...binding, factor: numerator / denominator };
    }
    return undefined;
  }

  #index(): Map<number, number> {
    if (this.#places !== undefined) return this.#places;
    this.#places = new Map();
    let start = 0;
    for (const parameter of this.#parameters) {
      this.#starts.push(start);
      const { p, q } = this.#residues(parameter);
      for (let i = 0; i < p.length; i++) this.#places.set(keyOf(at(p, i), at(q, i)), start + i);
      start += p.length;
    }
    return this.#places;
  }

  #residues(parameter: Node): Residues {
    const tensor = get(this.#world.given, parameter);
    if (tensor.kind !== "real") throw new RangeError("integers have no residues");
    return tensor.values;
  }

  #part({ p, q }: Residues): Part | undefined {
    const index = this.#index();
    const places = new Int32Array(p.length);
    for (let i = 0; i < p.length; i++) {
      const place = index.get(keyOf(at(p, i), at(q, i)));
      if (place === undefined) return undefined;
      places[i] = place;
    }
    return this.#partAt(places);
  }

  /** From places in all parameters to the few that are met. */
  #partAt(places: Int32Array): Part {
    const met = new Map<number, number>();
    const owner = new Uint16Array(places.length);
    const index = new Int32Array(places.length);
    for (let i = 0; i < places.length; i++) {
      const which = this.#ownerOf(at(places, i));
      if (!met.has(which)) met.set(which, met.size);
      owner[i] = get(met, which);
      index[i] = at(places, i) - at(this.#starts, which);
    }
    return { parameters: [...met.keys()].map((which) => at(this.#parameters, which)), owner, index };
  }

  #ownerOf(place: number): number {
    let [low, high] = [0, this.#starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (at(this.#starts, middle) > place) high = middle;
      else low = middle;
    }
    return low;
  }

  /** Two entries of different parameters for each value, such as the two biases of an LSTM. */
  #sum({ p, q }: Residues): readonly Part[] | undefined {
    const index = this.#index();
    if (index.size > largestSumSearch) return undefined;
    const [first, second] = [new Int32Array(p.length), new Int32Array(p.length)];
    for (let i = 0; i < p.length; i++) {
      const found = this.#pair(at(p, i), at(q, i), index);
      if (found === undefined) return undefined;
      [first[i], second[i]] = found;
    }
    return [this.#partAt(first), this.#partAt(second)];
  }

  #pair(p: number, q: number, index: Map<number, number>): readonly [number, number] | undefined {
    const { field } = this.#world;
    let place = 0;
    for (const parameter of this.#parameters) {
      const values = this.#residues(parameter);
      for (let i = 0; i < values.p.length; i++, place++) {
        const rest = keyOf(
          (p - at(values.p, i) + field.p) % field.p,
          (q - at(values.q, i) + field.q) % field.q,
        );
        const other = index.get(rest);
        if (other !== undefined && this.#ownerOf(other) !== this.#ownerOf(place)) return [place, other];
      }
    }
    return undefined;
  }
}

/** Constants that meet values made of parameters alone, and their opposites. */
function shiftsIn({ nodes }: Graph): readonly Rational[] {
  const stored = nodes.filter((node) => isParameterLike(node) && !isKept(node));
  const constants = stored.flatMap(({ inputs }) => inputs.flatMap((input) => numberOf(input) ?? []));
  const shifts = constants.flatMap((constant) => [constant, negate(constant)]);
  return [...new Map(shifts.map((shift) => [toText(shift), shift])).values()];
}

/** The p-residue and the low 22 bits of the q-residue in one exact double. */
const keyOf = (p: number, q: number): number => p * 2 ** 22 + (q % 2 ** 22);
