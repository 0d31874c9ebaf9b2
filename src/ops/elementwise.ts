/** @file Elementwise primitives, with NumPy broadcasting. Integers and booleans stay exact in every number system. */
import { at } from "../base/assert.ts";
import {
  call,
  type Infix,
  infix,
  type Layout,
  negation,
  number,
  power as powerOf,
  product,
  rationalLayout,
} from "../base/layout.ts";
import { float64 } from "../domain/float64.ts";
import type { NumberSystem } from "../domain/number-system.ts";
import type { OpAttrs, OpName } from "../ir/operators.ts";
import { isReal, type TensorType } from "../ir/type.ts";
import {
  type Algebra,
  broadcastAxes,
  elementwiseType,
  type Family,
  type FieldMeaning,
  misfit,
  type Notation,
  type Primitive,
} from "./define.ts";
import { asReal, broadcast, discrete, integers, real } from "./tensor.ts";

/** Operators without attributes. */
type Plain = { [N in OpName]: keyof OpAttrs[N] extends never ? N : never }[OpName];

interface Rule<N extends Plain> {
  readonly name: N;
  readonly doc: string;
  readonly family: Family;
  readonly field: FieldMeaning;
  readonly render: (args: readonly Layout[]) => Layout;
  readonly commutative?: true;
  readonly algebra?: Algebra;
  /** A function of the reals, whose result is real even for integers. */
  readonly realOnly?: true;
}
type UnaryMethod = "neg" | "exp" | "log" | "sqrt" | "sin" | "cos" | "erf" | "abs";
type BinaryMethod = "add" | "sub" | "mul" | "div" | "maximum" | "minimum";

const toReal = (type: TensorType): TensorType => (isReal(type.dtype) ? type : { ...type, dtype: "float32" });

function elementwise<N extends Plain>(
  rule: Rule<N>,
  arity: number,
  apply: <A>(system: NumberSystem<A>, args: readonly A[]) => A,
): Primitive<N> {
  const { realOnly, ...facts } = rule;
  return {
    ...facts,
    kind: "primitive",
    arity,
    axes: broadcastAxes,
    renderElement: rule.render,
    infer: (inputs) => {
      const type = elementwiseType(rule.name, inputs);
      return realOnly ? toReal(type) : type;
    },
    evaluate: (system, inputs, _, { shape, dtype }) => {
      const args = inputs.map((tensor) => broadcast(system, tensor, shape));
      if (isReal(dtype)) {
        return real(
          shape,
          apply(
            system,
            args.map((tensor) => asReal(system, tensor)),
          ),
        );
      }
      const result = apply(float64, args.map(integers));
      // A sum or product of booleans is their disjunction or conjunction.
      return discrete(shape, dtype === "bool" ? result.map((value) => Number(value !== 0)) : result);
    },
  };
}

const unary = <N extends Plain>(method: UnaryMethod, rule: Rule<N>): Primitive<N> =>
  elementwise(rule, 1, (system, args) => system[method](at(args, 0)));
const binary = <N extends Plain>(method: BinaryMethod, rule: Rule<N>): Primitive<N> =>
  elementwise(rule, 2, (system, args) => system[method](at(args, 0), at(args, 1)));

const between =
  (operator: Infix) =>
  (args: readonly Layout[]): Layout =>
    infix(operator, at(args, 0), at(args, 1));
const named =
  (name: string) =>
  (args: readonly Layout[]): Layout =>
    call(name, args);

/** Of a negative term the difference. */
function renderSum(args: readonly Layout[]): Layout {
  const [x, y] = [at(args, 0), at(args, 1)];
  return y.kind === "negation" ? infix("-", x, y.operand) : infix("+", x, y);
}

export const add: Primitive<"Add"> = binary("add", {
  name: "Add",
  doc: "x + y.",
  family: "arithmetic",
  field: "exact",
  commutative: true,
  algebra: { removable: [0, 1], solve: (s, result, known) => s.sub(result, known) },
  render: renderSum,
});
export const sub: Primitive<"Sub"> = binary("sub", {
  name: "Sub",
  doc: "x − y.",
  family: "arithmetic",
  field: "exact",
  algebra: {
    removable: [1],
    solve: (s, result, known, unknown) => (unknown === 0 ? s.add(result, known) : s.sub(known, result)),
  },
  render: between("-"),
});
export const mul: Primitive<"Mul"> = binary("mul", {
  name: "Mul",
  doc: "x · y elementwise.",
  family: "arithmetic",
  field: "exact",
  commutative: true,
  algebra: { removable: [0, 1], solve: (s, result, known) => s.div(result, known) },
  render: (args) => product(at(args, 0), at(args, 1)),
});
export const div: Primitive<"Div"> = binary("div", {
  name: "Div",
  doc: "x / y; a division by zero in the prime field makes the run void.",
  family: "arithmetic",
  field: "exact",
  realOnly: true,
  algebra: {
    removable: [1],
    solve: (s, result, known, unknown) => (unknown === 0 ? s.mul(result, known) : s.div(known, result)),
  },
  render: between("/"),
});
/** The constant is the negative one, so what it is the negative of is `inf`. */
const opposite = (x: Layout): Layout =>
  x.kind === "negation" && x.operand.kind === "symbol" && x.operand.name === "inf" ? x.operand : negation(x);

