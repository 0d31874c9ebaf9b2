/** @file Products of two tensors whose axes have labels. */
import type { Node } from "../../ir/graph.ts";
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
