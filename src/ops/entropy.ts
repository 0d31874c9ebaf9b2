/** @file What a classifier loses: minus the log-probability that it gives the label. */
import { at } from "../base/assert.ts";
import { call, type Layout } from "../base/layout.ts";
import type { Node } from "../ir/graph.ts";
import type { OpAttrs } from "../ir/operators.ts";
import { isReal } from "../ir/type.ts";
import type { Composite, Notation } from "./define.ts";
import { axesOfPlaces, checkPlaces, takeAlong } from "./places.ts";

const render = (args: readonly Layout[], { axis }: OpAttrs["CrossEntropy"], notation: Notation): Layout =>
  call("cross_entropy", args, [notation.axis(0, axis)]);

export const crossEntropy: Composite<"CrossEntropy"> = {
  name: "CrossEntropy",
  kind: "composite",
  doc: "−log_softmax(x)_k along one axis, which disappears, where integers say for each of its rows which place k is the right one (Goodfellow et al. 2016, §6.2.2).",
  family: "reduction",
  arity: 2,
  infer: (inputs, { axis }) => {
    checkPlaces("CrossEntropy", inputs, axis);
    const { shape, dtype } = at(inputs, 0);
    return { shape: shape.toSpliced(axis, 1), dtype: isReal(dtype) ? dtype : "float32" };
  },
  expand: (build, [x, label], attrs) => {
    const logarithms = build.node("LogSoftmax", [x as Node], attrs) as Node;
    return build.node("Neg", [takeAlong.expand(build, [logarithms, label as Node], attrs)], {}) as Node;
  },
  axes: axesOfPlaces,
  render,
  renderElement: render,
};
