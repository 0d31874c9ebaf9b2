/** @file Elementwise ONNX operators: arithmetic, functions, activations, comparisons. */
import type { BitOperation, FunctionName } from "../../base/functions.ts";
import { one, type Rational, rational } from "../../base/rational.ts";
import type { Node } from "../../ir/graph.ts";
import { type Dtype, isReal } from "../../ir/type.ts";
import * as formulas from "../common/formulas.ts";
import type { Maker, Plain } from "../common/maker.ts";
import { hiddenScore } from "../common/masks.ts";
import { clamp, constantPower, numberLike, power, scaled, weightedElu } from "../common/powers.ts";
import type { Call, Lower, Rows } from "./call.ts";
import { NotCovered } from "./contradiction.ts";

const unary =
  (op: Plain): Lower =>
  (c) =>
    c.apply(op, [c.input(0)], {});
const formula =
  (make: (c: Call, x: Node) => Node): Lower =>
  (c) =>
    make(c, c.input(0));
const named = (name: FunctionName): Lower => formula((c, x) => formulas.named(c, name, x));
const binary =
  (make: (c: Call, x: Node, y: Node) => Node): Lower =>
  (c) =>
    make(c, c.input(0), c.input(1));

const fold =
  (op: "Add" | "Maximum" | "Minimum"): Lower =>
  (c) =>
    c.tensors().reduce((x, y) => c.apply(op, [x, y], {}));

/** Integers are divided towards 0, as in C. */
const quotient = (c: Call, x: Node, y: Node): Node =>
  isReal(x.type.dtype) || isReal(y.type.dtype) ? c.div(x, y) : formulas.truncatedQuotient(c, x, y);

/** x^y has the dtype of x. */
function powerOf(c: Call, x: Node, y: Node): Node {
  const exponent = scalarOf(y);
  const value = exponent === undefined ? power(c, x, y) : constantPower(c, x, exponent);
  return c.cast(value, x.type.dtype);
}
/** The one number that a constant is, however it is repeated. */
function scalarOf(node: Node): Rational | undefined {
  if (node.op === "Constant") return node.attrs.value;
  const [source] = node.inputs;
  if (source === undefined || (node.op !== "Broadcast" && node.op !== "Reshape" && node.op !== "Cast"))
    return undefined;
  return scalarOf(source);
}

const modulo: Lower = binary((c, x, y) => {
  if (c.flag("fmod")) return formulas.truncatedRemainder(c, x, y);
  const rest = formulas.remainder(c, x, y);
  if (!isReal(y.type.dtype) || y.op === "Constant") return rest;
  // The formula has no value beside infinity, which leaves what it does not divide.
  const zero = c.constant(0, x.type.dtype);
  const differs = c.less(
    c.mul(x, c.where(c.less(y, zero), c.constant(-1, y.type.dtype), c.constant(1, y.type.dtype))),
    zero,
  );
  return c.where(formulas.isInfinite(c, y), c.where(differs, y, x), rest);
});

const bits = (operation: BitOperation): Lower =>
  binary((c, x, y) => c.apply("Bitwise", [x, y], { operation }));
const shift: Lower = binary((c, x, y) =>
  c.apply("Bitwise", [x, y], { operation: c.text("direction") === "LEFT" ? "left" : "right" }),
);
const bitwiseNot: Lower = formula((c, x) => {
  // All bits are set in −1, of which an unsigned dtype keeps its own.
  return c.apply("Bitwise", [x, c.constant(-1, x.type.dtype)], { operation: "xor" });
});

/** Truth values are compared as the numbers 0 and 1. */
const comparable = (c: Call, x: Node): Node => (x.type.dtype === "bool" ? c.cast(x, "int64") : x);
const comparison = (make: (c: Call, x: Node, y: Node) => Node): Lower =>
  binary((c, x, y) => make(c, comparable(c, x), comparable(c, y)));
const less = comparison((c, x, y) => c.less(x, y));
const greater = comparison((c, x, y) => c.less(y, x));
const lessOrEqual = comparison((c, x, y) => c.not(c.less(y, x)));
const greaterOrEqual = comparison((c, x, y) => c.not(c.less(x, y)));

/** A cast to integers cuts the fraction off, and one to truth values asks whether the number is 0. */
function castTo(c: Call, x: Node, dtype: Dtype): Node {
  return dtype === "bool" ? c.truth(x) : c.cast(x, dtype);
}

