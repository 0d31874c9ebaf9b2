/** @file What signature and where list say: names, shapes, kinds of number, and constants. */
import { type Rational } from "../base/rational.ts";
import { quoted } from "../diag/diagnostic.ts";
import { type Dim, divideUp, equalDims, substitute, subtractDims, symbolsOf } from "../ir/dim.ts";
import type { Dtype } from "../ir/type.ts";
import { Cursor } from "./cursor.ts";
import type { Statement } from "./document.ts";
import { checkRank, checkSimple, parseConstant, parseSize, type Size } from "./sizes.ts";
import type { Position, Source } from "./source.ts";
import type { Token } from "./tokens.ts";

/** A name with what is said of it; the shape is absent where none is written. */
export interface Declaration {
  readonly name: string;
  readonly position: Position;
  readonly shape: readonly Size[] | undefined;
  readonly dtype: Dtype;
  /** Training leaves it as it is. */
  readonly fixed?: boolean;
}

export interface Signature {
  readonly name: string;
  readonly inputs: readonly Declaration[];
  readonly outputs: readonly Declaration[];
}

/** `name = …` in a where list: a size or a number. */
export interface Definition {
  readonly name: string;
  readonly position: Position;
  readonly size: Size | undefined;
  readonly value: Rational | undefined;
}

/** `t = 1..T` in a where list: an index of steps, and how many there are. */
export interface Steps {
  readonly name: string;
  readonly position: Position;
  readonly length: Size;
}
export type WhereItem = Declaration | Definition | Steps;

/** Sorts of number that a word in a declaration names; the others are real. */
const dtypeWords: ReadonlyMap<string, Dtype> = new Map([
  ["integers", "int64"],
  ["integer", "int64"],
  ["int", "int64"],
  ["int64", "int64"],
  ["booleans", "bool"],
  ["boolean", "bool"],
  ["bool", "bool"],
]);
const numberSets: ReadonlyMap<string, Dtype> = new Map([
  ["R", "float32"],
  ["Z", "int64"],
  ["N", "int64"],
]);

export const isSignature = (statement: Statement): boolean =>
  !statement.inWhere && statement.tokens.some((token) => token.kind === "symbol" && token.text === "->");

/** Reads `Name(x : [B, 3], …) -> y : [B, K], …`. */
export function parseSignature(source: Source, statement: Statement): Signature {
  const cursor = new Cursor(source, statement.tokens);
  const { text: name } = cursor.expectName("the model's name, as in `Model(x : [B, 3]) -> y : [B, 1]`");
  cursor.expect("(", "and the inputs");
  const inputs: Declaration[] = [];
  while (!cursor.sees(")")) {
    inputs.push(declaration(cursor));
    if (cursor.accept(",") === undefined) break;
  }
  cursor.expect(")", "after the inputs");
  cursor.expect("->", "and the outputs");
  const outputs = [declaration(cursor)];
  while (cursor.accept(",") !== undefined) outputs.push(declaration(cursor));
  if (cursor.peek() !== undefined)
    throw cursor.unexpected("`,` and another output, or the end of the signature");
  return { name, inputs, outputs };
}

function declaration(cursor: Cursor): Declaration {
  const token = cursor.expectName("a name");
  const declared = shapeAfter(cursor);
  let dtype = declared?.dtype ?? "float32";
  while (cursor.seesName() || cursor.peek()?.kind === "number") {
    dtype = dtypeWords.get(cursor.next()?.text ?? "") ?? dtype;
  }
  return { name: token.text, position: token, shape: declared?.shape, dtype };
}

interface Declared {
  readonly shape: readonly Size[];
  readonly dtype: Dtype;
}

/** `: [B, 3]` or `∈ R^{B × 3}`. */
function shapeAfter(cursor: Cursor): Declared | undefined {
  if (cursor.accept(":") === undefined && cursor.accept("in") === undefined) return undefined;
  if (cursor.accept("[") !== undefined) return { shape: sizes(cursor, ",", "]"), dtype: "float32" };
  const set = numberSets.get(cursor.peek()?.text ?? "");
  if (set === undefined) throw cursor.unexpected("a shape such as `[B, 3]` or `R^{B × 3}`");
  cursor.next();
  if (cursor.accept("^") === undefined) return { shape: [], dtype: set };
  const close = cursor.accept("{") !== undefined ? "}" : cursor.accept("(") !== undefined ? ")" : undefined;
  const shape = close === undefined ? [parseSize(cursor, "one factor")] : sizes(cursor, "×", close);
  return { shape, dtype: set };
}

