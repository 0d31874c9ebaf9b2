/** @file ATen operators on single numbers beyond arithmetic: rounding, special functions, rarer activations. */
import { range } from "../../base/assert.ts";
import type { FunctionName } from "../../base/functions.ts";
import { one, type Rational, rational } from "../../base/rational.ts";
import type { Node } from "../../ir/graph.ts";
import { type Dtype, isReal, type RealDtype } from "../../ir/type.ts";
import * as formulas from "../common/formulas.ts";
import { type Call, type Lower, NotAFunction, NotCovered, type Rows } from "./call.ts";
import { pair } from "./operators-elementwise.ts";

const formula =
  (make: (c: Call, x: Node) => Node): Lower =>
  (c) =>
    make(c, c.tensor("self"));
const binary =
  (make: (c: Call, x: Node, y: Node) => Node): Lower =>
  (c) =>
    make(c, ...pair(c));
/** A formula of real numbers; integers and truth values become real first. */
const ofReals = (make: (c: Call, x: Node) => Node): Lower =>
  formula((c, x) => make(c, c.cast(x, realOf(c, x))));
const named = (name: FunctionName): Lower => ofReals((c, x) => formulas.named(c, name, x));

const realOf = (c: Call, x: Node): Dtype => (isReal(x.type.dtype) ? x.type.dtype : c.result.dtype);
const integer = (c: Call, value: number, x: Node): Node => c.constant(value, realOf(c, x));
const exp = (c: Call, x: Node): Node => c.apply("Exp", [x], {});
const log = (c: Call, x: Node): Node => c.apply("Log", [x], {});
const abs = (c: Call, x: Node): Node => c.apply("Abs", [x], {});
const neg = (c: Call, x: Node): Node => c.apply("Neg", [x], {});
const maximum = (c: Call, x: Node, y: Node): Node => c.apply("Maximum", [x, y], {});
const minimum = (c: Call, x: Node, y: Node): Node => c.apply("Minimum", [x, y], {});

/** `rounding_mode`: down, or towards zero. */
const roundedQuotient: Lower = binary((c, x, y) => {
  if (!c.has("rounding_mode")) return c.div(x, y);
  const down = c.text("rounding_mode") === "floor";
  return (down ? formulas.floorQuotient : formulas.truncatedQuotient)(c, x, y);
});

/** To a number of decimal places. */
const roundedDecimals: Lower = formula((c, x) => {
  const power = c.constant(rational(10n ** BigInt(Math.abs(c.int("decimals", 0)))), realOf(c, x));
  const isFraction = c.int("decimals", 0) >= 0;
  if (!isReal(x.type.dtype)) throw new NotCovered("integers rounded to decimal places");
  const shifted = formulas.round(c, isFraction ? c.mul(x, power) : c.div(x, power));
  return isFraction ? c.div(shifted, power) : c.mul(shifted, power);
});

/** self + value · tensor1 · tensor2, or with their quotient. */
const added =
  (combine: (c: Call, x: Node, y: Node) => Node): Lower =>
  (c) => {
    const combined = combine(c, c.tensor("tensor1"), c.tensor("tensor2"));
    const factor = c.has("value") ? c.mul(c.scalar("value", combined), combined) : combined;
    return c.add(c.tensor("self"), factor);
  };

/** self + weight · (end − self). */
const interpolated: Lower = (c) => {
  const [x, end] = [c.tensor("self"), c.tensor("end")];
  return c.add(x, c.mul(c.operand("weight", x), c.sub(end, x)));
};

/** x^y for tensors; a base or an exponent that is a whole number in every place may be an integer tensor. */
const power: Lower = (c) => {
  if (!isReal(c.result.dtype)) throw new NotCovered("powers of integers");
  return formulas.named(c, "pow", c.tensor("self"), c.tensor("exponent"));
};
const floatPower: Lower = (c) => {
  const self = c.optionalTensor("self");
  const exponent = c.optionalTensor("exponent");
  const like = c.constant(0, c.result.dtype);
  return formulas.named(c, "pow", self ?? c.scalar("self", like), exponent ?? c.scalar("exponent", like));
};

/** log(bᵉ⁽ˣ⁾ + bᵉ⁽ʸ⁾) to the base of both. */
function logOfSum(c: Call, x: Node, y: Node): Node {
  const { shape } = c.result;
  const rows = [x, y].map((node) => c.reshape(c.stretch(node, shape), [1, ...shape]));
  return c.apply("LogSumExp", [c.concat(rows, 0)], { axis: 0 });
}
const logOfTwo = (c: Call, x: Node): Node => log(c, integer(c, 2, x));