const clip: Lower = (c) => {
  const x = c.input(0);
  const bound = (name: string, input: number): Node | undefined =>
    c.has(name) && Math.abs(Number(c.float(name).numerator)) < 1e38
      ? c.constant(c.float(name), x.type.dtype)
      : c.optional(input);
  return clamp(c, x, bound("min", 1), bound("max", 2));
};

/** max(0, min(1, α x + β)). */
const hardSigmoid = (c: Maker, x: Node, alpha: Rational, beta: Rational): Node =>
  clamp(c, c.add(scaled(c, alpha, x), numberLike(c, beta, x)), numberLike(c, 0, x), numberLike(c, 1, x));

const relu = (c: Maker, x: Node): Node =>
  isReal(x.type.dtype) ? c.apply("Relu", [x], {}) : c.apply("Maximum", [x, c.constant(0, x.type.dtype)], {});

const parametricRelu: Lower = (c) => {
  const [x, slope] = [c.input(0), c.input(1)];
  return c.where(c.less(x, c.constant(0, x.type.dtype)), c.mul(slope, x), x);
};

/** x where it is more than α, else 0. */
const thresholdedRelu: Lower = formula((c, x) => {
  const threshold = numberLike(c, c.float("alpha", one), x);
  return c.where(c.less(threshold, x), x, numberLike(c, 0, x));
});

/** x moved towards 0 by the bias where it is farther away than λ, else 0. */
const shrink: Lower = formula((c, x) => {
  const [bias, lambda] = [c.float("bias", rational(0)), c.float("lambd", rational(1, 2))];
  const number = (value: Rational): Node =>
    c.constant(value, isReal(x.type.dtype) ? x.type.dtype : "float32");
  const low = c.where(
    c.less(x, c.apply("Neg", [number(lambda)], {})),
    c.add(x, number(bias)),
    number(rational(0)),
  );
  const high = c.where(c.less(number(lambda), x), c.sub(x, number(bias)), low);
  return isReal(x.type.dtype) ? high : c.cast(high, x.type.dtype);
});

/** x σ(α x); Ramachandran et al. 2017. */
const swish: Lower = formula((c, x) => {
  const alpha = c.float("alpha", one);
  if (alpha.numerator === alpha.denominator) return c.apply("Silu", [x], {});
  return c.mul(x, c.apply("Sigmoid", [scaled(c, alpha, x)], {}));
});

/** max(0, x) + min(0, α (e^(x/α) − 1)); Barron 2017. */
const celu: Lower = formula((c, x) => {
  const alpha = c.float("alpha", one);
  const ratio = c.div(x, numberLike(c, alpha, x));
  const below = scaled(c, alpha, c.sub(c.apply("Exp", [ratio], {}), numberLike(c, 1, x)));
  const zero = numberLike(c, 0, x);
  return c.add(c.apply("Maximum", [x, zero], {}), c.apply("Minimum", [below, zero], {}));
});

const elu: Lower = formula((c, x) => {
  const alpha = c.float("alpha", one);
  return alpha.numerator === alpha.denominator ? c.apply("Elu", [x], {}) : weightedElu(c, x, alpha);
});

/** The constants of Klambauer et al. 2017, which the operator's attributes hold in single precision. */
const selu: Lower = formula((c, x) => {
  const alpha = c.float("alpha", rational(16732632423543772n, 10n ** 16n));
  return scaled(c, c.float("gamma", rational(10507009873554804n, 10n ** 16n)), weightedElu(c, x, alpha));
});

/** The product of a swish and a gate (Shazeer 2020, equation 6). */
const swiGlu: Lower = (c) => {
  const [x, gate] = [c.input(0), c.input(1)];
  const alpha = c.float("alpha", one);
  return c.mul(c.mul(x, c.apply("Sigmoid", [scaled(c, alpha, x)], {})), gate);
};

const mish: Lower = formula((c, x) => c.mul(x, c.apply("Tanh", [c.apply("Softplus", [x], {})], {})));

const isInfinite: Lower = formula((c, x) => {
  const [positive, negative] = [c.flag("detect_positive", true), c.flag("detect_negative", true)];
  if (positive && negative) return formulas.isInfinite(c, x);
  if (positive) return formulas.isPositiveInfinity(c, x);
  return negative ? formulas.isNegativeInfinity(c, x) : c.stretch(c.constant(0, "bool"), x.type.shape);
});

