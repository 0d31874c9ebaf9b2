/**
 * @file What was found out in one world, remembered over all the specs that are laid over it: hundreds of edited specs differ
 * from each other in a few nodes each. A result is known by its operator and the operands' values, which are remembered too,
 * so that equal ones are one object.
 */
import { attributeText, type Node } from "../ir/graph.ts";
import type { Match } from "./match.ts";
import type { Exact } from "./world.ts";

/** The value of a node, and where the code has it. */
export interface Computed {
  readonly value: Exact;
  readonly matches: readonly Match[];
}

/** Numbers kept at most; beyond, the values that were asked for least recently are forgotten. */
const mostNumbers = 1 << 24;

export class Memory {
  readonly #numbers = new WeakMap<Exact, number>();
  readonly #operators = new WeakMap<Node, string>();
  readonly #values = new Map<string, Computed>();
  readonly #others = new Map<string, unknown>();
  #count = 0;
  #size = 0;

  /** The value of a node on these operands, by `make` if it is new. */
  value(
    node: Node,
    inputs: readonly Exact[],
    sizes: string,
    make: () => Computed | undefined,
  ): Computed | undefined {
    const key = `${this.operator(node)}(${inputs.map((input) => this.number(input)).join()})${sizes}`;
    const known = this.#values.get(key) ?? make();
    if (known === undefined) return undefined;
    // Behind all others, so that the first is the one asked for least recently.
    if (this.#values.delete(key)) this.#size -= sizeOf(known);
    this.#values.set(key, known);
    this.#size += sizeOf(known);
    this.#forget();
    return known;
  }

  /** Anything else that only depends on what the key says. */
  other<T>(key: string, make: () => T): T {
    if (!this.#others.has(key)) this.#others.set(key, make());
    // What is kept under a key is what `make` of that key gave.
    return this.#others.get(key) as T;
  }

  /** The operator with its attributes. */
  operator(node: Node): string {
    const known = this.#operators.get(node) ?? `${node.op}${attributeText(node.attrs)}`;
    this.#operators.set(node, known);
    return known;
  }

  /** A number that stands for this value. */
  number(value: Exact): number {
    const known = this.#numbers.get(value) ?? this.#count++;
    this.#numbers.set(value, known);
    return known;
  }

  #forget(): void {
    for (const [key, known] of this.#values) {
      if (this.#size <= mostNumbers) return;
      this.#values.delete(key);
      this.#size -= sizeOf(known);
    }
  }
}

const sizeOf = ({ value }: Computed): number =>
  value.kind === "real" ? value.values.p.length : value.values.length;