/** x log y, and 0 where x is 0. */
const timesLog = binary((c, x, y) => {
  const isZero = c.equal(x, c.constant(0, x.type.dtype));
  return c.where(isZero, integer(c, 0, x), c.mul(x, log(c, c.where(isZero, integer(c, 1, y), y))));
});

/** sin(πx) / (πx), and 1 at 0. */
const cardinalSine = ofReals((c, x) => {
  const isZero = c.equal(x, c.constant(0, x.type.dtype));
  const angle = c.mul(c.apply("NamedConstant", [], { name: "pi", dtype: realOf(c, x) }), x);
  const safe = c.where(isZero, integer(c, 1, x), angle);
  return c.where(isZero, integer(c, 1, x), c.div(c.apply("Sin", [safe], {}), safe));
});
const degrees = (make: (c: Call, x: Node, pi: Node) => Node): Lower =>
  formula((c, x) => make(c, x, c.apply("NamedConstant", [], { name: "pi", dtype: realOf(c, x) })));

/** Infinities and what is no number, replaced by finite numbers. */
const replaced: Lower = formula((c, x) => {
  if (!isReal(x.type.dtype)) return x;
  const largest = largestOf[x.type.dtype];
  const given = (name: string, usual: Node): Node => (c.has(name) ? c.scalar(name, x) : usual);
  const high = c.constant(largest, x.type.dtype);
  const ordinary = c.where(formulas.isNotANumber(c, x), given("nan", integer(c, 0, x)), x);
  const below = c.where(formulas.isPositiveInfinity(c, x), given("posinf", high), ordinary);
  return c.where(formulas.isNegativeInfinity(c, x), given("neginf", neg(c, high)), below);
});
const largestOf: Readonly<Record<RealDtype, Rational>> = {
  float64: rational(2n ** 1024n - 2n ** 971n),
  float32: rational(2n ** 128n - 2n ** 104n),
  float16: rational(65504),
  bfloat16: rational(2n ** 128n - 2n ** 120n),
};

// Activations

/** The slope of each channel, which is axis 1, or one for all. */
const parametric: Lower = (c) => {
  const [x, slope] = [c.tensor("self"), c.tensor("weight")];
  const axes = x.type.shape.length - 2;
  const isEach = slope.type.shape.length === 1 && axes > 0 && slope.type.shape[0] !== 1;
  const shaped = isEach ? c.reshape(slope, [...slope.type.shape, ...new Array<number>(axes).fill(1)]) : slope;
  const zero = integer(c, 0, x);
  const spread = c.reshape(c.add(maximum(c, x, zero), c.mul(shaped, minimum(c, x, zero))), c.result.shape);
  return spread;
};
/** max(x, 0) + min(0, α (e^(x/α) − 1)). */
const celu: Lower = formula((c, x) => {
  const [zero, alpha] = [integer(c, 0, x), c.constant(c.number("alpha", one), realOf(c, x))];
  const below = c.sub(exp(c, c.div(minimum(c, x, zero), alpha)), integer(c, 1, x));
  return c.add(maximum(c, x, zero), c.mul(alpha, below));
});
const shrink = (inside: (c: Call, x: Node, reach: Node, isAbove: Node) => Node): Lower =>
  formula((c, x) => {
    const reach = c.constant(c.number("lambd", rational(1, 2)), realOf(c, x));
    const isOutside = c.less(reach, abs(c, x));
    return c.where(isOutside, inside(c, x, reach, c.less(reach, x)), integer(c, 0, x));
  });
const hardShrink = shrink((_, x) => x);
const softShrink = shrink((c, x, reach, isAbove) => c.where(isAbove, c.sub(x, reach), c.add(x, reach)));
const threshold: Lower = formula((c, x) =>
  c.where(c.less(c.scalar("threshold", x), x), x, c.scalar("value", x)),
);
/** In evaluation mode the slope is the mean of its bounds. */
const randomLeaky: Lower = formula((c, x) => {
  if (c.bool("training", false)) throw new NotAFunction("rrelu in training mode");
  const [low, high] = [c.number("lower", rational(1, 8)), c.number("upper", rational(1, 3))];
  const numerator = low.numerator * high.denominator + high.numerator * low.denominator;
  return c.apply("LeakyRelu", [x], { slope: rational(numerator, 2n * low.denominator * high.denominator) });
});
/** log(x / (1 − x)), where x may be kept within bounds. */
const logit: Lower = formula((c, x) => {
  const unit = integer(c, 1, x);
  const low = c.has("eps") ? c.scalar("eps", unit) : undefined;
  const kept = low === undefined ? x : minimum(c, maximum(c, x, low), c.sub(unit, low));
  return log(c, c.div(kept, c.sub(unit, kept)));
});

