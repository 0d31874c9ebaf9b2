/** @file Masked attention scores: −∞ in the prime field, so that the ways of writing a mask are one function. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { get, only, range } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { rational } from "../../src/base/rational.ts";
import { PrimeField } from "../../src/domain/prime-field.ts";
import type { Residues } from "../../src/domain/residues.ts";
import { evaluate, outputsOf } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import type { Builder, Node } from "../../src/ir/graph.ts";
import type { OpAttrs, OpName } from "../../src/ir/operators.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { discrete, real, type Tensor } from "../../src/ops/tensor.ts";

const [rows, keys] = [3, 4];
const make = <N extends OpName>(b: Builder, op: N, inputs: readonly Node[], attrs: OpAttrs[N]): Node =>
  b.node(op, inputs, attrs) as unknown as Node;
const constant = (b: Builder, n: number, d = 1): Node =>
  make(b, "Constant", [], { value: rational(n, d), dtype: "float32" });
const infinity = (b: Builder): Node =>
  make(b, "NamedConstant", [], { name: "negative infinity", dtype: "float32" });
const softmax = (b: Builder, x: Node): Node => make(b, "Softmax", [x], { axis: 1 });

/** Softmax of the scores over the keys that the mask keeps. */
type Attention = (b: Builder, scores: Node, kept: Node) => Node;

const chosen: Attention = (b, scores, kept) => softmax(b, make(b, "Where", [kept, scores, infinity(b)], {}));
const bias = (b: Builder, kept: Node): Node => make(b, "Where", [kept, constant(b, 0), infinity(b)], {});
const ways: Readonly<Record<string, Attention>> = {
  "a bias of 0 and −∞": (b, scores, kept) => softmax(b, make(b, "Add", [scores, bias(b, kept)], {})),
  "−∞ before the scores are scaled": (b, scores, kept) => {
    const eight = constant(b, 8);
    const whole = make(b, "Mul", [scores, eight], {});
    return softmax(b, make(b, "Div", [make(b, "Where", [kept, whole, infinity(b)], {}), eight], {}));
  },
  "weights set to 0": (b, scores, kept) => {
    const weights = make(b, "Where", [kept, make(b, "Exp", [scores], {}), constant(b, 0)], {});
    const total = make(b, "Reshape", [make(b, "Sum", [weights], { axes: [1] })], { shape: [rows, 1] });
    return make(b, "Div", [weights, total], {});
  },
  "exp of −∞, and a reciprocal": (b, scores, kept) => {
    const masked = make(b, "Where", [kept, scores, infinity(b)], {});
    const weights = make(b, "Exp", [masked], {});
    const total = make(b, "Reshape", [make(b, "Sum", [weights], { axes: [1] })], { shape: [rows, 1] });
    return make(b, "Mul", [weights, make(b, "Reciprocal", [total], {})], {});
  },
};

interface Run {
  readonly value: Tensor<Residues>;
  readonly isVoid: boolean;
}

function run(attention: Attention, mask: readonly boolean[], seed: number): Run {
  const b = newBuilder();
  const scores = make(b, "Input", [], { name: "scores", shape: [rows, keys], dtype: "float32" });
  const kept = make(b, "Input", [], { name: "kept", shape: [rows, keys], dtype: "bool" });
  const node = attention(b, scores, kept);
  const { graph, image } = lower(
    b.graph({ name: "attention", inputs: [], parameters: [], outputs: [{ name: "y", node }] }),
  );
  const field = new PrimeField(1034970719, random(seed));
  const given = new Map<Node, Tensor<Residues>>([
    [get(image, scores), real([rows, keys], field.draw(random(seed + 1), rows * keys))],
    [get(image, kept), discrete([rows, keys], Float64Array.from(mask, Number))],
  ]);
  const value = only(outputsOf(graph, evaluate(graph, field, given, new Map())));
  return { value, isVoid: field.undefinedDivision };
}

/** At least one key of every row is kept. */
const mask = fc
  .tuple(...range(rows).map(() => fc.array(fc.boolean(), { minLength: keys - 1, maxLength: keys - 1 })))
  .map((parts) => parts.flatMap((part) => [true, ...part]));

test.each(Object.entries(ways))("%s", (_, attention) => {
  fc.assert(
    fc.property(mask, fc.nat(), (kept, seed) => {
      const [expected, got] = [run(chosen, kept, seed), run(attention, kept, seed)];
      expect([expected.isVoid, got.isVoid]).toEqual([false, false]);
      expect(values(got).p).toEqual(values(expected).p);
      expect([...values(got).p].map((value) => value !== 0)).toEqual(kept);
    }),
    { numRuns: 30 },
  );
});

test("another mask is another function", () => {
  const causal = range(rows * keys).map((i) => i % keys <= Math.floor(i / keys));
  const strict = causal.map((kept, i) => kept && (i % keys < Math.floor(i / keys) || i % keys === 0));
  expect(values(run(chosen, causal, 1)).p).not.toEqual(values(run(chosen, strict, 1)).p);
});

test("a row without keys has no value", () => {
  const kept = range(rows * keys).map((i) => i >= keys);
  expect(run(chosen, kept, 1).isVoid).toBe(true);
});

function values({ value }: Run): Residues {
  if (value.kind === "discrete") throw new Error("attention is real");
  return value.values;
}
