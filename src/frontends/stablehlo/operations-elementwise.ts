/** @file Operations that act on each element, and constants. */
import { type Atom, type Equation, type Param, xlaType } from "../common/xla/program.ts";
import type { Rule, Use } from "./use.ts";

/** The primitive of JAX that means the same. */
const same =
  (primitive: string): Rule =>
  (use) =>
    use.become(primitive);

const constant: Rule = (use) => {
  const value = use.attribute("value");
  if (typeof value !== "object" || !("kind" in value) || value.kind !== "dense")
    return use.fault("no value", "dense<…>");
  return [use.body.constant(value)];
};

// Products of a value with itself

/** How often a value is multiplied with itself, and which. */
function powerOf(use: Use, atom: Atom): { readonly base: Atom; readonly exponent: number } {
  const equation = use.definition(atom);
  const base = equation?.inputs[0];
  if (equation === undefined || base === undefined) return { base: atom, exponent: 1 };
  if (equation.primitive === "square") return { base, exponent: 2 };
  return equation.primitive === "integer_pow"
    ? { base, exponent: equation.params.int("y") }
    : { base: atom, exponent: 1 };
}
const isReal = (use: Use): boolean => /float/.test(use.result.name);

/** x · x is a square: JAX writes powers as products. */
const multiply: Rule = (use) => {
  const [left, right] = [powerOf(use, use.x), powerOf(use, use.y)];
  const isPower =
    left.base.kind === "variable" && right.base.kind === "variable" && left.base.id === right.base.id;
  if (!isPower || !isReal(use)) return use.become("mul");
  const exponent = left.exponent + right.exponent;
  return exponent === 2
    ? use.become("square", {}, [left.base])
    : use.become("integer_pow", { y: exponent }, [left.base]);
};

// Choices

const directions: Readonly<Record<string, string>> = {
  EQ: "eq",
  NE: "ne",
  LT: "lt",
  LE: "le",
  GT: "gt",
  GE: "ge",
};
const compare: Rule = (use) => {
  const direction = use.text("comparison_direction");
  const primitive = Object.hasOwn(directions, direction) ? directions[direction] : undefined;
  return use.become(primitive ?? use.fault(direction, "EQ, NE, LT, LE, GT or GE"));
};

const select: Rule = (use) => {
  const [which, yes, no] = [use.operand(0), use.operand(1), use.operand(2)];
  return rowOrNaN(use, which, yes, no) ?? use.become("select_n", {}, [which, no, yes]);
};

/**
 * What JAX looks up with places outside filled with NaN: the look-up, whose places are then taken to be inside as those of
 * `gather` are.
 */
function rowOrNaN(use: Use, which: Atom, found: Atom, otherwise: Atom): readonly Atom[] | undefined {
  const gather = use.definition(found);
  const places = gather?.inputs[1];
  const fill = unspread(use, otherwise);
  const isFill = fill.kind === "number" && Number.isNaN(fill.value);
  if (gather?.primitive !== "gather" || !isFill || places?.kind !== "variable") return undefined;
  if (!isInside(use, which, places.id)) return undefined;
  const dims = gather.params.record("dimension_numbers");
  const params: Record<string, Param> = {
    dimension_numbers: Object.fromEntries(gatherNames.map((name) => [name, dims.ints(name)])),
    slice_sizes: gather.params.dims("slice_sizes"),
    mode: "FILL_OR_DROP",
  };
  return use.become("gather", params, gather.inputs);
}
const gatherNames = [
  "offset_dims",
  "collapsed_slice_dims",
  "start_index_map",
  "operand_batching_dims",
  "start_indices_batching_dims",
] as const;

/** What is repeated or laid out in another shape. */
function unspread(use: Use, atom: Atom): Atom {
  let own = atom;
  for (;;) {
    const equation = use.definition(own);
    const isSpread = equation?.primitive === "broadcast_in_dim" || equation?.primitive === "reshape";
    const source = isSpread ? equation.inputs[0] : undefined;
    if (source === undefined) return own;
    own = source;
  }
}

const asking = new Set(["ge", "gt", "le", "lt"]);

