/** @file Primitives that act on each element: arithmetic, functions, comparisons, choices, dtypes. */
import { at } from "../../../base/assert.ts";
import type { BitOperation, FunctionName } from "../../../base/functions.ts";
import { equal, isInteger, type Rational, rational } from "../../../base/rational.ts";
import type { Node } from "../../../ir/graph.ts";
import type { OpName } from "../../../ir/operators.ts";
import { type Dtype, isReal } from "../../../ir/type.ts";
import type { Plain } from "../maker.ts";
import { distinct } from "../order.ts";
import { constantPower } from "../powers.ts";
import type { Application, Rule, Rules } from "./application.ts";
import { sourceOf, unmoved } from "./places.ts";

const plain =
  (op: Plain): Rule =>
  (use) =>
    use.apply(op, use.all, {});

/** A function of one or two real numbers that the graph knows by its name. */
const named =
  (name: FunctionName): Rule =>
  (use) =>
    use.apply("Function", use.all, { name });

const formula =
  (make: (use: Application, x: Node) => Node): Rule =>
  (use) =>
    make(use, use.x);

const number = (use: Application, value: number | Rational, like: Node): Node =>
  use.constant(value, like.type.dtype);
const log = (use: Application, x: Node): Node => use.unary("Log", x);
const exp = (use: Application, x: Node): Node => use.unary("Exp", x);
const half = rational(1, 2);
const isBool = (x: Node): boolean => x.type.dtype === "bool";

/** The number that all elements of a node are. */
function constantOf(node: Node): Rational | undefined {
  const source = sourceOf(node);
  return source.op === "Constant" ? source.attrs.value : undefined;
}

function isNegativeInfinity(node: Node): boolean {
  const source = sourceOf(node);
  return source.op === "NamedConstant" && source.attrs.name === "negative infinity";
}

// Arithmetic

/** a + b of truth values is their disjunction, a · b their conjunction. */
const sum: Rule = (use) => (isBool(use.x) ? use.or(use.x, use.y) : use.add(use.x, use.y));
const product: Rule = (use) => (isBool(use.x) ? use.and(use.x, use.y) : use.mul(use.x, use.y));

/** A sum over windows is written as so many times their mean; divided by as much, it is the mean. */
const quotient: Rule = (use) => {
  const [x, y] = [use.x, use.y];
  if (!isReal(x.type.dtype)) return truncatedQuotient(use, x, y);
  if (x.op === "Mul" && at(x.inputs, 0).op === "AveragePool") {
    const [count, divisor] = [constantOf(at(x.inputs, 1)), constantOf(y)];
    if (count !== undefined && divisor !== undefined && equal(count, divisor)) return at(x.inputs, 0);
  }
  return use.div(x, y);
};

/** x / y without its fraction, which is towards zero. */
function truncatedQuotient(use: Application, x: Node, y: Node): Node {
  if (isNonNegative(use, x) && isNonNegative(use, y)) return use.apply("Quotient", [x, y], {});
  const [a, b] = [absolute(use, x), absolute(use, y)];
  return use.mul(use.mul(signOf(use, x), signOf(use, y)), use.apply("Quotient", [a, b], {}));
}

/** x − y · (x / y without its fraction); of reals, too. */
const remainder: Rule = (use) => {
  const [x, y] = [use.x, use.y];
  if (isReal(x.type.dtype)) {
    const whole = use.apply("Cast", [use.div(x, y)], { dtype: "int64" });
    return use.sub(x, use.mul(y, use.cast(whole, x.type.dtype)));
  }
  return use.sub(x, use.mul(y, truncatedQuotient(use, x, y)));
};

const isNonNegative = (use: Application, x: Node): boolean => {
  const constant = constantOf(x);
  if (constant !== undefined) return constant.numerator >= 0n;
  const source = unmoved(x);
  // Places in an order are counted from 0.
  if (source.op === "Iota" || distinct.has(source)) return true;
  return use.integers(x)?.every((dim) => typeof dim !== "number" || dim >= 0) === true;
};

const keepsSign: ReadonlySet<OpName> = new Set(["Sum", "Add", "Mul", "Div", "Reshape", "Broadcast"]);

