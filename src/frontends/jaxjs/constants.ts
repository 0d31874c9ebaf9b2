/** @file Arrays that a model uses without getting them as arguments. */
import { at, range } from "../../base/assert.ts";
import type { Node, Parameter } from "../../ir/graph.ts";
import { arrayNode, numberNode } from "../common/literals.ts";
import type { Maker } from "../common/maker.ts";
import { dtypeOf } from "./dtypes.ts";
import type { JaxArray } from "./module.ts";
import { SizeDependence, type Variable } from "./program.ts";

/** Reads an array's numbers when they are asked for. */
export function reader(array: JaxArray): () => Float64Array {
  // Its own reference, so that the values outlive the user's.
  const held = array.ref;
  return () => Float64Array.from(held.ref.dataSync());
}

/** Tells stored tensors from numbers that the code writes down. */
export class Constants {
  /** Arrays that are stored tensors. */
  readonly parameters: Parameter[] = [];
  readonly #make: Maker;
  readonly #traces: readonly (readonly JaxArray[])[];

  /** `traces` holds for each trace its arrays. */
  constructor(make: Maker, traces: readonly (readonly JaxArray[])[]) {
    this.#make = make;
    this.#traces = traces;
  }

  node({ shape, dtype: name }: Variable, index: number): Node {
    const dtype = dtypeOf(name);
    const arrays = this.#traces.map((trace) => at(trace, index));
    const array = at(arrays, 0);
    // One array in all traces existed before them: a stored tensor, even when all its numbers are equal.
    const stored = arrays.every((other) => other === array);
    if (!stored) {
      const value = uniform(arrays);
      if (value !== undefined) {
        return this.#make.apply("Broadcast", [numberNode(this.#make, value, dtype, {})], { shape });
      }
      requireEqual(arrays);
      const small = arrayNode(this.#make, Array.from(array.ref.dataSync()), shape, dtype);
      if (small !== undefined) return small;
    }
    const label = `const_${this.parameters.length + 1}`;
    const node = this.#make.build.node("Parameter", [], { name: label, shape, dtype });
    this.parameters.push({ node, names: [label], trainable: false, values: reader(array) });
    return node;
  }
}

/** The one number that all elements of all arrays are, if they are one. */
function uniform(arrays: readonly JaxArray[]): number | undefined {
  const values = arrays.flatMap((array) => [...new Set(Array.from(array.ref.dataSync()))]);
  return new Set(values).size === 1 ? values[0] : undefined;
}

function requireEqual(arrays: readonly JaxArray[]): void {
  const [first, ...others] = arrays.map((array) => Array.from(array.ref.dataSync()));
  for (const other of others) {
    const same = other.length === first?.length && range(other.length).every((i) => other[i] === first[i]);
    if (!same) throw new SizeDependence("a constant array depends on the batch size");
  }
}