/** All operands' mean. */
const meanOfAll: Lower = (c) => {
  const sum = c.tensors().reduce((x, y) => c.add(x, y));
  return c.div(sum, numberLike(c, c.inputs.length, sum));
};

const dropout: Lower = (c) => {
  const training = c.optional(2);
  const known = training && c.known(training);
  if (training !== undefined && known?.[0] !== 0) {
    const ratio = c.optional(1);
    const isOff = ratio !== undefined && c.numbers(ratio, "the rate of dropout")[0] === 0;
    if (!isOff) throw new NotCovered("a dropout that is on is random");
  }
  const x = c.input(0);
  // The mask says that nothing is dropped.
  return c.outputs.length > 1 ? [x, c.stretch(c.constant(1, "bool"), x.type.shape)] : [x];
};

export const elementwise: Rows = {
  Add: binary((c, x, y) => c.add(x, y)),
  Sub: binary((c, x, y) => c.sub(x, y)),
  Mul: binary((c, x, y) => c.mul(x, y)),
  Div: binary(quotient),
  Pow: binary(powerOf),
  Mod: modulo,
  Sum: fold("Add"),
  Max: fold("Maximum"),
  Min: fold("Minimum"),
  Mean: meanOfAll,
  Neg: unary("Neg"),
  Abs: unary("Abs"),
  Exp: unary("Exp"),
  Log: unary("Log"),
  Sqrt: unary("Sqrt"),
  Reciprocal: unary("Reciprocal"),
  Sin: unary("Sin"),
  Cos: unary("Cos"),
  Tan: formula((c, x) => c.div(c.apply("Sin", [x], {}), c.apply("Cos", [x], {}))),
  Asin: named("asin"),
  Acos: named("acos"),
  Atan: named("atan"),
  Sinh: formula(formulas.sinh),
  Cosh: formula(formulas.cosh),
  Asinh: formula(formulas.asinh),
  Acosh: formula(formulas.acosh),
  Atanh: formula(formulas.atanh),
  Erf: unary("Erf"),
  Sign: formula(formulas.sign),
  Floor: formula(formulas.floor),
  Ceil: formula(formulas.ceil),
  Round: formula(formulas.round),
  IsNaN: formula(formulas.isNotANumber),
  IsInf: isInfinite,
  Clip: clip,
  Relu: formula(relu),
  LeakyRelu: formula((c, x) => c.apply("LeakyRelu", [x], { slope: c.float("alpha", rational(1, 100)) })),
  PRelu: parametricRelu,
  ThresholdedRelu: thresholdedRelu,
  Elu: elu,
  Selu: selu,
  Celu: celu,
  Gelu: formula((c, x) =>
    c.apply("Gelu", [x], { approximate: c.text("approximate", "none") === "tanh" ? "tanh" : "none" }),
  ),
  Sigmoid: unary("Sigmoid"),
  HardSigmoid: formula((c, x) =>
    hardSigmoid(c, x, c.float("alpha", rational(1, 5)), c.float("beta", rational(1, 2))),
  ),
  HardSwish: formula((c, x) => c.mul(x, hardSigmoid(c, x, rational(1, 6), rational(1, 2)))),
  Tanh: unary("Tanh"),
  Softplus: unary("Softplus"),
  Softsign: formula((c, x) => c.div(x, c.add(numberLike(c, 1, x), c.apply("Abs", [x], {})))),
  Swish: swish,
  SwiGLU: swiGlu,
  Mish: mish,
  Shrink: shrink,
  Dropout: dropout,
  Identity: (c) => [c.value(0)],
  Cast: formula((c, x) => castTo(c, x, c.dtype("to"))),
  CastLike: (c) => castTo(c, c.input(0), c.input(1).type.dtype),
  Where: (c) => c.where(c.input(0), hiddenScore(c, c.input(1)), hiddenScore(c, c.input(2))),
  Not: formula((c, x) => c.not(x)),
  And: binary((c, x, y) => c.and(x, y)),
  Or: binary((c, x, y) => c.or(x, y)),
  Xor: binary((c, x, y) => c.not(c.equal(x, y))),
  Equal: comparison((c, x, y) => c.equal(x, y)),
  Less: less,
  Greater: greater,
  LessOrEqual: lessOrEqual,
  GreaterOrEqual: greaterOrEqual,
  BitwiseAnd: bits("and"),
  BitwiseOr: bits("or"),
  BitwiseXor: bits("xor"),
  BitwiseNot: bitwiseNot,
  BitShift: shift,
};