/** |x − y| ≤ atol + rtol |y|. */
const close: Lower = binary((c, x, y) => {
  const [rtol, atol] = [c.number("rtol", rational(1, 100000)), c.number("atol", rational(1, 10n ** 8n))];
  const dtype = isReal(x.type.dtype) ? x.type.dtype : "float64";
  const reach = c.add(c.constant(atol, dtype), c.mul(c.constant(rtol, dtype), c.cast(abs(c, y), dtype)));
  const same = c.equal(x, y);
  return c.or(same, c.and(formulas.isFinite(c, y), c.not(c.less(reach, abs(c, c.sub(x, y))))));
});

/** ψ itself; its derivatives have no name in the operator table. */
const polygamma: Lower = ofReals((c, x) => {
  if (c.int("n") !== 0) throw new NotCovered("a derivative of digamma");
  return formulas.named(c, "digamma", x);
});

const overloads = (name: string, lower: Lower, ...kinds: readonly string[]): Rows =>
  Object.fromEntries(kinds.map((kind) => [`aten.${name}.${kind}`, lower]));
const number = ["Tensor", "Scalar"] as const;

export const functions: Rows = {
  "aten.floor.default": formula((c, x) => formulas.floor(c, x)),
  "aten.ceil.default": formula((c, x) => formulas.ceil(c, x)),
  "aten.trunc.default": formula((c, x) => formulas.trunc(c, x)),
  "aten.fix.default": formula((c, x) => formulas.trunc(c, x)),
  "aten.round.default": formula((c, x) => formulas.round(c, x)),
  "aten.round.decimals": roundedDecimals,
  "aten.frac.default": formula((c, x) => c.sub(x, formulas.trunc(c, x))),
  ...overloads("div", roundedQuotient, "Tensor_mode", "Scalar_mode"),
  ...overloads(
    "floor_divide",
    binary((c, x, y) => formulas.floorQuotient(c, x, y)),
    "default",
    "Scalar",
  ),
  ...overloads(
    "remainder",
    binary((c, x, y) => formulas.remainder(c, x, y)),
    ...number,
    "Scalar_Tensor",
  ),
  ...overloads(
    "fmod",
    binary((c, x, y) => formulas.truncatedRemainder(c, x, y)),
    ...number,
  ),
  ...overloads(
    "special_xlog1py",
    binary((c, x, y) => {
      const isZero = c.equal(x, c.constant(0, x.type.dtype));
      const inside = c.add(y, integer(c, 1, y));
      return c.where(isZero, integer(c, 0, x), c.mul(x, log(c, c.where(isZero, integer(c, 1, y), inside))));
    }),
    "default",
  ),
  "aten.special_entr.default": ofReals((c, x) => {
    const [zero, one] = [integer(c, 0, x), integer(c, 1, x)];
    const isPositive = c.less(zero, x);
    const own = neg(c, c.mul(x, log(c, c.where(isPositive, x, one))));
    const none = c.apply("NamedConstant", [], { name: "negative infinity", dtype: x.type.dtype });
    return c.where(isPositive, own, c.where(c.equal(x, zero), zero, none));
  }),
  // Φ(x) = (1 + erf(x / √2)) / 2.
  "aten.special_ndtr.default": ofReals((c, x) => {
    const inside = c.div(x, c.apply("Sqrt", [integer(c, 2, x)], {}));
    return c.div(c.add(integer(c, 1, x), c.apply("Erf", [inside], {})), integer(c, 2, x));
  }),
  "aten.mvlgamma.default": ofReals((c, x) => {
    const p = c.int("p");
    const { dtype } = x.type;
    const pi = c.apply("NamedConstant", [], { name: "pi", dtype });
    const first = c.mul(c.constant(rational(p * (p - 1), 4), dtype), log(c, pi));
    const terms = range(p).map((j) =>
      formulas.named(c, "lgamma", c.sub(x, c.constant(rational(j, 2), dtype))),
    );
    return terms.reduce((sum, term) => c.add(sum, term), first);
  }),
  "aten.polygamma.default": polygamma,
  "aten.special_polygamma.default": polygamma,
  "aten.angle.default": ofReals((c, x) => {
    const pi = c.apply("NamedConstant", [], { name: "pi", dtype: x.type.dtype });
    return c.where(c.less(x, integer(c, 0, x)), pi, integer(c, 0, x));
  }),
  "aten.isreal.default": formula((c, x) => c.equal(x, x)),
  "aten.asin.default": named("asin"),
  "aten.acos.default": named("acos"),
  "aten.atan.default": named("atan"),
  "aten.atan2.default": binary((c, x, y) => formulas.named(c, "atan2", x, y)),
  "aten.lgamma.default": named("lgamma"),
  "aten.special_gammaln.default": named("lgamma"),
  "aten.digamma.default": named("digamma"),
  "aten.special_digamma.default": named("digamma"),
  "aten.special_psi.default": named("digamma"),
  "aten.erfinv.default": named("erfinv"),
  "aten.erfc.default": ofReals((c, x) => c.sub(integer(c, 1, x), c.apply("Erf", [x], {}))),
  "aten.sinh.default": ofReals((c, x) => formulas.sinh(c, x)),
  "aten.cosh.default": ofReals((c, x) => formulas.cosh(c, x)),
  "aten.asinh.default": ofReals((c, x) => formulas.asinh(c, x)),
  "aten.acosh.default": ofReals((c, x) => formulas.acosh(c, x)),
  "aten.atanh.default": ofReals((c, x) => formulas.atanh(c, x)),
  "aten.hypot.default": binary((c, x, y) => c.apply("Sqrt", [c.add(c.mul(x, x), c.mul(y, y))], {})),
  "aten.sinc.default": cardinalSine,
  "aten.special_sinc.default": cardinalSine,
  ...overloads("pow", power, "Tensor_Tensor"),
  ...overloads("float_power", floatPower, "Tensor_Tensor", "Scalar", "Tensor_Scalar"),
  "aten.addcmul.default": added((c, x, y) => c.mul(x, y)),
  "aten.addcdiv.default": added((c, x, y) => c.div(x, y)),
  ...overloads("lerp", interpolated, ...number),
  "aten.logaddexp.default": binary((c, x, y) => logOfSum(c, x, y)),
  "aten.logaddexp2.default": binary((c, x, y) => {
    const two = logOfTwo(c, x);
    return c.div(logOfSum(c, c.mul(x, two), c.mul(y, two)), two);
  }),
  ...overloads("xlogy", timesLog, "Tensor", "Scalar_Self", "Scalar_Other"),
  "aten.rad2deg.default": degrees((c, x, pi) => c.div(c.mul(x, integer(c, 180, x)), pi)),
  "aten.deg2rad.default": degrees((c, x, pi) => c.mul(x, c.div(pi, integer(c, 180, x)))),
  "aten.sgn.default": formula((c, x) => formulas.sign(c, x)),
  "aten.sign.default": formula((c, x) => (x.type.dtype === "bool" ? x : formulas.sign(c, x))),
  "aten.signbit.default": formula((c, x) => c.less(x, c.constant(0, x.type.dtype))),
  ...overloads(
    "copysign",
    binary((c, x, y) => {
      const isNegative = c.stretch(c.less(y, c.constant(0, y.type.dtype)), c.result.shape);
      return c.where(isNegative, neg(c, abs(c, x)), abs(c, x));
    }),
    ...number,
  ),
  "aten.heaviside.default": (c) => {
    const [x, middle] = [c.tensor("self"), c.tensor("values")];
    const zero = c.constant(0, x.type.dtype);
    return c.where(c.equal(x, zero), middle, c.cast(c.less(zero, x), c.result.dtype));
  },
  "aten.fmax.default": binary((c, x, y) => maximum(c, x, y)),
  "aten.fmin.default": binary((c, x, y) => minimum(c, x, y)),
  "aten.isnan.default": formula((c, x) => formulas.isNotANumber(c, x)),
  "aten.isinf.default": formula((c, x) => formulas.isInfinite(c, x)),
  "aten.isfinite.default": formula((c, x) => formulas.isFinite(c, x)),
  "aten.isposinf.default": formula((c, x) => formulas.isPositiveInfinity(c, x)),
  "aten.isneginf.default": formula((c, x) => formulas.isNegativeInfinity(c, x)),
  "aten.isclose.default": close,
  "aten.nan_to_num.default": replaced,
  "aten.logical_xor.default": binary((c, x, y) => c.not(c.equal(c.truth(x), c.truth(y)))),
  "aten.prelu.default": parametric,
  "aten._prelu_kernel.default": parametric,
  "aten.celu.default": celu,
  "aten.hardshrink.default": hardShrink,
  "aten.softshrink.default": softShrink,
  "aten.threshold.default": threshold,
  "aten.rrelu.default": randomLeaky,
  "aten.logit.default": logit,
  "aten.special_logit.default": logit,
  "aten.ldexp.Tensor": binary((c, x, y) => c.mul(x, exp(c, c.mul(y, logOfTwo(c, x))))),
};
