/** @file Attention, in the forms that torch has as one operator. */
import { range } from "../../base/assert.ts";
import { rational } from "../../base/rational.ts";
import { type Node, reachable } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import { type Call, type Lower, NotAFunction, NotCovered, type Rows } from "./call.ts";
import { simplified } from "./masks.ts";
import { fixedSize, lastTwo, triangle } from "./operators-creation.ts";
import { contract } from "./operators-linear.ts";
import { repeatedEach } from "./operators-structure.ts";

/** softmax(q kᵀ · scale + mask) v over the last axes; torch.nn.functional.scaled_dot_product_attention. */
const attention: Lower = (c) => {
  const [q, ownK, ownV] = [c.tensor("query"), c.tensor("key"), c.tensor("value")];
  const rank = q.type.shape.length;
  if (c.number("dropout_p", rational(0)).numerator !== 0n) throw new NotAFunction("attention with dropout");
  if (ownK.type.shape.length !== rank || ownV.type.shape.length !== rank)
    throw new NotCovered("attention that broadcasts");
  const [k, v] = c.bool("enable_gqa", false)
    ? [grouped(c, q, ownK), grouped(c, q, ownV)]
    : [stretched(c, q, ownK), stretched(c, q, ownV)];
  const batch = range(rank - 2).map((axis) => `batch${axis}`);
  const [queries, keys, out] = [
    [...batch, "q", "d"],
    [...batch, "k", "d"],
    [...batch, "q", "k"],
  ];
  const scores = contract(c, q, k, [queries, keys, out]);
  const scaled = c.has("scale")
    ? c.mul(scores, c.scalar("scale", q))
    : c.div(scores, c.apply("Sqrt", [c.constant(fixedSize(q.type.shape, rank - 1), q.type.dtype)], {}));
  const seen = masked(c, scaled);
  const weights = c.apply("Softmax", [seen], { axis: rank - 1 });
  const result = contract(c, weights, v, [out, keys, queries]);
  return c.isRead(1) ? [result, c.apply("LogSumExp", [seen], { axis: rank - 1 })] : [result];
};

/** Keys or values that stand for all examples or heads of the queries. */
const stretched = (c: Call, q: Node, shared: Node): Node =>
  c.stretch(shared, [...q.type.shape.slice(0, -2), ...shared.type.shape.slice(-2)]);

/** Heads that several queries share, once for each of these. */
function grouped(c: Call, q: Node, shared: Node): Node {
  const axis = q.type.shape.length - 3;
  const [queries, own] = [fixedSize(q.type.shape, axis), fixedSize(shared.type.shape, axis)];
  return repeatedEach(c, shared, axis, queries / own);
}

/**
 * ATen's `_safe_softmax` gives 0 there. A choice of 0 would be faithful, but specs write a softmax, which has no value there: code
 * that follows the spec wherever the spec says anything could no longer be proved.
 */
const hidesAll =
  "where an attention mask hides everything, PyTorch's attention is 0; the softmax that is read has no value there";

/** Whether what the caller gives decides which scores are hidden: it may be all of them. */
function mayHideAll(mask: Node): boolean {
  const parts = reachable([mask]);
  const hides = (node: Node): boolean =>
    node.op === "NamedConstant" && node.attrs.name === "negative infinity";
  return parts.some(({ op }) => op === "Input") && (!isReal(mask.type.dtype) || parts.some(hides));
}

function masked(c: Call, scores: Node): Node {
  const { dtype, shape } = scores.type;
  const hidden = c.apply("NamedConstant", [], { name: "negative infinity", dtype });
  const given = c.optionalTensor("attn_mask");
  const mask = c.bool("is_causal", false)
    ? triangle(c, lastTwo(shape), 0, "lower")
    : given && simplified(c, given);
  if (mask === undefined) return scores;
  if (mayHideAll(mask)) c.note(hidesAll);
  return isReal(mask.type.dtype) ? c.add(scores, mask) : c.apply("Where", [mask, scores, hidden], {});
}

export const attentions: Rows = {
  "aten.scaled_dot_product_attention.default": attention,
  // The second result is the logarithm of each softmax's sum.
  "aten._scaled_dot_product_flash_attention_for_cpu.default": attention,
};
