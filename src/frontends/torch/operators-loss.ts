/** @file Loss functions (torch.nn.functional), as formulas. */
import { at, range } from "../../base/assert.ts";
import type { Node } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import { type Call, type Lower, NotCovered, type Rows } from "./call.ts";
import { oneHot } from "./operators-creation.ts";

const allAxes = (x: Node): number[] => range(x.type.shape.length);

/** at::Reduction: 0 none, 1 mean, 2 sum. */
function reduced(c: Call, losses: Node): Node {
  const reduction = c.int("reduction", 1);
  if (reduction === 0) return losses;
  return c.apply(reduction === 1 ? "Mean" : "Sum", [losses], { axes: allAxes(losses) });
}

const ofDifference =
  (op: "Square" | "Abs"): Lower =>
  (c) =>
    reduced(c, c.apply(op, [c.sub(c.tensor("self"), c.tensor("target"))], {}));

function withoutWeights(c: Call, ...names: readonly string[]): void {
  if (names.some((name) => c.optionalTensor(name) !== undefined)) throw new NotCovered("a weighted loss");
}

/** softplus(x) − x y, which is −y log σ(x) − (1 − y) log(1 − σ(x)). */
const binaryWithLogits: Lower = (c) => {
  withoutWeights(c, "weight", "pos_weight");
  const [x, y] = [c.tensor("self"), c.tensor("target")];
  return reduced(c, c.sub(c.apply("Softplus", [x], {}), c.mul(x, y)));
};

/** −y log p − (1 − y) log(1 − p). */
const binary: Lower = (c) => {
  withoutWeights(c, "weight");
  const [p, y] = [c.tensor("self"), c.tensor("target")];
  const log = (x: Node): Node => c.apply("Log", [x], {});
  const rest = (x: Node): Node => c.sub(c.constant(1, x.type.dtype), x);
  c.note("binary_cross_entropy is taken without the floor of -100 under its logs");
  return reduced(c, c.apply("Neg", [c.add(c.mul(y, log(p)), c.mul(rest(y), log(rest(p))))], {}));
};

/** Classes are axis 1, or the only axis. */
const classAxis = (x: Node): number => (x.type.shape.length === 1 ? 0 : 1);

/** −log p of the class that the target names. */
function negativeLogLikelihood(c: Call, logs: Node, target: Node): Node {
  withoutWeights(c, "weight");
  const axis = classAxis(logs);
  const classes = at(logs.type.shape, axis);
  const ignored = c.int("ignore_index", -100);
  if (typeof classes !== "number" || ignored >= 0) throw new NotCovered("a loss that ignores a class");
  c.note(`no target is taken to be ${ignored}, which PyTorch would leave out of the mean`);
  const last = logs.type.shape.length - 1;
  // The one-hot axis comes last; moving the classes there lines the two up.
  const order = [...range(last + 1).filter((i) => i !== axis), axis];
  const moved = axis === last ? logs : c.apply("Transpose", [logs], { permutation: order });
  const chosen = c.apply("Cast", [oneHot(c, target, classes)], { dtype: logs.type.dtype });
  const picked = c.apply("Sum", [c.mul(moved, chosen)], { axes: [last] });
  return reduced(c, c.apply("Neg", [picked], {}));
}

const crossEntropy: Lower = (c) => {
  const [x, target] = [c.tensor("self"), c.tensor("target")];
  if (c.has("label_smoothing") && c.number("label_smoothing").numerator !== 0n) {
    throw new NotCovered("label smoothing");
  }
  const logs = c.apply("LogSoftmax", [x], { axis: classAxis(x) });
  if (!isReal(target.type.dtype)) return negativeLogLikelihood(c, logs, target);
  withoutWeights(c, "weight");
  const losses = c.apply("Neg", [c.apply("Sum", [c.mul(target, logs)], { axes: [classAxis(x)] })], {});
  return reduced(c, losses);
};

const likelihood: Lower = (c) => negativeLogLikelihood(c, c.tensor("self"), c.tensor("target"));

export const loss: Rows = {
  "aten.mse_loss.default": ofDifference("Square"),
  "aten.l1_loss.default": ofDifference("Abs"),
  "aten.binary_cross_entropy.default": binary,
  "aten.binary_cross_entropy_with_logits.default": binaryWithLogits,
  "aten.cross_entropy_loss.default": crossEntropy,
  "aten.nll_loss.default": likelihood,
  "aten.nll_loss_nd.default": likelihood,
};
