/** @file A text of MLIR as a module: its functions, their operations, and what stands beside them. */

import { assembly, typesOfResults, type Written } from "./assembly.ts";
import { attribute, location, record, signature, symbolName, type, typeList } from "./attributes.ts";
import { Cursor } from "./cursor.ts";
import type { Argument, Attribute, Function, Location, Module, Operation, Region, Type } from "./syntax.ts";

/** The module in a text. Throws a Contradiction where it is not one. */
export function parseModule(text: string): Module {
  return new Parser(new Cursor(text)).module();
}

const alias = /[#!][A-Za-z_][\w$.-]*/y;
const value = /%[\w$.-]+(?:#\d+)?/y;
const block = /\^[\w$.-]+/y;
const none: ReadonlyMap<string, Attribute> = new Map();

class Parser {
  readonly #cursor: Cursor;
  #name = "";
  readonly #functions = new Map<string, Function>();
  readonly #locations = new Map<string, Location>();
  readonly #resources = new Map<string, string>();

  constructor(cursor: Cursor) {
    this.#cursor = cursor;
  }

  module(): Module {
    while (!this.#cursor.isAtEnd) this.#item();
    return {
      name: this.#name,
      functions: this.#functions,
      locations: this.#locations,
      resources: this.#resources,
    };
  }

  /** Something at the top of the file or of a module. */
  #item(): void {
    const cursor = this.#cursor;
    if (cursor.take("{-#")) return this.#sections();
    const name = cursor.match(alias);
    if (name !== undefined) return this.#alias(name);
    const quotedName = cursor.string();
    const word = quotedName ?? cursor.word();
    if (word === "module" || word === "builtin.module") return this.#inner();
    if (word === "func.func" && quotedName === undefined) return this.#function();
    if (word === undefined) throw cursor.fault("a function or a module");
    this.#other(word);
  }

  #alias(name: string): void {
    const cursor = this.#cursor;
    cursor.expect("=");
    if (cursor.sees("loc(")) this.#locations.set(name, location(cursor));
    else if (name.startsWith("!")) type(cursor);
    else attribute(cursor);
  }

  #inner(): void {
    const cursor = this.#cursor;
    this.#name = symbolName(cursor) ?? this.#name;
    if (cursor.takeWord("attributes")) record(cursor, "{", "}");
    cursor.expect("{");
    cursor.nested(() => {
      while (!cursor.take("}")) {
        if (cursor.isAtEnd) throw cursor.fault("`}`");
        this.#item();
      }
    });
    location(cursor);
  }

  /** What no function computes with, such as a mesh of devices, up to the end of its brackets. */
  #other(word: string): void {
    const cursor = this.#cursor;
    if (!word.includes(".")) throw cursor.fault("a function or a module");
    symbolName(cursor);
    while (cursor.take("=") || /^[<({[]$/.test(this.#sign())) if (this.#sign() !== "") cursor.balanced();
    location(cursor);
  }
  #sign(): string {
    return ["<", "(", "{", "["].find((sign) => this.#cursor.sees(sign)) ?? "";
  }

  /** `{-# dialect_resources: {builtin: {name: "0x…"}} #-}`: bytes after the four that tell how they are aligned. */
  #sections(): void {
    const cursor = this.#cursor;
    const entries = (depth: number): void => {
      while (!cursor.take("}")) {
        const name = cursor.word() ?? cursor.string();
        if (name === undefined) throw cursor.fault("the name of a resource");
        cursor.expect(":");
        if (depth < 3 && cursor.take("{")) entries(depth + 1);
        else this.#resources.set(name, cursor.string() ?? this.#fault("bytes in quotes"));
        cursor.take(",");
      }
    };
    while (!cursor.take("#-}")) {
      const section = cursor.word();
      if (section === undefined) throw cursor.fault("the name of a section");
      cursor.expect(":");
      cursor.expect("{");
      entries(1);
      cursor.take(",");
    }
  }

  #fault(want: string): never {
    throw this.#cursor.fault(want);
  }

  // Functions

  #function(): void {
    const cursor = this.#cursor;
    const { line } = cursor;
    const isPublic = !cursor.takeWord("private");
    if (!cursor.takeWord("public")) cursor.takeWord("nested");
    const name = symbolName(cursor);
    if (name === undefined) throw cursor.fault("the name of a function");
    const inputs = cursor.list("(", ")", () => this.#argument());
    const results = cursor.take("->") ? this.#results() : [];
    if (cursor.takeWord("attributes")) record(cursor, "{", "}");
    if (!cursor.sees("{")) return;
    const body = this.#region();
    location(cursor);
    if (this.#functions.has(name)) throw cursor.fault(`one function @${name}, and not again at line ${line}`);
    this.#functions.set(name, { name, isPublic, inputs, results, body: { ...body, inputs } });
  }

  /** `%name: type {attributes} loc(…)`; a declaration has no names. */
  #argument(): Argument {
    const cursor = this.#cursor;
    const name = cursor.match(value) ?? "";
    if (name !== "") cursor.expect(":");
    return { name, ...this.#typed(), location: location(cursor) };
  }
  #typed(): { type: Type; attributes: ReadonlyMap<string, Attribute> } {
    const typed = type(this.#cursor);
    return { type: typed, attributes: this.#dictionary() };
  }
  #dictionary(): ReadonlyMap<string, Attribute> {
    return this.#cursor.sees("{") ? record(this.#cursor, "{", "}").entries : none;
  }
  #results(): Function["results"] {
    const cursor = this.#cursor;
    if (cursor.sees("(")) return cursor.list("(", ")", () => this.#typed());
    return [{ type: type(cursor), attributes: none }];
  }

  /** `{ ^name(%a: type): operations }`, of one block. */
  #region(inputs: readonly Argument[] = []): Region {
    const cursor = this.#cursor;
    cursor.expect("{");
    return cursor.nested(() => {
      const named = cursor.match(block) !== undefined;
      const own = named && cursor.sees("(") ? cursor.list("(", ")", () => this.#argument()) : inputs;
      if (named) cursor.expect(":");
      const operations: Operation[] = [];
      while (!cursor.take("}")) {
        if (cursor.sees("^")) throw cursor.fault("regions of one block");
        operations.push(this.#operation());
      }
      return { inputs: own, operations };
    });
  }

  // Operations

  #operation(): Operation {
    const cursor = this.#cursor;
    const { line } = cursor;
    const results: string[] = [];
    if (cursor.sees("%")) {
      do results.push(...this.#defined());
      while (cursor.take(","));
      cursor.expect("=");
    }
    const generic = cursor.string();
    const name = generic ?? cursor.word();
    if (name === undefined) throw cursor.fault("an operation");
    const written = generic === undefined ? this.#pretty(name) : this.#generic();
    const types = typesOfResults(cursor, name, written, results.length);
    const { operands, attributes, regions } = written;
    const full = name.includes(".") ? name : `func.${name}`;
    return { name: full, results, operands, attributes, regions, types, location: location(cursor), line };
  }

  /** `%name` or `%name:count`. */
  #defined(): string[] {
    const cursor = this.#cursor;
    const name = this.#value();
    if (!cursor.take(":")) return [name];
    const count = cursor.integer();
    if (!(count >= 1 && count <= 10_000)) throw cursor.fault("1 to 10000 results");
    return Array.from({ length: count }, (_, i) => `${name}#${i}`);
  }
  #value(): string {
    return this.#cursor.match(value) ?? this.#fault("a value, %name");
  }

  /** `"name"(operands) <{properties}> ({regions}) {attributes} : (types) -> types`. */
  #generic(): Written {
    const cursor = this.#cursor;
    const operands = cursor.list("(", ")", () => this.#value());
    const properties = cursor.take("<") ? record(cursor, "{", "}").entries : none;
    if (properties !== none) cursor.expect(">");
    const regions = cursor.sees("(") ? cursor.list("(", ")", () => this.#region()) : [];
    const attributes = new Map([...properties, ...this.#dictionary()]);
    cursor.expect(":");
    return { operands, attributes, regions, signature: signature(cursor) };
  }

  #pretty(name: string): Written {
    const cursor = this.#cursor;
    if (name === "stablehlo.while") return this.#while();
    if (name === "stablehlo.reduce") return this.#reduce();
    const { operands, attributes } = assembly(cursor, name, () => this.#value());
    for (const [key, own] of this.#dictionary()) attributes.set(key, own);
    return { operands, attributes, regions: [], signature: this.#signature(attributes.get("value")) };
  }
  /** A constant has its type with its value. */
  #signature(constant: Attribute | undefined): Written["signature"] {
    if (this.#cursor.take(":")) return signature(this.#cursor);
    const isDense = typeof constant === "object" && "kind" in constant && constant.kind === "dense";
    return { operands: [], results: isDense ? [constant.type] : [] };
  }

  /** `(%a = %b, …) : types cond {…} do {…}`. */
  #while(): Written {
    const cursor = this.#cursor;
    const names: string[] = [];
    const operands = cursor.list("(", ")", () => {
      names.push(this.#value());
      cursor.expect("=");
      return this.#value();
    });
    const types = cursor.take(":") ? typeList(cursor) : [];
    if (types.length !== names.length) throw cursor.fault("a type for each value");
    if (cursor.takeWord("attributes")) record(cursor, "{", "}");
    const inputs = names.map((name, i) => argument(name, types[i] ?? this.#fault("a type")));
    if (!cursor.takeWord("cond")) throw cursor.fault("`cond`");
    const condition = this.#region(inputs);
    if (!cursor.takeWord("do")) throw cursor.fault("`do`");
    const regions = [condition, this.#region(inputs)];
    return { operands, attributes: none, regions, signature: { operands: types, results: types } };
  }

  /** `(%x init: %i), … applies NAME across dimensions = […] : types`, or with a region behind `reducer(%a: t, %b: t) (…)`. */
  #reduce(): Written {
    const cursor = this.#cursor;
    const [operands, starts]: [string[], string[]] = [[], []];
    do {
      cursor.expect("(");
      operands.push(this.#value());
      if (!cursor.takeWord("init")) throw cursor.fault("`init`");
      cursor.expect(":");
      starts.push(this.#value());
      cursor.expect(")");
    } while (cursor.take(","));
    const applied = cursor.takeWord("applies") ? cursor.word() : undefined;
    if (!(cursor.takeWord("across") && cursor.takeWord("dimensions")))
      throw cursor.fault("`across dimensions`");
    cursor.expect("=");
    const attributes = new Map([["dimensions", attribute(cursor)], ...this.#dictionary()]);
    cursor.expect(":");
    const types = signature(cursor);
    const inputs: Argument[][] = [];
    if (cursor.takeWord("reducer"))
      while (cursor.sees("(")) inputs.push(cursor.list("(", ")", () => this.#argument()));
    const region =
      applied === undefined
        ? this.#region(
            [0, 1].flatMap((side) => inputs.map((pair) => pair[side] ?? this.#fault("two values"))),
          )
        : applying(applied, types.results[0] ?? this.#fault("a result"), cursor.line);
    return { operands: [...operands, ...starts], attributes, regions: [region], signature: types };
  }
}

const argument = (name: string, typed: Type): Argument => ({
  name,
  type: typed,
  attributes: none,
  location: { kind: "unknown" },
});

/** The region of two values to which one operation is applied. */
function applying(name: string, result: Type, line: number): Region {
  const scalar: Type = result.kind === "tensor" ? { ...result, shape: [] } : result;
  const operation = { attributes: none, regions: [], location: { kind: "unknown" }, line } as const;
  return {
    inputs: [argument("%a", scalar), argument("%b", scalar)],
    operations: [
      { ...operation, name, results: ["%c"], operands: ["%a", "%b"], types: [scalar] },
      { ...operation, name: "stablehlo.return", results: [], operands: ["%c"], types: [] },
    ],
  };
}
