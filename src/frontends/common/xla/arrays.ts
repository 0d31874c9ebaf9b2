/** @file Numbers and arrays that a program holds without getting them as arguments. */
import type { Place } from "../../../diag/diagnostic.ts";
import type { Node } from "../../../ir/graph.ts";
import { type Dtype, isReal } from "../../../ir/type.ts";
import { arrayNode, numberNode } from "../literals.ts";
import type { Maker } from "../maker.ts";
import { lowest } from "../masks.ts";
import { patternOf } from "../patterns.ts";
import { Refused, typeOf } from "./application.ts";
import type { StoredArray } from "./program.ts";

/** What stands for NaN until it is known that nothing depends on it: JAX chooses it for cases that can't occur. */
const notANumber = { name: "NaN", attributes: "", shape: [] };

/** Refuses a graph in which NaN is left. */
export function requireNumbers(nodes: readonly Node[]): void {
  const found = nodes.some((node) => node.op === "Opaque" && node.attrs.name === notANumber.name);
  if (found) throw new Refused("NaN in a value that the result depends on", "numbers and infinities");
}

/**
 * A number that the program writes down. The lowest number of its dtype stands for −∞: libraries mask with it, and its exp
 * is 0 in any arithmetic of that dtype.
 */
export function writtenNumber(make: Maker, value: number, dtype: Dtype, where: Place): Node {
  if (Number.isNaN(value)) return make.apply("Opaque", [make.constant(0, dtype)], { ...notANumber, dtype });
  if (value !== lowest[dtype]) return numberNode(make, value, dtype, where);
  make.note(`the lowest number of ${dtype}, ${value}, is read as -inf`);
  return numberNode(make, Number.NEGATIVE_INFINITY, dtype, where);
}

/** What real arrays are that a program holds and that follow no formula: weights also where they are small. */
export type Held = "weights" | "constants";

/** What a stored array is that follows a formula or has a few numbers only; `undefined` for what is better kept as it is. */
export function knownArray(make: Maker, array: StoredArray, held: Held): Node | undefined {
  const { dtype, shape } = typeOf({ id: 0, type: array.type });
  const values = array.values?.();
  if (values === undefined || values.length === 0) return undefined;
  const value = values[0] ?? 0;
  const number = (one: number): Node =>
    isReal(dtype) ? writtenNumber(make, one, dtype, {}) : make.constant(one, dtype);
  if (values.every((other) => Object.is(other, value))) return make.stretch(number(value), shape);
  const pattern = patternOf(make.build, values, shape.map(Number), dtype);
  if (pattern !== undefined) make.note(`a stored array is read as its formula: ${pattern.words}`);
  if (pattern !== undefined) return pattern.node;
  return held === "weights" && isReal(dtype) ? undefined : arrayNode(make, Array.from(values), shape, dtype);
}
