/** @file The recurrence along an axis, whose meaning is its body, step after step. */
import { at } from "../base/assert.ts";
import { bodyGraph } from "../ir/body.ts";
import { equalDims, equalShapes, shapeText } from "../ir/dim.ts";
import { isReal, type TensorType, typeText } from "../ir/type.ts";
import { misfit, type Nested } from "./define.ts";

export const scan: Nested<"Scan"> = {
  name: "Scan",
  kind: "nested",
  doc: "A recurrence: carries and elements of sequences to the next carries and further values, stacked over the steps.",
  family: "nested",
  arity: "any",
  infer: (inputs, { body, carries, sequences, output }) => {
    const graph = bodyGraph(body);
    if (inputs.length !== graph.inputs.length || carries > graph.outputs.length || sequences === 0) {
      const got = `${inputs.length} operands for a body of ${graph.inputs.length} inputs and ${graph.outputs.length} outputs`;
      throw misfit("Scan", got, "an operand for each input, an output for each carry, and a sequence");
    }
    const steps = at(at(inputs, carries).shape, 0);
    for (const [index, input] of inputs.entries()) {
      const isSequence = index >= carries && index < carries + sequences;
      const [length, ...shape] = isSequence ? input.shape : [steps, ...input.shape];
      if (length === undefined || !equalDims(length, steps))
        throw misfit("Scan", `a sequence of shape ${shapeText(input.shape)}`, "sequences of equal length");
      requireEqual({ ...input, shape }, at(graph.inputs, index).type);
    }
    for (let carry = 0; carry < carries; carry++) {
      requireEqual(at(graph.outputs, carry).node.type, at(graph.inputs, carry).type);
    }
    const { dtype, shape } = at(graph.outputs, output).node.type;
    return { dtype, shape: [steps, ...shape] };
  },
  axes: (inputs, _, result) => ({
    operands: inputs.map(({ shape }) => shape.map(() => undefined)),
    result: result.shape.map(() => undefined),
  }),
  render: () => undefined,
};

function requireEqual(got: TensorType, want: TensorType): void {
  if (equalShapes(got.shape, want.shape) && isReal(got.dtype) === isReal(want.dtype)) return;
  throw misfit("Scan", typeText(got), `${typeText(want)}, as the body has it`);
}
