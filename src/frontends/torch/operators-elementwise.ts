/** @file Elementwise ATen operators: arithmetic, functions, activations, comparisons. */
import { range } from "../../base/assert.ts";
import type { BitOperation } from "../../base/functions.ts";
import { equal, one, type Rational, rational, toNumber, toText } from "../../base/rational.ts";
import type { Node } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import type { Plain } from "../common/maker.ts";
import { hiddenScore } from "../common/masks.ts";
import { clamp, constantPower, scaled, weightedElu } from "../common/powers.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";
import { simplified } from "./masks.ts";
import { weighted } from "./operators-linear.ts";

/** An operator of one tensor, `self` in every schema, that Assay has under another name. */
const unary =
  (op: Plain): Lower =>
  (c) =>
    c.apply(op, [c.tensor("self")], {});

/** A formula of the tensor `self`. */
const formula =
  (make: (c: Call, x: Node) => Node): Lower =>
  (c) =>
    make(c, c.tensor("self"));

/** `self` and `other`, either of which may be a Python number. */
export function pair(c: Call): readonly [Node, Node] {
  const first = c.optionalTensor("self");
  if (first === undefined) {
    const other = c.tensor("other");
    return [c.scalar("self", other), other];
  }
  return [first, c.operand("other", first)];
}

const binary =
  (make: (c: Call, x: Node, y: Node) => Node): Lower =>
  (c) => {
    const [x, y] = pair(c);
    return make(c, x, y);
  };

const integer = (c: Call, value: number, x: Node): Node => c.constant(value, realOf(c, x));
const realOf = (c: Call, x: Node): Node["type"]["dtype"] =>
  isReal(x.type.dtype) ? x.type.dtype : c.result.dtype;

const exp = (c: Call, x: Node): Node => c.apply("Exp", [x], {});
const log = (c: Call, x: Node): Node => c.apply("Log", [x], {});
const negative = (c: Call, x: Node): Node => c.apply("Neg", [x], {});

/** Of truth values `bitwise_*` is `logical_*`. */
const bits = (operation: BitOperation, ofTruths: (c: Call, x: Node, y: Node) => Node): Lower =>
  binary((c, x, y) => {
    const isTruth = x.type.dtype === "bool" && y.type.dtype === "bool";
    return isTruth ? ofTruths(c, x, y) : c.apply("Bitwise", [x, y], { operation });
  });

/** Libraries add a length that turns out to be 0 to positions. */
const isNothing = (x: Node, y: Node): boolean =>
  y.op === "Constant" &&
  y.attrs.value.numerator === 0n &&
  !isReal(x.type.dtype) &&
  x.type.dtype === y.type.dtype;
const addition = binary((c, x, y) => (isNothing(x, y) ? x : c.add(x, weighted(c, "alpha", y))));
const subtraction = binary((c, x, y) => c.sub(x, weighted(c, "alpha", y)));
const reversedSubtraction = binary((c, x, y) => c.sub(y, weighted(c, "alpha", x)));
const product = binary((c, x, y) => c.mul(x, y));
const quotient = binary((c, x, y) => c.div(x, y));

function powerOf(c: Call, x: Node, exponent: Rational): Node {
  const { dtype } = c.result;
  return isReal(dtype) ? constantPower(c, c.cast(x, dtype), exponent) : wholePower(c, x, exponent);
}

/** Of integers, the product of as many. */
function wholePower(c: Call, x: Node, exponent: Rational): Node {
  const count = Number(exponent.numerator);
  if (count < 0 || count > 64) throw new NotCovered("an integer to a power below 0 or above 64");
  if (count === 1) return x;
  return range(count).reduce(
    (power) => c.mul(power, x),
    c.stretch(c.constant(1, x.type.dtype), x.type.shape),
  );
}

/** a^x for a constant a > 0. */
const exponential: Lower = (c) => {
  const exponent = c.tensor("exponent");
  const base = c.number("self");
  if (base.numerator <= 0n) throw new NotCovered("a power of a number that is not positive");
  return exp(c, c.mul(exponent, log(c, c.constant(base, realOf(c, exponent)))));
};

/** scale · (max(x, 0) + alpha · (exp(min(x, 0)) − 1)); torch.nn.ELU. */
const elu: Lower = (c) => {
  const x = c.tensor("self");
  const [alpha, scale] = [c.number("alpha", one), c.number("scale", one)];
  if (!equal(c.number("input_scale", one), one)) throw new NotCovered("elu with an input scale");
  if (equal(alpha, one)) return scaled(c, scale, c.apply("Elu", [x], {}));
  return scaled(c, scale, weightedElu(c, x, alpha));
};
/** The constants of Klambauer et al. 2017, as ATen stores them. */
const seluAlpha = rational(16732632423543772848170429916717n, 10n ** 31n);
const seluScale = rational(10507009873554804934193349852946n, 10n ** 31n);