/** Sums, products and quotients of exponentials are positive, and their absolute value is themselves. */
function isPositive(x: Node, depth = 0): boolean {
  if (x.op === "Constant") return x.attrs.value.numerator > 0n;
  const isKept = keepsSign.has(x.op) && depth < 8;
  return x.op === "Exp" || (isKept && x.inputs.every((input) => isPositive(input, depth + 1)));
}
const absolute = (use: Application, x: Node): Node => (isPositive(x) ? x : use.apply("Abs", [x], {}));

function signOf(use: Application, x: Node): Node {
  const zero = number(use, 0, x);
  return use.sub(use.cast(use.less(zero, x), x.type.dtype), use.cast(use.less(x, zero), x.type.dtype));
}

const power: Rule = (use) => {
  const [x, y] = [use.x, use.y];
  const [base, exponent] = [constantOf(x), constantOf(y)];
  if (exponent !== undefined) return use.stretch(constantPower(use, x, exponent), use.result.shape);
  if (base !== undefined && base.numerator > 0n)
    return exp(use, use.mul(use.cast(y, x.type.dtype), log(use, x)));
  return use.apply("Function", [x, use.cast(y, x.type.dtype)], { name: "pow" });
};

/** max(−∞, x) is x, where a reduction begins with −∞. */
const maximum: Rule = (use) => {
  const [x, y] = [use.x, use.y];
  if (isBool(x)) return use.or(x, y);
  if (isNegativeInfinity(x)) return use.stretch(y, use.result.shape);
  return isNegativeInfinity(y) ? use.stretch(x, use.result.shape) : use.max(x, y);
};
const minimum: Rule = (use) => (isBool(use.x) ? use.and(use.x, use.y) : use.min(use.x, use.y));

const clamp: Rule = (use) => use.min(use.max(use.operand(1), use.x), use.operand(2));

// Functions

/** Of a square number the number itself, as of a head's width. */
function squareRoot(use: Application, x: Node): Node {
  const value = constantOf(x);
  const root = value === undefined ? Number.NaN : Math.sqrt(Number(value.numerator));
  return value?.denominator === 1n && Number.isSafeInteger(root)
    ? use.stretch(number(use, root, x), x.type.shape)
    : use.unary("Sqrt", x);
}

/** 1 − erf(x), with a negative factor of x outside: erfc(−x) is 1 + erf(x). */
function complementOfErf(use: Application, x: Node): Node {
  const opposite = oppositeOf(use, x);
  const erf = use.apply("Erf", [opposite ?? x], {});
  return opposite === undefined ? use.sub(number(use, 1, x), erf) : use.add(number(use, 1, x), erf);
}
/** −x where that is simpler. */
function oppositeOf(use: Application, x: Node): Node | undefined {
  const [own, factor] = x.inputs;
  if (x.op === "Neg") return own;
  const inner = x.op === "Mul" || x.op === "Div" ? own : undefined;
  return inner?.op === "Neg" && factor !== undefined
    ? use.apply(x.op === "Mul" ? "Mul" : "Div", [at(inner.inputs, 0), factor], {})
    : undefined;
}

/** A third root that is negative for negative numbers. */
function thirdRoot(use: Application, x: Node): Node {
  const size = use.apply("Power", [use.apply("Abs", [x], {})], { exponent: rational(1, 3) });
  return use.mul(signOf(use, x), size);
}
const halved = (use: Application, x: Node): Node => use.mul(number(use, half, x), x);
const hyperbolic =
  (sign: "add" | "sub") =>
  (use: Application, x: Node): Node =>
    halved(use, use[sign](exp(use, x), exp(use, use.unary("Neg", x))));
const square = (use: Application, x: Node): Node => use.apply("Square", [x], {});
const one = (use: Application, x: Node): Node => number(use, 1, x);

/** To the nearest integer; halves to the even one, or away from zero. */
const rounded: Rule = (use) => {
  const { x } = use;
  if (use.params.text("rounding_method") === "TO_NEAREST_EVEN")
    return use.apply("Function", [x], { name: "round" });
  const size = use.add(absolute(use, x), number(use, half, x));
  return use.mul(signOf(use, x), use.apply("Function", [size], { name: "floor" }));
};

