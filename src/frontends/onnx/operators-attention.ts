/** @file ONNX's attention and rotary positions, with the steps of the operators' documentation. */
import { at } from "../../base/assert.ts";
import { rational } from "../../base/rational.ts";
import { type Dim, exactQuotient, multiplyDims, subtractDims } from "../../ir/dim.ts";
import type { Node } from "../../ir/graph.ts";
import { isReal } from "../../ir/type.ts";
import { numbersAlong } from "../common/order.ts";
import { numberLike } from "../common/powers.ts";
import type { Call, Lower, Rows } from "./call.ts";
import { NotCovered } from "./contradiction.ts";

const rankOf = (x: Node): number => x.type.shape.length;

/** [batch, time, heads · width] as [batch, heads, time, width]. */
function split(c: Call, x: Node, heads: number): Node {
  const [batch = 1, time = 1, width = 1] = x.type.shape;
  const each = exactQuotient(width, heads);
  if (each === undefined) throw new NotCovered("heads of different widths");
  return c.transpose(c.reshape(x, [batch, time, heads, each]), [0, 2, 1, 3]);
}
function merged(c: Call, x: Node): Node {
  const [batch = 1, heads = 1, time = 1, width = 1] = x.type.shape;
  return c.reshape(c.transpose(x, [0, 2, 1, 3]), [batch, time, multiplyDims(heads, width)]);
}

/** Heads of keys and values repeated so that there is one for each of the queries'. */
function repeated(c: Call, x: Node, heads: Dim): Node {
  const [batch = 1, own = 1, time = 1, width = 1] = x.type.shape;
  if (own === heads) return x;
  if (typeof own !== "number" || typeof heads !== "number" || heads % own !== 0)
    throw new NotCovered("heads that are no multiple of those of the keys");
  const each = heads / own;
  const wide = c.stretch(c.reshape(x, [batch, own, 1, time, width]), [batch, own, each, time, width]);
  return c.reshape(wide, [batch, heads, time, width]);
}

const negativeInfinity = (c: Call, x: Node): Node =>
  c.apply("NamedConstant", [], { name: "negative infinity", dtype: x.type.dtype });

const attention: Lower = (c) => {
  const isFlat = rankOf(c.input(0)) === 3;
  const heads = (x: Node, name: string): Node => (isFlat ? split(c, x, c.int(name)) : x);
  const q = heads(c.input(0), "q_num_heads");
  const extended = (index: number, past: number): Node => {
    const x = heads(c.input(index), "kv_num_heads");
    const before = c.optional(past);
    return before === undefined ? x : c.concat([before, x], 2);
  };
  const [presentKey, presentValue] = [extended(1, 4), extended(2, 5)];
  const [k, v] = [presentKey, presentValue].map((x) => repeated(c, x, at<Dim>(q.type.shape, 1))) as [
    Node,
    Node,
  ];
  const scores = softcapped(c, scaled(c, q, c.apply("Contract", [q, k], { equation: "abcd,abed->abce" })));
  const mask = maskOf(c, at<Dim>(q.type.shape, 2), at<Dim>(k.type.shape, 2));
  const open = laidOver(c, scores, mask);
  const weights = probabilities(c, open, mask);
  const y = c.apply("Contract", [weights, v], { equation: "abcd,abde->abce" });
  const shown = [scores, scores, open, weights][c.int("qk_matmul_output_mode", 0)] ?? scores;
  return [isFlat ? merged(c, y) : y, presentKey, presentValue, shown];
};

function scaled(c: Call, q: Node, product: Node): Node {
  if (c.has("scale")) return c.mul(product, numberLike(c, c.float("scale"), product));
  return c.div(product, c.apply("Sqrt", [c.size(at<Dim>(q.type.shape, 3), product.type.dtype)], {}));
}

/** s tanh(x / s). */
function softcapped(c: Call, x: Node): Node {
  const cap = c.float("softcap", rational(0));
  if (cap.numerator <= 0n) return x;
  const limit = numberLike(c, cap, x);
  return c.mul(limit, c.apply("Tanh", [c.div(x, limit)], {}));
}