export const neg: Primitive<"Neg"> = unary("neg", {
  name: "Neg",
  doc: "−x.",
  family: "arithmetic",
  field: "exact",
  render: (args) => opposite(at(args, 0)),
});
export const exp: Primitive<"Exp"> = unary("exp", {
  name: "Exp",
  doc: "eˣ; in the prime field ω^x, which keeps e^(a+b) = e^a e^b.",
  family: "function",
  field: "structured",
  realOnly: true,
  render: named("exp"),
});
export const log: Primitive<"Log"> = unary("log", {
  name: "Log",
  doc: "Natural logarithm; in the prime field a keyed hash that is odd under inversion.",
  family: "function",
  field: "hashed",
  realOnly: true,
  render: named("log"),
});
export const sqrt: Primitive<"Sqrt"> = unary("sqrt", {
  name: "Sqrt",
  doc: "Principal square root; in the prime field the root that is a square.",
  family: "function",
  field: "structured",
  realOnly: true,
  render: named("sqrt"),
});
export const sin: Primitive<"Sin"> = unary("sin", {
  name: "Sin",
  doc: "Sine; in the prime field odd, with sin² + cos² = 1 and the addition theorems of angles met before.",
  family: "function",
  field: "structured",
  realOnly: true,
  render: named("sin"),
});
export const cos: Primitive<"Cos"> = unary("cos", {
  name: "Cos",
  doc: "Cosine; in the prime field even, with sin² + cos² = 1 and the addition theorems of angles met before.",
  family: "function",
  field: "structured",
  realOnly: true,
  render: named("cos"),
});
export const erf: Primitive<"Erf"> = unary("erf", {
  name: "Erf",
  doc: "2/√π ∫₀ˣ exp(−t²) dt; in the prime field an odd keyed hash.",
  family: "function",
  field: "hashed",
  realOnly: true,
  render: named("erf"),
});
export const abs: Primitive<"Abs"> = unary("abs", {
  name: "Abs",
  doc: "|x| = sign(x) x; in the prime field sign is the Legendre symbol.",
  family: "function",
  field: "structured",
  render: named("abs"),
});
export const maximum: Primitive<"Maximum"> = binary("maximum", {
  name: "Maximum",
  doc: "max(x, y) = (x + y + |x − y|) / 2 elementwise.",
  family: "function",
  field: "structured",
  commutative: true,
  render: named("max"),
});
export const minimum: Primitive<"Minimum"> = binary("minimum", {
  name: "Minimum",
  doc: "min(x, y) = (x + y − |x − y|) / 2 elementwise.",
  family: "function",
  field: "structured",
  commutative: true,
  render: named("min"),
});

const renderPower = (args: readonly Layout[], { exponent }: OpAttrs["Power"]): Layout =>
  powerOf(at(args, 0), rationalLayout(exponent));

/** x^(n/d). */
export const power: Primitive<"Power"> = {
  name: "Power",
  kind: "primitive",
  doc: "x raised to a rational constant; of a negative x only integer powers exist.",
  family: "function",
  arity: 1,
  field: "structured",
  infer: (inputs) => toReal(elementwiseType("Power", inputs)),
  evaluate: (system, inputs, { exponent }, { shape }) =>
    real(shape, system.power(asReal(system, at(inputs, 0)), exponent)),
  axes: broadcastAxes,
  render: renderPower,
  renderElement: renderPower,
};

/**
 * A number stays the number that it is, but for the fraction that an integer has none of; a truth value becomes 1 or 0, and a
 * number the answer to whether it is not 0.
 */
const renderCast = (
  args: readonly Layout[],
  { dtype }: OpAttrs["Cast"],
  { operandTypes }: Notation,
): Layout => {
  const [x, from] = [at(args, 0), at(operandTypes, 0).dtype];
  if (from === "bool" && dtype !== "bool") return call("where", [x, number("1"), number("0")]);
  if (isReal(from) && !isReal(dtype)) return call("trunc", [x]);
  return dtype === "bool" && from !== "bool" ? infix("!=", x, number("0")) : x;
};

export const cast: Primitive<"Cast"> = {
  name: "Cast",
  kind: "primitive",
  doc: "The same number in another dtype; between reals it changes nothing, since arithmetic here is exact. Integers lose the fraction.",
  family: "structure",
  arity: 1,
  field: "exact",
  infer: (inputs, { dtype }) => {
    const { shape, dtype: from } = at(inputs, 0);
    if (isReal(from) && dtype === "bool")
      throw misfit("Cast", `${from} to bool`, "a comparison with 0, which says what it asks");
    return { shape, dtype };
  },
  evaluate: (system, inputs, { dtype }, { shape }) => {
    const source = at(inputs, 0);
    if (isReal(dtype)) return real(shape, asReal(system, source));
    const values = source.kind === "real" ? system.truncate(source.values) : source.values;
    return discrete(shape, dtype === "bool" ? values.map((value) => Number(value !== 0)) : values);
  },
  axes: broadcastAxes,
  render: renderCast,
  renderElement: renderCast,
};

export const stopGradient: Primitive<"StopGradient"> = {
  name: "StopGradient",
  kind: "primitive",
  doc: "x, with gradient 0 (detach).",
  family: "structure",
  arity: 1,
  field: "exact",
  infer: (inputs) => at(inputs, 0),
  evaluate: (_, inputs) => at(inputs, 0),
  axes: broadcastAxes,
  render: named("stop_gradient"),
  renderElement: named("stop_gradient"),
};
