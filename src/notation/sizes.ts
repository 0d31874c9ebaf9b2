/** @file How sizes are written: symbols under good names, integers as they are unless an axis needs a name. */
import { at, get, range } from "../base/assert.ts";
import { infix, type Layout, list, number, product, symbol } from "../base/layout.ts";
import { integersOf } from "../ir/attributes.ts";
import { addDims, type Dim, equalDims, symbolsOf } from "../ir/dim.ts";
import { type Graph, type Node, reachable } from "../ir/graph.ts";
import { contractionOf, isCall, isParameter } from "../ops/traits.ts";
import { type AxisClass, type AxisClasses, axesOfUses, axisClasses, isNameable, soleSymbol } from "./axes.ts";
import { type AxisWords, spaceWords, type WordedAxes, wordedAxes } from "./axis-words.ts";
import type { Profile } from "./document.ts";
import type { Laid } from "./laid.ts";
import { asIdentifier, Names, Shared } from "./names.ts";
import { axesOfSteps } from "./recurrences.ts";
import { axisRoles } from "./roles.ts";

/** Names that a compiler gives to sizes, such as torch's `s27`. */
export const isGeneratedSize = (name: string): boolean => /^(?:_.*|[su]\d+|unk_.*|d\d+)$/.test(name);

/** How symbols for sizes are called, the first that is free, or else the last with a number. */
interface SymbolWords {
  readonly steps: readonly string[];
  readonly leading: readonly string[];
  readonly others: readonly string[];
  /** Those that only blocks have. */
  readonly inBlocks: readonly string[];
  /** What a use of a block gives, by the letter for what it is; `n` is a size. */
  readonly numbers: Readonly<Record<string, string>>;
}

const symbolLetters: SymbolWords = {
  steps: ["T"],
  leading: ["B"],
  others: [..."NTLMSQK"],
  inBlocks: [..."CSMKDQ"],
  numbers: { s: "s", p: "p", d: "d", g: "g", k: "k", n: "K" },
};

const symbolWords: SymbolWords = {
  steps: ["time"],
  leading: [],
  others: ["items"],
  inBlocks: ["size"],
  numbers: { s: "stride", p: "padding", d: "dilation", g: "groups", k: "window", n: "size" },
};

/** A symbol for what a block's uses give, such as `_s`. */
const numberForm = /^_([a-z])\d*$/;

/** The words for symbols that are the whole size of an axis. */
function wordsOfSymbols(parts: readonly AxisWords[]): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  for (const [{ size }, word] of parts.flatMap((words) => [...words])) {
    const name = soleSymbol(size);
    const known = name === undefined ? undefined : result.get(name);
    // An image that is as high as wide has sides.
    const isSquare = known !== undefined && known !== word && spaceWords.has(known) && spaceWords.has(word);
    if (name !== undefined) result.set(name, isSquare ? "side" : (known ?? word));
  }
  return result;
}

/** A written name for every size symbol: its own, T for one of steps, or B for a leading axis of an input, then N, T, L … */
function symbolNames(
  [model, ...blocks]: readonly Laid[],
  names: Names,
  named: ReadonlyMap<Laid, WordedAxes> | undefined,
): ReadonlyMap<string, string> {
  const result = new Map<string, string>();
  const take = (wishes: readonly string[], numbered: string): string => {
    const free = wishes.find((wish) => names.isFree(wish));
    return free === undefined ? names.takeNumbered(numbered) : names.take(free);
  };
  if (model === undefined) return result;
  const wishes = named === undefined ? symbolLetters : symbolWords;
  const words = wordsOfSymbols([...(named?.values() ?? [])].map((axes) => axes.words));
  const { graph, recurrences } = model;
  const lengths = symbolsOf(recurrences.map(({ length }) => length));
  const leading = new Set(graph.inputs.flatMap(({ type }) => soleSymbol(type.shape[0] ?? 1) ?? []));
  const all = new Set(graph.nodes.flatMap((node) => [...symbolsOf(node.type.shape)]));
  const good = (name: string): boolean => !isGeneratedSize(name) && asIdentifier(name) === name;
  for (const name of all) if (good(name)) result.set(name, names.take(name));
  for (const name of all) {
    if (result.has(name)) continue;
    const word = words.get(name);
    const first = lengths.has(name) ? wishes.steps : leading.has(name) ? wishes.leading : [];
    const own = word === undefined ? [...first, ...wishes.others] : [word];
    result.set(name, take(own, word ?? at(wishes.others, 0)));
  }
  // Sizes that only blocks have are decided by arguments, or given.
  for (const { type, attrs } of blocks.flatMap((block) => block.graph.nodes))
    for (const name of symbolsOf([...type.shape, ...integersOf(attrs).map(({ value }) => value)]))
      if (!result.has(name)) {
        const counted = wishes.numbers[numberForm.exec(name)?.[1] ?? ""];
        const own = counted ?? words.get(name) ?? at(wishes.inBlocks, 0);
        result.set(name, take(counted === undefined ? [own, ...wishes.inBlocks] : [own], own));
      }
  return result;
}

