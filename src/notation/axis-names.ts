/** @file Names of axes: what their sizes are called in shapes, in subscripts and as numbers. */
import { at, get, range } from "../base/assert.ts";
import { infix, type Layout, list, number, product, symbol } from "../base/layout.ts";
import { addDims, type Dim, equalDims } from "../ir/dim.ts";
import { type Graph, type Node, reachable } from "../ir/graph.ts";
import { sizesMeant } from "../ops/sizes-meant.ts";
import { contractionOf, isCall, isMerge, isParameter, isSplit } from "../ops/traits.ts";
import { type AxisClass, type AxisClasses, axesOfUses, axisClasses, isNameable, soleSymbol } from "./axes.ts";
import { spaceWords } from "./axis-words.ts";
import type { Laid } from "./laid.ts";
import { axesOfSteps } from "./recurrences.ts";
import { type AxisRole, axisRoles } from "./roles.ts";
import type { SizeNames } from "./sizes.ts";

/** How sizes are called by what their axes hold; key and value heads may be fewer: G. */
const roleLetters: Readonly<Record<AxisRole, readonly string[]>> = {
  V: ["V"],
  d: ["d"],
  H: ["H", "G"],
  d_k: ["d_k", "d_h"],
  C: ["C"],
};
const roleNames: ReadonlyMap<string, readonly string[]> = new Map([
  ...Object.entries(roleLetters),
  ["heads", ["heads", "groups"]],
]);

interface Multiple {
  readonly times: number;
  readonly width: AxisClass;
}
/** Papers write 4 d, and three such matrices side by side as 3 d. */
const largestMultiple = 4;

/** Names of axes. Those whose role is plain are named at once, other integers when an operator first asks for one. */
export class AxisNames {
  readonly #classes: AxisClasses;
  readonly #sizes: SizeNames;
  readonly #isNamed: boolean;
  readonly #given = new Map<AxisClass, string>();
  /** Widths that are so many times the width of the model: 4 d. */
  readonly #multiples: ReadonlyMap<AxisClass, Multiple>;
  /** What is split into heads or merged of them: G d_k. */
  readonly #products: ReadonlyMap<AxisClass, Layout>;
  /** Names of the sizes that numbers are meant as, by the nodes that use these. */
  readonly #counted: ReadonlyMap<Node, string>;
  /** What axes hold. */
  readonly #words: ReadonlyMap<AxisClass, string>;

