/** @file Loss functions (torch.nn.functional), as formulas. */
import { at, range } from "../../base/assert.ts";
import { rational } from "../../base/rational.ts";
import type { Node } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import type { Call, Lower, Rows } from "./call.ts";
import { oneHot } from "./operators-creation.ts";

const allAxes = (x: Node): number[] => range(x.type.shape.length);

/** at::Reduction: 0 none, 1 mean, 2 sum. */
export function reduced(c: Call, losses: Node): Node {
  const reduction = c.int("reduction", 1);
  if (reduction === 0) return losses;
  return c.apply(reduction === 1 ? "Mean" : "Sum", [losses], { axes: allAxes(losses) });
}

const ofDifference =
  (op: "Square" | "Abs"): Lower =>
  (c) =>
    reduced(c, c.apply(op, [c.sub(c.tensor("self"), c.tensor("target"))], {}));

const minus = (c: Call, x: Node): Node => c.apply("Neg", [x], {});
const log = (c: Call, x: Node): Node => c.apply("Log", [x], {});
const oneLess = (c: Call, x: Node): Node => c.sub(c.constant(1, x.type.dtype), x);
const weighted = (c: Call, losses: Node): Node => {
  const weight = c.optionalTensor("weight");
  return weight === undefined ? losses : c.mul(losses, weight);
};

/** softplus(x) − x y, which is −y log σ(x) − (1 − y) log(1 − σ(x)); the first of these may weigh more. */
const binaryWithLogits: Lower = (c) => {
  const [x, y, heavier] = [c.tensor("self"), c.tensor("target"), c.optionalTensor("pos_weight")];
  if (heavier === undefined) return reduced(c, weighted(c, c.sub(c.apply("Softplus", [x], {}), c.mul(x, y))));
  const share = c.add(c.mul(c.sub(heavier, c.constant(1, x.type.dtype)), y), c.constant(1, x.type.dtype));
  const losses = c.add(c.mul(oneLess(c, y), x), c.mul(share, c.apply("Softplus", [minus(c, x)], {})));
  return reduced(c, weighted(c, losses));
};

/** −y log p − (1 − y) log(1 − p). */
const binary: Lower = (c) => {
  const [p, y] = [c.tensor("self"), c.tensor("target")];
  c.note("binary_cross_entropy is taken without the floor of -100 under its logs");
  const likelihood = c.add(c.mul(y, log(c, p)), c.mul(oneLess(c, y), log(c, oneLess(c, p))));
  return reduced(c, weighted(c, minus(c, likelihood)));
};

/** Classes are axis 1, or the only axis. */
const classAxis = (x: Node): number => (x.type.shape.length === 1 ? 0 : 1);
/** The axis of the classes moved to the end. */
function classesLast(c: Call, x: Node): Node {
  const [axis, rank] = [classAxis(x), x.type.shape.length];
  return c.transpose(x, [...range(rank).filter((i) => i !== axis), axis]);
}

/** −log p of the class that each target names, and the weight that it has in the mean. */
interface Likelihood {
  readonly losses: Node;
  /** `undefined` where every place counts 1. */
  readonly weights: Node | undefined;
}
function likelihoods(c: Call, logs: Node, target: Node, smoothing?: Node): Likelihood {
  const moved = classesLast(c, logs);
  const last = moved.type.shape.length - 1;
  const classes = at(moved.type.shape, last);
  const { dtype } = logs.type;
  const ignored = c.int("ignore_index", -100);
  const chosen = c.cast(oneHot(c, target, classes), dtype);
  const sum = (x: Node): Node => c.apply("Sum", [x], { axes: [last] });
  const classWeight = c.optionalTensor("weight");
  const own = classWeight === undefined ? moved : c.mul(moved, classWeight);
  const picked = minus(c, sum(c.mul(own, chosen)));
  const spread = smoothing && minus(c, c.div(sum(own), c.size(classes, dtype)));
  const losses =
    spread === undefined || smoothing === undefined
      ? picked
      : c.add(c.mul(oneLess(c, smoothing), picked), c.mul(smoothing, spread));
  const weights = classWeight && sum(c.mul(chosen, classWeight));
  if (ignored < 0) {
    c.note(`no target is taken to be ${ignored}, which PyTorch would leave out of the mean`);
    return { losses, weights };
  }
  const counts = c.cast(c.not(c.equal(target, c.constant(ignored, target.type.dtype))), dtype);
  return { losses: c.mul(losses, counts), weights: weights === undefined ? counts : c.mul(weights, counts) };
}
function reducedLikelihood(c: Call, { losses, weights }: Likelihood): Node {
  if (weights === undefined || c.int("reduction", 1) !== 1) return reduced(c, losses);
  const total = (x: Node): Node => c.apply("Sum", [x], { axes: allAxes(x) });
  return c.div(total(losses), total(weights));
}

