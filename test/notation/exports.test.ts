/** @file The equations of models that PyTorch exported are specifications of the same functions. */
import { expect, test } from "vitest";
import { zip } from "../../src/base/assert.ts";
import { unfold } from "../../src/eval/unfold.ts";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { latexOf } from "../../src/notation/latex.ts";
import { textOf } from "../../src/notation/text.ts";
import { fold } from "../../src/rewrite/fold.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { readSpec } from "../../src/spec/read.ts";
import { agreement, isOneGraph, pairsInOrder } from "../arbitrary/agreement.ts";
import { type Expectation, run } from "../run.ts";
import { expectationOf, fixtureBytes, fixtureNames, sourceOf } from "../torch/support.ts";
import { printedPairs } from "./read-back.ts";

/** Where rules took e^log_softmax, or log of softmax, together: laws that the prime field does not know. */
const analytic = new Set(["actor_critic", "distillation", "ppo"]);

/** The largest difference between outputs of two graphs at the inputs of the fixture, in float64. */
function gap(left: Graph, right: Graph, { inputs }: Expectation): number {
  const pairs = zip(run(left, inputs), run(right, inputs));
  return Math.max(
    ...pairs.flatMap(([a, b]) => zip([...a.values], [...b.values]).map(([x, y]) => Math.abs(x - y))),
  );
}

/** What cuts real numbers to integers has no values modulo a prime. */
const cut = new Set(["integer_sums"]);

test.for(fixtureNames.filter((name) => !name.startsWith("refuse_") && !cut.has(name)))("%s", async (name) => {
  const graph = await readTorchExport(sourceOf(`${name}.pt2`, fixtureBytes(name)));
  const raised = raise(graph);
  if (analytic.has(name)) expect(gap(graph, raised, expectationOf(name))).toBeLessThan(1e-13);
  else expect(agreement(graph, raised, pairsInOrder(graph, raised), 1)).toBe("equal");
  const folded = fold(raised);
  expect(isOneGraph(unfold(folded).graph, raised)).toBe(true);
  for (const model of [raised, folded]) {
    const equations = equationsOf(model, { width: 80 });
    for (const text of [textOf(equations, { width: 80, color: false }), latexOf(equations)]) {
      const spec = readSpec(text, "printed.txt");
      expect(agreement(model, spec, printedPairs(model, equations, spec), 1), text).toBe("equal");
    }
  }
  for (const notation of ["index", "named"] as const) {
    const equations = equationsOf(folded, { width: 80, notation });
    const text = textOf(equations, { width: 80, color: false });
    const spec = readSpec(text, "printed.txt");
    expect(agreement(folded, spec, printedPairs(folded, equations, spec), 1), text).toBe("equal");
  }
});
