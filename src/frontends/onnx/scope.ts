/** @file What the names of an ONNX graph stand for. A graph inside a node sees the names around it. */
import type { Node } from "../../ir/graph.ts";
import { Contradiction } from "./contradiction.ts";

/** A list of tensors, whose length is known when the model is read. */
export interface Sequence {
  readonly kind: "sequence";
  readonly items: readonly Node[];
}
export interface Tensor {
  readonly kind: "tensor";
  readonly node: Node;
}
/** An optional value that there is not. */
export interface Absent {
  readonly kind: "absent";
}
/** A value that an operator gives and that has no meaning here, such as the mask of a dropout; `operator` for the message. */
export interface Unknown {
  readonly kind: "unknown";
  readonly operator: string;
}
export type Value = Tensor | Sequence | Absent;

export const tensor = (node: Node): Tensor => ({ kind: "tensor", node });
export const absent: Absent = { kind: "absent" };

export class Scope {
  readonly #outer: Scope | undefined;
  readonly #imported: (value: Value) => Value;
  readonly #values = new Map<string, Value | Unknown>();

  /** `imported` is what stands here for a value of the graph around. */
  constructor(outer?: Scope, imported: (value: Value) => Value = (value) => value) {
    [this.#outer, this.#imported] = [outer, imported];
  }

  define(name: string, value: Value | Unknown): void {
    if (name !== "") this.#values.set(name, value);
  }

  /** Throws Contradiction for a name that nothing computes, and for a value without a meaning. */
  value(name: string): Value {
    const own = this.#values.get(name);
    if (own?.kind === "unknown") {
      throw new Contradiction(
        `the further result ${name} of ${own.operator} is used`,
        "only its first result used",
      );
    }
    if (own !== undefined) return own;
    if (this.#outer === undefined) throw new Contradiction(`${name}, which nothing computes`, "a value");
    const value = this.#imported(this.#outer.value(name));
    this.#values.set(name, value);
    return value;
  }
}