const crossEntropy: Lower = (c) => {
  const [x, target] = [c.tensor("self"), c.tensor("target")];
  const smoothing =
    c.has("label_smoothing") && c.number("label_smoothing").numerator !== 0n
      ? c.scalar("label_smoothing", x)
      : undefined;
  const logs = c.apply("LogSoftmax", [x], { axis: classAxis(x) });
  if (!isReal(target.type.dtype)) return reducedLikelihood(c, likelihoods(c, logs, target, smoothing));
  const classes = c.size(at(x.type.shape, classAxis(x)), x.type.dtype);
  const smooth =
    smoothing === undefined ? target : c.add(c.mul(target, oneLess(c, smoothing)), c.div(smoothing, classes));
  const weight = c.optionalTensor("weight");
  const shape = weight && [
    ...weight.type.shape,
    ...range(x.type.shape.length - 1 - classAxis(x)).map(() => 1),
  ];
  const own = weight === undefined || shape === undefined ? logs : c.mul(logs, c.reshape(weight, shape));
  const losses = minus(c, c.apply("Sum", [c.mul(smooth, own)], { axes: [classAxis(x)] }));
  return reduced(c, losses);
};

/** The loss, and where something reads it the sum of the weights. */
const likelihood: Lower = (c) => {
  const found = likelihoods(c, c.tensor("self"), c.tensor("target"));
  const loss = reducedLikelihood(c, found);
  if (!c.isRead(1)) return [loss];
  const weights = found.weights ?? c.stretch(c.constant(1, found.losses.type.dtype), found.losses.type.shape);
  const total = c.apply("Sum", [weights], { axes: allAxes(weights) });
  return [loss, c.int("reduction", 1) === 0 ? c.constant(0, loss.type.dtype) : total];
};

/** Quadratic within a distance, linear beyond; `smooth_l1` is the same divided by it. */
const huber =
  (name: "delta" | "beta"): Lower =>
  (c) => {
    const distance = c.apply("Abs", [c.sub(c.tensor("self"), c.tensor("target"))], {});
    const reach = c.constant(c.number(name, rational(1)), distance.type.dtype);
    if (c.has(name) && c.number(name).numerator === 0n) return reduced(c, distance);
    const half = c.constant(rational(1, 2), distance.type.dtype);
    const near = c.mul(half, c.apply("Square", [distance], {}));
    const far = c.mul(reach, c.sub(distance, c.mul(half, reach)));
    const losses = c.where(c.less(distance, reach), near, far);
    return reduced(c, name === "beta" ? c.div(losses, reach) : losses);
  };

/** Σ y (log y − x), where x are logs. */
const divergence: Lower = (c) => {
  const [x, y] = [c.tensor("self"), c.tensor("target")];
  if (c.bool("log_target", false)) return reduced(c, c.mul(c.apply("Exp", [y], {}), c.sub(y, x)));
  const zero = c.constant(0, y.type.dtype);
  const isZero = c.equal(y, zero);
  const entropy = c.where(isZero, zero, c.mul(y, log(c, c.where(isZero, c.constant(1, y.type.dtype), y))));
  return reduced(c, c.sub(entropy, c.mul(y, x)));
};
const poisson: Lower = (c) => {
  const [x, y] = [c.cast(c.tensor("input"), c.result.dtype), c.cast(c.tensor("target"), c.result.dtype)];
  const epsilon = c.constant(c.number("eps", rational(1, 10n ** 8n)), x.type.dtype);
  const losses = c.bool("log_input", true)
    ? c.sub(c.apply("Exp", [x], {}), c.mul(y, x))
    : c.sub(x, c.mul(y, log(c, c.add(x, epsilon))));
  return reduced(c, c.bool("full", false) ? c.add(losses, logFactorial(c, y)) : losses);
};
/** Stirling's approximation y log y − y + log(2 π y) / 2 of log y!, and 0 up to 1. */
function logFactorial(c: Call, y: Node): Node {
  const one = c.constant(1, y.type.dtype);
  const isMore = c.less(one, y);
  const count = c.where(isMore, y, one);
  const pi = c.apply("NamedConstant", [], { name: "pi", dtype: y.type.dtype });
  const round = c.mul(c.constant(2, y.type.dtype), c.mul(pi, count));
  const half = c.mul(c.constant(rational(1, 2), y.type.dtype), log(c, round));
  const value = c.add(c.sub(c.mul(count, log(c, count)), count), half);
  return c.where(isMore, value, c.constant(0, y.type.dtype));
}

export const loss: Rows = {
  "aten.mse_loss.default": ofDifference("Square"),
  "aten.l1_loss.default": ofDifference("Abs"),
  "aten.binary_cross_entropy.default": binary,
  "aten.binary_cross_entropy_with_logits.default": binaryWithLogits,
  "aten.cross_entropy_loss.default": crossEntropy,
  "aten.nll_loss.default": likelihood,
  "aten.nll_loss2d.default": likelihood,
  "aten.nll_loss_forward.default": likelihood,
  "aten.nll_loss2d_forward.default": likelihood,
  "aten.huber_loss.default": huber("delta"),
  "aten.smooth_l1_loss.default": huber("beta"),
  "aten.kl_div.default": divergence,
  "aten.poisson_nll_loss.default": poisson,
  "aten.nll_loss_nd.default": likelihood,
};
