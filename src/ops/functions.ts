/** @file Functions of numbers that are known by name, and what only integers have: quotients rounded down, and bits. */
import { zip } from "../base/assert.ts";
import { functionOf, operateOnBits } from "../base/functions.ts";
import { call, type Layout } from "../base/layout.ts";
import type { OpAttrs } from "../ir/operators.ts";
import { type Dtype, isReal, type TensorType } from "../ir/type.ts";
import { broadcastAxes, elementwiseType, misfit, type Primitive } from "./define.ts";
import { asReal, broadcast, discrete, integers, real } from "./tensor.ts";

const renderFunction = (args: readonly Layout[], { name }: OpAttrs["Function"]): Layout => call(name, args);

export const named: Primitive<"Function"> = {
  name: "Function",
  kind: "primitive",
  doc: "A function of one or two real numbers by its name; in the prime field a keyed hash with the function's symmetry.",
  family: "function",
  arity: "any",
  field: "hashed",
  infer: (inputs, { name }) => {
    const { arity } = functionOf(name);
    if (inputs.length !== arity)
      throw misfit("Function", `${inputs.length} operands of ${name}`, String(arity));
    const { shape, dtype } = elementwiseType(name, inputs);
    return { shape, dtype: isReal(dtype) ? dtype : "float32" };
  },
  evaluate: (system, inputs, { name }, { shape }) => {
    const args = inputs.map((tensor) => asReal(system, broadcast(system, tensor, shape)));
    return real(shape, system.call(name, args));
  },
  axes: broadcastAxes,
  render: renderFunction,
  renderElement: renderFunction,
};

function integerType(operator: string, inputs: readonly TensorType[]): TensorType {
  const type = elementwiseType(operator, inputs);
  if (!isReal(type.dtype) && type.dtype !== "bool") return type;
  throw misfit(operator, inputs.map(({ dtype }) => dtype).join(" and "), "integers");
}

const renderQuotient = (args: readonly Layout[]): Layout => call("quotient", args);

export const quotient: Primitive<"Quotient"> = {
  name: "Quotient",
  kind: "primitive",
  doc: "The largest integer that is at most x / y, for integers; 0 where y is 0.",
  family: "function",
  arity: 2,
  field: "exact",
  infer: (inputs) => integerType("Quotient", inputs),
  evaluate: (system, inputs, _, { shape }) => {
    const [x, y] = inputs.map((tensor) => integers(broadcast(system, tensor, shape)));
    const divided = zip([...(x ?? [])], [...(y ?? [])]).map(([a, b]) => (b === 0 ? 0 : floorOf(a, b)));
    return discrete(shape, Float64Array.from(divided));
  },
  axes: broadcastAxes,
  render: renderQuotient,
  renderElement: renderQuotient,
};

/** ⌊a / b⌋ without the rounding of a / b, which may reach the next integer. */
function floorOf(a: number, b: number): number {
  const rest = a % b;
  return (a - rest) / b - (rest !== 0 && rest < 0 !== b < 0 ? 1 : 0);
}

const renderBitwise = (args: readonly Layout[], { operation }: OpAttrs["Bitwise"]): Layout =>
  call(`bits_${operation}`, args);

export const bitwise: Primitive<"Bitwise"> = {
  name: "Bitwise",
  kind: "primitive",
  doc: "And, or, exclusive or of the bits of two integers, or the first one's bits moved by the second.",
  family: "function",
  arity: 2,
  field: "exact",
  infer: (inputs) => integerType("Bitwise", inputs),
  evaluate: (system, inputs, { operation }, { shape, dtype }) => {
    const [x, y] = inputs.map((tensor) => integers(broadcast(system, tensor, shape)));
    const results = zip([...(x ?? [])], [...(y ?? [])]).map(([a, b]) =>
      wrapped(operateOnBits(operation, BigInt(a), BigInt(b)), dtype),
    );
    return discrete(shape, Float64Array.from(results));
  },
  axes: broadcastAxes,
  render: renderBitwise,
  renderElement: renderBitwise,
};

/** What a dtype keeps of the bits. */
function wrapped(value: bigint, dtype: Dtype): number {
  const width = Number(/\d+/.exec(dtype)?.[0] ?? 1);
  return Number(dtype.startsWith("u") ? BigInt.asUintN(width, value) : BigInt.asIntN(width, value));
}
