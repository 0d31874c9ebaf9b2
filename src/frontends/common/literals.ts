/** @file Numbers that a program stores as float32, as the numbers that were meant. */
import { type FloatPrecision, rational, recognise, toText } from "../../base/rational.ts";
import { type Place, Unsupported } from "../../diag/diagnostic.ts";
import type { Shape } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import type { Dtype } from "../../ir/type.ts";
import { irrational } from "./irrationals.ts";
import type { Maker } from "./maker.ts";

const precisions: Readonly<Partial<Record<Dtype, FloatPrecision>>> = {
  float64: "float64",
  float32: "float32",
  float16: "float16",
  bfloat16: "bfloat16",
};

/** A stored number as a constant. Throws Unsupported for NaN. */
export function numberNode(make: Maker, value: number, dtype: Dtype, where: Place): Node {
  if (Number.isNaN(value)) {
    throw new Unsupported({ code: "A5201", place: where, got: "NaN", want: "numbers and infinities" });
  }
  if (!Number.isFinite(value)) {
    const infinity = make.apply("NamedConstant", [], { name: "negative infinity", dtype });
    return value < 0 ? infinity : make.apply("Neg", [infinity], {});
  }
  const precision = precisions[dtype];
  if (precision === undefined) return make.apply("Constant", [], { value: rational(value), dtype });
  // The library folds products of constants in double precision.
  const stored = precision === "float32" ? Math.fround(value) : value;
  const meant = recognise(stored, precision);
  const height = Math.abs(Number(meant.numerator * meant.denominator));
  const isSimple = height < 2 ** 12 || digitsOf(toText(meant)) <= 6;
  const constant = make.apply("Constant", [], { value: meant, dtype });
  // Of other precisions it isn't known how they round.
  return isSimple || dtype !== "float32" ? constant : (irrational(make, stored, dtype, dtype) ?? constant);
}

const digitsOf = (text: string): number =>
  text.includes("/") ? Number.POSITIVE_INFINITY : text.replace(/e.*|\D/g, "").replace(/^0+/, "").length;

const literalLimit = 64;

/** A small array as the numbers themselves; `undefined` when it isn't small. */
export function arrayNode(
  make: Maker,
  values: readonly number[],
  shape: Shape,
  dtype: Dtype,
): Node | undefined {
  if (values.length === 0 || values.length > literalLimit) return undefined;
  const numbers = values.map((value) => make.reshape(numberNode(make, value, dtype, {}), [1]));
  return make.reshape(make.concat(numbers, 0), shape);
}
