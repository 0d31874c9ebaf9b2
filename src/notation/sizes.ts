/** @file How sizes are written: symbols under good names, integers as they are unless an axis needs a name. */
import { at, get, range } from "../base/assert.ts";
import { infix, type Layout, number, symbol } from "../base/layout.ts";
import { integersOf } from "../ir/attributes.ts";
import { type Dim, symbolsOf } from "../ir/dim.ts";
import { soleSymbol } from "./axes.ts";
import { type AxisWords, spaceWords, type WordedAxes, wordedAxes } from "./axis-words.ts";
import type { Profile } from "./document.ts";
import type { Laid } from "./laid.ts";
import { asIdentifier, Names, Shared } from "./names.ts";

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

/** Roles of sizes that only by accident are those of anything else. */
const ofHeads: ReadonlySet<string> = new Set(["H", "d_k", "heads", "head_width"]);

/** How the sizes of a document are written. Its blocks share them: one size has one name, and no name means two. */
export class SizeNames {
  readonly #symbols: ReadonlyMap<string, string>;
  readonly #shared = new Shared();
  readonly #documents: Names[] = [];
  /** With the first wish for those that are named by what they count. */
  readonly #given: { readonly name: string; readonly value: Dim; readonly role?: string }[] = [];

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
    const known = this.#given.filter((size) => size.role === role);
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
    return name === undefined ? undefined : this.#give(name, value, role);
  }

  /** A name for an integer, which is not one of `used`. */
  integer(value: number, used: ReadonlySet<string>): string {
    const known = this.#given.find(
      (size) => size.value === value && !used.has(size.name) && !ofHeads.has(size.role ?? ""),
    );
    if (known !== undefined) return known.name;
    const isFree = (name: string): boolean => this.#documents.every((names) => names.isFree(name));
    const numbered = range(this.#given.length + 1).map((number) => `n_${number + 1}`);
    return this.#give([...axisLetters, ...numbered].find(isFree) ?? `n_${this.#given.length + 2}`, value);
  }

  #give(name: string, value: number, role = ""): string {
    for (const names of this.#documents) names.take(name);
    this.#given.push({ name, value, role });
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