/** log(1 + e^(βx)) / β. */
const softplus: Lower = (c) => {
  const [x, beta] = [c.tensor("self"), c.number("beta", one)];
  const threshold = c.number("threshold", rational(20));
  const value = softplusOf(c, x, beta);
  // Where x itself is taken early enough to be seen.
  if (toNumber(threshold) < 15)
    return c.where(c.less(c.constant(threshold, x.type.dtype), scaled(c, beta, x)), x, value);
  c.note(
    `softplus is taken as log(1 + exp(x)) throughout; PyTorch returns x itself above ${toText(threshold)}, ` +
      "which differs by less than exp(-x)",
  );
  return value;
};
function softplusOf(c: Call, x: Node, beta: Rational): Node {
  const value = c.apply("Softplus", [scaled(c, beta, x)], {});
  return equal(beta, one) ? value : c.div(value, c.constant(beta, x.type.dtype));
}

/** max(x, min) and then min(…, max), as ATen orders them. */
const clampArguments: Lower = (c) => {
  const x = c.tensor("self");
  const bound = (name: string): Node | undefined => (c.has(name) ? c.operand(name, x) : undefined);
  return clamp(c, x, bound("min"), bound("max"));
};
/** min(max(x + 3, 0), 6) / 6. */
const hardSigmoid = (c: Call, x: Node): Node =>
  c.div(clamp(c, c.add(x, integer(c, 3, x)), integer(c, 0, x), integer(c, 6, x)), integer(c, 6, x));

const where: Lower = (c) => {
  const condition = c.tensor("condition");
  const [self, other] = [c.optionalTensor("self"), c.optionalTensor("other")];
  const like = self ?? other ?? c.constant(0, c.result.dtype);
  if (self !== undefined && simplified(c, condition) === undefined) return c.stretch(self, c.result.shape);
  const [yes, no] = [self ?? c.scalar("self", like), other ?? c.scalar("other", like)];
  return c.apply("Where", [condition, hiddenScore(c, yes), hiddenScore(c, no)], {});
};

const maskedFill: Lower = (c) => {
  const x = c.tensor("self");
  return c.apply("Where", [c.tensor("mask"), hiddenScore(c, c.operand("value", x)), x], {});
};

const conjunction = bits("and", (c, x, y) => c.and(x, y));
const disjunction = bits("or", (c, x, y) => c.or(x, y));
const exclusive = bits("xor", (c, x, y) => c.not(c.equal(x, y)));
const shift = (operation: "left" | "right"): Lower =>
  binary((c, x, y) => c.apply("Bitwise", [x, y], { operation }));

const overloads = (name: string, lower: Lower, ...kinds: readonly string[]): Rows =>
  Object.fromEntries(kinds.map((kind) => [`aten.${name}.${kind}`, lower]));

