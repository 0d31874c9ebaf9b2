/** @file Attention layers. */
import { at } from "../../../base/assert.ts";
import { rational } from "../../../base/rational.ts";
import type { Node } from "../../../ir/graph.ts";
import { jsonText } from "./config.ts";
import { softmaxOver } from "./dense.ts";
import type { Layer, Lower, Rows } from "./layer.ts";
import { repeated } from "./padding.ts";
import { Malformed, NotCovered } from "./problem.ts";
import { isNode, type Value } from "./values.ts";
import type { Variables } from "./variables.ts";

const both = (c: Layer, x: Node | undefined, y: Node | undefined): Node | undefined =>
  x !== undefined && y !== undefined ? c.and(x, y) : (x ?? y);

/** Which positions of the keys come before each one of the queries, or are it: [T, S]. */
function causalMask(c: Layer, query: Node, value: Node): Node {
  const positions = (x: Node): Node => c.apply("Iota", [], { size: at(x.type.shape, 1), dtype: "int64" });
  return c.not(c.less(c.withAxis(positions(query), 1), positions(value)));
}

const truth = (c: Layer, mask: Node | undefined): Node | undefined => mask && c.truth(mask);

interface ScoreMask {
  /** [T, S], for each example [B, T, S], or with heads. */
  readonly node: Node;
  /** Whether some position counts in every row. */
  readonly isCausal: boolean;
}

/** Every mask that applies to the scores; `undefined` where all positions count. */
function scoreMask(c: Layer, query: Node, value: Node, key: Node): ScoreMask | undefined {
  if (c.config.get("sliding_window") !== undefined) throw new NotCovered("a sliding window");
  const [queries, values] = [c.mask(query), c.mask(value)];
  const keys = c.args[2] === undefined && !c.named.has("key") ? undefined : c.mask(key);
  const own = queries && c.withAxis(queries, 2);
  const others = both(c, values && c.withAxis(values, 1), keys && c.withAxis(keys, 1));
  const causal = c.named.get("use_causal_mask") === true ? causalMask(c, query, value) : undefined;
  const padding = both(c, truth(c, c.tensor(6, "attention_mask")), both(c, own, others));
  const node = both(c, padding, causal);
  return node && { node, isCausal: padding === undefined };
}

/**
 * Softmax over the last axis of scores [B, heads, T, S]. A row in which nothing counts is uniform for one number in the
 * place of all scores; where Keras computes with scores, its softmax sets what does not count to 0 after all.
 */
function weightsOf(c: Layer, scores: Node, mask: ScoreMask | undefined): Node {
  const last = scores.type.shape.length - 1;
  if (mask === undefined) return softmaxOver(c, scores, [last]);
  // One of each example is the same for all heads; one of positions alone is the same for all examples, too.
  const laid = mask.node.type.shape.length === last ? c.withAxis(mask.node, 1) : mask.node;
  if (mask.isCausal) {
    const lowest = c.apply("NamedConstant", [], { name: "negative infinity", dtype: scores.type.dtype });
    c.note("scores of later positions are -inf; some backends of Keras have a large negative number there");
    return c.apply("Softmax", [c.where(laid, scores, lowest)], { axis: last });
  }
  const low = c.integer(-1_000_000_000, scores);
  const weights = c.apply("Softmax", [c.where(laid, scores, low)], { axis: last });
  const isExplicit = c.config.number("dropout", rational(0)).numerator !== 0n || returnsScores(c);
  return isExplicit ? c.where(laid, weights, c.integer(0, weights)) : weights;
}
const returnsScores = (c: Layer): boolean => c.named.get("return_attention_scores") === true;

interface Heads {
  readonly scale: number;
  readonly repeats: number;
  readonly takesMasks: boolean;
}

/** Keras's MultiHeadAttention removes the masks from its arguments, so that nothing that is called later on them has one. */
function takeMasks(c: Layer, tensors: readonly Node[]): void {
  const taken = tensors.filter((x) => c.reading.masks.delete(x));
  if (taken.length > 0)
    c.note("MultiHeadAttention takes the mask off its inputs: layers that are called on them later see none");
}

/** softmax(q kᵀ / √d) v for each head, projected in and out. */
function manyHeads(c: Layer, { scale, repeats, takesMasks }: Heads): Value {
  const [query, value] = [c.tensor(0, "query"), c.tensor(1, "value")];
  if (query === undefined || value === undefined)
    throw new Malformed(c.name, "no query or value", "two tensors");
  const key = c.tensor(2, "key") ?? value;
  const mask = scoreMask(c, query, value, key);
  if ([query, value, key].some((x) => x.type.shape.length !== 3))
    throw new NotCovered("attention over several axes");
  const hasBias = c.config.bool("use_bias", true);
  const project = (x: Node, name: string): Node => {
    const inner = variablesOf(c, `${name}_dense`, name);
    const product = c.contract(x, weightOf(c, inner, 0, "kernel"), ["b t m", "m n d", "b t n d"]);
    return hasBias ? c.add(product, weightOf(c, inner, 1, "bias")) : product;
  };
  const q = project(query, "query");
  const [k, v] = [project(key, "key"), project(value, "value")].map((x) =>
    repeats === 1 ? x : repeated(c, x, 2, repeats),
  );
  if (k === undefined || v === undefined) throw new Malformed(c.name, "no keys", "keys and values");
  const product = c.contract(q, k, ["b t n d", "b s n d", "b n t s"]);
  const root = c.apply("Sqrt", [c.integer(scale, product)], {});
  const weights = weightsOf(c, c.div(product, root), mask);
  const mixed = c.contract(weights, v, ["b n t s", "b s n d", "b t n d"]);
  const heads = c.config.bool("use_gate", false)
    ? c.mul(mixed, c.apply("Sigmoid", [project(query, "gate")], {}))
    : mixed;
  const out = variablesOf(c, "output_dense", "attention_output");
  const kernel = weightOf(c, out, 0, "kernel");
  if (kernel.type.shape.length !== 3) throw new NotCovered("an output of several axes");
  const joined = c.contract(heads, kernel, ["b t n d", "n d m", "b t m"]);
  const result = hasBias ? c.add(joined, weightOf(c, out, 1, "bias")) : joined;
  const own = c.mask(query);
  if (takesMasks) takeMasks(c, [query, value, key]);
  if (own !== undefined) c.reading.masks.set(result, own);
  return returnsScores(c) ? [result, weights] : result;
}

