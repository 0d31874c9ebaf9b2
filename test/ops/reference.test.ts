/** @file Every operator in float64 against PyTorch and NumPy (test/reference/operators.json, by tools/reference/make.py). */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { at, range, zip } from "../../src/base/assert.ts";
import { type Rational, rational } from "../../src/base/rational.ts";
import { float64 } from "../../src/domain/float64.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { OpAttrs, OpName } from "../../src/ir/operators.ts";
import { type Dtype, isReal } from "../../src/ir/type.ts";
import { newBuilder, operators } from "../../src/ops/table.ts";
import { discrete, real, type Tensor } from "../../src/ops/tensor.ts";

interface StoredTensor {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  /** Infinities and NaN as text. */
  readonly values: readonly (number | "inf" | "-inf" | "nan")[];
}
interface Case {
  readonly op: OpName;
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly inputs: readonly StoredTensor[];
  readonly output: StoredTensor;
}

const stored = JSON.parse(readFileSync(new URL("../reference/operators.json", import.meta.url), "utf8")) as {
  readonly cases: readonly Case[];
};

/** Allowed error in units of 2⁻⁵², relative to the larger of the expected value and `floor`. */
interface Tolerance {
  readonly ulps: number;
  /** "operand": the one at the same place; "operands": the largest finite one, where sums of operands cancel. */
  readonly floor: number | "operand" | "operands";
  readonly because: string;
}

const exact: Tolerance = { ulps: 0, floor: 0, because: "at most one rounding, which IEEE 754 fixes" };
const library: Tolerance = { ulps: 1, floor: 0, because: "two libraries, each within one ulp" };
const near1: Tolerance = { ulps: 1, floor: 1, because: "the formula adds 1 to numbers that may be small" };
const sums: Tolerance = { ulps: 2, floor: "operands", because: "sums of up to 24 terms in another order" };
const ratio: Tolerance = { ulps: 2, floor: 1, because: "a quotient of sums of up to 12 terms" };

const tolerances: Partial<Record<OpName, Tolerance>> = {
  Exp: library,
  Log: library,
  Sin: library,
  Cos: library,
  Power: library,
  PowerOf: {
    ulps: 16,
    floor: 0,
    because: "e^(x log b) multiplies the error of the logarithm by the exponent",
  },
  Erf: { ulps: 2, floor: 0, because: "the series and e^(−x²) round in each step" },
  Function: {
    ulps: 16,
    floor: 1,
    because: "sums of ten terms that cancel near the zeros of lgamma and digamma",
  },
  Tanh: near1,
  Sigmoid: near1,
  Elu: near1,
  Softplus: near1,
  Silu: { ulps: 1, floor: "operand", because: "x times a sigmoid that is exact beside 1" },
  Gelu: { ulps: 2, floor: "operand", because: "x times 1 + erf or 1 + tanh, exact beside 1" },
  Sum: sums,
  Mean: sums,
  Variance: sums,
  Contract: sums,
  LogSumExp: { ulps: 1, floor: "operands", because: "a maximum is subtracted and added again" },
  LogSoftmax: { ulps: 1, floor: "operands", because: "a maximum is subtracted and added again" },
  CrossEntropy: { ulps: 1, floor: "operands", because: "a maximum is subtracted and added again" },
  Softmax: { ulps: 2, floor: 0, because: "exp and a quotient; the shift is the same" },
  Normalize: ratio,
  RmsNormalize: ratio,
  Rotary: { ulps: 2, floor: 1, because: "a sum of two products with sines and cosines of two libraries" },
  GroupNormalize: { ulps: 8, floor: 1, because: "PyTorch multiplies by a reciprocal root" },
  BatchNormalize: { ulps: 8, floor: 1, because: "PyTorch multiplies by a reciprocal root" },
};

const read = (value: number | string): number =>
  typeof value === "number"
    ? value
    : value === "nan"
      ? Number.NaN
      : value === "inf"
        ? Number.POSITIVE_INFINITY
        : Number.NEGATIVE_INFINITY;

function fraction(text: string): Rational {
  const [numerator = "", denominator = "1"] = text.split("/");
  return rational(BigInt(numerator), BigInt(denominator));
}

const rationalAttributes = ["value", "exponent", "slope", "epsilon", "base"];
const attributesOf = (attrs: Case["attrs"]): OpAttrs[OpName] =>
  Object.fromEntries(
    Object.entries(attrs).map(([key, value]) => [
      key,
      rationalAttributes.includes(key) ? fraction(String(value)) : value,
    ]),
  ) as OpAttrs[OpName];

function run({ op, attrs, inputs, output }: Case): Tensor<Float64Array> {
  const builder = newBuilder();
  const nodes = inputs.map(
    ({ shape, dtype }, i) => builder.node("Input", [], { name: `x${i}`, shape, dtype }) as Node,
  );
  const node = builder.node<OpName>(op, nodes, attributesOf(attrs)) as unknown as Node;
  const { graph, image } = lower(
    builder.graph({ name: op, inputs: [], parameters: [], outputs: [{ name: "y", node }] }),
  );
  const given = zip(nodes, inputs).map(([input, { shape, dtype, values }]) => {
    const numbers = Float64Array.from(values, read);
    return [
      image.get(input) ?? input,
      isReal(dtype) ? real(shape, numbers) : discrete<Float64Array>(shape, numbers),
    ] as const;
  });
  const value = evaluate(graph, float64, new Map(given), new Map()).get(at(graph.outputs, 0).node);
  if (value === undefined) throw new Error("the output has a value");
  expect(node.type).toEqual({ shape: output.shape, dtype: output.dtype });
  return value;
}

/** The largest error in units of what the tolerance is relative to. */
function worst({ inputs, output }: Case, values: Float64Array, { floor }: Tolerance): number {
  const operands = inputs.flatMap((input) => input.values.map(read));
  const largest = Math.max(0, ...operands.filter(Number.isFinite).map(Math.abs));
  const least = (i: number): number =>
    floor === "operands" ? largest : floor === "operand" ? Math.abs(at(operands, i)) : floor;
  const errors = output.values.map((expected, i) => {
    const [want, got] = [read(expected), at(values, i)];
    if (Object.is(want, got) || want === got) return 0;
    return Math.abs(want - got) / (Math.max(Math.abs(want), least(i)) * 2 ** -52);
  });
  return Math.max(0, ...errors.map((error) => (Number.isNaN(error) ? Number.POSITIVE_INFINITY : error)));
}

describe.each(Object.keys(operators) as OpName[])("%s", (op) => {
  const cases = stored.cases.filter((one) => one.op === op);
  // Input and parameter have no value of their own, an opaque function none in float64. The body of a scan is no number that
  // JSON could hold: PyTorch's recurrent layers are its reference, in test/torch/values.test.ts; a block is what its body is.
  const valueless = ["Input", "Parameter", "Opaque", "Scan", "Call"].includes(op);

  test("has reference values", () => expect(cases.length > 0).toBe(!valueless));

  test.each(range(cases.length))("agrees with PyTorch or NumPy, case %i", (index) => {
    const one = at(cases, index);
    const value = run(one);
    const tolerance = tolerances[op] ?? exact;
    expect(value.shape).toEqual(one.output.shape);
    expect(value.kind).toBe(isReal(one.output.dtype) ? "real" : "discrete");
    expect(worst(one, value.values, tolerance), tolerance.because).toBeLessThanOrEqual(tolerance.ulps);
  });
});
