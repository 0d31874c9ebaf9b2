/** @file Numbers that the programmer wrote, or computed from written ones, as nodes. */
import { at } from "../../base/assert.ts";
import { type FloatPrecision, type Rational, rational, recognise } from "../../base/rational.ts";
import type { Shape } from "../../ir/dim.ts";
import type { Builder, Node } from "../../ir/graph.ts";
import type { Dtype } from "../../ir/type.ts";
import { irrational } from "../common/irrationals.ts";
import type { Maker } from "../common/maker.ts";

/** Numerator times denominator up to which a rational is simple enough to be meant (equivalence.md §4.2). */
const heightLimit = 2 ** 30;
const height = ({ numerator, denominator }: Rational): number => Math.abs(Number(numerator * denominator));

/** A finite Python float. */
export function floatNode(make: Maker, value: number, dtype: Dtype): Node {
  const literal = recognise(value, "float64");
  const isSimple = height(literal) <= heightLimit;
  return (isSimple ? undefined : irrational(make, value, dtype, "float64")) ?? make.constant(literal, dtype);
}

const literalLimit = 64;

function literalValue(value: number, dtype: Dtype): Rational | undefined {
  if (!Number.isFinite(value)) return undefined;
  const precisions: Readonly<Partial<Record<Dtype, FloatPrecision>>> = {
    float64: "float64",
    float32: "float32",
    float16: "float16",
    bfloat16: "bfloat16",
  };
  const precision = precisions[dtype];
  return precision === undefined ? rational(value) : recognise(value, precision);
}

/**
 * A constant tensor with few numbers, such as torch.tensor([0, 2]), as the numbers themselves, and one with the same number everywhere;
 * `undefined` for others.
 */
export function literalTensor(
  build: Builder,
  values: Float64Array,
  shape: Shape,
  dtype: Dtype,
): Node | undefined {
  const [first] = values;
  if (first === undefined) return undefined;
  const single = values.every((value) => Object.is(value, first)) ? literalValue(first, dtype) : undefined;
  if (single !== undefined && shape.length > 0)
    return build.node("Broadcast", [build.node("Constant", [], { value: single, dtype })], { shape });
  if (values.length > literalLimit) return undefined;
  const numbers = [...values].flatMap((value) => literalValue(value, dtype) ?? []);
  if (numbers.length !== values.length) return undefined;
  const constants = numbers.map((value) => build.node("Constant", [], { value, dtype }) as unknown as Node);
  if (shape.length === 0) return at(constants, 0);
  const singles = constants.map((node) => build.node("Reshape", [node], { shape: [1] }) as unknown as Node);
  const list = build.node("Concat", singles, { axis: 0 }) as unknown as Node;
  return build.node("Reshape", [list], { shape });
}
