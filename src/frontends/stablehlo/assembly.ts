/**
 * @file The short form of operations (https://openxla.org/stablehlo/spec, and the `assemblyFormat` of each operation in its
 * definition): values, names and attributes in an order of its own for each, which most of them need no grammar of their own for.
 */
import { attribute, dimensionNumbers, symbolName, untyped } from "./attributes.ts";
import type { Cursor } from "./cursor.ts";
import type { Attribute, Region, Type } from "./syntax.ts";

/** An operation without its name and results. */
export interface Written {
  readonly operands: readonly string[];
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly regions: readonly Region[];
  readonly signature: { readonly operands: readonly Type[]; readonly results: readonly Type[] };
}

interface Parts {
  readonly operands: string[];
  readonly attributes: Map<string, Attribute>;
  /** Words without a name, such as the direction of a comparison. */
  readonly words: string[];
}

/** What stands between the name of an operation and its attributes in braces, or its type. */
export function assembly(cursor: Cursor, name: string, value: () => string): Omit<Parts, "words"> {
  const parts: Parts = { operands: [], attributes: new Map(), words: [] };
  const { attributes, words } = parts;
  if (name === "stablehlo.constant") {
    // Its value ends with its type.
    attributes.set("value", attribute(cursor));
    return parts;
  }
  while (!(cursor.sees("{") || cursor.sees(":"))) if (!item(cursor, parts, value)) break;
  if (words[0] !== undefined)
    attributes.set(name === "stablehlo.compare" ? "comparison_direction" : "word", words[0]);
  return parts;
}

/** One part; false where there is none. */
function item(cursor: Cursor, parts: Parts, value: () => string): boolean {
  const { operands, attributes, words } = parts;
  if (cursor.take(",")) return true;
  if (cursor.sees("%")) {
    operands.push(value());
    // Where a slice starts and ends stands right behind its operand.
    if (cursor.sees("[")) ranges(cursor, attributes);
    return true;
  }
  if (cursor.take("(")) {
    while (!cursor.take(")")) if (!item(cursor, parts, value)) throw cursor.fault("`)`");
    return true;
  }
  const callee = symbolName(cursor);
  if (callee !== undefined) {
    attributes.set("callee", callee);
    return true;
  }
  const text = cursor.string();
  if (text !== undefined) {
    attributes.set("name", text);
    return true;
  }
  // A location ends the operation.
  if (cursor.sees("loc(")) return false;
  const key = cursor.word();
  if (key === undefined) return false;
  if (!cursor.take("=")) {
    // `return` and its like may stand alone.
    words.push(key);
    return true;
  }
  named(cursor, key, attributes);
  return true;
}

function named(cursor: Cursor, key: string, attributes: Map<string, Attribute>): void {
  if (key === "dim_numbers") {
    attributes.set("dimension_numbers", dimensionNumbers(cursor));
    return;
  }
  if (key === "window") {
    cursor.expect("{");
    cursor.rest("}", () => {
      const part = cursor.word();
      cursor.expect("=");
      attributes.set(`window.${part ?? ""}`, attribute(cursor));
    });
    return;
  }
  if (cursor.sees("<")) {
    attributes.set(key, { kind: "text", text: cursor.balanced() });
    return;
  }
  // A colon behind it is that of the operation's type.
  const own = untyped(cursor);
  // Axes of both operands, `[1] x [0]`.
  attributes.set(key, cursor.takeWord("x") ? [own, attribute(cursor)] : own);
}

/** `[0:4, 1:9:2]`. */
function ranges(cursor: Cursor, attributes: Map<string, Attribute>): void {
  const limits = cursor.list("[", "]", () => {
    const start = cursor.integer();
    cursor.expect(":");
    const stop = cursor.integer();
    return [start, stop, cursor.take(":") ? cursor.integer() : 1] as const;
  });
  attributes.set(
    "start_indices",
    limits.map(([start]) => start),
  );
  attributes.set(
    "limit_indices",
    limits.map(([, stop]) => stop),
  );
  attributes.set(
    "strides",
    limits.map(([, , step]) => step),
  );
}

/** The types of as many results, which short forms leave out where they are those of the operands. */
export function typesOfResults(
  cursor: Cursor,
  name: string,
  written: Written,
  count: number,
): readonly Type[] {
  const { operands, results } = written.signature;
  if (count === 0) return [];
  const types = results.length > 0 ? results : name === "stablehlo.select" ? operands.slice(-1) : operands;
  if (types.length !== count) throw cursor.fault(`types of ${count} results`);
  return types;
}
