/**
 * @file What a parameter of the spec is in the code: each of its entries is an entry of one of the code's parameters, or
 * the sum of entries of several. A table of such entries is found from values (`ParameterIndex.name`), put into words as
 * a layout expression for the reader (`describe`), and applied in any number system (`applyBinding`).
 */
import { at, get, range } from "../base/assert.ts";
import type { NumberSystem } from "../domain/number-system.ts";
import { invmod, mulmod } from "../domain/modular.ts";
import type { Node } from "../ir/graph.ts";
import { count, real, strides, type Tensor } from "../ops/tensor.ts";
import type { World } from "./world.ts";

export interface Entry {
  readonly parameter: Node;
  /** Flat index into the parameter. */
  readonly index: number;
}

export interface Binding {
  readonly shape: readonly number[];
  /** For each flat entry of the spec's parameter, the code's entries that it sums. */
  readonly entries: readonly (readonly Entry[])[];
  /** The factor that all entries share; 1 for a proper binding. */
  readonly factor: number;
}

/** A residue pair. */
export type Pair = readonly [p: number, q: number];

/** Beyond this many entries, sums of two parameters are not searched. */
const largestSumSearch = 1 << 14;
const factors = [2, 1 / 2, -1, 3, 1 / 3, 4, 1 / 4] as const;

/** Finds parameter entries by their random values. */
export class ParameterIndex {
  readonly #world: World;
  readonly #byValue = new Map<string, Entry>();

  constructor(world: World) {
    this.#world = world;
    for (const { node } of world.graph.parameters) {
      const parameter = node as unknown as Node;
      const tensor = get(world.given, parameter);
      if (tensor.kind !== "real") continue;
      for (const index of range(tensor.values.p.length)) {
        this.#byValue.set(keyOf(at(tensor.values.p, index), at(tensor.values.q, index)), {
          parameter,
          index,
        });
      }
    }
  }

  /** The entries whose values make up the table; `undefined` when some value is not made of parameters. */
  name(shape: readonly number[], table: readonly Pair[]): Binding | undefined {
    const entries: (readonly Entry[])[] = [];
    for (const pair of table) {
      const entry = this.#single(pair) ?? this.#sum(pair);
      if (entry === undefined) return undefined;
      entries.push(entry);
    }
    return { shape, entries, factor: 1 };
  }

  /** As `name`, for a table that is a simple multiple of parameters. */
  nameScaled(shape: readonly number[], table: readonly Pair[]): Binding | undefined {
    const { p, q } = this.#world.field;
    for (const factor of factors) {
      const inverse = (m: number): number =>
        Number.isInteger(factor) ? invmod(residueOf(factor, m), m) : residueOf(1 / factor, m);
      const [overP, overQ] = [inverse(p), inverse(q)];
      const binding = this.name(
        shape,
        table.map(([a, b]) => [mulmod(a, overP, p), mulmod(b, overQ, q)] as const),
      );
      if (binding !== undefined) return { ...binding, factor };
    }
    return undefined;
  }

  #single([p, q]: Pair): readonly Entry[] | undefined {
    const entry = this.#byValue.get(keyOf(p, q));
    return entry === undefined ? undefined : [entry];
  }

  /** Two entries of different parameters, such as the two biases of an LSTM. */
  #sum([p, q]: Pair): readonly Entry[] | undefined {
    if (this.#byValue.size > largestSumSearch) return undefined;
    const { field, given } = this.#world;
    for (const entry of this.#byValue.values()) {
      const tensor = get(given, entry.parameter);
      if (tensor.kind !== "real") continue;
      const restP = (p - at(tensor.values.p, entry.index) + field.p) % field.p;
      const restQ = (q - at(tensor.values.q, entry.index) + field.q) % field.q;
      const other = this.#byValue.get(keyOf(restP, restQ));
      if (other !== undefined && other.parameter !== entry.parameter) return [entry, other];
    }
    return undefined;
  }
}

const keyOf = (p: number, q: number): string => `${p},${q}`;
const residueOf = (integer: number, m: number): number => ((integer % m) + m) % m;

/** The value of a bound parameter, given those of the code's parameters. */
export function applyBinding<A>(
  binding: Binding,
  system: NumberSystem<A>,
  given: ReadonlyMap<Node, Tensor<A>>,
): Tensor<A> {
  const parameters = [...new Set(binding.entries.flatMap((entry) => entry.map((part) => part.parameter)))];
  const offsets = new Map<Node, number>();
  let offset = 0;
  const parts = parameters.map((parameter) => {
    const tensor = get(given, parameter);
    offsets.set(parameter, offset);
    offset += count(tensor.shape);
    return tensor.kind === "real" ? tensor.values : system.fromIntegers(tensor.values);
  });
  const all = system.concat(parts);
  const summands = Math.max(...binding.entries.map((entry) => entry.length));
  const summand = (which: number): A =>
    system.gather(
      all,
      Int32Array.from(binding.entries, (entry) => {
        const { parameter, index } = at(entry, which);
        return get(offsets, parameter) + index;
      }),
    );
  const sum = range(summands)
    .map(summand)
    .reduce((x, y) => system.add(x, y));
  return real(binding.shape, sum);
}

