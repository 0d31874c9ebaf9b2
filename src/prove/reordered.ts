/**
 * @file Values whose columns stand in another order than the spec's: of pairs that are rotated, one program has a half each, and
 * another has neighbours. What both do with the parts is the same, so the code's parts are laid where the spec has its own.
 */
import { at, range } from "../base/assert.ts";
import { type Dim, dimText, equalDims, type Sizes, sizesOf, symbolsOf } from "../ir/dim.ts";
import { applied, type Builder, type Graph, type Node } from "../ir/graph.ts";
import { strides } from "../ops/tensor.ts";
import { gatheredOperand, isStored, sliceOf } from "../ops/traits.ts";
import { unify } from "./pairing.ts";
import { sourceOf } from "./probes.ts";

/** An axis of a computed value that a graph cuts into parts of equal length. */
interface Cut {
  readonly node: Node;
  readonly axis: number;
  /** Its places, as the parts have them one after the other. */
  readonly places: readonly number[];
  readonly parts: number;
}

/** Of each value that code cuts along an axis in other places than the spec, the value as the spec would cut it. */
export function reorderedValues(builder: Builder, code: Graph, spec: Graph): Node[] {
  const orders = new Orders(spec);
  if (orders.isNone) return [];
  return cutsOf(slicesOf(code), smallest(code)).flatMap(({ node, axis, places, parts }) =>
    orders
      .of(places.length)
      .filter((own) => own.parts === parts && own.places.join() !== places.join())
      .map((own) => reordered(builder, node, axis, places, own.places)),
  );
}

/** The value with the places that one side has at some rank at those that the other has there. */
function reordered(
  builder: Builder,
  value: Node,
  axis: number,
  from: readonly number[],
  to: readonly number[],
): Node {
  const places = range(from.length).map((place) => at(from, to.indexOf(place)));
  const parts = runsIn(places).map(({ start, step, length }) =>
    applied(builder, "Slice", [value], { axis, start, stop: start + step * (length - 1) + 1, step }),
  );
  return applied(builder, "Concat", parts, { axis });
}

/** Places as few runs of equal steps. */
function runsIn(
  places: readonly number[],
): { readonly start: number; readonly step: number; readonly length: number }[] {
  const runs: { start: number; step: number; length: number }[] = [];
  for (const place of places) {
    const last = runs.at(-1);
    const step = last === undefined ? 0 : place - (last.start + last.step * (last.length - 1));
    if (last !== undefined && step > 0 && (last.length === 1 || step === last.step)) {
      last.step = step;
      last.length++;
    } else runs.push({ start: place, step: 1, length: 1 });
  }
  return runs;
}

/** Slices of values that were computed. */
const slicesOf = (graph: Graph): Node[] =>
  graph.nodes.filter(
    (node) =>
      sliceOf(node) !== undefined && !isStored(node) && ([...ancestors(node)].at(-1)?.inputs.length ?? 0) > 0,
  );

/** Sizes that matter to no cut. */
const smallest = ({ nodes }: Graph): Sizes =>
  new Map([...symbolsOf(nodes.flatMap((node) => node.type.shape))].map((name) => [name, 1]));

/** The orders in which a spec cuts axes of any size. */
class Orders {
  readonly #slices: readonly Node[];
  readonly #sizes: Sizes;
  readonly #dims: readonly Dim[];
  readonly #known = new Map<number, readonly Cut[]>();

  constructor(spec: Graph) {
    this.#slices = slicesOf(spec);
    this.#sizes = this.#slices.length === 0 ? new Map() : smallest(spec);
    const dims = this.#slices.flatMap((slice) => [...ancestors(slice)].flatMap(({ type }) => type.shape));
    this.#dims = [...new Map(dims.map((dim) => [dimText(dim), dim])).values()];
  }

  get isNone(): boolean {
    return this.#slices.length === 0;
  }

  of(size: number): readonly Cut[] {
    const known = this.#known.get(size) ?? this.#dims.flatMap((dim) => this.#along(dim, size));
    this.#known.set(size, known);
    return known;
  }

  #along(dim: Dim, size: number): Cut[] {
    const given = unify([dim], [size], new Map());
    const cuts = given === undefined ? [] : cutsOf(this.#slices, new Map([...this.#sizes, ...given]));
    return cuts.filter(({ node, axis }) => equalDims(at(node.type.shape, axis), dim));
  }
}

/** What a value is gathered from, step by step. */
function* ancestors(node: Node): Generator<Node> {
  for (let next = gatheredOperand(node); next !== undefined; next = gatheredOperand(next)) yield next;
}

/** The axes that slices cut into parts of equal length, each of several places. */
function cutsOf(slices: readonly Node[], sizes: Sizes): Cut[] {
  const found = slices.flatMap((slice) => partOf(slice, sizes) ?? []);
  const groups = Map.groupBy(found, ({ node, axis }) => `${node.id} ${axis}`);
  return [...groups.values()].flatMap((group) => {
    const { node, axis, size } = at(group, 0);
    const parts = [...new Map(group.map(({ places }) => [places.join(), places])).values()].sort(
      (a, b) => at(a, 0) - at(b, 0),
    );
    const places = parts.flat();
    const isWhole = places.length === size && new Set(places).size === size;
    const isEven = parts.every((part) => part.length === parts[0]?.length);
    return isWhole && isEven ? [{ node, axis, places, parts: parts.length }] : [];
  });
}

interface Part {
  readonly node: Node;
  readonly axis: number;
  readonly size: number;
  readonly places: readonly number[];
}

/** Which places on which axis of a value a slice has. */
function partOf(slice: Node, sizes: Sizes): Part | undefined {
  for (const node of ancestors(slice)) {
    const source = sourceOf(slice, node, sizes);
    if (source === undefined) return undefined;
    const shape = sizesOf(node.type.shape, sizes);
    const steps = strides(shape);
    for (const [axis, size] of shape.entries()) {
      const places = [...new Set(source.map((flat) => Math.floor(flat / at(steps, axis)) % size))];
      if (places.length > 1 && places.length < size) return { node, axis, size, places };
    }
  }
  return undefined;
}
