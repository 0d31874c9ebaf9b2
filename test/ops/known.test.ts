/** @file Integers that a program knows before it sees data, with symbols among them, beside the same program at sizes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, get, range } from "../../src/base/assert.ts";
import { rational } from "../../src/base/rational.ts";
import { float64 } from "../../src/domain/float64.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import { type Dim, dimText, type Shape, sizeOf, symbol } from "../../src/ir/dim.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { OpAttrs, OpName } from "../../src/ir/operators.ts";
import { KnownIntegers } from "../../src/ops/known.ts";
import { newBuilder } from "../../src/ops/table.ts";
import { newField } from "./support.ts";

function program() {
  const builder = newBuilder();
  const make = <N extends OpName>(op: N, inputs: readonly Node[], attrs: OpAttrs[N]): Node =>
    builder.node(op, inputs, attrs) as unknown as Node;
  const integer = (value: number): Node => make("Constant", [], { value: rational(value), dtype: "int64" });
  const size = (dim: Dim): Node =>
    typeof dim === "number"
      ? integer(dim)
      : make("Sum", [make("Broadcast", [integer(1)], { shape: [dim] })], { axes: [0] });
  const list = (...items: readonly Node[]): Node =>
    make(
      "Concat",
      items.map((item) => make("Reshape", [item], { shape: [1] })),
      { axis: 0 },
    );
  const input = (shape: Shape): Node => make("Input", [], { name: "x", shape, dtype: "int64" });
  const known = new KnownIntegers(builder);
  const textOf = (node: Node): string | undefined => known.of(node)?.map(dimText).join(" ");
  return { builder, make, integer, size, list, input, known, textOf };
}
const [B, T] = [symbol("B"), symbol("T")];

describe("known", () => {
  const p = program();
  const shape = p.list(p.size(B), p.size(T), p.integer(12));
  const sliced = p.make("Slice", [shape], { axis: 0, start: 1, stop: 3, step: 1 });
  test.each<[string, Node, string | undefined]>([
    ["a shape", shape, "B T 12"],
    ["part of it", sliced, "T 12"],
    ["one of it by number", p.make("Take", [shape, p.integer(1)], {}), "T"],
    ["a product", p.make("Mul", [p.size(B), p.integer(12)], {}), "12*B"],
    [
      "an exact quotient",
      p.make("Quotient", [p.make("Mul", [p.size(B), p.integer(12)], {}), p.integer(4)], {}),
      "3*B",
    ],
    ["a quotient that depends on B", p.make("Quotient", [p.size(B), p.integer(4)], {}), undefined],
    ["-1 is no size", p.make("Equal", [shape, p.integer(-1)], {}), "0 0 0"],
    ["12 may be a size", p.make("Equal", [shape, p.integer(12)], {}), undefined],
    ["0 is less than every size", p.make("Less", [p.integer(0), shape], {}), "1 1 1"],
    ["1 may be a size", p.make("Less", [p.integer(1), p.size(B)], {}), undefined],
    [
      "what a condition picks",
      p.make(
        "Where",
        [p.make("Equal", [shape, p.integer(-1)], {}), p.integer(1), p.make("Add", [shape, shape], {})],
        {},
      ),
      "2*B 2*T 24",
    ],
    ["positions", p.make("Iota", [], { size: 3, dtype: "int64" }), "0 1 2"],
    ["as many positions as there are steps", p.make("Iota", [], { size: T, dtype: "int64" }), undefined],
    ["data", p.input([2]), undefined],
    [
      "rounded real numbers",
      p.make(
        "Cast",
        [
          p.make(
            "Sqrt",
            [p.make("Cast", [p.make("Iota", [], { size: 5, dtype: "int64" })], { dtype: "float32" })],
            {},
          ),
        ],
        { dtype: "int64" },
      ),
      "0 1 1 1 2",
    ],
  ])("%s", (_, node, expected) => expect(p.textOf(node)).toBe(expected));

  test("is not asked of more than it holds", () => {
    expect(p.known.of(p.make("Iota", [], { size: 2 ** 16, dtype: "int64" }))?.length).toBe(2 ** 16);
    expect(p.known.of(p.make("Iota", [], { size: 2 ** 16 + 1, dtype: "int64" }))).toBeUndefined();
  });

  test("of a program too deep for recursion", () => {
    const one = p.integer(1);
    const deep = range(20_000).reduce<Node>((sum) => p.make("Add", [sum, one], {}), p.size(B));
    expect(p.textOf(deep)).toBe("B + 20000");
  });
});

/** Random programs over shapes: what is known with symbols is what the program computes at any sizes. */
test("agrees with evaluation at sizes", () => {
  const step = fc.record({
    kind: fc.nat(7),
    first: fc.nat(99),
    second: fc.nat(99),
    number: fc.integer({ min: 1, max: 4 }),
  });
  let found = 0;
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      (steps, b, t) => {
        const p = program();
        const vectors = [
          p.list(p.size(B), p.size(T), p.integer(3)),
          p.list(p.integer(2), p.size(B), p.size(B)),
        ];
        for (const { kind, first, second, number } of steps) {
          const [x, y] = [at(vectors, first % vectors.length), at(vectors, second % vectors.length)];
          vectors.push(
            [
              () => p.make("Add", [x, y], {}),
              () => p.make("Sub", [x, y], {}),
              () => p.make("Mul", [x, p.integer(number)], {}),
              () => p.make("Quotient", [x, p.integer(number)], {}),
              () => p.make("Where", [p.make("Less", [x, y], {}), x, p.integer(number)], {}),
              () => p.make("Where", [p.make("Equal", [x, y], {}), y, x], {}),
              () => p.make("Take", [x, p.list(p.integer(2), p.integer(0), p.integer(number % 3))], {}),
              () =>
                p.make("Slice", [p.make("Concat", [x, y], { axis: 0 })], {
                  axis: 0,
                  start: number - 1,
                  stop: number + 2,
                  step: 1,
                }),
            ][kind]?.() ?? x,
          );
        }
        const sizes = new Map([
          ["B", b],
          ["T", t],
        ]);
        for (const node of vectors) {
          const dims = p.known.of(node);
          if (dims === undefined) continue;
          found++;
          const graph = p.builder.graph({
            name: "g",
            inputs: [],
            parameters: [],
            outputs: [{ name: "y", node }],
          });
          const lowered = lower(graph);
          const values = get(
            evaluate(lowered.graph, float64, new Map(), sizes),
            get(lowered.image, node),
          ).values;
          expect(dims.map((dim) => sizeOf(dim, sizes))).toEqual([...values]);
        }
      },
    ),
    { numRuns: 200 },
  );
  expect(found).toBeGreaterThan(1000);
});