// Comparisons

/** x < y and its like. No real number differs from itself: what asks whether one is NaN learns that it is not. */
const comparison =
  (compare: (use: Application, x: Node, y: Node) => Node, ofEquals: 0 | 1): Rule =>
  (use) =>
    use.x === use.y
      ? use.stretch(use.constant(ofEquals, "bool"), use.result.shape)
      : compare(use, use.x, use.y);
const isEqual = (use: Application, x: Node, y: Node): Node => {
  const truth = (node: Node): Node => (isBool(node) ? use.cast(node, "int32") : node);
  return use.equal(truth(x), truth(y));
};
/** No place in an order is negative, which JAX asks of every place before it looks there. */
function isLess(use: Application, x: Node, y: Node): Node {
  const isNever = !isReal(x.type.dtype) && constantOf(y)?.numerator === 0n && isNonNegative(use, x);
  return isNever ? use.stretch(use.constant(0, "bool"), use.result.shape) : use.less(x, y);
}
const differs = (use: Application, x: Node, y: Node): Node => {
  const constant = constantOf(y);
  // p ≠ false is p.
  if (isBool(x) && constant?.numerator === 0n) return x;
  return use.not(isEqual(use, x, y));
};

/** Real numbers are finite; only −∞, where a formula has it, is not. */
const isFinite: Rule = (use) => {
  if (mayBeInfinite(use.x)) {
    const infinity = use.apply("NamedConstant", [], { name: "negative infinity", dtype: use.x.type.dtype });
    const isBelow = use.equal(use.x, infinity);
    return use.not(use.or(isBelow, use.equal(use.x, use.unary("Neg", infinity))));
  }
  return use.stretch(use.constant(1, "bool"), use.x.type.shape);
};

const finite = new WeakSet<Node>();

function mayBeInfinite(node: Node): boolean {
  const [seen, pending] = [new Set<Node>(), [node]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next) || finite.has(next)) continue;
    seen.add(next);
    if (next.op === "Scan" || isNegativeInfinity(next)) return true;
    pending.push(...next.inputs);
  }
  for (const one of seen) finite.add(one);
  return false;
}

// Truth values and bits

const bits =
  (operation: BitOperation, ofTruths?: (use: Application, x: Node, y: Node) => Node): Rule =>
  (use) =>
    isBool(use.x) && ofTruths !== undefined
      ? ofTruths(use, use.x, use.y)
      : use.apply("Bitwise", [use.x, use.y], { operation });
const negation: Rule = (use) => (isBool(use.x) ? use.not(use.x) : use.sub(number(use, -1, use.x), use.x));

// Choices

/** The case with the number that `which` is; of truth values the first where it is false. */
const select: Rule = (use) => {
  const [which, ...cases] = use.all as readonly [Node, ...Node[]];
  const known = knownChoice(use, which);
  if (known !== undefined) return at(cases, Math.min(Math.max(known, 0), cases.length - 1));
  if (isBool(which)) return choice(use, which, at(cases, 1), at(cases, 0));
  return cases.reduceRight((rest, own, place) =>
    place === cases.length - 1 ? own : use.where(use.less(which, number(use, place + 1, which)), own, rest),
  );
};

/** The number that all elements of what chooses are, where that is known before any data. */
function knownChoice(use: Application, which: Node): number | undefined {
  const constant = constantOf(which);
  if (constant !== undefined) return Number(constant.numerator);
  const source = sourceOf(which);
  const value = source.type.shape.length === 0 ? use.integer(source) : undefined;
  return typeof value === "number" ? value : undefined;
}

/** Between truth values of which one is known this is a conjunction or a disjunction. */
function choice(use: Application, which: Node, yes: Node, no: Node): Node {
  const known = (node: Node): boolean | undefined => {
    const value = isBool(node) ? constantOf(node) : undefined;
    return value && value.numerator !== 0n;
  };
  const whole = (node: Node): Node => use.stretch(node, use.result.shape);
  if (known(yes) === true) return known(no) === false ? whole(which) : whole(use.or(which, no));
  if (known(no) === false) return whole(use.and(which, yes));
  return use.where(which, yes, no);
}

