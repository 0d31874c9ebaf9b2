/** @file What signature and where list say: names, shapes, kinds of number, and constants. */
import type { Rational } from "../base/rational.ts";
import { symbol } from "../ir/dim.ts";
import type { Dtype } from "../ir/type.ts";
import { Cursor } from "./cursor.ts";
import type { Statement } from "./document.ts";
import { axisNames, checkRank, parseConstant, parseSize, type Size, sizeFrom } from "./sizes.ts";
import type { Position, Source } from "./source.ts";
import type { Token } from "./tokens.ts";

/** A name with what is said of it; the shape is absent where none is written. */
export interface Declaration {
  readonly name: string;
  readonly position: Position;
  readonly shape: readonly Size[] | undefined;
  /** The names of the axes, where these are written in braces. */
  readonly axes?: readonly string[] | undefined;
  readonly dtype: Dtype;
  /** Training leaves it as it is. */
  readonly fixed?: boolean;
}

/** A size or another integer that each use of a model gives by name. */
type Number = Pick<Declaration, "name" | "position">;

export interface Signature {
  readonly name: string;
  readonly inputs: readonly Declaration[];
  readonly numbers: readonly Number[];
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

/** Reads `Name(x : [B, 3], …; s, …) -> y : [B, K], …`. */
export function parseSignature(source: Source, statement: Statement): Signature {
  const cursor = new Cursor(source, statement.tokens);
  const { text: name } = cursor.expectName("the model's name, as in `Model(x : [B, 3]) -> y : [B, 1]`");
  cursor.expect("(", "and the inputs");
  const inputs: Declaration[] = [];
  while (!cursor.sees(")") && !cursor.sees(";")) {
    inputs.push(declaration(cursor));
    if (cursor.accept(",") === undefined) break;
  }
  const numbers: Number[] = [];
  if (cursor.accept(";") !== undefined) {
    do {
      const token = cursor.expectName("the name of an integer that uses give");
      numbers.push({ name: token.text, position: token });
    } while (cursor.accept(",") !== undefined);
  }
  cursor.expect(")", "after the inputs");
  cursor.expect("->", "and the outputs");
  const outputs = [declaration(cursor)];
  while (cursor.accept(",") !== undefined) outputs.push(declaration(cursor));
  if (cursor.peek() !== undefined)
    throw cursor.unexpected("`,` and another output, or the end of the signature");
  return { name, inputs, numbers, outputs };
}

function declaration(cursor: Cursor): Declaration {
  const token = cursor.expectName("a name");
  const declared = shapeAfter(cursor);
  let dtype = declared?.dtype ?? "float32";
  while (cursor.seesName() || cursor.peek()?.kind === "number") {
    dtype = dtypeWords.get(cursor.next()?.text ?? "") ?? dtype;
  }
  return { name: token.text, position: token, shape: declared?.shape, axes: declared?.axes, dtype };
}

type Declared = Required<Pick<Declaration, "axes" | "dtype">> & { readonly shape: readonly Size[] };

/** `: [B, 3]`, `: {batch, time}` or `∈ R^{B × 3}`. */
function shapeAfter(cursor: Cursor): Declared | undefined {
  if (cursor.accept(":") === undefined && cursor.accept("in") === undefined) return undefined;
  if (cursor.accept("[") !== undefined)
    return { shape: sizes(cursor, ",", "]"), axes: undefined, dtype: "float32" };
  if (cursor.accept("{") !== undefined) return { ...namedShape(cursor), dtype: "float32" };
  const set = numberSets.get(cursor.peek()?.text ?? "");
  if (set === undefined) throw cursor.unexpected("a shape such as `[B, 3]` or `R^{B × 3}`");
  cursor.next();
  if (cursor.accept("^") === undefined) return { shape: [], axes: undefined, dtype: set };
  if (cursor.sees("{") && cursor.sees("{", 1)) {
    for (let count = 2; count > 0; count--) cursor.next();
    const named = namedShape(cursor);
    cursor.expect("}", "after the axes");
    return { ...named, dtype: set };
  }
  const close = cursor.accept("{") !== undefined ? "}" : cursor.accept("(") !== undefined ? ")" : undefined;
  const shape = close === undefined ? [parseSize(cursor, "one factor")] : sizes(cursor, "×", close);
  return { shape, axes: undefined, dtype: set };
}

/** The axes in braces, each of the size of its name. */
function namedShape(cursor: Cursor): Pick<Declared, "axes" | "shape"> {
  const axes = axisNames(cursor);
  return { axes, shape: axes.map((name) => sizeFrom(symbol(name))) };
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
    axes: declared?.axes,
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
