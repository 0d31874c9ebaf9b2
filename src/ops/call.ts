/** @file The use of a block, whose meaning is its body. */
import { only, zip } from "../base/assert.ts";
import { call as callLayout } from "../base/layout.ts";
import { bodyGraph } from "../ir/body.ts";
import { equalShapes } from "../ir/dim.ts";
import { typeText } from "../ir/type.ts";
import { misfit, type Nested } from "./define.ts";

export const call: Nested<"Call"> = {
  name: "Call",
  kind: "nested",
  doc: "A block used as a function: its body with the arguments in the place of inputs, and with parameters of its own.",
  family: "nested",
  arity: "any",
  infer: (inputs, { body }) => {
    const graph = bodyGraph(body);
    const { name } = graph;
    const wanted = [...graph.inputs, ...graph.parameters.map(({ node }) => node)].map(({ type }) => type);
    if (inputs.length !== wanted.length)
      throw misfit(
        name,
        `${inputs.length} operands`,
        `${wanted.length}, an operand for each input and parameter`,
      );
    for (const [got, want] of zip(inputs, wanted)) {
      if (!equalShapes(got.shape, want.shape)) throw misfit(name, typeText(got), typeText(want));
    }
    return only(graph.outputs).node.type;
  },
  axes: (inputs, _, result) => ({
    operands: inputs.map(({ shape }) => shape.map(() => undefined)),
    result: result.shape.map(() => undefined),
  }),
  render: (args, { body, instance }) => {
    const { name, inputs } = bodyGraph(body);
    return callLayout(name, args.slice(0, inputs.length), instance === 0 ? [] : [String(instance)]);
  },
};
