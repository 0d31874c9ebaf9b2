/** @file What is printed of an example is a spec that the example is proved to meet, as text and as LaTeX. */
import { join } from "node:path";
import * as jax from "@jax-js/jax";
import { expect, test } from "vitest";
import * as networks from "../../examples/two-layer.ts";
import { model as right } from "../../examples/xor-regression/right.ts";
import { model as wrong } from "../../examples/xor-regression/wrong.ts";
import { loadModel } from "../../src/cli/load.ts";
import type { JaxModelSource } from "../../src/frontends/jaxjs/module.ts";
import { traceJaxjs } from "../../src/frontends/jaxjs/trace.ts";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { latexOf } from "../../src/notation/latex.ts";
import { textOf } from "../../src/notation/text.ts";
import { check } from "../../src/prove/check.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { readSpec } from "../../src/spec/read.ts";
import { formsToProve, printed, proofOf } from "../notation/read-back.ts";
import { convertedModel } from "../tfjs/support.ts";
import { fixtureBytes, fixtureNames, sourceOf } from "../torch/support.ts";

function expectReadBack(graph: Graph): void {
  const equations = equationsOf(raise(graph), { width: 80 });
  for (const text of [textOf(equations, { width: 80, color: false }), latexOf(equations)]) {
    const verdict = check({ code: graph, spec: (batch) => readSpec(text, "printed", { batch }), seed: 1 });
    expect(verdict.kind, `${verdict.kind === "undecided" ? verdict.reason : ""}\n${text}`).toBe("equal");
  }
}

const examples = fixtureNames.filter((name) =>
  /^(xor|two_layer|transformer|gpt2|llama|rotations|stored)/.test(name),
);

test.for(examples)("PyTorch: %s", async (name) => {
  expectReadBack(await readTorchExport(sourceOf(`${name}.pt2`, fixtureBytes(name))));
});

function expectProofs(model: Graph): void {
  for (const form of formsToProve(printed(model)))
    expect(proofOf(model, form), form).toMatchObject({ kind: "equal" });
}

const fixtures = join(import.meta.dirname, "..", "fixtures");

test.for([
  // Masks, which are cut and turned as the values beside them.
  "keras/held_tensors.keras",
  "tfjs/recurrent/model.json",
  // A bias that the exporter adds first.
  "onnx/encoder_by_hand.dynamo.onnx",
])("files: %s", async (file) => {
  expectProofs(await loadModel(join(fixtures, file)));
});

// An output that is computed before what it waits for is found, and a size with a number in its name.
test.for(["map", "gru"])("TensorFlow.js: %s", async (name) => {
  expectProofs(await convertedModel(name).read());
});

const models: readonly (readonly [string, unknown])[] = Object.entries({ ...networks, right, wrong });

test.for(models)("jax-js: %s", async ([, model]) => {
  expectReadBack(await traceJaxjs(jax, model as JaxModelSource, { file: "model.ts" }));
});
