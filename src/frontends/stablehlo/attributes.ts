/** @file Types, attributes and locations out of the text. */
import type { Cursor } from "./cursor.ts";
import type { Attribute, Attributes, Dense, Location, Size, Type } from "./syntax.ts";

// Types

const sizes = /(?:(?:\d+|\?)x)*/y;
const elementName = /[A-Za-z]\w*/y;

/** Sizes and the type of the elements. */
export function type(cursor: Cursor): Type {
  if (!cursor.take("tensor<")) return { kind: "other", text: otherType(cursor) };
  const shape = (cursor.match(sizes) ?? "")
    .split("x")
    .slice(0, -1)
    .map((text): Size => (text === "?" ? "?" : Number(text)));
  if (!shape.every((size) => size === "?" || Number.isSafeInteger(size)))
    throw cursor.fault("sizes below 2^53");
  const element = cursor.nested(() => type(cursor));
  // An encoding, such as bounds of sizes, does not change what the numbers are.
  if (cursor.take(",")) attribute(cursor);
  cursor.expect(">");
  if (element.kind === "tensor") throw cursor.fault("elements that are no tensors");
  return { kind: "tensor", shape, element: element.text };
}

function otherType(cursor: Cursor): string {
  if (cursor.sees("(")) {
    const { operands, results } = signature(cursor);
    return `(${operands.map(typeName).join(", ")}) -> (${results.map(typeName).join(", ")})`;
  }
  const mark = cursor.take("!") ? "!" : "";
  const name = mark === "" ? cursor.match(elementName) : cursor.word();
  if (name === undefined) throw cursor.fault("a type");
  return cursor.sees("<") ? `${mark}${name}${cursor.balanced()}` : `${mark}${name}`;
}

export const typeName = (one: Type): string =>
  one.kind === "other" ? one.text : `tensor<${[...one.shape, one.element].join("x")}>`;

interface Signature {
  readonly operands: readonly Type[];
  readonly results: readonly Type[];
}

/** `(types) -> types`, `types -> types`, or types alone, which are those of the operands. */
export function signature(cursor: Cursor): Signature {
  return cursor.nested(() => {
    const operands = typeList(cursor);
    return { operands, results: cursor.take("->") ? typeList(cursor) : [] };
  });
}

/** One type, several with commas between them, or several in parentheses. */
export function typeList(cursor: Cursor): Type[] {
  if (cursor.take("(")) return cursor.rest(")", () => type(cursor));
  const types = [type(cursor)];
  while (cursor.take(",")) types.push(type(cursor));
  return types;
}

// Attributes

const number = /-?(?:0x[0-9A-Fa-f]+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)/y;
const symbol = /@[\w$.-]+/y;
const dialect = /#[A-Za-z_][\w$.-]*/y;

/** The value of an attribute, with its type where one is written. */
export function attribute(cursor: Cursor): Attribute {
  const own = untyped(cursor);
  const mayBeTyped = typeof own === "number" || typeof own === "string" || typeof own === "boolean";
  if (mayBeTyped && cursor.take(":")) type(cursor);
  return own;
}

export const untyped = (cursor: Cursor): Attribute => cursor.nested(() => value(cursor));

function value(cursor: Cursor): Attribute {
  const digits = cursor.match(number);
  if (digits !== undefined) return Number(digits);
  const text = cursor.string() ?? symbolName(cursor);
  if (text !== undefined) return text;
  if (cursor.sees("[")) return cursor.list("[", "]", () => attribute(cursor));
  if (cursor.sees("{")) return record(cursor, "{", "}");
  if (cursor.sees("#")) return dialectAttribute(cursor);
  if (cursor.take("dense<")) return dense(cursor);
  if (cursor.take("dense_resource<")) return resource(cursor);
  if (cursor.take("array<")) return array(cursor);
  if (cursor.sees("tensor<") || cursor.sees("(") || cursor.sees("!"))
    return { kind: "type", type: type(cursor) };
  const name = cursor.word();
  if (name === undefined) throw cursor.fault("an attribute");
  if (name === "true" || name === "false") return name === "true";
  return cursor.sees("<") ? { kind: "text", text: `${name}${cursor.balanced()}` } : name;
}

/** `@name` or `@"name"`. */
export function symbolName(cursor: Cursor): string | undefined {
  if (!cursor.sees("@")) return undefined;
  if (!cursor.sees('@"')) return cursor.match(symbol)?.slice(1);
  cursor.take("@");
  return cursor.string();
}

/** `{a = 1, b}`; a name without a value is true. */
export function record(cursor: Cursor, open: string, close: string): Attributes {
  const entries = cursor.list(open, close, () => entry(cursor));
  return { kind: "record", entries: new Map(entries) };
}

function entry(cursor: Cursor): readonly [string, Attribute] {
  const name = cursor.word() ?? cursor.string();
  if (name === undefined) throw cursor.fault("the name of an attribute");
  return [name, cursor.take("=") ? attribute(cursor) : true];
}

