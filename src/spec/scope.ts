/** @file What the names of a model mean: its declarations, and the sizes and numbers of the where lists. */
import type { Rational } from "../base/rational.ts";
import { quoted } from "../diag/diagnostic.ts";
import { type Dim, equalDims, solvedFor, substitute, symbolsOf } from "../ir/dim.ts";
import type { Declaration, Definition, Signature, Steps, WhereItem } from "./declarations.ts";
import { checkSimple, type Size } from "./sizes.ts";
import type { Position, Source } from "./source.ts";

/** What every name outside the equations means. */
export class Scope {
  readonly source: Source;
  readonly signature: Signature;
  readonly #declared = new Map<string, Declaration>();
  /** Sizes with a value, and constants. */
  readonly #dims = new Map<string, Dim>();
  /** Sizes that follow from the arguments of a use. */
  readonly #bound = new Map<string, Dim>();
  /** Names of the signature that a use gives values. */
  readonly #given = new Set<string>();
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
    for (const { name, position } of signature.numbers) {
      const isTaken = this.#dims.has(name) || this.#constants.has(name) || this.#steps.has(name);
      if (isTaken || this.#given.has(name)) throw this.#twice(name, position);
      this.#given.add(name);
      this.#sizes.add(name);
    }
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

  /** Gives a name of the signature the value that the model has for it which uses this one. */
  give(name: string, value: Dim): void {
    this.#bound.set(name, value);
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
