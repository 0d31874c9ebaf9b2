/** @file What integers and booleans are beside real numbers, and what a cast makes of them. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { float64 } from "../../src/domain/float64.ts";
import { evaluate } from "../../src/eval/evaluate.ts";
import type { Node } from "../../src/ir/graph.ts";
import type { OpAttrs, OpName } from "../../src/ir/operators.ts";
import type { Dtype } from "../../src/ir/type.ts";
import { newBuilder, operators } from "../../src/ops/table.ts";
import { discrete, type Tensor } from "../../src/ops/tensor.ts";
import type { Sample } from "./samples.ts";
import { type Application, apply, names, newField, run } from "./support.ts";

const elementwise = names.filter(
  (name) => ["arithmetic", "comparison"].includes(operators[name].family) && operators[name].arity === 2,
);
const binary = [...elementwise, "Maximum" as const, "Minimum" as const].filter((name) => name !== "And");

const sample = (...dtypes: Dtype[]): Sample<OpAttrs[OpName]> => ({
  operands: dtypes.map((dtype) => ({ shape: [6], dtype, numbers: "any" })),
  attrs: {},
});

/** The same application with every integer operand cast to a real number first. */
function withCasts(name: OpName, { numbers, inputs }: Application): Application {
  const builder = newBuilder();
  const own = inputs.map((input) => builder.node<OpName>("Input", [], input.attrs) as unknown as Node);
  const reals = own.map((input) => builder.node("Cast", [input], { dtype: "float32" }) as Node);
  const node = builder.node<OpName>(name, reals, {}) as unknown as Node;
  const graph = builder.graph({ name, inputs: [], parameters: [], outputs: [{ name: "y", node }] });
  return { graph, inputs: own, node, numbers };
}

describe("an integer beside a real number is that real number", () => {
  test.each(binary)("in %s", (name) => {
    for (const dtypes of [["int64", "float32"] as const, ["float32", "int64"] as const]) {
      fc.assert(
        fc.property(fc.nat(), (seed) => {
          const application = apply(name, sample(...dtypes), new Map(), seed);
          const cast = withCasts(name, application);
          expect(run(application, float64, new Map())).toEqual(run(cast, float64, new Map()));
          expect(run(application, newField(seed), new Map())).toEqual(run(cast, newField(seed), new Map()));
        }),
        { numRuns: 10 },
      );
    }
  });
});

/** One operator on integers, evaluated in the prime field. */
function onIntegers(
  name: OpName,
  dtype: Dtype,
  attrs: OpAttrs[OpName],
  operands: readonly number[][],
): number[] {
  const builder = newBuilder();
  const inputs = operands.map(
    (values, i) => builder.node("Input", [], { name: `x${i}`, shape: [values.length], dtype }) as Node,
  );
  const node = builder.node<OpName>(name, inputs, attrs) as unknown as Node;
  const graph = builder.graph({ name, inputs: [], parameters: [], outputs: [{ name: "y", node }] });
  const given = new Map(
    inputs.map((input, i): [Node, Tensor<never>] => {
      const values = at(operands, i);
      return [input, discrete([values.length], Float64Array.from(values))];
    }),
  );
  const result = evaluate(graph, newField(1), given, new Map()).get(node);
  if (result?.kind !== "discrete") throw new Error("the result is discrete");
  return [...result.values];
}

// In the prime field the order of reals is another one, from the first prime that is no square.
test("integers of any size are compared by their own order", () => {
  const [x, y] = [range(200), range(200).map((i) => (i * 37) % 200)];
  const compared = (name: "Less" | "Equal"): number[] => onIntegers(name, "int64", {}, [x, y]);
  expect(compared("Less")).toEqual(x.map((value, i) => Number(value < at(y, i))));
  expect(compared("Equal")).toEqual(x.map((value, i) => Number(value === at(y, i))));
});

test("a cast between integers keeps them, and to booleans asks whether they are not 0", () => {
  const numbers = [-3, 0, 1, 7];
  expect(onIntegers("Cast", "int64", { dtype: "int32" }, [numbers])).toEqual(numbers);
  expect(onIntegers("Cast", "int64", { dtype: "bool" }, [numbers])).toEqual([1, 0, 1, 1]);
});

test("sums and products of booleans are or and and", () => {
  const [x, y] = [
    [0, 0, 1, 1],
    [0, 1, 0, 1],
  ];
  expect(onIntegers("Add", "bool", {}, [x, y])).toEqual([0, 1, 1, 1]);
  expect(onIntegers("Mul", "bool", {}, [x, y])).toEqual([0, 0, 0, 1]);
});
