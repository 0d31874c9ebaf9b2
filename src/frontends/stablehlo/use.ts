/** @file One operation as its rule sees it: operands, attributes by name and kind, and what it becomes. */
import { at } from "../../base/assert.ts";
import { Contradiction } from "../common/contradiction.ts";
import type { Atom, Equation, Param, Program, Variable, XlaType } from "../common/xla/program.ts";
import type { Source } from "./locations.ts";
import type { Attribute, Dense, Operation, Region } from "./syntax.ts";
import { typeOf } from "./types.ts";

/** What stands for the results of an operation. */
export type Rule = (use: Use) => readonly Atom[];

/** The function or region that an operation stands in. */
export interface Surroundings {
  typeOf(atom: Atom): XlaType;
  /** The equation that computes a value, in this region. */
  definition(atom: Atom): Equation | undefined;
  emit(
    from: { readonly operator: string; readonly source: Source },
    primitive: string,
    inputs: readonly Atom[],
    params: Readonly<Record<string, Param>>,
    types: readonly XlaType[],
    sizes: readonly string[],
  ): readonly Atom[];
  /** The programs of regions, whose first inputs are values from outside of them. */
  regions(regions: readonly Region[]): Regions;
  variable(type: XlaType): Variable;
  /** The program of a function. */
  called(name: string): Program;
  constant(dense: Dense): Atom;
}
export interface Regions {
  readonly programs: readonly Program[];
  readonly captured: readonly Atom[];
}

export class Use {
  readonly body: Surroundings;
  readonly operation: Operation;
  readonly operands: readonly Atom[];
  readonly results: readonly XlaType[];
  readonly source: Source;

  constructor(body: Surroundings, operation: Operation, operands: readonly Atom[], source: Source) {
    this.body = body;
    this.operation = operation;
    this.operands = operands;
    this.source = source;
    this.results = operation.types.map(typeOf);
  }

  get operator(): string {
    return this.operation.name;
  }
  operand(place: number): Atom {
    return this.operands[place] ?? this.fault(`${this.operands.length} operands`, `at least ${place + 1}`);
  }
  get x(): Atom {
    return this.operand(0);
  }
  get y(): Atom {
    return this.operand(1);
  }
  get result(): XlaType {
    return this.results[0] ?? this.fault("no result", "one");
  }
  typeOf(atom: Atom): XlaType {
    return this.body.typeOf(atom);
  }
  definition(atom: Atom): Equation | undefined {
    return this.body.definition(atom);
  }

  /** An equation with results of the operation's own types. */
  become(
    primitive: string,
    params: Readonly<Record<string, Param>> = {},
    inputs: readonly Atom[] = this.operands,
  ): readonly Atom[] {
    return this.body.emit(this, primitive, inputs, params, this.results, []);
  }
  /** An equation whose last operands say some of its parameters. */
  becomeSized(
    primitive: string,
    sizes: readonly string[],
    params: Readonly<Record<string, Param>> = {},
    inputs: readonly Atom[] = this.operands,
  ): readonly Atom[] {
    return this.body.emit(this, primitive, inputs, params, this.results, sizes);
  }
  /** An equation on the way, with one result. */
  step(
    primitive: string,
    inputs: readonly Atom[],
    type: XlaType,
    params: Readonly<Record<string, Param>> = {},
  ): Atom {
    return at(this.body.emit(this, primitive, inputs, params, [type], []), 0);
  }

  regions(): Regions {
    return this.body.regions(this.operation.regions);
  }

  /** A function of which only the name is known; what a region computes would have to be known, too. */
  unknown(name: string): readonly Atom[] {
    const { regions, attributes } = this.operation;
    if (regions.length > 0)
      return this.become("refused", { got: name, want: "operations without regions, or known ones" });
    const params = [...attributes].map(([key, value]) => [key, attributeText(value)] as const);
    return this.body.emit(
      { operator: name, source: this.source },
      name,
      this.operands,
      Object.fromEntries(params),
      this.results,
      [],
    );
  }

  fault(got: string, want: string): never {
    throw new Contradiction(`line ${this.operation.line}`, `${this.operator} with ${got}`, want);
  }

  // Attributes

  attribute(name: string): Attribute | undefined {
    return this.operation.attributes.get(name);
  }
  int(name: string, otherwise?: number): number {
    const [value, ...rest] = this.ints(name, otherwise === undefined ? undefined : [otherwise]);
    return value !== undefined && rest.length === 0 ? value : this.#misses(name, "an integer");
  }
  /** A list of integers: `[1, 2]`, `array<i64: 1, 2>` or `dense<[1, 2]>`. */
  ints(name: string, otherwise?: readonly number[]): readonly number[] {
    const value = this.attribute(name) ?? otherwise;
    return (value === undefined ? undefined : integersOf(value)) ?? this.#misses(name, "integers");
  }
  /** Pairs of integers, such as widths before and after. */
  pairs(name: string, otherwise?: readonly (readonly number[])[]): readonly (readonly number[])[] {
    if (this.attribute(name) === undefined && otherwise !== undefined) return otherwise;
    const numbers = this.ints(name);
    if (numbers.length % 2 !== 0) return this.#misses(name, "pairs of integers");
    return numbers.flatMap((value, i) => (i % 2 === 0 ? [[value, at(numbers, i + 1)]] : []));
  }
  text(name: string): string {
    const value = this.attribute(name);
    return typeof value === "string" ? value : this.#misses(name, "a name");
  }
  flag(name: string): boolean {
    return this.attribute(name) === true;
  }
  /** Members of a record, such as the numbers of dimensions of a gather. */
  member(name: string, key: string): readonly number[] | undefined {
    const value = this.attribute(name);
    if (typeof value !== "object" || !("kind" in value) || value.kind !== "record")
      return this.#misses(name, "a record");
    const own = value.entries.get(key);
    return own === undefined ? undefined : (integersOf(own) ?? this.#misses(`${name}.${key}`, "integers"));
  }

  #misses(name: string, want: string): never {
    const got = this.operation.attributes.has(name) ? `another ${name}` : `no ${name}`;
    return this.fault(got, `${name} = ${want}`);
  }
}

const isList = (value: Attribute): value is readonly Attribute[] => Array.isArray(value);

function integersOf(value: Attribute): readonly number[] | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? [value] : undefined;
  if (isList(value)) {
    const parts = value.map(integersOf);
    return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
  }
  if (typeof value !== "object" || value.kind !== "dense" || value.type.kind !== "tensor") return undefined;
  const numbers = value.numbers.map(Number);
  if (!numbers.every(Number.isSafeInteger)) return undefined;
  const count = value.type.shape.reduce<number>((product, size) => product * Number(size), 1);
  if (!value.isSplat) return numbers.length === count ? numbers : undefined;
  return count <= splatLimit ? new Array<number>(count).fill(at(numbers, 0)) : undefined;
}

/** No attribute of an operation has more numbers: a few for each axis. */
const splatLimit = 1024;

/** An attribute as text, for functions of which only the name is known. */
function attributeText(value: Attribute): string {
  if (typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(attributeText).join(", ")}]`;
  switch (value.kind) {
    case "record":
      return `{${[...value.entries].map(([key, own]) => `${key}: ${attributeText(own)}`).join(", ")}}`;
    case "dense":
      return `dense[${value.bytes ?? value.numbers.join(", ")}]`;
    case "type":
      return JSON.stringify(value.type);
    case "text":
      return value.text;
  }
}
