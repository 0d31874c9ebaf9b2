/** @file Lowering and evaluation of whole graphs: overrides, checks, and graphs too deep for recursion. */
import { describe, expect, test } from "vitest";
import { at, get, only } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { rational } from "../../src/base/rational.ts";
import { float64 } from "../../src/domain/float64.ts";
import { powmod } from "../../src/domain/modular.ts";
import type { NumberSystem } from "../../src/domain/number-system.ts";
import { PrimeField } from "../../src/domain/prime-field.ts";
import { evaluate, outputsOf } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import { symbol } from "../../src/ir/dim.ts";
import type { Builder, Graph, Node, NodeOf } from "../../src/ir/graph.ts";
import type { OpAttrs, OpName } from "../../src/ir/operators.ts";
import { definitionOf, newBuilder } from "../../src/ops/table.ts";
import { discrete, real, type Tensor } from "../../src/ops/tensor.ts";

const make = <N extends OpName>(b: Builder, op: N, inputs: readonly Node[], attrs: OpAttrs[N]): Node =>
  b.node(op, inputs, attrs) as unknown as Node;
const graphOf = (b: Builder, inputs: readonly Node[], output: Node): Graph =>
  b.graph({
    name: "g",
    inputs: inputs as unknown as NodeOf<"Input">[],
    parameters: [],
    outputs: [{ name: "y", node: output }],
  });
const numbers = (...values: number[]): Tensor<Float64Array> =>
  real([values.length], Float64Array.from(values));

describe("a small graph", () => {
  const builder = newBuilder();
  const x = make(builder, "Input", [], { name: "x", shape: [symbol("N")], dtype: "float32" });
  const h = make(builder, "Square", [x], {});
  const y = make(builder, "Sum", [make(builder, "Tanh", [h], {})], { axes: [0] });
  const graph = graphOf(builder, [x], y);
  const { graph: lowered, image } = lower(graph);
  const sizes = new Map([["N", 2]]);

  test("has the value of its formula", () => {
    const values = evaluate(lowered, float64, new Map([[get(image, x), numbers(0.5, -2)]]), sizes);
    const expected = Math.tanh(0.25) + Math.tanh(4);
    // Two tanh, each within one unit of 1, and their sum.
    expect(Math.abs(at(only(outputsOf(lowered, values)).values, 0) - expected)).toBeLessThan(4 * 2 ** -52);
  });

  test("takes a given value in place of any node's own", () => {
    const given = new Map([
      [get(image, x), numbers(0.5, -2)],
      [get(image, h), numbers(1000, 1000)],
    ]);
    expect(only(outputsOf(lowered, evaluate(lowered, float64, given, sizes))).values).toEqual(
      Float64Array.of(2),
    );
  });

  test("refuses values of another shape or kind, missing values, missing sizes, and composites", () => {
    const run = (value: Tensor<Float64Array>, of = lowered, known = sizes): unknown =>
      evaluate(of, float64, new Map([[of === graph ? x : get(image, x), value]]), known);
    expect(() => run(numbers(1, 2, 3))).toThrow("is given a real value of shape [3]");
    expect(() => run(real([1, 2], Float64Array.of(1, 2)))).toThrow("is given a real value of shape [1, 2]");
    expect(() => run(discrete([2], Float64Array.of(1, 2)))).toThrow("is given a discrete value");
    expect(() => evaluate(lowered, float64, new Map(), sizes)).toThrow("no value is given for x");
    expect(() => run(numbers(1, 2), lowered, new Map())).toThrow("no size is known for N");
    expect(() => run(numbers(1, 2), graph)).toThrow("is not a primitive");
  });

  test("lowering twice is lowering once", () => {
    const twice = lower(lowered).graph;
    expect(twice.nodes.map((node) => node.op)).toEqual(lowered.nodes.map((node) => node.op));
    expect(lowered.nodes.every((node) => definitionOf(node.op).kind === "primitive")).toBe(true);
  });
});

test("an expansion carries the origin and label of its composite", () => {
  const builder = newBuilder();
  const x = make(builder, "Input", [], { name: "x", shape: [3], dtype: "float32" });
  const y = builder.at({ line: 12 }, () =>
    make(builder, "Normalize", [x], { axes: [0], epsilon: rational(1, 10) }),
  );
  builder.label(y, "logits");
  const { graph, image } = lower(graphOf(builder, [x], y));
  const made = graph.nodes.filter((node) => node !== get(image, x));
  expect(made.every((node) => graph.origins.get(node)?.line === 12)).toBe(true);
  expect(made.length).toBeGreaterThan(2);
  expect(graph.labels.get(get(image, y))).toBe("logits");
});

test("a chain of 100 000 nodes is lowered and evaluated without recursion", { timeout: 60_000 }, () => {
  const builder = newBuilder();
  const x = make(builder, "Input", [], { name: "x", shape: [1], dtype: "float64" });
  let last = x;
  for (let i = 0; i < 50_000; i++) last = make(builder, "Square", [make(builder, "Neg", [last], {})], {});
  const graph = graphOf(builder, [x], last);
  expect(graph.nodes.length).toBe(100_001);
  const { graph: lowered, image } = lower(graph);
  const run = <A>(system: NumberSystem<A>, value: A): A | undefined => {
    const values = evaluate(lowered, system, new Map([[get(image, x), real([1], value)]]), new Map());
    const result = only(outputsOf(lowered, values));
    return result.kind === "real" ? result.values : undefined;
  };
  expect(run(float64, Float64Array.of(-1))).toEqual(Float64Array.of(1));
  // x^(2^50000): the exponent is reduced modulo p − 1 and q − 1.
  const field = new PrimeField(1034970719, random(1));
  const exponent = (m: number): bigint => 2n ** 50_000n % BigInt(m - 1);
  expect(run(field, field.constant(rational(3)))).toEqual({
    p: Int32Array.of(powmod(3, Number(exponent(field.p)), field.p)),
    q: Int32Array.of(powmod(3, Number(exponent(field.q)), field.q)),
  });
});
