/** @file Every rewrite rule keeps the function where its conditions hold, and would change it without any one of them. */
import { describe, expect, test } from "vitest";
import { get, zip } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { float64 } from "../../src/domain/float64.ts";
import { evaluate, outputsOf } from "../../src/eval/evaluate.ts";
import { lower } from "../../src/eval/lower.ts";
import { sizesOf } from "../../src/ir/dim.ts";
import { type Graph, type Node, nodeText } from "../../src/ir/graph.ts";
import { isReal } from "../../src/ir/type.ts";
import { count, discrete, real, type Tensor } from "../../src/ops/tensor.ts";
import { phrasingRules } from "../../src/rewrite/phrase.ts";
import { rules as raisingRules, simplified } from "../../src/rewrite/raise.ts";
import { agreement, pairsInOrder } from "../arbitrary/agreement.ts";
import { batchSize } from "../arbitrary/draft.ts";
import { cases } from "./cases.ts";
import { type Make, type RuleCase, Values } from "./values.ts";

const rules = [...raisingRules, ...phrasingRules];

const graphOf = (make: Make): Graph => {
  const values = new Values();
  return values.graph("Case", { y: make(values) });
};

/** Whether two graphs over the values of the cases agree; in float64, where the prime field does not know the law. */
const agree = (left: Graph, right: Graph, analytic: boolean, seed: number): string => {
  if (!analytic) return agreement(left, right, pairsInOrder(left, right), seed);
  const [wanted, got] = [numbersOf(left, seed), numbersOf(right, seed)];
  // A few roundings of numbers below 10; any mistake here is of the size of the numbers.
  const close = zip(wanted, got).every(([a, b]) => Math.abs(a - b) < 1e-12);
  return close ? "equal" : "different";
};

function numbersOf(graph: Graph, seed: number): number[] {
  const { graph: primitive } = lower(graph);
  const sizes = new Map([["B", batchSize]]);
  const source = random(seed);
  const given = new Map(
    primitive.inputs.map((node): [Node, Tensor<Float64Array>] => {
      const shape = sizesOf(node.type.shape, sizes);
      const make = (next: () => number): Float64Array => Float64Array.from({ length: count(shape) }, next);
      return isReal(node.type.dtype)
        ? [
            node,
            real(
              shape,
              make(() => source.normal()),
            ),
          ]
        : [
            node,
            discrete(
              shape,
              make(() => source.below(2)),
            ),
          ];
    }),
  );
  const [output] = outputsOf(primitive, evaluate(primitive, float64, given, sizes));
  return [...(output?.values ?? [])];
}

const textsOf = (graph: Graph): string[] => graph.nodes.map(nodeText);
const ruleCases: ReadonlyMap<string, RuleCase> = new Map(Object.entries(cases));

test("every rule has cases", () => {
  expect([...ruleCases.keys()].sort()).toEqual(rules.map(({ name }) => name).sort());
});

describe.for(rules.map((rule) => [rule.name, rule] as const))("%s", ([name, rule]) => {
  const { applies, conditions, analytic = false } = get(ruleCases, name);

  test.for(applies.map((make, i) => [i, make] as const))("applies to graph %i and keeps it", ([, make]) => {
    const graph = graphOf(make);
    const raised = simplified(graph, [rule]);
    expect(textsOf(raised)).not.toEqual(textsOf(graph));
    for (const seed of [1, 2, 3]) expect(agree(graph, raised, analytic, seed)).toBe("equal");
  });

  for (const [condition, { near, wrong }] of Object.entries(conditions)) {
    test(`needs: ${condition}`, () => {
      const graph = graphOf(near);
      expect(agree(graph, simplified(graph, [rule]), analytic, 1)).toBe("equal");
      expect(agree(graph, graphOf(wrong), analytic, 1)).toBe("different");
    });
  }
});
