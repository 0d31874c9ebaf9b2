/**
 * @file What was found out in one world, remembered over all the specs that are laid over it: hundreds of edited specs differ
 * from each other in a few nodes each. A result is known by its operator and the operands' values, which are remembered too,
 * so that equal ones are one object.
 */
import { attributeText, type Node } from "../ir/graph.ts";
import type { Match } from "./match.ts";
import type { SpecSizes } from "./pairing.ts";
import type { Exact } from "./world.ts";

/** The value of a node, and where the code has it. */
export interface Computed {
  readonly value: Exact;
  readonly matches: readonly Match[];
}

/** Numbers in the values that are kept, at most. */
const mostNumbers = 1 << 24;

export class Memory {
  readonly #numbers = new WeakMap<Exact, number>();
  readonly #operators = new WeakMap<Node, number>();
  readonly #texts = new Map<string, number>();
  readonly #sizes = new WeakMap<SpecSizes, number>();
  readonly #others = new Map<string, unknown>();
  /** Values asked for lately, and those that were asked for before: when the first are many, the second are forgotten. */
  #young = new Map<string, Computed>();
  #old = new Map<string, Computed>();
  #youngSize = 0;
  #count = 0;

  /** The value of a node on these operands, by `make` if it is new. */
  value(
    node: Node,
    inputs: readonly Exact[],
    sizes: SpecSizes,
    make: () => Computed | undefined,
  ): Computed | undefined {
    let key = `${this.operator(node)} ${this.#sizesNumber(sizes)}`;
    for (const input of inputs) key += ` ${this.number(input)}`;
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const known = this.#old.get(key) ?? make();
    if (known !== undefined) this.#keep(key, known);
    return known;
  }

  /** Anything else that only depends on what the key says. */
  other<T>(key: string, make: () => T): T {
    if (!this.#others.has(key)) this.#others.set(key, make());
    // What is kept under a key is what `make` of that key gave.
    return this.#others.get(key) as T;
  }

  /** A number that stands for the operator with its attributes. */
  operator(node: Node): number {
    const known = this.#operators.get(node) ?? this.#text(`${node.op}${attributeText(node.attrs)}`);
    this.#operators.set(node, known);
    return known;
  }

  /** A number that stands for this value. */
  number(value: Exact): number {
    const known = this.#numbers.get(value) ?? this.#count++;
    this.#numbers.set(value, known);
    return known;
  }

  #sizesNumber(sizes: SpecSizes): number {
    const known = this.#sizes.get(sizes) ?? this.#text([...sizes].join());
    this.#sizes.set(sizes, known);
    return known;
  }

  #text(text: string): number {
    const known = this.#texts.get(text) ?? this.#texts.size;
    this.#texts.set(text, known);
    return known;
  }

  #keep(key: string, computed: Computed): void {
    this.#young.set(key, computed);
    this.#youngSize += sizeOf(computed);
    if (this.#youngSize * 2 <= mostNumbers) return;
    this.#old = this.#young;
    this.#young = new Map();
    this.#youngSize = 0;
  }
}

const sizeOf = ({ value }: Computed): number =>
  value.kind === "real" ? value.values.p.length : value.values.length;
