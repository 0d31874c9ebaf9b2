/** @file Raising keeps every random graph's function, and one pass reaches the end. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { only } from "../../src/base/assert.ts";
import { lower } from "../../src/eval/lower.ts";
import { attributeText, type Graph } from "../../src/ir/graph.ts";
import { raise, rules, simplified } from "../../src/rewrite/raise.ts";
import { agreement, pairsInOrder } from "../arbitrary/agreement.ts";
import { graphs } from "../arbitrary/graphs.ts";
import { Sketch } from "../arbitrary/sketch.ts";
import { cases } from "./cases.ts";

const any = graphs({ without: [], steps: 10 });

/** Rules that the prime field can judge. */
const judged = rules.filter(({ name }) => cases[name]?.analytic !== true);

const keepsFunction = (graph: Graph): void => {
  const raised = simplified(graph, judged);
  expect(agreement(graph, raised, pairsInOrder(graph, raised), 1)).not.toBe("different");
};

test("keeps the function of random graphs", () => {
  fc.assert(fc.property(any, keepsFunction), { numRuns: 200 });
});

test("keeps the function of graphs of primitives", () => {
  const check = (graph: Graph): void => keepsFunction(lower(graph).graph);
  fc.assert(fc.property(any, check), { numRuns: 200 });
});

/** The operators in order; the numbers of nodes leave gaps for what was dropped. */
const shapeOf = (graph: Graph): string[] =>
  graph.nodes.map(({ op, attrs }) => `${op}${attributeText(attrs)}`);

test("raised again, a graph stays as it is", () => {
  const check = (graph: Graph): void => {
    const raised = raise(lower(graph).graph);
    expect(shapeOf(raise(raised))).toEqual(shapeOf(raised));
  };
  fc.assert(fc.property(any, check), { numRuns: 200 });
});

test("the variance of a repeated value has the axes of what repeats it", () => {
  const sketch = new Sketch();
  const x = sketch.input("x", [4, 3]);
  const repeated = sketch.apply("Broadcast", [x], { shape: [2, 4, 3] });
  const y = sketch.apply("Variance", [repeated], { axes: [2], correction: 1 });
  const raised = raise(lower(sketch.graph("variance", { y })).graph);
  expect(shapeOf(raise(raised))).toEqual(shapeOf(raised));
  expect(only(raised.outputs).node.type.shape).toEqual([2, 4]);
});

test("what is computed together for several steps stands where the steps do, and not where they are stacked", () => {
  const sketch = new Sketch();
  const rows = ["a", "b", "c"].map((name) => sketch.input(name, [2]));
  const steps = sketch.at(3, () => rows.map((row) => sketch.apply("Exp", [row], {})));
  const y = sketch.at(7, () =>
    sketch.apply(
      "Concat",
      steps.map((step) => sketch.reshape(step, [1, 2])),
      { axis: 0 },
    ),
  );
  const { nodes, origins } = raise(sketch.graph("steps", { y }));
  const together = only(nodes.filter(({ op }) => op === "Exp"));
  expect(origins.get(together)?.line).toBe(3);
});

test.each(["Sum", "Mean", "Max"] as const)("%s along an axis of size 1 is what it takes", (reduction) => {
  const sketch = new Sketch();
  const x = sketch.input("x", [2, 3]);
  const y = sketch.apply(reduction, [sketch.reshape(x, [2, 1, 3])], { axes: [1] });
  const raised = raise(sketch.graph("Single", { y }));
  // Written, a sum along no axis would be one of everything.
  expect(raised.nodes.map(({ op }) => op)).toEqual(["Input"]);
});
