/**
 * @file Values that code computes for several blocks at once, with the blocks' weights stacked along an axis: what it computes
 * for each of them, where a spec uses the block that often, side by side.
 */
import { at, range } from "../base/assert.ts";
import { type Builder, type Graph, type Node, reachable, rebuild } from "../ir/graph.ts";
import { parseContraction } from "../ops/reduction.ts";
import { contractionOf, isParameter, isStored } from "../ops/traits.ts";
import { Cuts, sourcesOf } from "../rewrite/cuts.ts";

/** How often a spec uses its blocks side by side, each time with other parameters and none after the other. */
export function timesSideBySide(spec: Graph): ReadonlySet<number> {
  const readers = spec.nodes.filter((node) => !isStored(node) && node.inputs.some(isParameter));
  const places = Map.groupBy(readers, (node) => spec.copies.get(node)?.place);
  const times = [...places].flatMap(([place, copies]) => {
    const parameters = new Set(copies.flatMap(({ inputs }) => inputs.filter(isParameter)));
    const isOften = place !== undefined && copies.length > 1 && parameters.size >= copies.length;
    return isOften && areApart(copies) ? [copies.length] : [];
  });
  return new Set(times);
}

/** Of nodes in order the last is made of all, if they follow each other. */
function areApart(nodes: readonly Node[]): boolean {
  const below = new Set(at(nodes, nodes.length - 1).inputs.flatMap((input) => reachable([input])));
  return !nodes.some((node) => below.has(node));
}

/** Axes of a matrix; a parameter with more may be a stack of them. */
const matrixRank = 2;

/** Finds what values along an axis of one of these sizes, along which matrices are stacked, are at each place. */
export class Stacked {
  readonly #builder: Builder;
  readonly #cuts: Cuts;
  readonly #sizes: ReadonlySet<number>;
  readonly #ofMatrices = new Map<string, boolean>();

  constructor(builder: Builder, sizes: ReadonlySet<number>) {
    [this.#builder, this.#cuts, this.#sizes] = [builder, new Cuts(builder), sizes];
  }

  /** What a value is at each place, and what each place adds to it. */
  pieces(node: Node): Node[] {
    if (this.#sizes.size === 0 || isStored(node)) return [];
    const along = range(node.type.shape.length).flatMap((axis) =>
      this.#places(node, axis).map((place) => this.#cuts.at(node, axis, place)),
    );
    return [...along, ...this.#terms(node)];
  }

  #terms(node: Node): Node[] {
    const equation = contractionOf(node);
    if (equation === undefined || node.inputs.some(isStored)) return [];
    const { left, right, summed } = parseContraction(equation);
    const [x, y] = [at(node.inputs, 0), at(node.inputs, 1)];
    return summed.flatMap((letter) => {
      const [inX, inY] = [left.indexOf(letter), right.indexOf(letter)];
      const places = new Set([...this.#places(x, inX), ...this.#places(y, inY)]);
      return [...places].map((place) =>
        rebuild(this.#builder, node, [this.#cuts.at(x, inX, place), this.#cuts.at(y, inY, place)]),
      );
    });
  }

  /** The places on an axis along which matrices are stacked; none on others. */
  #places(node: Node, axis: number): number[] {
    const size = node.type.shape[axis];
    const isStacked = typeof size === "number" && this.#sizes.has(size) && this.#isOfMatrices(node, axis);
    return isStacked ? range(size) : [];
  }

  #isOfMatrices(node: Node, axis: number): boolean {
    const key = `${node.id} ${axis}`;
    const known = this.#ofMatrices.get(key);
    if (known !== undefined) return known;
    const sources = sourcesOf(node, axis);
    const found =
      (isParameter(node) && node.type.shape.length > matrixRank) ||
      sources.some((source) => this.#isOfMatrices(at(node.inputs, source.operand), source.axis));
    this.#ofMatrices.set(key, found);
    return found;
  }
}
