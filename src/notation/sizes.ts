/** @file How sizes are written: symbols under good names, integers as they are unless an axis needs a name. */
import { at, get, range } from "../base/assert.ts";
import { infix, type Layout, list, number, product, symbol } from "../base/layout.ts";
import { addDims, type Dim, equalDims, symbolsOf } from "../ir/dim.ts";
import type { Graph, Node } from "../ir/graph.ts";
import { contractionOf, isParameter } from "../ops/traits.ts";
import { type AxisClass, type AxisClasses, isNameable, soleSymbol } from "./axes.ts";
import { asIdentifier, type Names } from "./names.ts";
import { type AxisRole, axisRoles } from "./roles.ts";

/** Names that a compiler gives to sizes, such as torch's `s27`. */
const isGenerated = (name: string): boolean => /^(?:_.*|[su]\d+|unk_.*|d\d+)$/.test(name);

/** A written name for every size symbol: its own, or B for a leading axis of an input, then N, T, L … */
export function symbolNames(graph: Graph, names: Names): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  const leading = new Set(graph.inputs.flatMap(({ type }) => soleSymbol(type.shape[0] ?? 1) ?? []));
  const all = new Set(graph.nodes.flatMap((node) => [...symbolsOf(node.type.shape)]));
  const good = (name: string): boolean => !isGenerated(name) && asIdentifier(name) === name;
  for (const name of all) if (good(name)) result.set(name, names.take(name));
  for (const name of all) {
    if (result.has(name)) continue;
    const wishes = [...(leading.has(name) ? ["B"] : []), ..."NTLMSQK"];
    const free = wishes.find((wish) => names.isFree(wish));
    result.set(name, free === undefined ? names.takeNumbered("N") : names.take(free));
  }
  return result;
}

const axisLetters = [..."nmdkpqr"];

interface Multiple {
  readonly times: number;
  readonly width: AxisClass;
}
/** Papers write 4 d, and three such matrices side by side as 3 d. */
const largestMultiple = 4;

/** Names of axes in array notation. Integer sizes are named when an operator first asks for one. */
export class AxisNames {
  readonly #classes: AxisClasses;
  readonly #symbols: ReadonlyMap<string, string>;
  readonly #names: Names;
  readonly #given = new Map<AxisClass, string>();

  /** Widths that are so many times the width of the model: 4 d. */
  readonly #multiples: ReadonlyMap<AxisClass, Multiple>;

