/** @file Products of two tensors whose axes have labels, and what becomes of one whose result is transposed. */
import { at } from "../../base/assert.ts";
import type { Builder, Node } from "../../ir/graph.ts";
import { canonicalEquation, parseContraction } from "../../ops/reduction.ts";
import type { Maker } from "./maker.ts";

/**
 * The product with one label for each axis of the operands and of the result; labels are any strings. `undefined` for more
 * than 26 of them.
 */
export function contraction(
  make: Maker,
  x: Node,
  y: Node,
  labels: readonly (readonly string[])[],
): Node | undefined {
  const letters = new Map<string, string>();
  for (const label of labels.flat()) {
    if (!letters.has(label)) letters.set(label, String.fromCharCode(97 + letters.size));
  }
  if (letters.size > 26) return undefined;
  const [left, right, out] = labels.map((list) => list.map((label) => letters.get(label)).join(""));
  return make.apply("Contract", [x, y], { equation: `${left},${right}->${out}` });
}

/** The transposition of a value; of a contraction, the contraction with its result's axes in another order. */
export function transposed(build: Builder, x: Node, permutation: readonly number[]): Node {
  if (x.op !== "Contract") return build.node("Transpose", [x], { permutation }) as Node;
  const { left, right, out } = parseContraction(x.attrs.equation);
  const moved = permutation.map((axis) => at(out, axis)).join("");
  const equation = canonicalEquation(`${left.join("")},${right.join("")}->${moved}`);
  return build.node("Contract", x.inputs, { equation }) as Node;
}
