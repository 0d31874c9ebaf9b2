/** @file One node of a TensorFlow graph as its row of the table sees it. */
import { at } from "../../../base/assert.ts";
import { type Rational, rational, recognise } from "../../../base/rational.ts";
import type { Dim } from "../../../ir/dim.ts";
import type { Builder, Node } from "../../../ir/graph.ts";
import type { Dtype } from "../../../ir/type.ts";
import type { KnownIntegers } from "../../../ops/known.ts";
import type { Arrangement } from "../../common/keras/layer.ts";
import { Malformed, NotCovered } from "../../common/keras/problem.ts";
import { Maker } from "../../common/maker.ts";
import { type Attribute, decoded, dtypeNamed, type GraphNode } from "./schema.ts";
import { isList, type TensorList, type Value } from "./values.ts";

/** What the names of inputs stand for. */
export interface Scope {
  value(reference: string): Value;
  /** A stored tensor in another order, if nothing else reads it; `undefined` for any other value. */
  arranged(reference: string, arrange: (shape: readonly number[]) => Arrangement): Node | undefined;
}

export class Operation extends Maker {
  readonly name: string;
  readonly op: string;
  readonly #inputs: readonly string[];
  readonly #attributes: Readonly<Record<string, Attribute>>;
  readonly #scope: Scope;
  readonly #known: KnownIntegers;

  constructor(
    node: GraphNode,
    build: Builder,
    scope: Scope,
    known: KnownIntegers,
    note: (text: string) => void,
  ) {
    super(build, note);
    this.name = node.name;
    this.op = node.op;
    // Names with ^ only say that something runs first.
    this.#inputs = (node.input ?? []).filter((name) => !name.startsWith("^"));
    this.#attributes = node.attr ?? {};
    this.#scope = scope;
    this.#known = known;
  }

  get count(): number {
    return this.#inputs.length;
  }
  tensor(index: number): Node {
    return tensorOf(this.#scope.value(this.#reference(index)));
  }
  tensors(from = 0, to: number = this.count): Node[] {
    return this.values(from, to).map(tensorOf);
  }
  values(from = 0, to: number = this.count): Value[] {
    return this.#inputs.slice(from, to).map((name) => this.#scope.value(name));
  }
  tensorList(index: number): TensorList {
    const value = this.#scope.value(this.#reference(index));
    if (isList(value)) return value;
    throw new Malformed(this.name, "a tensor", "a list of tensors");
  }
  arranged(index: number, arrange: (shape: readonly number[]) => Arrangement): Node | undefined {
    return this.#scope.arranged(this.#reference(index), arrange);
  }
  #reference(index: number): string {
    const name = this.#inputs[index];
    if (name === undefined) throw new Malformed(this.name, `${this.count} inputs`, `at least ${index + 1}`);
    return name;
  }

  /** The integers of an input, which the graph must hold or compute from shapes. */
  dims(index: number): readonly Dim[] {
    const dims = this.known(this.tensor(index));
    if (dims === undefined) throw new NotCovered("sizes or places that depend on data");
    return dims;
  }
  /** The integers of a value, where they don't depend on data. */
  known(node: Node): readonly Dim[] | undefined {
    return this.#known.of(node);
  }
  ints(index: number): number[] {
    return this.dims(index).map((dim) => {
      if (typeof dim !== "number") throw new NotCovered("sizes or places that are symbols");
      return dim;
    });
  }
  int(index: number): number {
    return at(this.ints(index), 0);
  }
  /** Axes among an input, counted from the end when negative; sorted. */
  axes(index: number, rank: number): number[] {
    return this.ints(index)
      .map((axis) => this.axis(axis, rank))
      .toSorted((a, b) => a - b);
  }
  axis(axis: number, rank: number): number {
    const counted = axis < 0 ? axis + rank : axis;
    if (counted >= 0 && counted < rank) return counted;
    throw new Malformed(this.name, `axis ${axis}`, `an axis of a tensor of rank ${rank}`);
  }

  // Attributes

  has(name: string): boolean {
    return Object.hasOwn(this.#attributes, name);
  }
  flag(name: string): boolean {
    return this.#attributes[name]?.b === true;
  }
  integer(name: string, usual: number): number {
    return Number(this.#attributes[name]?.i ?? usual);
  }
  integers(name: string): number[] {
    return (this.#attributes[name]?.list?.i ?? []).map(Number);
  }
  number(name: string, usual: Rational): Rational {
    const value = Number(this.#attributes[name]?.f ?? Number.NaN);
    return Number.isFinite(value) ? recognise(Math.fround(value), "float32") : usual;
  }
  /** The name of the function that an attribute calls. */
  called(name: string): string {
    const called = this.#attributes[name]?.func?.name;
    if (called !== undefined) return called;
    throw new Malformed(this.name, `no function ${name}`, "the functions that the operation calls");
  }
  text(name: string, usual: string): string {
    const text = this.#attributes[name]?.s;
    return text === undefined ? usual : decoded(text);
  }
  texts(name: string): string[] {
    return (this.#attributes[name]?.list?.s ?? []).map(decoded);
  }
  dtype(name: string): Dtype {
    return dtypeNamed(this.name, this.#attributes[name]?.type);
  }

  like(value: number | Rational, x: Node): Node {
    return this.constant(typeof value === "number" ? rational(value) : value, x.type.dtype);
  }
}

function tensorOf(value: Value): Node {
  if (!isList(value)) return value;
  throw new NotCovered("a list of tensors where one tensor is expected");
}

/** The meaning of one operation, and of its further results; throws NotCovered for options without one. */
export type Lower = (o: Operation) => Value | readonly Value[];
export type Rows = Readonly<Record<string, Lower>>;
