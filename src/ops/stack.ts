/** @file Tensors of one shape side by side along a new axis. */
import { at, range } from "../base/assert.ts";
import { call, infix, number, symbol } from "../base/layout.ts";
import { equalShapes, shapeText } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import { promote } from "../ir/type.ts";
import { type Composite, misfit } from "./define.ts";

export const stack: Composite<"Stack"> = {
  name: "Stack",
  kind: "composite",
  doc: "Operands of one shape joined along a new axis (NumPy stack).",
  family: "structure",
  arity: "any",
  infer: (inputs, { axis }) => {
    const { shape } = at(inputs, 0);
    const other = inputs.find((input) => !equalShapes(input.shape, shape));
    if (other !== undefined || axis > shape.length) {
      const got = `${shapeText(shape)} and ${shapeText(other?.shape ?? shape)} along axis ${axis}`;
      throw misfit("Stack", got, "operands of one shape, and an axis among those of the result");
    }
    const dtype = promote(inputs.map((input) => input.dtype));
    return { shape: shape.toSpliced(axis, 0, inputs.length), dtype };
  },
  expand: (build, inputs, { axis }) => {
    const parts = inputs.map(
      (x) => build.node("Reshape", [x], { shape: x.type.shape.toSpliced(axis, 0, 1) }) as Node,
    );
    return build.node("Concat", parts, { axis }) as Node;
  },
  axes: (inputs, { axis }) => {
    const labels = range(at(inputs, 0).shape.length).map(String);
    return {
      operands: inputs.map(() => labels),
      result: [...labels.slice(0, axis), undefined, ...labels.slice(axis)],
    };
  },
  render: (args, { axis }) =>
    call("stack", axis === 0 ? args : [...args, infix("=", symbol("axis"), number(String(axis)))]),
};
