/** @file The equations of models that PyTorch exported are specifications of the same functions. */
import { expect, test } from "vitest";
import { unfold } from "../../src/eval/unfold.ts";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { latexOf } from "../../src/notation/latex.ts";
import { textOf } from "../../src/notation/text.ts";
import { fold } from "../../src/rewrite/fold.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { readSpec } from "../../src/spec/read.ts";
import { agreement, isOneGraph, pairsInOrder } from "../arbitrary/agreement.ts";
import { fixtureBytes, fixtureNames, sourceOf } from "../torch/support.ts";
import { printedPairs } from "./read-back.ts";

/** What cuts real numbers to integers has no values modulo a prime. */
const cut = new Set(["integer_sums"]);

test.for(fixtureNames.filter((name) => !name.startsWith("refuse_") && !cut.has(name)))("%s", async (name) => {
  const graph = await readTorchExport(sourceOf(`${name}.pt2`, fixtureBytes(name)));
  const raised = raise(graph);
  expect(agreement(graph, raised, pairsInOrder(graph, raised), 1)).toBe("equal");
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
