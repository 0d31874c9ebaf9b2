/** @file Keras's activation functions by their names, as keras.activations and keras.ops.nn define them. */
import { equal, one, type Rational, rational } from "../../../base/rational.ts";
import type { Node } from "../../../ir/graph.ts";
import { isReal } from "../../../ir/type.ts";
import type { Plain } from "../maker.ts";
import { clamp, scaled, weightedElu } from "../powers.ts";
import { Config, isObject, type Json, objectName } from "./config.ts";
import type { Layer } from "./layer.ts";
import { NotCovered } from "./problem.ts";

type Activation = (c: Layer, x: Node, options: Config) => Node;

/** The constants of Klambauer et al. 2017, as Keras writes them. */
const seluAlpha = rational(16732632423543772848170429916717n, 10n ** 31n);
const seluScale = rational(10507009873554804934193349852946n, 10n ** 31n);

const plain =
  (op: Plain): Activation =>
  (c, x) =>
    c.apply(op, [x], {});
export const maximum = (c: Layer, x: Node, y: Node): Node => c.apply("Maximum", [x, y], {});
export const minimum = (c: Layer, x: Node, y: Node): Node => c.apply("Minimum", [x, y], {});
const clipped = (c: Layer, x: Node, low: Rational, high: Rational): Node =>
  clamp(c, x, c.rational(low, x), c.rational(high, x));
const exp = (c: Layer, x: Node): Node => c.apply("Exp", [x], {});
const negative = (c: Layer, x: Node): Node => c.apply("Neg", [x], {});
const softplus = (c: Layer, x: Node): Node => c.apply("Softplus", [x], {});
const half = rational(1, 2);

const elu = (c: Layer, x: Node, alpha: Rational): Node =>
  equal(alpha, one) ? c.apply("Elu", [x], {}) : weightedElu(c, x, alpha);

/** max(x, 0) up to a largest value, with a slope below a threshold (keras.activations.relu). */
export function relu(
  c: Layer,
  x: Node,
  slope: Rational,
  threshold: Rational,
  highest: Rational | undefined,
): Node {
  const zero = c.integer(0, x);
  const hasSlope = slope.numerator !== 0n;
  const hasThreshold = threshold.numerator !== 0n;
  if (hasSlope && !hasThreshold && highest === undefined) return c.apply("LeakyRelu", [x], { slope });
  const edge = c.rational(threshold, x);
  const above = hasThreshold ? c.where(c.less(edge, x), x, zero) : c.apply("Relu", [x], {});
  const bounded =
    highest === undefined
      ? above
      : minimum(c, hasThreshold ? maximum(c, above, zero) : above, c.rational(highest, x));
  if (!hasSlope) return bounded;
  const below = c.apply("Relu", [hasThreshold ? c.sub(edge, x) : negative(c, x)], {});
  return c.sub(bounded, scaled(c, slope, below));
}

/** min(max(x / 6 + 1/2, 0), 1); Keras 2 has x / 5 in its place. */
const hardSigmoid =
  (slope: Rational): Activation =>
  (c, x) =>
    clipped(c, c.add(scaled(c, slope, x), c.rational(half, x)), rational(0), one);

/** x beyond ±λ, 0 between. */
const shrink = (c: Layer, x: Node, threshold: Rational, inside: (beyond: Node) => Node): Node => {
  const edge = c.rational(threshold, x);
  return inside(c.less(edge, c.apply("Abs", [x], {})));
};

const lastAxis = (x: Node): number => x.type.shape.length - 1;

function gated(c: Layer, x: Node, axis: number): Node {
  const size = x.type.shape[axis];
  if (typeof size !== "number" || size % 2 !== 0)
    throw new NotCovered("halves of an axis of symbolic or odd size");
  const [left, right] = [c.slice(x, axis, 0, size / 2), c.slice(x, axis, size / 2, size)];
  return c.mul(left, c.apply("Sigmoid", [right], {}));
}