  constructor(graph: Graph, classes: AxisClasses, symbols: ReadonlyMap<string, string>, names: Names) {
    [this.#classes, this.#symbols, this.#names] = [classes, symbols, names];
    const roles = axisRoles(graph, classes);
    for (const role of ["V", "d", "H", "C"] as const) this.#nameRole(role, roles);
    this.#multiples = this.#multiplesIn(graph);
  }

  /** Names given to integer sizes, with their values. */
  get sizes(): readonly { readonly name: string; readonly value: Dim }[] {
    const values = new Map([...this.#given].map(([{ size }, name]) => [name, size] as const));
    return [...values].map(([name, value]) => ({ name, value }));
  }

  /** Axes of one role and size have one name. Of several sizes the first has it; key and value heads may be fewer: G. */
  #nameRole(role: AxisRole, roles: ReadonlyMap<AxisClass, AxisRole>): void {
    const own = [...roles].flatMap(([axis, other]) => (other === role ? [axis] : []));
    const sizes = [...new Set(own.map(({ size }) => size))];
    for (const [i, size] of sizes.entries()) {
      const wish = role === "H" ? at([..."HG", undefined], Math.min(i, 2)) : i === 0 ? role : undefined;
      const isCounted = role === "C" && sizes.length > 1;
      if (!isCounted && (wish === undefined || !this.#names.isFree(wish))) continue;
      const name = isCounted || wish === undefined ? this.#names.takeNumbered(role) : this.#names.take(wish);
      for (const axis of own) if (axis.size === size) this.#given.set(axis, name);
    }
  }

  /** Of matrices between the width d and another that is a small multiple of it, the other; one of the same size is d too. */
  #multiplesIn(graph: Graph): ReadonlyMap<AxisClass, Multiple> {
    const result = new Map<AxisClass, Multiple>();
    for (const node of graph.nodes) {
      if (contractionOf(node) === undefined) continue;
      for (const matrix of node.inputs.filter(
        (input) => isParameter(input) && input.type.shape.length === 2,
      )) {
        const [a, b] = get(this.#classes, matrix);
        for (const [width, other] of [
          [a, b],
          [b, a],
        ] as const) {
          const name = width && this.#given.get(width);
          if (width === undefined || other === undefined || name !== "d" || this.#given.has(other)) continue;
          const times = Number(other.size) / Number(width.size);
          if (times === 1) this.#given.set(other, name);
          else if (largestMultiple >= times && Number.isInteger(times)) result.set(other, { times, width });
        }
      }
    }
    return result;
  }

  name(node: Node, axis: number): string | undefined {
    if (!isNameable(this.#classes, node, axis)) return undefined;
    const own = at(get(this.#classes, node), axis);
    const known = soleSymbol(own.size);
    if (known !== undefined) return get(this.#symbols, known);
    const given = this.#given.get(own);
    if (given !== undefined) return given;
    const free = axisLetters.find((letter) => this.#names.isFree(letter));
    const name = free === undefined ? this.#names.takeNumbered("n") : this.#names.take(free);
    this.#given.set(own, name);
    return name;
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
    const candidates = [total(axis), ...sizesOn(axis).filter((size) => typeof size !== "number")];
    const others = range(node.type.shape.length).filter((other) => other !== axis);
    const isElsewhere = (size: Dim): boolean =>
      others.some((other) => [total(other), ...sizesOn(other)].some((found) => equalDims(found, size)));
    for (const size of candidates) {
      const name = typeof size === "number" ? String(size) : this.#symbols.get(soleSymbol(size) ?? "");
      if (name !== undefined && !isElsewhere(size)) return [name];
    }
    return undefined;
  }

  /** The size of an axis in one word: a symbol, a name that is given to it, or the number. */
  sizeName(node: Node, axis: number): string | undefined {
    const own = at(get(this.#classes, node), axis);
    const symbol = soleSymbol(own.size);
    if (symbol !== undefined) return get(this.#symbols, symbol);
    return this.#given.get(own) ?? (typeof own.size === "number" ? String(own.size) : undefined);
  }

  shape(node: Node): Layout {
    const classes = get(this.#classes, node);
    return list(
      node.type.shape.map((size, axis) => {
        const own = at(classes, axis);
        const name = this.#given.get(own);
        return name === undefined ? this.bound(size, node, axis) : symbol(name);
      }),
    );
  }

  /** A place on an axis: `2 d` on one of 3 d. */
  bound(place: Dim, node: Node, axis: number): Layout {
    const width = this.#multiples.get(at(get(this.#classes, node), axis))?.width;
    const name = width && this.#given.get(width);
    const times = width === undefined || place === 0 ? 0.5 : Number(place) / Number(width.size);
    if (name === undefined || !Number.isInteger(times)) return this.size(place);
    return times === 1 ? symbol(name) : product(number(String(times)), symbol(name));
  }

  /** `2 T + 1`, with what is subtracted behind what is added. */
  size(size: Dim): Layout {
    if (typeof size === "number") return number(String(size));
    const term = (coefficient: number, symbols: readonly string[]): Layout => {
      const factors = symbols.map((name) => symbol(get(this.#symbols, name)));
      const all =
        coefficient === 1 && factors.length > 0 ? factors : [number(String(coefficient)), ...factors];
      return all.reduce(product);
    };
    const terms = size.terms.toSorted((a, b) => Number(b.coefficient > 0) - Number(a.coefficient > 0));
    return terms
      .map(({ coefficient, symbols }) => ({
        sign: Math.sign(coefficient),
        text: term(Math.abs(coefficient), symbols),
      }))
      .reduce((sum, { sign, text }) => ({ sign: 1, text: infix(sign < 0 ? "-" : "+", sum.text, text) })).text;
  }
}
