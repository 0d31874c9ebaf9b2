/** @file What attention does to its scores and to its queries and keys: later keys are hidden, and pairs of features turned. */
import { at, range } from "../base/assert.ts";
import { call, infix, negation, number, symbol } from "../base/layout.ts";
import { rational } from "../base/rational.ts";
import {
  broadcastShapes,
  type Dim,
  equalDims,
  equalShapes,
  exactQuotient,
  multiplyDims,
  type Shape,
  shapeText,
} from "../ir/dim.ts";
import type { Builder, Node } from "../ir/graph.ts";
import { promote } from "../ir/type.ts";
import { type Composite, misfit } from "./define.ts";

export const causal: Composite<"Causal"> = {
  name: "Causal",
  kind: "composite",
  doc: "Scores [… queries, keys], as many of both, with −∞ where the key stands behind the query (Vaswani et al. 2017, §3.2.3), or a window before it (Jiang et al. 2023, §2).",
  family: "comparison",
  arity: 1,
  infer: (inputs, { window = 1 }) => {
    const { shape, dtype } = at(inputs, 0);
    const [queries, keys] = shape.slice(-2);
    if (queries === undefined || keys === undefined || !equalDims(queries, keys) || window < 1)
      throw misfit("Causal", shapeText(shape), "[…, T, T]: as many queries as keys");
    return { shape, dtype: promote([dtype, "float32"]) };
  },
  expand: (build, inputs, { window }) => {
    const x = at(inputs, 0);
    const size = at(x.type.shape, x.type.shape.length - 1);
    const key = build.node("Iota", [], { size, dtype: "int64" }) as Node;
    const query = build.node("Reshape", [key], { shape: [size, 1] }) as Node;
    const isNoLater = build.node("Not", [build.node("Less", [query, key], {}) as Node], {}) as Node;
    const isSeen =
      window === undefined ? isNoLater : both(build, isNoLater, isNear(build, query, key, window));
    return build.node("Where", [isSeen, x, negativeInfinity(build, x)], {}) as Node;
  },
  axes: (inputs) => {
    // Which one comes first matters.
    const lead = at(inputs, 0)
      .shape.slice(2)
      .map((_, axis) => String(axis));
    const labels = [...lead, undefined, undefined];
    return { operands: [labels], result: labels };
  },
  render: (args, { window }) =>
    call(
      "causal",
      window === undefined ? args : [...args, infix("=", symbol("window"), number(String(window)))],
    ),
};

/** −∞ beside scores. */
const negativeInfinity = (build: Builder, { type }: Node): Node =>
  build.node("NamedConstant", [], {
    name: "negative infinity",
    dtype: promote([type.dtype, "float32"]),
  }) as Node;

const both = (build: Builder, a: Node, b: Node): Node => build.node("And", [a, b], {}) as Node;

/** Whether a query stands fewer than so many places behind a key. */
function isNear(build: Builder, query: Node, key: Node, window: number): Node {
  const width = build.node("Constant", [], { value: rational(window), dtype: "int64" }) as Node;
  return build.node("Less", [query, build.node("Add", [key, width], {}) as Node], {}) as Node;
}

/** What hides keys in the shape of scores: [B, keys] as [B, 1, …, 1, keys]. */
const beside = (scores: Shape): Shape =>
  scores.map((size, axis) => (axis % (scores.length - 1) === 0 ? size : 1));

export const hide: Composite<"Hide"> = {
  name: "Hide",
  kind: "composite",
  doc: "Scores [B, …, keys] with −∞ at the keys that booleans [B, keys] mark, as padding is hidden (Vaswani et al. 2017, §3.2.3).",
  family: "structure",
  arity: 2,
  infer: (inputs) => {
    const [x, marked] = [at(inputs, 0), at(inputs, 1)];
    const ends = [x.shape[0], x.shape.at(-1)].filter((size) => size !== undefined);
    if (x.shape.length < 3 || marked.dtype !== "bool" || !equalShapes(marked.shape, ends)) {
      const got = `${shapeText(x.shape)} and ${marked.dtype} ${shapeText(marked.shape)}`;
      throw misfit("Hide", got, "[B, …, keys] and booleans [B, keys]");
    }
    return { shape: x.shape, dtype: promote([x.dtype, "float32"]) };
  },
  expand: (build, inputs) => {
    const [x, marked] = [at(inputs, 0), at(inputs, 1)];
    const laid = build.node("Reshape", [marked], { shape: beside(x.type.shape) }) as Node;
    const hidden = negativeInfinity(build, x);
    return build.node("Where", [laid, hidden, x], {}) as Node;
  },
  axes: (inputs) => {
    const labels = at(inputs, 0).shape.map((_, axis) => String(axis));
    return { operands: [labels, ["0", String(labels.length - 1)]], result: labels };
  },
  render: (args) => call("hide", args),
  renderElement: (args) => call("where", [at(args, 1), negation(symbol("inf")), at(args, 0)]),
};