const variablesOf = (c: Layer, attribute: string, name: string): Variables =>
  c.variables.inner({ attribute, name });
const weightOf = (c: Layer, variables: Variables, index: number, name: string): Node =>
  c.reading.parameters.node(variables.variable(index, name), c.isTrainable);

const multiHead: Lower = (c) => {
  const axes = c.config.get("attention_axes");
  if (axes !== undefined && jsonText(axes) !== "[1]") throw new NotCovered("attention over other axes");
  return manyHeads(c, { scale: c.config.size("key_dim"), repeats: 1, takesMasks: true });
};
const groupedQuery: Lower = (c) => {
  const [heads, kept] = [c.config.size("num_query_heads"), c.config.size("num_key_value_heads")];
  if (heads % kept !== 0) throw new Malformed(c.name, `${heads} heads over ${kept}`, "a multiple");
  return manyHeads(c, { scale: c.config.size("head_dim"), repeats: heads / kept, takesMasks: false });
};

/** Luong's and Bahdanau's attention without projections. */
function plainAttention(c: Layer, scoresOf: (query: Node, key: Node) => Node): Value {
  const [query, value, given] = c.inputs;
  if (query === undefined || value === undefined)
    throw new Malformed(c.name, "one tensor", "a query and a value");
  const explicit = c.argument(1, "mask");
  const masks = Array.isArray(explicit) ? (explicit as readonly Value[]) : [];
  const maskOf = (index: number, x: Node): Node | undefined => {
    const own = masks[index];
    return own !== undefined && isNode(own) ? own : c.mask(x);
  };
  const [queries, values] = [maskOf(0, query), maskOf(1, value)];
  const scores = scoresOf(query, given ?? value);
  const causal = c.named.get("use_causal_mask") === true ? causalMask(c, query, value) : undefined;
  const mask = both(c, values && c.withAxis(c.truth(values), 1), causal);
  const weights = lowered(c, scores, mask);
  const mixed = c.contract(weights, value, ["b t s", "b s d", "b t d"]);
  const result = queries === undefined ? mixed : c.where(c.withAxis(queries, 2), mixed, c.integer(0, mixed));
  if (queries !== undefined) c.reading.masks.set(result, queries);
  return returnsScores(c) ? [result, weights] : result;
}

/** Here Keras takes 1e9 off the scores that do not count. */
function lowered(c: Layer, scores: Node, mask: Node | undefined): Node {
  if (mask === undefined) return c.apply("Softmax", [scores], { axis: 2 });
  const less = c.sub(scores, c.rational(rational(1_000_000_000), scores));
  return c.apply("Softmax", [c.where(mask, scores, less)], { axis: 2 });
}

/** The scalar that multiplies the scores. */
const scalar = (c: Layer, index: number, name: string): Node => c.weight(index, name);

const luong: Lower = (c) => {
  const isScaled = c.config.bool("use_scale", false);
  const mode = c.config.text("score_mode", "dot");
  if (mode !== "dot" && mode !== "concat") throw new NotCovered(`score_mode ${mode}`);
  return plainAttention(c, (query, key) => {
    if (mode === "dot") {
      const scores = c.contract(query, key, ["b t d", "b s d", "b t s"]);
      return isScaled ? c.mul(scores, scalar(c, 0, "scale")) : scores;
    }
    const sums = pairSums(c, query, key);
    const inner = isScaled ? c.mul(scalar(c, 0, "scale"), sums) : sums;
    const total = c.apply("Sum", [c.apply("Tanh", [inner], {})], { axes: [3] });
    return c.mul(scalar(c, isScaled ? 1 : 0, "concat_score_weight"), total);
  });
};

/** q_t + k_s for each pair of positions. */
const pairSums = (c: Layer, query: Node, key: Node): Node => c.add(c.withAxis(query, 2), c.withAxis(key, 1));

const bahdanau: Lower = (c) =>
  plainAttention(c, (query, key) => {
    const bent = c.apply("Tanh", [pairSums(c, query, key)], {});
    const weighted = c.config.bool("use_scale", true) ? c.mul(c.weight(0, "scale"), bent) : bent;
    return c.apply("Sum", [weighted], { axes: [3] });
  });

export const attentionLayers: Rows = {
  MultiHeadAttention: multiHead,
  GroupQueryAttention: groupedQuery,
  GroupedQueryAttention: groupedQuery,
  Attention: luong,
  AdditiveAttention: bahdanau,
};