/** What is added to the scores, and where keys are seen at all. */
interface Mask {
  readonly bias: Node | undefined;
  readonly seen: readonly Node[];
  /** Whether a query may see no key. */
  readonly mayHideAll: boolean;
}
function maskOf(c: Call, queries: Dim, keys: Dim): Mask {
  const [given, past, lengths] = [c.optional(3), c.optional(4), c.optional(6)];
  const mask = given && widened(c, given, keys);
  const [bias, allowed] =
    mask !== undefined && isReal(mask.type.dtype) ? [mask, undefined] : [undefined, mask];
  const perBatch = lengths && c.reshape(c.cast(lengths, "int64"), [at<Dim>(lengths.type.shape, 0), 1, 1, 1]);
  const before = past === undefined ? 0 : at<Dim>(past.type.shape, 2);
  // How many keys come before the first query.
  const offset =
    perBatch !== undefined && past === undefined
      ? c.sub(perBatch, c.size(queries, "int64"))
      : c.size(before, "int64");
  const key = numbersAlong(c, keys, 3, 4);
  const query = (): Node => {
    const numbers = numbersAlong(c, queries, 2, 4);
    return before === 0 && perBatch === undefined ? numbers : c.add(numbers, offset);
  };
  const [left, right] = [c.int("left_window_size", -1), c.int("right_window_size", -1)];
  const number = (value: number): Node => c.constant(value, "int64");
  const seen = [
    ...(allowed === undefined ? [] : [allowed]),
    ...(c.flag("is_causal") ? [c.not(c.less(query(), key))] : []),
    ...(left >= 0 ? [c.not(c.less(key, c.sub(query(), number(left))))] : []),
    ...(right >= 0 ? [c.not(c.less(c.add(query(), number(right)), key))] : []),
    ...(perBatch === undefined ? [] : [c.less(key, perBatch)]),
  ];
  return { bias, seen, mayHideAll: mask !== undefined || perBatch !== undefined || left >= 0 || right >= 0 };
}
/** A mask that is shorter than the keys hides the rest. */
function widened(c: Call, mask: Node, keys: Dim): Node {
  const axis = rankOf(mask) - 1;
  const missing = subtractDims(keys, at<Dim>(mask.type.shape, axis));
  if (typeof missing !== "number" || missing <= 0 || mask.type.shape[axis] === 1) return mask;
  const fill = isReal(mask.type.dtype) ? negativeInfinity(c, mask) : c.constant(0, "bool");
  return c.apply("Pad", [mask, fill], { axis, before: 0, after: missing, interior: 0 });
}
function laidOver(c: Call, scores: Node, { bias, seen }: Mask): Node {
  const biased = bias === undefined ? scores : c.add(scores, bias);
  if (seen.length === 0) return biased;
  return c.where(
    seen.reduce((a, b) => c.and(a, b)),
    biased,
    negativeInfinity(c, biased),
  );
}
/** Queries that see no key have no weights. */
function probabilities(c: Call, open: Node, mask: Mask): Node {
  const weights = c.apply("Softmax", [open], { axis: 3 });
  if (!mask.mayHideAll) return weights;
  const zeros = c.stretch(c.constant(0, open.type.dtype), open.type.shape);
  const largest = c.apply("Max", [laidOver(c, zeros, mask)], { axes: [3] });
  const isHidden = c.equal(c.reshape(largest, [...largest.type.shape, 1]), negativeInfinity(c, largest));
  return c.where(isHidden, c.constant(0, open.type.dtype), weights);
}

/** Pairs of halves, or of neighbours, turned by the angle of their position (Su et al. 2021, equation 34). */
const rotary: Lower = (c) => {
  const given = c.input(0);
  const isFlat = rankOf(given) === 3;
  const x = isFlat ? split(c, given, c.int("num_heads")) : given;
  const [batch = 1, , time = 1, width = 1] = x.type.shape;
  const size = c.int("rotary_embedding_dim", 0) || c.concrete(width, "the width of a head");
  const [cosines, sines] = [c.input(1), c.input(2)].map((cache) => {
    const positions = c.optional(3);
    const rows = positions === undefined ? cache : c.apply("Take", [cache, positions], {});
    const used = c.slice(rows, 2, 0, size / 2);
    return c.reshape(used, [batch, 1, time, size / 2]);
  }) as [Node, Node];
  const turnedPart = c.slice(x, 3, 0, size);
  const isInterleaved = c.flag("interleaved");
  const half = (index: number): Node =>
    isInterleaved
      ? c.apply("Slice", [turnedPart], { axis: 3, start: index, stop: size, step: 2 })
      : c.slice(turnedPart, 3, (index * size) / 2, ((index + 1) * size) / 2);
  const [left, right] = [half(0), half(1)];
  const turned = [
    c.sub(c.mul(cosines, left), c.mul(sines, right)),
    c.add(c.mul(sines, left), c.mul(cosines, right)),
  ];
  const joined = isInterleaved
    ? c.reshape(
        c.concat(
          turned.map((part) => c.reshape(part, [...part.type.shape, 1])),
          4,
        ),
        turnedPart.type.shape,
      )
    : c.concat(turned, 3);
  const all = width === size ? joined : c.concat([joined, c.slice(x, 3, size, width)], 3);
  return isFlat ? merged(c, all) : all;
};

export const attentions: Rows = {
  Attention: attention,
  RotaryEmbedding: rotary,
};