/** `#stablehlo.gather<a = 1>` is a record, `#stablehlo<precision DEFAULT>` its last word, any other its text. */
function dialectAttribute(cursor: Cursor): Attribute {
  const name = cursor.match(dialect);
  if (name === undefined) throw cursor.fault("an attribute");
  if (name === "#stablehlo" || name === "#chlo") {
    cursor.expect("<");
    cursor.word();
    const word = cursor.word();
    if (word === undefined) throw cursor.fault("the name of a value");
    cursor.expect(">");
    return word;
  }
  if (name === "#stablehlo.conv") {
    cursor.expect("<");
    const numbers = dimensionNumbers(cursor);
    cursor.expect(">");
    return numbers;
  }
  if (/^#stablehlo\.(?:gather|scatter|dot)$/.test(name)) return record(cursor, "<", ">");
  return { kind: "text", text: cursor.sees("<") ? `${name}${cursor.balanced()}` : name };
}

/** `[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]`: which axis is what, of images, kernels and results. */
export function dimensionNumbers(cursor: Cursor): Attribute {
  const axes = (): Attribute[] =>
    cursor.list("[", "]", () => cursor.match(/\d+/y) ?? cursor.word() ?? axisFault(cursor));
  const images = axes();
  cursor.expect("x");
  const kernel = axes();
  cursor.expect("->");
  return [images, kernel, axes()];
}
function axisFault(cursor: Cursor): never {
  throw cursor.fault("an axis");
}

function array(cursor: Cursor): Attribute {
  type(cursor);
  return cursor.take(":") ? cursor.rest(">", () => attribute(cursor)) : (cursor.expect(">"), []);
}

// Numbers

const literal = /-?(?:0x[0-9A-Fa-f]+|\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)|true|false/y;

/** What follows `dense<`. */
function dense(cursor: Cursor): Dense {
  const bytes = cursor.string();
  const numbers: string[] = [];
  const isSplat = bytes === undefined && !cursor.sees("[") && !cursor.sees(">");
  if (bytes === undefined && !cursor.sees(">")) elements(cursor, numbers);
  const typed = denseType(cursor);
  return { kind: "dense", type: typed, numbers, isSplat, ...(bytes === undefined ? {} : { bytes }) };
}

function denseType(cursor: Cursor): Type {
  cursor.expect(">");
  cursor.expect(":");
  return type(cursor);
}

/** Numbers in brackets within brackets; a complex one stands in parentheses. */
function elements(cursor: Cursor, numbers: string[]): void {
  if (cursor.take("[")) {
    cursor.nested(() => cursor.rest("]", () => elements(cursor, numbers)));
    return;
  }
  const text = cursor.sees("(") ? cursor.balanced() : cursor.match(literal);
  if (text === undefined) throw cursor.fault("numbers");
  numbers.push(text);
}

/** What follows `dense_resource<`: the name of bytes at the end of the file. */
function resource(cursor: Cursor): Dense {
  const name = cursor.word() ?? cursor.string();
  if (name === undefined) throw cursor.fault("the name of a resource");
  return {
    kind: "dense",
    type: denseType(cursor),
    numbers: [name],
    isSplat: false,
    bytes: `resource ${name}`,
  };
}

// Locations

/** `loc(…)`, which may be left out. */
export const location = (cursor: Cursor): Location => {
  if (!cursor.take("loc(")) return { kind: "unknown" };
  const found = place(cursor);
  cursor.expect(")");
  return found;
};

function place(cursor: Cursor): Location {
  return cursor.nested(() => {
    const alias = cursor.match(dialect);
    if (alias !== undefined) return { kind: "alias", name: alias };
    const text = cursor.string();
    if (text !== undefined) return named(cursor, text);
    const word = cursor.word();
    if (word === "unknown") return { kind: "unknown" };
    if (word === "callsite") {
      cursor.expect("(");
      const callee = place(cursor);
      cursor.expect("at");
      const caller = place(cursor);
      cursor.expect(")");
      return { kind: "call", callee, caller };
    }
    if (word !== "fused") throw cursor.fault("a location");
    if (cursor.sees("<")) cursor.balanced();
    return { kind: "fused", parts: cursor.list("[", "]", () => place(cursor)) };
  });
}

/** `"file":line:column`, also with `to` and where it ends; `"name"`; `"name"(location)`. */
function named(cursor: Cursor, text: string): Location {
  if (cursor.take("(")) {
    const inner = place(cursor);
    cursor.expect(")");
    return { kind: "named", name: text, inner };
  }
  if (!cursor.take(":")) return { kind: "named", name: text };
  const line = cursor.integer();
  while (cursor.takeWord("to") || cursor.take(":")) cursor.match(/\d+/y);
  return { kind: "file", file: text, line };
}
