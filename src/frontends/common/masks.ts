/** @file Numbers that stand for −∞ where a condition hides scores. */
import { at } from "../../base/assert.ts";
import { toNumber } from "../../base/rational.ts";
import { type Node, rebuild } from "../../ir/graph.ts";
import type { Dtype } from "../../ir/type.ts";
import type { Maker } from "./maker.ts";

/** The lowest finite number of each dtype, which its users know as `finfo.min`; libraries mask with it. */
export const lowest: Readonly<Partial<Record<Dtype, number>>> = {
  float64: -Number.MAX_VALUE,
  float32: -(2 - 2 ** -23) * 2 ** 127,
  float16: -65504,
  bfloat16: -(2 - 2 ** -7) * 2 ** 127,
};

/**
 * What a condition puts in the place of a hidden score: a constant that is the lowest number of its format stands for −∞.
 * A softmax can't tell them apart, but for rows in which everything is hidden.
 */
export function hiddenScore(make: Maker, node: Node): Node {
  if (node.op === "Constant") {
    const value = toNumber(node.attrs.value);
    // The shortest decimal of a format's lowest number may differ from it in the last bits.
    const isLowest = Object.values(lowest).some((number) => Math.abs(value / number - 1) < 1e-6);
    if (!isLowest) return node;
    make.note(
      `the constant ${value.toExponential(4)}, the lowest number of its format, hides scores as -inf does`,
    );
    return make.apply("NamedConstant", [], { name: "negative infinity", dtype: node.type.dtype });
  }
  if (node.op !== "Broadcast" && node.op !== "Reshape") return node;
  const source = at(node.inputs, 0);
  const hidden = hiddenScore(make, source);
  return hidden === source ? node : rebuild(make.build, node, [hidden]);
}
