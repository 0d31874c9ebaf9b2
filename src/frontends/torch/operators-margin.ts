/** @file Losses of margins and distances (torch.nn.functional; ATen's Loss.cpp and LossMulti*.cpp), as formulas. */
import { rational } from "../../base/rational.ts";
import type { Node } from "../../ir/graph.ts";
import type { Call, Lower, Rows } from "./call.ts";
import { fixedSize } from "./operators-creation.ts";
import { reduced } from "./operators-loss.ts";
import { norm } from "./operators-reduction.ts";

const zero = (c: Call, x: Node): Node => c.constant(0, x.type.dtype);
const positive = (c: Call, x: Node): Node => c.apply("Maximum", [x, zero(c, x)], {});
const minus = (c: Call, x: Node): Node => c.apply("Neg", [x], {});
const total = (c: Call, x: Node, axis: number): Node => c.apply("Sum", [x], { axes: [axis] });
const margin = (c: Call, x: Node, byDefault: number): Node =>
  c.constant(c.number("margin", rational(byDefault)), x.type.dtype);

/** As a number of the result's kind: of integers losses are real. */
const given = (c: Call, name: string): Node => c.cast(c.tensor(name), c.result.dtype);

const softMargin: Lower = (c) =>
  reduced(c, c.apply("Softplus", [minus(c, c.mul(c.tensor("self"), c.tensor("target")))], {}));

/** max(0, −y (a − b) + margin). */
const ranking: Lower = (c) => {
  const [a, b] = [c.tensor("input1"), c.tensor("input2")];
  const side = minus(c, c.mul(c.tensor("target"), c.sub(a, b)));
  return reduced(c, positive(c, c.add(side, margin(c, a, 0))));
};

/** `one` where the label is 1, `opposite` where it is −1, and 0 where it is neither. */
function byLabel(c: Call, label: Node, one: Node, opposite: Node): Node {
  const is = (value: number): Node => c.equal(label, c.constant(value, label.type.dtype));
  return c.add(c.where(is(1), one, zero(c, one)), c.where(is(-1), opposite, zero(c, opposite)));
}

/** x where y is 1, max(0, margin − x) where it is −1; ATen counts any other y as both. */
const hinge: Lower = (c) => {
  const [x, y] = [c.tensor("self"), c.tensor("target")];
  const [isOne, isOpposite] = [1, -1].map((label) => c.equal(y, c.constant(label, y.type.dtype))) as [
    Node,
    Node,
  ];
  const apart = c.where(isOne, zero(c, x), positive(c, c.sub(margin(c, x, 1), x)));
  return reduced(c, c.add(apart, c.where(isOpposite, zero(c, x), x)));
};

/** 1 − cos(a, b) where y is 1, max(0, cos(a, b) − margin) where it is −1; both squared lengths have 1e-12 added. */
const cosineEmbedding: Lower = (c) => {
  const [a, b] = [given(c, "input1"), given(c, "input2")];
  const last = a.type.shape.length - 1;
  const epsilon = c.constant(rational(1, 10n ** 12n), a.type.dtype);
  const square = (x: Node): Node => c.add(total(c, c.apply("Square", [x], {}), last), epsilon);
  const lengths = c.apply("Sqrt", [c.mul(square(a), square(b))], {});
  const cosine = c.div(total(c, c.mul(a, b), last), lengths);
  const apart = positive(c, c.sub(cosine, margin(c, cosine, 0)));
  return reduced(c, byLabel(c, c.tensor("target"), c.sub(c.constant(1, cosine.type.dtype), cosine), apart));
};

/** max(0, |a − p| − |a − n| + margin); with `swap` the negative may be nearer to the positive (Balntas et al. 2016). */
const triplet: Lower = (c) => {
  const [anchor, near, far] = [given(c, "anchor"), given(c, "positive"), given(c, "negative")];
  const epsilon = c.constant(c.number("eps", rational(1, 10n ** 6n)), anchor.type.dtype);
  const order = c.has("p") ? c.anyNumber("p") : 2;
  const distance = (x: Node, y: Node): Node => {
    const difference = c.add(c.sub(x, y), epsilon);
    return norm(c, difference, [difference.type.shape.length - 1], order);
  };
  const away = distance(anchor, far);
  const farther = c.bool("swap", false) ? c.apply("Minimum", [away, distance(near, far)], {}) : away;
  return reduced(c, positive(c, c.add(margin(c, away, 1), c.sub(distance(anchor, near), farther))));
};

/** Σ over the other classes i of max(0, margin − x_y + x_i)^p w_y / classes. */
const multiMargin: Lower = (c) => {
  const [own, target] = [c.tensor("self"), c.tensor("target")];
  // One number is the only class of one example.
  const x = own.type.shape.length === 0 ? c.reshape(own, [1]) : own;
  const last = x.type.shape.length - 1;
  const classes = fixedSize(x.type.shape, last);
  const chosen = oneHotOf(c, target, x, classes);
  const right = spread(c, total(c, c.mul(x, c.cast(chosen, x.type.dtype)), last));
  const apart = positive(c, c.add(c.sub(margin(c, x, 1), right), x));
  const powered = c.number("p", rational(1)).numerator === 2n ? c.apply("Square", [apart], {}) : apart;
  const weight = c.optionalTensor("weight");
  const weighted = weight === undefined ? powered : c.mul(powered, ownWeight(c, weight, chosen, last));
  const losses = total(c, c.where(chosen, zero(c, x), weighted), last);
  return reduced(c, c.div(losses, c.constant(classes, x.type.dtype)));
};

const spread = (c: Call, x: Node): Node => c.reshape(x, [...x.type.shape, 1]);
const oneHotOf = (c: Call, target: Node, x: Node, classes: number): Node => {
  const places = c.reshape(target, [...x.type.shape.slice(0, -1), 1]);
  return c.equal(places, c.apply("Iota", [], { size: classes, dtype: target.type.dtype }));
};
const ownWeight = (c: Call, weight: Node, chosen: Node, last: number): Node =>
  spread(c, total(c, c.mul(c.cast(chosen, weight.type.dtype), weight), last));

export const marginLoss: Rows = {
  "aten.soft_margin_loss.default": softMargin,
  "aten.margin_ranking_loss.default": ranking,
  "aten.hinge_embedding_loss.default": hinge,
  "aten.cosine_embedding_loss.default": cosineEmbedding,
  "aten.triplet_margin_loss.default": triplet,
  "aten.multi_margin_loss.default": multiMargin,
};