/** The two features of each pair: of the halves of the last axis, or neighbours. */
function pairsOf(build: Builder, x: Node, half: Dim, neighbours: boolean): [Node, Node] {
  const axis = x.type.shape.length - 1;
  const size = at(x.type.shape, axis);
  const part = (start: Dim, stop: Dim, step: number): Node =>
    build.node("Slice", [x], { axis, start, stop, step }) as Node;
  return neighbours ? [part(0, size, 2), part(1, size, 2)] : [part(0, half, 1), part(half, size, 1)];
}

export const rotary: Composite<"Rotary"> = {
  name: "Rotary",
  kind: "composite",
  doc: "Pairs (x₁, x₂) of the last axis turned by angles θ: (x₁ cos θ − x₂ sin θ, x₂ cos θ + x₁ sin θ) (Su et al. 2021, eq. 34).",
  family: "structure",
  arity: 2,
  infer: (inputs) => {
    const [x, angles] = [at(inputs, 0), at(inputs, 1)];
    const half = exactQuotient(x.shape.at(-1) ?? 1, 2);
    const pairs =
      half === undefined || !equalDims(angles.shape.at(-1) ?? 0, half)
        ? undefined
        : broadcastShapes([[...x.shape.slice(0, -1), half], angles.shape]);
    if (half === undefined || pairs === undefined) {
      const got = `${shapeText(x.shape)} turned by ${shapeText(angles.shape)}`;
      throw misfit("Rotary", got, "an even last axis, and an angle for each two of its elements");
    }
    const dtype = promote([x.dtype, angles.dtype, "float32"]);
    return { shape: [...pairs.slice(0, -1), multiplyDims(2, half)], dtype };
  },
  expand: (build, inputs, { neighbours }) => {
    const [x, angles] = [at(inputs, 0), at(inputs, 1)];
    const half = at(angles.type.shape, angles.type.shape.length - 1);
    const [first, second] = pairsOf(build, x, half, neighbours);
    const cosine = build.node("Cos", [angles], {}) as Node;
    const sine = build.node("Sin", [angles], {}) as Node;
    const times = (a: Node, b: Node): Node => build.node("Mul", [a, b], {}) as Node;
    const turned = [
      build.node("Sub", [times(first, cosine), times(second, sine)], {}) as Node,
      build.node("Add", [times(second, cosine), times(first, sine)], {}) as Node,
    ];
    const { shape } = at(turned, 0).type;
    const axis = shape.length - 1;
    if (!neighbours) return build.node("Concat", turned, { axis }) as Node;
    const columns = turned.map((part) => build.node("Reshape", [part], { shape: [...shape, 1] }) as Node);
    const paired = build.node("Concat", columns, { axis: axis + 1 }) as Node;
    return build.node("Reshape", [paired], {
      shape: [...shape.slice(0, -1), multiplyDims(2, half)],
    }) as Node;
  },
  axes: (inputs, _, { shape }) => {
    const labels = range(shape.length - 1).map(String);
    const operands = inputs.map((input) =>
      input.shape.map((size, axis) => {
        const aligned = axis + shape.length - input.shape.length;
        const isLast = axis === input.shape.length - 1;
        return isLast || (size === 1 && shape[aligned] !== 1) ? undefined : labels[aligned];
      }),
    );
    return { operands, result: [...labels, undefined] };
  },
  render: (args, { neighbours }) => call(neighbours ? "rotary_pairs" : "rotary", args),
};