  constructor(laid: Laid, sizes: SizeNames) {
    const { graph, recurrences } = laid;
    this.#sizes = sizes;
    const named = sizes.named(laid);
    this.#classes = named?.classes ?? axisClasses(graph, [...axesOfSteps(recurrences), ...axesOfUses(graph)]);
    this.#words = named?.words ?? axisRoles(graph, this.#classes);
    this.#isNamed = named !== undefined;
    for (const role of this.#isNamed ? new Set(this.#words.values()) : Object.keys(roleLetters))
      this.#nameRole(role);
    this.#multiples = this.#multiplesIn(graph);
    this.#products = this.#productsIn(graph);
    this.#counted = this.#countedIn(graph);
  }

  /** Axes of one role and size have one name. */
  #nameRole(role: string): void {
    const own = [...this.#words].flatMap(([axis, other]) =>
      other === role && (axis.declared || !spaceWords.has(role)) ? [axis] : [],
    );
    const isNumbered =
      (role === "C" || (this.#isNamed && role !== "heads")) && new Set(own.map(({ size }) => size)).size > 1;
    const wishes = roleNames.get(role) ?? [role];
    for (const axis of own) {
      const isSeveral = typeof axis.size === "number" && axis.size > 1;
      const name = isSeveral ? this.#sizes.counted(axis.size, wishes, isNumbered) : undefined;
      if (name !== undefined) this.#given.set(axis, name);
    }
  }

  /** Of matrices between the width d and another that is a small multiple of it, the other; one of the same size is d too. */
  #multiplesIn(graph: Graph): ReadonlyMap<AxisClass, Multiple> {
    const result = new Map<AxisClass, Multiple>();
    const isMatrix = (node: Node): boolean => isParameter(node) && node.type.shape.length === 2;
    for (const matrix of graph.nodes.flatMap((node) =>
      contractionOf(node) === undefined ? [] : node.inputs,
    )) {
      if (!isMatrix(matrix)) continue;
      const [a, b] = get(this.#classes, matrix);
      for (const [width, other] of [
        [a, b],
        [b, a],
      ] as const) {
        const name = width && this.#given.get(width);
        if (width === undefined || other === undefined || name !== (this.#isNamed ? "features" : "d"))
          continue;
        if (this.#given.has(other) && !this.#isNamed) continue;
        const times = Number(other.size) / Number(width.size);
        if (times === 1 && !this.#isNamed) this.#given.set(other, name);
        else if (largestMultiple >= times && Number.isInteger(times)) result.set(other, { times, width });
      }
    }
    return result;
  }

  /** The number of heads and the width of each, where both have names. */
  #productsIn(graph: Graph): ReadonlyMap<AxisClass, Layout> {
    const nameOf = (node: Node, axis: number): string | undefined => {
      const own = get(this.#classes, node).at(axis);
      return own && this.#given.get(own);
    };
    return new Map(
      graph.nodes.flatMap((node) => {
        const [whole, apart] = isMerge(node) ? [node, at(node.inputs, 0)] : [node.inputs[0], node];
        const last = whole && get(this.#classes, whole).at(-1);
        if (last === undefined || !(isSplit(node) || isMerge(node))) return [];
        const [heads, width] = [nameOf(apart, -3), nameOf(apart, -1)];
        const isNamed = heads !== undefined && width !== undefined;
        return isNamed ? [[last, infix("juxtaposed", symbol(heads), symbol(width))] as const] : [];
      }),
    );
  }

  /** Where a node is used for axes of several names, a number stays one. */
  #countedIn(graph: Graph): ReadonlyMap<Node, string> {
    const meant = Map.groupBy(sizesMeant(graph), ({ user }) => user);
    return new Map(
      [...meant].flatMap(([user, all]) => {
        const [name, ...others] = new Set(
          all.map(({ of, axis }) => this.#given.get(at(get(this.#classes, of), axis))),
        );
        return name === undefined || others.length > 0 ? [] : [[user, name] as const];
      }),
    );
  }

  /** The name of the size that papers have for the number in an operand of a node. */
  counted(node: Node): string | undefined {
    return this.#counted.get(node);
  }

  /** Names the size of an axis, whatever else has it. */
  give(node: Node, axis: number, name: string): void {
    this.#given.set(at(get(this.#classes, node), axis), name);
  }

  /** Whether two axes of a node run together. */
  areOne(node: Node, axis: number, other: number): boolean {
    const classes = get(this.#classes, node);
    return at(classes, axis) === at(classes, other);
  }

  name(node: Node, axis: number): string | undefined {
    if (!isNameable(this.#classes, node, axis)) return undefined;
    const own = at(get(this.#classes, node), axis);
    if (typeof own.size !== "number") return this.#sizes.symbol(soleSymbol(own.size) ?? "");
    const given = this.#given.get(own) ?? this.#sizes.integer(own.size, new Set(this.#given.values()));
    this.#given.set(own, given);
    return given;
  }

  /**
   * A subscript by which the reader finds the axis along which operands are joined: a size that one of them or the result
   * has on this axis, and on no other.
   */
  joinedAxis(node: Node, axis: number): readonly string[] | undefined {
    if (node.type.shape.length === 1) return [];
    const shapes = node.inputs.map((input) => input.type.shape);
    const sizesOn = (other: number): Dim[] => shapes.map((shape) => at(shape, other));
    const total = (other: number): Dim => sizesOn(other).reduce(addDims);
    // What a block gives has axes that are called as they are there.
    const isOwn = !reachable(node.inputs).some(isCall);
    const candidates = [total(axis), ...sizesOn(axis).filter((size) => typeof size !== "number" && isOwn)];
    const others = range(node.type.shape.length).filter((other) => other !== axis);
    const isElsewhere = (size: Dim): boolean =>
      others.some((other) => [total(other), ...sizesOn(other)].some((found) => equalDims(found, size)));
    for (const size of candidates) {
      const sole = typeof size === "number" ? undefined : soleSymbol(size);
      const name = typeof size === "number" ? String(size) : sole && this.#sizes.symbol(sole);
      if (name !== undefined && !isElsewhere(size)) return [name];
    }
    return undefined;
  }

  /** The size of an axis in one word: a symbol, a name that is given to it, or the number. */
  sizeName(node: Node, axis: number): string | undefined {
    const own = at(get(this.#classes, node), axis);
    const symbol = soleSymbol(own.size);
    if (symbol !== undefined) return this.#sizes.symbol(symbol);
    return this.#given.get(own) ?? (typeof own.size === "number" ? String(own.size) : undefined);
  }

  /** What an axis is called as an index: its size, or what it holds. */
  word(node: Node, axis: number): string | undefined {
    const own = at(get(this.#classes, node), axis);
    const word = this.#words.get(own);
    // Height and width may have one size.
    if (word !== undefined && spaceWords.has(word)) return word;
    const symbol = soleSymbol(own.size);
    if (symbol !== undefined) return this.#sizes.symbol(symbol);
    return this.#given.get(own) ?? word;
  }

  /** Whether a name can tell an axis from the tensor's other axes. */
  isNameable(node: Node, axis: number): boolean {
    return isNameable(this.#classes, node, axis);
  }

  shape(node: Node): Layout {
    const classes = get(this.#classes, node);
    return list(
      node.type.shape.map((size, axis) => {
        const name = this.#given.get(at(classes, axis));
        if (name !== undefined) return symbol(name);
        return this.#ofHeads(node, axis) ?? this.bound(size, node, axis);
      }),
    );
  }

  /** The size of what is split into heads or merged of them, unless it is a multiple of the width of the model. */
  #ofHeads(node: Node, axis: number): Layout | undefined {
    const own = at(get(this.#classes, node), axis);
    return this.#multiples.has(own) ? undefined : this.#products.get(own);
  }

  /** A place on an axis: `2 d` on one of 3 d. */
  bound(place: Dim, node: Node, axis: number): Layout {
    const width = this.#multiples.get(at(get(this.#classes, node), axis))?.width;
    const name = width && this.#given.get(width);
    const times = width === undefined || place === 0 ? 0.5 : Number(place) / Number(width.size);
    if (name === undefined || !Number.isInteger(times)) return this.#sizes.layout(place);
    return times === 1 ? symbol(name) : product(number(String(times)), symbol(name));
  }
}