const activations: Readonly<Record<string, Activation>> = {
  linear: (_, x) => x,
  relu: (c, x, o) =>
    relu(
      c,
      x,
      o.number("negative_slope", rational(0)),
      o.number("threshold", rational(0)),
      o.has("max_value") ? o.number("max_value") : undefined,
    ),
  relu6: (c, x) => clipped(c, x, rational(0), rational(6)),
  leaky_relu: (c, x, o) => c.apply("LeakyRelu", [x], { slope: o.number("negative_slope", rational(1, 5)) }),
  elu: (c, x, o) => elu(c, x, o.number("alpha", one)),
  celu: (c, x, o) => {
    const alpha = o.number("alpha", one);
    if (alpha.numerator === alpha.denominator) return c.apply("Elu", [x], {});
    const [zero, a] = [c.integer(0, x), c.rational(alpha, x)];
    const below = c.sub(exp(c, c.div(minimum(c, x, zero), a)), c.integer(1, x));
    return c.add(maximum(c, x, zero), scaled(c, alpha, below));
  },
  selu: (c, x) => scaled(c, seluScale, elu(c, x, seluAlpha)),
  silu: plain("Silu"),
  swish: plain("Silu"),
  gelu: (c, x, o) => c.apply("Gelu", [x], { approximate: o.bool("approximate", false) ? "tanh" : "none" }),
  // TensorFlow.js
  gelu_new: (c, x) => c.apply("Gelu", [x], { approximate: "tanh" }),
  sigmoid: plain("Sigmoid"),
  tanh: plain("Tanh"),
  softplus: plain("Softplus"),
  exponential: plain("Exp"),
  softsign: (c, x) => c.div(x, c.add(c.integer(1, x), c.apply("Abs", [x], {}))),
  mish: (c, x) => c.mul(x, c.apply("Tanh", [softplus(c, x)], {})),
  log_sigmoid: (c, x) => negative(c, softplus(c, negative(c, x))),
  hard_sigmoid: hardSigmoid(rational(1, 6)),
  hard_silu: (c, x, o) => c.mul(x, hardSigmoid(rational(1, 6))(c, x, o)),
  hard_swish: (c, x, o) => c.mul(x, hardSigmoid(rational(1, 6))(c, x, o)),
  hard_tanh: (c, x) => clipped(c, x, rational(-1), one),
  tanh_shrink: (c, x) => c.sub(x, c.apply("Tanh", [x], {})),
  hard_shrink: (c, x, o) =>
    shrink(c, x, o.number("threshold", half), (beyond) => c.where(beyond, x, c.integer(0, x))),
  soft_shrink: (c, x, o) => {
    const edge = o.number("threshold", half);
    const above = maximum(c, c.sub(x, c.rational(edge, x)), c.integer(0, x));
    return c.add(above, minimum(c, c.add(x, c.rational(edge, x)), c.integer(0, x)));
  },
  threshold: (c, x, o) => {
    const [edge, usual] = [c.rational(o.number("threshold"), x), c.rational(o.number("default_value"), x)];
    return c.where(c.less(edge, x), x, usual);
  },
  // (x + √(x² + b)) / 2
  squareplus: (c, x, o) => {
    const inside = c.add(c.apply("Square", [x], {}), c.rational(o.number("b", rational(4)), x));
    return c.div(c.add(x, c.apply("Sqrt", [inside], {})), c.integer(2, x));
  },
  // 0 below −1, x above 1, (x + 1)² / 4 between
  sparse_plus: (c, x) => {
    const bent = c.div(c.apply("Square", [c.add(x, c.integer(1, x))], {}), c.integer(4, x));
    const [low, high] = [c.integer(-1, x), c.integer(1, x)];
    const upper = c.where(c.less(x, high), bent, x);
    return c.where(c.less(low, x), upper, c.integer(0, x));
  },
  // 0 below −1, 1 above 1, (x + 1) / 2 between
  sparse_sigmoid: (c, x) => clipped(c, scaled(c, half, c.add(x, c.integer(1, x))), rational(0), one),
  glu: (c, x, o) => gated(c, x, o.axis("axis", x.type.shape.length)),
  softmax: (c, x, o) => c.apply("Softmax", [x], { axis: o.axis("axis", x.type.shape.length, lastAxis(x)) }),
  log_softmax: (c, x, o) =>
    c.apply("LogSoftmax", [x], { axis: o.axis("axis", x.type.shape.length, lastAxis(x)) }),
};

/** Names that classes and older versions have for the same functions. */
const otherNames: Readonly<Record<string, string>> = {
  ReLU: "relu",
  relu_6: "relu6",
  hardSigmoid: "hard_sigmoid",
  logSoftmax: "log_softmax",
  exp: "exponential",
};

const snake = (name: string): string =>
  name
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();

/** Whether Keras has a function of this name, in the form of names or of classes. */
export function activationNamed(name: string): string | undefined {
  const own = otherNames[name] ?? (Object.hasOwn(activations, name) ? name : snake(name));
  return Object.hasOwn(activations, own) ? own : undefined;
}

/** One function by its name, with its options. */
export function activate(c: Layer, x: Node, name: string, options: Config): Node {
  const own = activationNamed(name);
  const make = own === undefined ? undefined : activations[own];
  if (own === undefined || make === undefined) throw new NotCovered(`the activation ${name}`);
  const real = isReal(x.type.dtype) ? x : c.cast(x, "float32");
  if (own === "hard_sigmoid" && c.isOld) return hardSigmoid(rational(1, 5))(c, real, options);
  return make(c, real, options);
}

/** Whether an option names a function that runs along an axis, and not of each number by itself. */
export const isAlongAxis = (option: Json): boolean =>
  ["softmax", "log_softmax", "glu"].includes(activationNamed(objectName(option) ?? "") ?? "");

/** The activation that an option of a layer names; none is the identity. */
export function activated(c: Layer, x: Node, option: Json): Node {
  const name = objectName(option);
  if (name === undefined) return x;
  const values = isObject(option) && isObject(option["config"]) ? option["config"] : {};
  return activate(c, x, name, new Config(`${c.name} (activation ${name})`, values));
}
