/** @file ONNX's losses. */
import { at, range } from "../../base/assert.ts";
import type { Node } from "../../ir/graph.ts";
import { numbersAlong } from "../common/order.ts";
import type { Call, Lower, Rows } from "./call.ts";

/** −w[t] log p[t] over the class axis 1, summed up as the operator says; log-probabilities come in. */
function negativeLogLikelihood(
  c: Call,
  logProbabilities: Node,
  target: Node,
  weight: Node | undefined,
): Node {
  const { shape, dtype } = logProbabilities.type;
  const rank = shape.length;
  const labels = c.reshape(c.cast(target, "int64"), target.type.shape.toSpliced(1, 0, 1));
  const isTarget = c.equal(labels, numbersAlong(c, at(shape, 1), 1, rank));
  const zero = c.constant(0, dtype);
  const over = (values: Node): Node => c.apply("Sum", [c.where(isTarget, values, zero)], { axes: [1] });
  const ones = c.stretch(c.constant(1, dtype), target.type.shape);
  const perClass = weight && c.reshape(weight, [at(shape, 1), ...range(rank - 2).map(() => 1)]);
  const given = perClass === undefined ? ones : over(c.stretch(perClass, shape));
  const ignored = c.has("ignore_index")
    ? c.equal(target, c.constant(c.int("ignore_index"), target.type.dtype))
    : undefined;
  const weights = ignored === undefined ? given : c.where(ignored, zero, given);
  const loss = c.mul(c.apply("Neg", [over(logProbabilities)], {}), weights);
  const axes = range(target.type.shape.length);
  switch (c.text("reduction", "mean")) {
    case "none":
      return loss;
    case "sum":
      return c.apply("Sum", [loss], { axes });
    default:
      return weight === undefined && ignored === undefined
        ? c.apply("Mean", [loss], { axes })
        : c.div(c.apply("Sum", [loss], { axes }), c.apply("Sum", [weights], { axes }));
  }
}

const crossEntropy: Lower = (c) => {
  const logProbabilities = c.apply("LogSoftmax", [c.input(0)], { axis: 1 });
  return [negativeLogLikelihood(c, logProbabilities, c.input(1), c.optional(2)), logProbabilities];
};

export const losses: Rows = {
  NegativeLogLikelihoodLoss: (c) => negativeLogLikelihood(c, c.input(0), c.input(1), c.optional(2)),
  SoftmaxCrossEntropyLoss: crossEntropy,
};