/** Strides of the code's parameter along each axis of the spec's, from the offset; `undefined` when no such fit exists. */
function fit(
  shape: readonly number[],
  indexAt: (flat: number) => number,
): { readonly offset: number; readonly steps: readonly number[] } | undefined {
  const own = strides(shape);
  const offset = indexAt(0);
  const steps = shape.map((size, axis) => (size > 1 ? indexAt(at(own, axis)) - offset : 0));
  for (let flat = 0; flat < count(shape); flat++) {
    const predicted = shape.reduce(
      (sum, size, axis) => sum + at(steps, axis) * (Math.floor(flat / at(own, axis)) % size),
      offset,
    );
    if (predicted !== indexAt(flat)) return undefined;
  }
  return { offset, steps };
}

/** The binding in words: `fc1.weight^T`, `weight_hh[4:8, :]^T`, `bias_ih + bias_hh`, `concat(a, b)`. */
export function describe(binding: Binding, nameOf: (parameter: Node) => string): string {
  const summands = Math.max(...binding.entries.map((entry) => entry.length));
  const text = range(summands)
    .map((which) =>
      describePart(
        binding.shape,
        binding.entries.map((entry) => at(entry, which)),
        nameOf,
      ),
    )
    .join(" + ");
  return binding.factor === 1 ? text : `${binding.factor} · ${summands > 1 ? `(${text})` : text}`;
}

function describePart(
  shape: readonly number[],
  entries: readonly Entry[],
  nameOf: (parameter: Node) => string,
): string {
  const { parameter } = at(entries, 0);
  if (entries.every((entry) => entry.parameter === parameter)) {
    const found = fit(shape, (flat) => at(entries, flat).index);
    const source = parameter.type.shape.map(Number);
    const words = found && layoutWords(shape, found, source);
    if (words !== undefined) return nameOf(parameter) + words;
    return `entries of ${nameOf(parameter)}`;
  }
  const cut = blockAxis(shape, entries);
  if (cut === undefined) {
    return `entries of ${[...new Set(entries.map((entry) => nameOf(entry.parameter)))].join(", ")}`;
  }
  const parts = cut.blocks.map((block) => describePart(block.shape, block.entries, nameOf));
  return `concat(${parts.join(", ")}; axis ${cut.axis})`;
}

/** Splits a table along one axis where the parameter changes. */
function blockAxis(
  shape: readonly number[],
  entries: readonly Entry[],
):
  | { readonly axis: number; readonly blocks: { shape: readonly number[]; entries: readonly Entry[] }[] }
  | undefined {
  const own = strides(shape);
  for (const axis of range(shape.length)) {
    const coordinate = (flat: number): number => Math.floor(flat / at(own, axis)) % at(shape, axis);
    const ownerOf = range(at(shape, axis)).map((place) =>
      entries.filter((_, flat) => coordinate(flat) === place).map((entry) => entry.parameter),
    );
    if (!ownerOf.every((owners) => new Set(owners).size === 1)) continue;
    const starts = range(at(shape, axis)).filter((i) => i === 0 || ownerOf[i]?.[0] !== ownerOf[i - 1]?.[0]);
    const blocks = starts.map((start, i) => {
      const stop = starts[i + 1] ?? at(shape, axis);
      return {
        shape: shape.map((size, a) => (a === axis ? stop - start : size)),
        entries: entries.filter((_, flat) => coordinate(flat) >= start && coordinate(flat) < stop),
      };
    });
    return { axis, blocks };
  }
  return undefined;
}

/** How an affine map of indices reads as slices and a transposition of the source. */
function layoutWords(
  shape: readonly number[],
  { offset, steps }: { readonly offset: number; readonly steps: readonly number[] },
  source: readonly number[],
): string | undefined {
  const sourceSteps = strides(source);
  const axes = shape.map((size, axis) => {
    if (size === 1) return undefined;
    const found = source.findIndex((extent, i) => extent > 1 && sourceSteps[i] === steps[axis]);
    return found < 0 ? null : found;
  });
  if (axes.includes(null)) return undefined;
  const used = axes.filter((axis) => axis !== undefined && axis !== null);
  const ranges = source.map((extent, i) => {
    const start = Math.floor(offset / at(sourceSteps, i)) % extent;
    const along = axes.indexOf(i);
    const length = along < 0 ? 1 : at(shape, along);
    return {
      text: along < 0 ? String(start) : `${start}:${start + length}`,
      whole: length === extent && start === 0,
    };
  });
  const sliced = ranges.every((r) => r.whole)
    ? ""
    : `[${ranges.map((r) => (r.whole ? ":" : r.text)).join(", ")}]`;
  const moved = used.some((axis, i) => i > 0 && axis < at(used, i - 1));
  if (!moved) return sliced;
  return used.length === 2 ? `${sliced}^T` : `${sliced} with axes [${used.join(", ")}]`;
}