function sizes(cursor: Cursor, separator: string, close: string): Size[] {
  const found: Size[] = [];
  while (!cursor.sees(close)) {
    checkRank(cursor.source, cursor.position, found.length + 1);
    found.push(parseSize(cursor, "whole"));
    if (cursor.accept(separator) === undefined) break;
  }
  cursor.expect(close, "after the sizes");
  return found;
}

/** Whether names and then `:`, `∈` or `=` stand here. */
function beginsItem(cursor: Cursor, ahead: number): boolean {
  let place = ahead;
  while (cursor.seesName(place) && cursor.sees(",", place + 1)) place += 2;
  return cursor.seesName(place) && [":", "in", "="].some((sign) => cursor.sees(sign, place + 1));
}

/** Reads the items of one line of a where list: `W, U : [3, H] prose`, `d = 64`, several with commas between. */
export function parseWhere(source: Source, statement: Statement): WhereItem[] {
  const cursor = new Cursor(source, statement.tokens);
  const items: WhereItem[] = [];
  do {
    if (!beginsItem(cursor, 0))
      throw cursor.unexpected("a symbol and its shape, as in `W : [3, H]`, or `name = number`");
    items.push(...whereItem(cursor));
  } while (skipProse(cursor));
  return items;
}

function whereItem(cursor: Cursor): WhereItem[] {
  const names: Token[] = [cursor.expectName("a name")];
  while (cursor.accept(",") !== undefined) names.push(cursor.expectName("a name"));
  if (cursor.accept("=") !== undefined) {
    const length = stepsAfter(cursor);
    if (length !== undefined) return names.map((token) => ({ name: token.text, position: token, length }));
    const value = parseConstant(cursor);
    const size = value === undefined ? parseSize(cursor, "lenient") : undefined;
    return names.map((token) => ({ name: token.text, position: token, size, value }));
  }
  const declared = shapeAfter(cursor);
  const dtype = dtypeInProse(cursor) ?? declared?.dtype ?? "float32";
  const fixed = cursor.sees("not") && cursor.sees("trained", 1);
  return names.map((token) => ({
    name: token.text,
    position: token,
    shape: declared?.shape,
    dtype,
    fixed,
  }));
}

/** `1..T`, or `1, …, T` as papers write it. */
function stepsAfter(cursor: Cursor): Size | undefined {
  const comma = cursor.sees(",", 1) ? 1 : 0;
  if (cursor.peek()?.text !== "1" || !cursor.sees("..", 1 + comma)) return undefined;
  for (let count = 2 + comma; count > 0; count--) cursor.next();
  if (comma > 0) cursor.accept(",");
  return parseSize(cursor, "one factor");
}

/** A word for a kind of number directly behind the shape. */
function dtypeInProse(cursor: Cursor): Dtype | undefined {
  return cursor.seesName() ? dtypeWords.get(cursor.peek()?.text ?? "") : undefined;
}

/** Moves to the next item on the line, if there is one. */
function skipProse(cursor: Cursor): boolean {
  for (; cursor.peek() !== undefined; cursor.next()) {
    const separates = cursor.sees(",") || cursor.sees(";") || cursor.sees("and");
    if (!separates || !beginsItem(cursor, 1)) continue;
    cursor.next();
    return true;
  }
  return false;
}

/** What every name outside the equations means. */
export class Scope {
  readonly source: Source;
  readonly signature: Signature;
  readonly #declared = new Map<string, Declaration>();
  /** Sizes with a value, and constants. */
  readonly #dims = new Map<string, Dim>();
  /** Sizes that follow from the arguments of a use. */
  readonly #bound = new Map<string, Dim>();
  readonly #constants = new Map<string, Rational>();
  readonly #sizes = new Set<string>();
  readonly #steps = new Map<string, Steps>();

