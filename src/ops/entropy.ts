/** @file What a classifier loses: minus the log-probability that it gives the label. */
import { at } from "../base/assert.ts";
import { call, type Layout } from "../base/layout.ts";
import { zero } from "../base/rational.ts";
import { type Dim, equalShapes, shapeText } from "../ir/dim.ts";
import type { Node } from "../ir/graph.ts";
import type { OpAttrs } from "../ir/operators.ts";
import { isReal } from "../ir/type.ts";
import { axesWithout, type Composite, checkAxes, countedLabel, misfit, type Notation } from "./define.ts";

const render = (args: readonly Layout[], { axis }: OpAttrs["CrossEntropy"], notation: Notation): Layout =>
  call("cross_entropy", args, [notation.axis(0, axis)]);

export const crossEntropy: Composite<"CrossEntropy"> = {
  name: "CrossEntropy",
  kind: "composite",
  doc: "−log_softmax(x)_k along one axis, which disappears, where integers say for each of its rows which place k is the right one (Goodfellow et al. 2016, §6.2.2).",
  family: "reduction",
  arity: 2,
  infer: (inputs, { axis }) => {
    const [x, labels] = [at(inputs, 0), at(inputs, 1)];
    checkAxes("CrossEntropy", x.shape, [axis]);
    const shape = x.shape.toSpliced(axis, 1);
    if (isReal(labels.dtype) || labels.dtype === "bool" || !equalShapes(labels.shape, shape)) {
      const got = `${shapeText(x.shape)} and ${labels.dtype} ${shapeText(labels.shape)}`;
      throw misfit("CrossEntropy", got, "integers of the first shape without the axis");
    }
    return { shape, dtype: isReal(x.dtype) ? x.dtype : "float32" };
  },
  expand: (build, inputs, { axis }) => {
    const [x, labels] = [at(inputs, 0), at(inputs, 1)];
    const { shape } = x.type;
    const [size, dtype] = [at(shape, axis), labels.type.dtype];
    const column = build.node("Reshape", [labels], { shape: shape.with(axis, 1) }) as Node;
    const places = build.node("Reshape", [build.node("Iota", [], { size, dtype }) as Node], {
      shape: [size, ...shape.slice(axis + 1).map((): Dim => 1)],
    }) as Node;
    const logarithms = build.node("LogSoftmax", [x], { axis }) as Node;
    const nothing = build.node("Constant", [], { value: zero, dtype: logarithms.type.dtype }) as Node;
    const isRight = build.node("Equal", [column, places], {}) as Node;
    const right = build.node("Where", [isRight, logarithms, nothing], {}) as Node;
    return build.node("Neg", [build.node("Sum", [right], { axes: [axis] }) as Node], {}) as Node;
  },
  axes: (inputs, { axis }) => {
    const { operands, result } = axesWithout(at(inputs, 0), [axis]);
    const labels = at(operands, 0).with(axis, countedLabel);
    return { operands: [labels, result], result };
  },
  render,
  renderElement: render,
};