const converted: Rule = (use) => {
  const { dtype } = use.result;
  return convert(use, use.x, dtype);
};
function convert(use: Application, x: Node, dtype: Dtype): Node {
  if (dtype === "bool") return use.truth(x);
  const constant = constantOf(x);
  if (isReal(x.type.dtype) && !isReal(dtype) && constant !== undefined && isInteger(constant))
    return use.stretch(use.constant(constant, dtype), x.type.shape);
  return use.cast(x, dtype);
}

const same: Rule = (use) => use.x;

export const elementwise: Rules = {
  add: sum,
  add_any: sum,
  sub: (use) => use.sub(use.x, use.y),
  mul: product,
  div: quotient,
  rem: remainder,
  neg: plain("Neg"),
  abs: formula(absolute),
  sign: formula(signOf),
  max: maximum,
  min: minimum,
  clamp,
  pow: power,
  integer_pow: (use) => constantPower(use, use.x, rational(use.params.int("y"))),
  square: plain("Square"),
  sqrt: formula(squareRoot),
  rsqrt: formula((use, x) => use.unary("Reciprocal", use.unary("Sqrt", x))),
  cbrt: formula(thirdRoot),
  exp: plain("Exp"),
  exp2: formula((use, x) => exp(use, use.mul(x, log(use, number(use, 2, x))))),
  expm1: formula((use, x) => use.sub(exp(use, x), one(use, x))),
  log: plain("Log"),
  log1p: formula((use, x) => log(use, use.add(x, one(use, x)))),
  logistic: plain("Sigmoid"),
  tanh: plain("Tanh"),
  sin: plain("Sin"),
  cos: plain("Cos"),
  tan: formula((use, x) => use.div(use.apply("Sin", [x], {}), use.apply("Cos", [x], {}))),
  sinh: formula(hyperbolic("sub")),
  cosh: formula(hyperbolic("add")),
  asinh: formula((use, x) => log(use, use.add(x, use.unary("Sqrt", use.add(square(use, x), one(use, x)))))),
  acosh: formula((use, x) => log(use, use.add(x, use.unary("Sqrt", use.sub(square(use, x), one(use, x)))))),
  atanh: formula((use, x) =>
    halved(use, log(use, use.div(use.add(one(use, x), x), use.sub(one(use, x), x)))),
  ),
  asin: named("asin"),
  acos: named("acos"),
  atan: named("atan"),
  atan2: named("atan2"),
  erf: plain("Erf"),
  erfc: formula(complementOfErf),
  erf_inv: named("erfinv"),
  lgamma: named("lgamma"),
  digamma: named("digamma"),
  floor: named("floor"),
  ceil: formula((use, x) =>
    use.unary("Neg", use.apply("Function", [use.unary("Neg", x)], { name: "floor" })),
  ),
  round: rounded,
  eq: comparison(isEqual, 1),
  ne: comparison(differs, 0),
  lt: comparison(isLess, 0),
  gt: comparison((use, x, y) => use.less(y, x), 0),
  le: comparison((use, x, y) => use.not(use.less(y, x)), 1),
  ge: comparison((use, x, y) => use.not(use.less(x, y)), 1),
  is_finite: isFinite,
  and: bits("and", (use, x, y) => use.and(x, y)),
  or: bits("or", (use, x, y) => use.or(x, y)),
  xor: bits("xor", (use, x, y) => use.not(isEqual(use, x, y))),
  not: negation,
  shift_left: bits("left"),
  shift_right_arithmetic: bits("right"),
  select_n: select,
  convert_element_type: converted,
  reduce_precision: same,
  copy: same,
  copy_p: same,
  optimization_barrier: (use) => use.all,
  stop_gradient: (use) => (isReal(use.x.type.dtype) ? use.apply("StopGradient", [use.x], {}) : use.x),
  dim_as_value: (use) => use.size(use.params.dim("dim"), use.result.dtype),
};
