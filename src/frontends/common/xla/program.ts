/** @file A program of JAX: equations between typed variables. Jaxprs and StableHLO both give one. */
import { type Dim, dimText, type Shape, shapeText, symbol } from "../../../ir/dim.ts";
import type { Dtype, TensorType } from "../../../ir/type.ts";
import { Contradiction } from "../contradiction.ts";

/** The graph's dtypes by JAX's names. Unsigned integers take the next wider dtype, which holds all their values. */
const dtypes: Readonly<Record<string, Dtype>> = {
  float64: "float64",
  float32: "float32",
  float16: "float16",
  bfloat16: "bfloat16",
  int64: "int64",
  int32: "int32",
  int16: "int16",
  int8: "int8",
  uint8: "uint8",
  uint16: "int32",
  uint32: "int64",
  uint64: "int64",
  bool: "bool",
};

/** A size that a program does not tell, but computes. */
export const unknownSize: Dim = symbol("?");

/** A type as JAX has it. */
export interface XlaType {
  readonly name: string;
  readonly shape: Shape;
  /** `undefined` for keys of random numbers, complex numbers, tokens and the like. */
  readonly dtype: Dtype | undefined;
}

export const xlaType = (name: string, shape: Shape): XlaType => ({
  name,
  shape,
  dtype: Object.hasOwn(dtypes, name) ? dtypes[name] : undefined,
});

export const xlaTypeText = ({ name, shape }: XlaType): string => `${name}${shapeText(shape)}`;

/** The graph's type for one of JAX; `undefined` where it has none. */
export const tensorType = ({ dtype, shape }: XlaType): TensorType | undefined =>
  dtype === undefined ? undefined : { dtype, shape };

/** A stored array. */
export class StoredArray {
  readonly type: XlaType;
  /** `undefined` where they are not told, as for large models. */
  readonly values: (() => Float64Array) | undefined;

  constructor(type: XlaType, values: (() => Float64Array) | undefined) {
    this.type = type;
    this.values = values;
  }
}

export interface Variable {
  readonly id: number;
  readonly type: XlaType;
}
export type Atom =
  | { readonly kind: "variable"; readonly id: number }
  | { readonly kind: "number"; readonly value: number; readonly type: XlaType }
  | { readonly kind: "array"; readonly array: StoredArray };

/** A line of the user's own code. */
export interface Frame {
  readonly file: string;
  readonly line: number;
  readonly function: string;
  readonly code: string;
}

export interface Equation {
  readonly primitive: string;
  /** What the language that the program is written in calls it. */
  readonly operator: string;
  readonly inputs: readonly Atom[];
  readonly params: Params;
  readonly outputs: readonly Variable[];
  /** Parameters that its last operands say; `shape` is the shape of its result. */
  readonly sizes?: readonly string[];
  /** Paths of modules around it. */
  readonly scope: readonly string[];
  /** The innermost first. */
  readonly frames: readonly Frame[];
  /** The line that calls the function which the innermost one is in, where others call it, too. */
  readonly caller?: Frame;
}

export class Program {
  /** The arrays that the first inputs are. */
  readonly constants: readonly StoredArray[];
  readonly inputs: readonly Variable[];
  readonly equations: readonly Equation[];
  readonly outputs: readonly Atom[];

  constructor(
    constants: readonly StoredArray[],
    inputs: readonly Variable[],
    equations: readonly Equation[],
    outputs: readonly Atom[],
  ) {
    this.constants = constants;
    this.inputs = inputs;
    this.equations = equations;
    this.outputs = outputs;
  }
}

/** A parameter of a primitive. */
export type Param =
  | Dim
  | string
  | boolean
  | null
  | Program
  | StoredArray
  | readonly Param[]
  | { readonly [key: string]: Param };

const isDim = (value: Param | undefined): value is Dim =>
  typeof value === "number" ||
  (typeof value === "object" && value !== null && "terms" in value && "key" in value);

/** The parameters of an equation, asked for by name and kind. Throws a Contradiction where they are of another kind. */
export class Params {
  readonly #primitive: string;
  readonly #values: { readonly [key: string]: Param };

  constructor(primitive: string, values: { readonly [key: string]: Param }) {
    this.#primitive = primitive;
    this.#values = values;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#values, name) && this.#values[name] !== null;
  }

  /** These, and further ones. */
  with(more: { readonly [key: string]: Param }): Params {
    return new Params(this.#primitive, { ...this.#values, ...more });
  }

  dim(name: string): Dim {
    const value = this.#values[name];
    return isDim(value) ? value : this.#misses(name, "a size");
  }
  int(name: string): number {
    const value = this.dim(name);
    return typeof value === "number" && Number.isInteger(value) ? value : this.#misses(name, "an integer");
  }
  dims(name: string): readonly Dim[] {
    const value = this.#values[name];
    return Array.isArray(value) && value.every(isDim) ? value : this.#misses(name, "a list of sizes");
  }
  ints(name: string): readonly number[] {
    const value = this.dims(name);
    return value.every((item) => typeof item === "number") ? value : this.#misses(name, "a list of integers");
  }
  /** A list of lists of as many integers each. */
  tuples(name: string, length: number): readonly (readonly number[])[] {
    const value = this.#values[name];
    const isTuple = (item: Param): item is readonly number[] =>
      Array.isArray(item) && item.length === length && item.every((one) => typeof one === "number");
    return Array.isArray(value) && value.every(isTuple)
      ? value
      : this.#misses(name, `lists of ${length} integers`);
  }
  text(name: string): string {
    const value = this.#values[name];
    return typeof value === "string" ? value : this.#misses(name, "a name");
  }
  flag(name: string): boolean {
    const value = this.#values[name];
    return typeof value === "boolean" ? value : this.#misses(name, "true or false");
  }
  program(name: string): Program {
    const value = this.#values[name];
    return value instanceof Program ? value : this.#misses(name, "a program");
  }
  programs(name: string): readonly Program[] {
    const value = this.#values[name];
    return Array.isArray(value) && value.every((item) => item instanceof Program)
      ? value
      : this.#misses(name, "programs");
  }
  /** A record of parameters, or a list as one whose names are its positions. */
  record(name: string): Params {
    const value = this.#values[name];
    if (typeof value !== "object" || value === null || isDim(value)) return this.#misses(name, "a record");
    if (value instanceof Program || value instanceof StoredArray) return this.#misses(name, "a record");
    return new Params(`${this.#primitive}.${name}`, Object.fromEntries(Object.entries(value)));
  }

  #misses(name: string, want: string): never {
    const value = Object.hasOwn(this.#values, name) ? paramText(this.#values[name] ?? null) : "nothing";
    throw new Contradiction(this.#primitive, `${name} = ${value}`, want);
  }

  /** Canonical text, without inner programs and arrays. */
  toString(): string {
    return paramText(this.#values);
  }
}

function paramText(value: Param): string {
  if (isDim(value)) return dimText(value);
  if (value instanceof Program) return "program";
  if (value instanceof StoredArray) return "array";
  if (Array.isArray(value)) return `[${value.map(paramText).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value as { readonly [key: string]: Param }).toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return `{${entries.map(([key, item]) => `${key}: ${paramText(item)}`).join(", ")}}`;
}