export const elementwise: Rows = {
  ...overloads("add", addition, "Tensor", "Scalar"),
  ...overloads("sub", subtraction, "Tensor", "Scalar"),
  ...overloads("subtract", subtraction, "Tensor", "Scalar"),
  ...overloads("multiply", product, "Tensor", "Scalar"),
  ...overloads("divide", quotient, "Tensor", "Scalar"),
  ...overloads("rsub", reversedSubtraction, "Tensor", "Scalar"),
  ...overloads("mul", product, "Tensor", "Scalar"),
  ...overloads("div", quotient, "Tensor", "Scalar"),
  ...overloads("true_divide", quotient, "Tensor", "Scalar"),
  "aten.neg.default": unary("Neg"),
  "aten.exp.default": unary("Exp"),
  "aten.log.default": unary("Log"),
  "aten.sqrt.default": unary("Sqrt"),
  "aten.sin.default": unary("Sin"),
  "aten.cos.default": unary("Cos"),
  "aten.erf.default": unary("Erf"),
  "aten.abs.default": unary("Abs"),
  "aten.square.default": formula((c, x) => (isReal(x.type.dtype) ? c.apply("Square", [x], {}) : c.mul(x, x))),
  "aten.reciprocal.default": unary("Reciprocal"),
  "aten.relu.default": formula((c, x) =>
    isReal(x.type.dtype)
      ? c.apply("Relu", [x], {})
      : c.apply("Maximum", [x, c.constant(0, x.type.dtype)], {}),
  ),
  "aten.silu.default": unary("Silu"),
  "aten.sigmoid.default": unary("Sigmoid"),
  "aten.tanh.default": unary("Tanh"),
  "aten.rsqrt.default": formula((c, x) => c.apply("Reciprocal", [c.apply("Sqrt", [x], {})], {})),
  "aten.expm1.default": formula((c, x) => c.sub(exp(c, x), integer(c, 1, x))),
  "aten.log1p.default": formula((c, x) => log(c, c.add(x, integer(c, 1, x)))),
  "aten.log2.default": formula((c, x) => c.div(log(c, x), log(c, integer(c, 2, x)))),
  "aten.log10.default": formula((c, x) => c.div(log(c, x), log(c, integer(c, 10, x)))),
  "aten.exp2.default": formula((c, x) => exp(c, c.mul(x, log(c, integer(c, 2, x))))),
  "aten.tan.default": formula((c, x) => c.div(c.apply("Sin", [x], {}), c.apply("Cos", [x], {}))),
  "aten.pow.Tensor_Scalar": (c) => powerOf(c, c.tensor("self"), c.number("exponent")),
  "aten.pow.Scalar": exponential,
  "aten.leaky_relu.default": (c) =>
    c.apply("LeakyRelu", [c.tensor("self")], { slope: c.number("negative_slope", rational(1, 100)) }),
  "aten.elu.default": elu,
  "aten.selu.default": formula((c, x) => scaled(c, seluScale, weightedElu(c, x, seluAlpha))),
  "aten.gelu.default": (c) =>
    c.apply("Gelu", [c.tensor("self")], {
      approximate: c.text("approximate", "none") === "tanh" ? "tanh" : "none",
    }),
  "aten.softplus.default": softplus,
  "aten.log_sigmoid.default": formula((c, x) => negative(c, c.apply("Softplus", [negative(c, x)], {}))),
  "aten.mish.default": formula((c, x) => c.mul(x, c.apply("Tanh", [c.apply("Softplus", [x], {})], {}))),
  "aten.relu6.default": formula((c, x) => clamp(c, x, integer(c, 0, x), integer(c, 6, x))),
  "aten.hardtanh.default": (c) => {
    const x = c.tensor("self");
    const bound = (name: string, value: number): Node =>
      c.constant(c.number(name, rational(value)), realOf(c, x));
    return clamp(c, x, bound("min_val", -1), bound("max_val", 1));
  },
  "aten.hardsigmoid.default": formula(hardSigmoid),
  "aten.hardswish.default": formula((c, x) => c.mul(x, hardSigmoid(c, x))),
  "aten.maximum.default": binary((c, x, y) => c.apply("Maximum", [x, y], {})),
  "aten.minimum.default": binary((c, x, y) => c.apply("Minimum", [x, y], {})),
  "aten.max.other": binary((c, x, y) => c.apply("Maximum", [x, y], {})),
  "aten.min.other": binary((c, x, y) => c.apply("Minimum", [x, y], {})),
  ...overloads("clamp", clampArguments, "default", "Tensor"),
  ...overloads("clamp_min", clampArguments, "default", "Tensor"),
  ...overloads("clamp_max", clampArguments, "default", "Tensor"),
  ...overloads("where", where, "self", "ScalarSelf", "ScalarOther", "Scalar"),
  ...overloads("masked_fill", maskedFill, "Scalar", "Tensor"),
  ...overloads(
    "lt",
    binary((c, x, y) => c.less(x, y)),
    "Tensor",
    "Scalar",
  ),
  ...overloads(
    "gt",
    binary((c, x, y) => c.less(y, x)),
    "Tensor",
    "Scalar",
  ),
  ...overloads(
    "le",
    binary((c, x, y) => c.not(c.less(y, x))),
    "Tensor",
    "Scalar",
  ),
  ...overloads(
    "ge",
    binary((c, x, y) => c.not(c.less(x, y))),
    "Tensor",
    "Scalar",
  ),
  ...overloads(
    "eq",
    binary((c, x, y) => c.equal(x, y)),
    "Tensor",
    "Scalar",
  ),
  ...overloads(
    "ne",
    binary((c, x, y) => c.not(c.equal(x, y))),
    "Tensor",
    "Scalar",
  ),
  "aten.logical_not.default": formula((c, x) => c.not(c.truth(x))),
  "aten.logical_and.default": binary((c, x, y) => c.and(c.truth(x), c.truth(y))),
  "aten.logical_or.default": binary((c, x, y) => c.or(c.truth(x), c.truth(y))),
  // All bits turned around are −x − 1.
  "aten.bitwise_not.default": formula((c, x) =>
    x.type.dtype === "bool" ? c.not(x) : c.sub(negative(c, x), c.constant(1, x.type.dtype)),
  ),
  ...overloads("bitwise_and", conjunction, "Tensor", "Scalar", "Scalar_Tensor"),
  ...overloads("__and__", conjunction, "Tensor", "Scalar"),
  ...overloads("bitwise_or", disjunction, "Tensor", "Scalar", "Scalar_Tensor"),
  ...overloads("__or__", disjunction, "Tensor", "Scalar"),
  ...overloads("bitwise_xor", exclusive, "Tensor", "Scalar", "Scalar_Tensor"),
  ...overloads("__xor__", exclusive, "Tensor", "Scalar"),
  ...overloads("bitwise_left_shift", shift("left"), "Tensor", "Tensor_Scalar", "Scalar_Tensor"),
  ...overloads("bitwise_right_shift", shift("right"), "Tensor", "Tensor_Scalar", "Scalar_Tensor"),
};
