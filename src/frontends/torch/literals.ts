/** @file Numbers that the programmer wrote, or computed from written ones, as nodes. */
import { at } from "../../base/assert.ts";
import { type FloatPrecision, type Rational, rational, recognise, toText } from "../../base/rational.ts";
import type { Shape } from "../../ir/dim.ts";
import type { Builder, Node } from "../../ir/graph.ts";
import type { Dtype } from "../../ir/type.ts";

/** Numerator times denominator up to which a rational is simple enough to be meant (equivalence.md §4.2). */
const heightLimit = 2 ** 30;
const height = ({ numerator, denominator }: Rational): number => Math.abs(Number(numerator * denominator));

/**
 * r where the float is √r for a simple r and is not simple itself: 0.35355339059327373 is √(1/8), as in d ** -0.5. Python's
 * power and square root may differ in the last bit.
 */
function simpleSquare(value: number): Rational | undefined {
  if (value <= 0 || height(recognise(value, "float64")) <= heightLimit) return undefined;
  const single = Math.fround(value * value);
  if (single === 0 || !Number.isFinite(single)) return undefined;
  const square = recognise(single, "float32");
  const root = Math.sqrt(Number(square.numerator) / Number(square.denominator));
  return height(square) <= 2 ** 12 && Math.abs(root - value) <= Number.EPSILON * value ? square : undefined;
}

/** Numbers whose logarithm people compute while the model is made: bases of frequencies and of logarithms. */
const bases = [10000, 500000, 1000000, 2, 10];

/** r and b where the float is r · log b for a simple r, and is not simple itself: -1.151292546497023 is -log(10000) / 8. */
function logarithm(value: number): { readonly factor: Rational; readonly base: number } | undefined {
  if (height(recognise(value, "float64")) <= heightLimit) return undefined;
  for (const base of bases) {
    if (!Number.isFinite(Math.fround(value / Math.log(base)))) continue;
    const factor = recognise(Math.fround(value / Math.log(base)), "float32");
    const near = (Number(factor.numerator) / Number(factor.denominator)) * Math.log(base);
    // Python divides and multiplies in an order of its own, which costs the last bits.
    if (height(factor) <= 2 ** 12 && Math.abs(near - value) <= 4 * Number.EPSILON * Math.abs(value))
      return { factor, base };
  }
  return undefined;
}

/** r where the float is √(r / π) for a simple r: 0.7978845608028654 is √(2 / π), as GELU's approximation has it. */
function rootOverPi(value: number): Rational | undefined {
  if (value <= 0 || height(recognise(value, "float64")) <= heightLimit) return undefined;
  const single = Math.fround(value * value * Math.PI);
  if (single === 0 || !Number.isFinite(single)) return undefined;
  const square = recognise(single, "float32");
  const root = Math.sqrt(Number(square.numerator) / Number(square.denominator) / Math.PI);
  return height(square) <= 64 && Math.abs(root - value) <= Number.EPSILON * value ? square : undefined;
}

/** A finite Python float. `note` hears of a reading that is not literal. */
export function floatNode(build: Builder, value: number, dtype: Dtype, note: (text: string) => void): Node {
  const constant = (rationalValue: Rational): Node =>
    build.node("Constant", [], { value: rationalValue, dtype });
  const [square, log] = [simpleSquare(value), logarithm(value)];
  if (log !== undefined && square === undefined) {
    note(`the constant ${value} is read as ${toText(log.factor)} times the logarithm of ${log.base}`);
    return build.node(
      "Mul",
      [constant(log.factor), build.node("Log", [constant(rational(log.base))], {})],
      {},
    );
  }
  const overPi = square === undefined ? rootOverPi(value) : undefined;
  if (overPi !== undefined) {
    note(`the constant ${value} is read as the square root of ${toText(overPi)} / pi`);
    const pi = build.node("NamedConstant", [], { name: "pi", dtype });
    return build.node("Sqrt", [build.node("Div", [constant(overPi), pi], {})], {});
  }
  if (square === undefined) return constant(recognise(value, "float64"));
  note(`the constant ${value} is read as the square root of ${toText(square)}`);
  return build.node("Sqrt", [constant(square)], {});
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