const axisLetters = [..."nmdkpqr"];

/** How the sizes of a document are written. Its blocks share them: one size has one name, and no name means two. */
export class SizeNames {
  readonly #symbols: ReadonlyMap<string, string>;
  readonly #shared = new Shared();
  readonly #documents: Names[] = [];
  readonly #given: { readonly name: string; readonly value: Dim }[] = [];

  /** What axes are called in words, in the notation of named axes. */
  readonly #named: ReadonlyMap<Laid, WordedAxes> | undefined;

  /** The model and its blocks. */
  constructor(parts: readonly Laid[], notation: Profile) {
    this.#named = notation === "named" ? wordedAxes(parts) : undefined;
    const names = new Names();
    for (const { attrs } of parts[0]?.graph.inputs ?? []) names.take(asIdentifier(attrs.name) ?? "x");
    for (const { name } of parts[0]?.graph.outputs ?? []) names.take(asIdentifier(name) ?? "y");
    this.#symbols = symbolNames(parts, names, this.#named);
  }

  /** Names for a model of the document, in which those of size symbols are taken. */
  names(): Names {
    const names = new Names(this.#shared);
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

  /** The axes of a model in words, if they are called so. */
  named(laid: Laid): WordedAxes | undefined {
    return this.#named?.get(laid);
  }

  /** Whether a name is that of a size. */
  has(name: string): boolean {
    return [...this.#symbols.values()].includes(name) || this.#given.some((size) => size.name === name);
  }

  symbol(name: string): string {
    return get(this.#symbols, name);
  }

  /** A name for an integer by what it counts: the first wish for the first integer, then the next, then with a number. */
  counted(value: number, wishes: readonly string[], isNumbered: boolean): string | undefined {
    const [role = ""] = wishes;
    const isOfRole = (name: string): boolean => wishes.includes(name) || name.startsWith(`${role}_`);
    const known = this.#given.filter(({ name }) => isOfRole(name));
    const same = known.find((size) => size.value === value);
    if (same !== undefined) return same.name;
    const isFree = (name: string): boolean => this.#documents.every((names) => names.isFree(name));
    const numbered = range(this.#given.length + 1).map((number) => `${role}_${number + 1}`);
    const candidates = isNumbered
      ? numbered
      : known.length === 0
        ? wishes
        : [...wishes.slice(1), ...numbered];
    const name = candidates.find(isFree);
    return name === undefined ? undefined : this.#give(name, value);
  }

  /** A name for an integer, which is not one of `used`. */
  integer(value: number, used: ReadonlySet<string>): string {
    const known = this.#given.find((size) => size.value === value && !used.has(size.name));
    if (known !== undefined) return known.name;
    const isFree = (name: string): boolean => this.#documents.every((names) => names.isFree(name));
    const numbered = range(this.#given.length + 1).map((number) => `n_${number + 1}`);
    return this.#give([...axisLetters, ...numbered].find(isFree) ?? `n_${this.#given.length + 2}`, value);
  }

  #give(name: string, value: number): string {
    for (const names of this.#documents) names.take(name);
    this.#given.push({ name, value });
    return name;
  }

  /** `2 T + 1`, with what is subtracted behind what is added. */
  layout(size: Dim): Layout {
    if (typeof size === "number") return number(String(size));
    const term = (coefficient: number, symbols: readonly string[]): Layout => {
      const ordered = symbols.toSorted((a, b) => Number(numberForm.test(b)) - Number(numberForm.test(a)));
      const factors = ordered.map((name) => symbol(this.symbol(name)));
      const all =
        coefficient === 1 && factors.length > 0 ? factors : [number(String(coefficient)), ...factors];
      return all.reduce((left, right) => infix("juxtaposed", left, right));
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
  /** What axes hold. */
  readonly #words: ReadonlyMap<AxisClass, string>;

  constructor(laid: Laid, sizes: SizeNames) {
    const { graph, recurrences } = laid;
    this.#sizes = sizes;
    const named = sizes.named(laid);
    this.#classes = named?.classes ?? axisClasses(graph, [...axesOfSteps(recurrences), ...axesOfUses(graph)]);
    this.#words = named?.words ?? axisRoles(graph, this.#classes);
    this.#isNamed = named !== undefined;
    for (const role of this.#isNamed ? new Set(this.#words.values()) : ["V", "d", "H", "C"])
      this.#nameRole(role);
    this.#multiples = this.#multiplesIn(graph);
  }

  /** Axes of one role and size have one name; key and value heads may be fewer: G. */
  #nameRole(role: string): void {
    const own = [...this.#words].flatMap(([axis, other]) =>
      other === role && (axis.declared || !spaceWords.has(role)) ? [axis] : [],
    );
    const isNumbered =
      (role === "C" || (this.#isNamed && role !== "heads")) && new Set(own.map(({ size }) => size)).size > 1;
    const wishes = role === "H" ? ["H", "G"] : role === "heads" ? ["heads", "groups"] : [role];
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
        return name === undefined ? this.bound(size, node, axis) : symbol(name);
      }),
    );
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
