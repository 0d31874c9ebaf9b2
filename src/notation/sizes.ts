/** @file How sizes are written: symbols under good names, integers as they are unless an axis needs a name. */
import { at, get, range } from "../base/assert.ts";
import { infix, type Layout, list, number, product, symbol } from "../base/layout.ts";
import { addDims, type Dim, equalDims, symbolsOf } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { type AxisClass, type AxisClasses, isNameable, soleSymbol } from "./axes.ts";
import type { Laid } from "./laid.ts";
import { asIdentifier, Names } from "./names.ts";

/** Names that a compiler gives to sizes, such as torch's `s27`. */
export const isGeneratedSize = (name: string): boolean => /^(?:_.*|[su]\d+|unk_.*|d\d+)$/.test(name);

/** A written name for every size symbol: its own, T for one of steps, or B for a leading axis of an input, then N, T, L … */
function symbolNames([model, ...blocks]: readonly Laid[], names: Names): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  const take = (wishes: readonly string[], numbered: string): string => {
    const free = wishes.find((wish) => names.isFree(wish));
    return free === undefined ? names.takeNumbered(numbered) : names.take(free);
  };
  if (model === undefined) return result;
  const { graph, recurrences } = model;
  const lengths = symbolsOf(recurrences.map(({ length }) => length));
  const leading = new Set(graph.inputs.flatMap(({ type }) => soleSymbol(type.shape[0] ?? 1) ?? []));
  const all = new Set(graph.nodes.flatMap((node) => [...symbolsOf(node.type.shape)]));
  const good = (name: string): boolean => !isGeneratedSize(name) && asIdentifier(name) === name;
  for (const name of all) if (good(name)) result.set(name, names.take(name));
  for (const name of all) {
    if (result.has(name)) continue;
    const first = lengths.has(name) ? ["T"] : leading.has(name) ? ["B"] : [];
    result.set(name, take([...first, ..."NTLMSQK"], "N"));
  }
  // Sizes that only blocks have are decided by arguments.
  for (const { type } of blocks.flatMap((block) => block.graph.nodes))
    for (const name of symbolsOf(type.shape))
      if (!result.has(name)) result.set(name, take([..."CHMDKQ"], "C"));
  return result;
}

const axisLetters = [..."nmdkpqr"];

/** How the sizes of a document are written. Its blocks share them: one size has one name, and no name means two. */
export class SizeNames {
  readonly #symbols: ReadonlyMap<string, string>;
  readonly #documents: Names[] = [];
  readonly #given: { readonly name: string; readonly value: Dim }[] = [];

  /** The model and its blocks. */
  constructor(parts: readonly Laid[]) {
    const names = new Names();
    for (const { attrs } of parts[0]?.graph.inputs ?? []) names.take(asIdentifier(attrs.name) ?? "x");
    for (const { name } of parts[0]?.graph.outputs ?? []) names.take(asIdentifier(name) ?? "y");
    this.#symbols = symbolNames(parts, names);
  }

  /** Names for a model of the document, in which those of size symbols are taken. */
  names(): Names {
    const names = new Names();
    for (const name of [...this.#symbols.values(), ...this.#given.map(({ name: own }) => own)])
      names.take(name);
    this.#documents.push(names);
    return names;
  }

  /** Names given to sizes, with their values. */
  get given(): readonly { readonly name: string; readonly value: Layout }[] {
    return this.#given.map(({ name, value }) => ({ name, value: this.layout(value) }));
  }

  get symbols(): ReadonlyMap<string, string> {
    return this.#symbols;
  }

  /** Takes over a name that a model gave to a size. */
  adopt(name: string, value: Dim): void {
    for (const names of this.#documents) if (names.isFree(name)) names.take(name);
    this.#given.push({ name, value });
  }

  symbol(name: string): string {
    return get(this.#symbols, name);
  }

  /** A name for an integer, which is not one of `used`. */
  integer(value: number, used: ReadonlySet<string>): string {
    const known = this.#given.find((size) => size.value === value && !used.has(size.name));
    if (known !== undefined) return known.name;
    const isFree = (name: string): boolean => this.#documents.every((names) => names.isFree(name));
    const numbered = range(this.#given.length + 1).map((number) => `n_${number + 1}`);
    const name = [...axisLetters, ...numbered].find(isFree) ?? `n_${this.#given.length + 2}`;
    for (const names of this.#documents) names.take(name);
    this.#given.push({ name, value });
    return name;
  }

  /** `2 T + 1`, with what is subtracted behind what is added. */
  layout(size: Dim): Layout {
    if (typeof size === "number") return number(String(size));
    const term = (coefficient: number, symbols: readonly string[]): Layout => {
      const factors = symbols.map((name) => symbol(this.symbol(name)));
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

/** Names of axes in array notation. Integer sizes are named when an operator first asks for one. */
export class AxisNames {
  readonly #classes: AxisClasses;
  readonly #sizes: SizeNames;
  readonly #given = new Map<AxisClass, string>();

  constructor(classes: AxisClasses, sizes: SizeNames) {
    [this.#classes, this.#sizes] = [classes, sizes];
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
    const candidates = [total(axis), ...sizesOn(axis).filter((size) => typeof size !== "number")];
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

  shape(node: Node): Layout {
    const classes = get(this.#classes, node);
    return list(
      node.type.shape.map((size, axis) => {
        const name = this.#given.get(at(classes, axis));
        return name === undefined ? this.#sizes.layout(size) : symbol(name);
      }),
    );
  }
}