describe("integers of real numbers in the prime field", () => {
  const p = program();
  const truncated = (x: Node): Node => p.make("Cast", [p.make("Sqrt", [x], {})], { dtype: "int64" });
  const run = (
    x: Node,
    given: ReadonlyMap<Node, never> | ReadonlyMap<Node, ReturnType<typeof discreteOf>>,
  ) => {
    const node = truncated(x);
    const graph = p.builder.graph({ name: "g", inputs: [], parameters: [], outputs: [{ name: "y", node }] });
    return [...(get(evaluate(graph, newField(1), given, new Map()), node).values as Float64Array)];
  };
  const discreteOf = (...values: number[]) =>
    ({ kind: "discrete", shape: [values.length], values: Float64Array.from(values) }) as const;

  test("are exact where they depend on integers only", () => {
    const x = p.input([3]);
    expect(run(x, new Map([[x, discreteOf(4, 9, 10)]]))).toEqual([2, 3, 3]);
    expect(run(p.make("Iota", [], { size: 5, dtype: "int64" }), new Map())).toEqual([0, 1, 1, 1, 2]);
  });

  test("do not exist where they depend on real numbers", () => {
    const weight = p.make("Input", [], { name: "w", shape: [1], dtype: "float32" });
    const value = { kind: "real", shape: [1], values: newField(1).constant(rational(4)) } as const;
    expect(() => run(weight, new Map([[weight, value]]) as never)).toThrow(RangeError);
  });
});