  constructor(source: Source, signature: Signature, items: readonly WhereItem[]) {
    [this.source, this.signature] = [source, signature];
    for (const item of items) if ("shape" in item) this.#declare(item);
    for (const item of [...signature.inputs, ...signature.outputs]) this.#complete(item);
    for (const item of items) if ("length" in item) this.#index(item);
    const definitions = items.filter((item): item is Definition => "value" in item);
    for (const { size } of definitions) for (const name of size?.names ?? []) this.#sizes.add(name);
    for (const item of definitions) this.#define(item);
    for (const name of this.#declared.keys()) this.#checkMeaning(name);
  }

  get declarations(): readonly Declaration[] {
    return [...this.#declared.values()];
  }
  get sizeNames(): ReadonlySet<string> {
    return this.#sizes;
  }
  get constantNames(): readonly string[] {
    return [...this.#constants.keys()];
  }
  declaration(name: string): Declaration | undefined {
    return this.#declared.get(name);
  }
  constant(name: string): Rational | undefined {
    return this.#constants.get(name);
  }
  /** The size with every name replaced that has a value. */
  dim(size: Size): Dim {
    return substitute(substitute(size.dim, this.#dims), this.#bound);
  }

  /** How far an index of steps runs. */
  steps(name: string): Size | undefined {
    return this.#steps.get(name)?.length;
  }
  readonly isStep = (name: string): boolean => this.#steps.has(name);

  #index(item: Steps): void {
    if (this.#declared.has(item.name) || this.#steps.has(item.name))
      throw this.#twice(item.name, item.position);
    this.#steps.set(item.name, item);
    for (const name of item.length.names) this.#sizes.add(name);
  }

  /** The declared shape of an input, in the signature or in the where list. */
  shapeOf({ name, position, shape }: Declaration): readonly Size[] {
    const sizes = shape ?? this.declaration(name)?.shape;
    if (sizes !== undefined) return sizes;
    const got = `the input \`${quoted(name)}\` without a shape`;
    throw this.source.wrong("A3025", position, got, `a shape, as in \`${quoted(name)} : [B, 3]\``);
  }

  /** Lets a size be what an argument has, in sizes of the model that uses this one; false where it is something else. */
  bind(size: Size, dim: Dim): boolean {
    const own = substitute(size.dim, this.#dims);
    const [free, ...more] = [...symbolsOf([own])].filter((name) => !this.#bound.has(name));
    if (free !== undefined && more.length === 0) {
      const value = solvedFor(substitute(own, this.#bound), free, dim);
      if (value !== undefined) this.#bound.set(free, value);
    }
    return equalDims(substitute(own, this.#bound), dim);
  }

  #declare(item: Declaration): void {
    if (this.#declared.has(item.name)) throw this.#twice(item.name, item.position);
    this.#declared.set(item.name, item);
    for (const size of item.shape ?? []) for (const name of size.names) this.#sizes.add(name);
  }

  /** A declaration of the signature takes what it leaves out from the where list. */
  #complete(item: Declaration): void {
    const listed = this.#declared.get(item.name);
    if (listed === undefined) return this.#declare(item);
    if (item.shape !== undefined || !this.signature.inputs.concat(this.signature.outputs).includes(item))
      throw this.#twice(item.name, listed.position);
  }

  #define({ name, position, size, value }: Definition): void {
    if (this.#dims.has(name) || this.#constants.has(name)) throw this.#twice(name, position);
    if (size !== undefined) return this.#defineSize(name, position, this.dim(size));
    if (value === undefined) return;
    const isSize = value.denominator === 1n && this.#sizes.has(name);
    if (isSize) this.#defineSize(name, position, Number(value.numerator));
    else this.#constants.set(name, value);
  }

  /** Sizes may be defined in any order, so what is known is rewritten by what is new. */
  #defineSize(name: string, position: Position, dim: Dim): void {
    if (symbolsOf([dim]).has(name)) {
      const got = `\`${quoted(name)}\` is defined by itself`;
      throw this.source.wrong("A3011", position, got, "a size that other sizes define");
    }
    this.#sizes.add(name);
    for (const [known, value] of this.#dims) this.#dims.set(known, substitute(value, new Map([[name, dim]])));
    this.#dims.set(name, dim);
    for (const value of this.#dims.values()) checkSimple(this.source, position, value);
  }

  #checkMeaning(name: string): void {
    const taken = this.#sizes.has(name) ? "a size" : this.#constants.has(name) ? "a number" : undefined;
    const item = this.#declared.get(name);
    if (taken === undefined || item === undefined) return;
    const got = `\`${quoted(name)}\` is declared with a shape and is also ${taken}`;
    throw this.source.wrong("A3010", item.position, got, "one meaning for each name");
  }

  #twice(name: string, position: Position): Error {
    const got = `\`${quoted(name)}\` has a meaning already`;
    return this.source.wrong("A3010", position, got, "one declaration or equation for each name");
  }
}

/** The value of the symbol for which a size such as 2·m + 1 is `dim`. */
function solvedFor(size: Dim, name: string, dim: Dim): Dim | undefined {
  const none = substitute(size, new Map([[name, 0]]));
  const factor = subtractDims(substitute(size, new Map([[name, 1]])), none);
  if (typeof factor !== "number" || factor < 1) return undefined;
  return divideUp(subtractDims(dim, none), factor);
}