/** Whether a truth value says of nothing but these places whether they are within bounds. */
function isInside(use: Use, atom: Atom, places: number): boolean {
  const own = unspread(use, atom);
  const equation: Equation | undefined = use.definition(own);
  if (equation === undefined) return own.kind === "number" && own.value === 1;
  if (equation.primitive === "and" || equation.primitive === "reduce_and")
    return equation.inputs.every((input) => isInside(use, input, places));
  if (!asking.has(equation.primitive)) return false;
  const isPlaces = (one: Atom): boolean => one.kind === "variable" && one.id === places;
  const isFixed = (one: Atom): boolean => unspread(use, one).kind !== "variable";
  return equation.inputs.some(isPlaces) && equation.inputs.every((one) => isPlaces(one) || isFixed(one));
}

// Types

const isInteger = (name: string): boolean => /int|bool/.test(name);

const convert: Rule = (use) => {
  const { x, result } = use;
  // A small integer is the same number in any type of numbers.
  if (x.kind === "number" && isInteger(x.type.name) && Math.abs(x.value) < 128 && result.name !== "bool")
    return [{ kind: "number", value: x.value, type: result }];
  return use.become("convert_element_type");
};

/** Bits that are moved out of an integer without a sign are lost, as generators of random numbers need it. */
const shiftLeft: Rule = (use) =>
  use.result.name.startsWith("uint")
    ? use.become("refused", {
        got: "bits moved out of an integer without a sign",
        want: "arithmetic of numbers",
      })
    : use.become("shift_left");

const rounded =
  (method: string): Rule =>
  (use) =>
    use.become("round", { rounding_method: method });

/** The bits of a number as another number. */
const bitcast: Rule = (use) =>
  use.become("refused", { got: "the bits of a number as another number", want: "arithmetic of numbers" });

const boolLike = (use: Use): ReturnType<typeof xlaType> => xlaType("bool", use.result.shape);
/** x is +∞ or −∞ where it is not finite: real numbers are never NaN. */
const isInfinite: Rule = (use) => use.become("not", {}, [use.step("is_finite", [use.x], boolLike(use))]);

export const elementwise: Readonly<Record<string, Rule>> = {
  constant,
  add: same("add"),
  subtract: same("sub"),
  multiply,
  divide: same("div"),
  remainder: same("rem"),
  negate: same("neg"),
  abs: same("abs"),
  sign: same("sign"),
  maximum: same("max"),
  minimum: same("min"),
  power: same("pow"),
  clamp: same("clamp"),
  sqrt: same("sqrt"),
  rsqrt: same("rsqrt"),
  cbrt: same("cbrt"),
  exponential: same("exp"),
  exponential_minus_one: same("expm1"),
  log: same("log"),
  log_plus_one: same("log1p"),
  logistic: same("logistic"),
  tanh: same("tanh"),
  sine: same("sin"),
  cosine: same("cos"),
  tan: same("tan"),
  atan2: same("atan2"),
  floor: same("floor"),
  ceil: same("ceil"),
  round_nearest_even: rounded("TO_NEAREST_EVEN"),
  round_nearest_afz: rounded("AWAY_FROM_ZERO"),
  is_finite: same("is_finite"),
  and: same("and"),
  or: same("or"),
  xor: same("xor"),
  not: same("not"),
  shift_left: shiftLeft,
  shift_right_arithmetic: same("shift_right_arithmetic"),
  compare,
  select,
  convert,
  bitcast_convert: bitcast,
  reduce_precision: same("reduce_precision"),
  optimization_barrier: (use) => use.operands,
};

/** Operations of CHLO, which StableHLO has no names for. */
export const client: Readonly<Record<string, Rule>> = {
  square: same("square"),
  erf: same("erf"),
  erfc: same("erfc"),
  erf_inv: same("erf_inv"),
  lgamma: same("lgamma"),
  digamma: same("digamma"),
  asin: same("asin"),
  acos: same("acos"),
  atan: same("atan"),
  tan: same("tan"),
  sinh: same("sinh"),
  cosh: same("cosh"),
  asinh: same("asinh"),
  acosh: same("acosh"),
  atanh: same("atanh"),
  is_inf: isInfinite,
  broadcast_add: same("add"),
  broadcast_subtract: same("sub"),
  broadcast_multiply: same("mul"),
  broadcast_divide: same("div"),
  broadcast_maximum: same("max"),
  broadcast_minimum: same("min"),
  broadcast_power: same("pow"),
  broadcast_compare: compare,
};
