/** @file Makes the formulas that stored tensors follow. */
import { rational, recognise } from "../../base/rational.ts";
import type { Builder, Node } from "../../ir/graph.ts";
import type { Dtype } from "../../ir/type.ts";
import { Maker } from "./maker.ts";

export interface Pattern {
  readonly node: Node;
  /** The formula, for the note that says so. */
  readonly words: string;
}

/** Rounding of the few operations by which frequencies are made, in units of the last place of float32. */
export const roundings: number = 8 * 2 ** -24;

/** Makes formulas of numbers of one dtype. */
export class Formulas extends Maker {
  readonly dtype: Dtype;

  constructor(build: Builder, dtype: Dtype) {
    // The formula's words are note enough.
    super(build, () => undefined);
    this.dtype = dtype;
  }

  number(value: number, dtype: Dtype = this.dtype): Node {
    if (value === Number.NEGATIVE_INFINITY)
      return this.apply("NamedConstant", [], { name: "negative infinity", dtype });
    const exact = Number.isInteger(value) ? rational(value) : recognise(value, "float64");
    return this.constant(exact, dtype);
  }
  range(size: number): Node {
    return this.apply("Iota", [], { size, dtype: "int64" });
  }
  column(node: Node): Node {
    return this.apply("Reshape", [node], { shape: [...node.type.shape, 1] });
  }
  /** base^(±k / size) for each k. */
  powers(base: number, size: number, sign: 1 | -1): Node {
    const exponent = this.apply("Div", [this.range(size), this.number(size, "float32")], {});
    const log = this.apply("Log", [this.number(base, "float32")], {});
    const product = this.mul(exponent, log);
    return this.apply("Exp", [sign < 0 ? this.apply("Neg", [product], {}) : product], {});
  }
}
