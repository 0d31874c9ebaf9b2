/** @file A model's export to ONNX is proved to be the same function as its export to .pt2. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadModel } from "../../src/cli/load.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { asSpec } from "../../src/prove/as-spec.ts";
import { check } from "../../src/prove/check.ts";
import { readSpec } from "../../src/spec/read.ts";

const fixtures = join(import.meta.dirname, "..", "fixtures");
const names = readdirSync(join(fixtures, "onnx")).flatMap((name) => /^(.*)\.onnx$/.exec(name)?.[1] ?? []);

/** One export is wrong (exports.test.ts), and in one the exporter computed with weights in other ways than folding them. */
const undecided = ["llama_grouped_query.script", "s4d_step_by_step.dynamo"];

test.each(names.filter((name) => !undecided.includes(name)))("%s", async (name) => {
  const [model = ""] = name.split(".");
  const first = join(fixtures, "pt2", `${model}.pt2`);
  const second = await loadModel(join(fixtures, "onnx", `${name}.onnx`));
  const spec = asSpec(await loadModel(first), first);
  expect(check({ code: second, spec: () => spec, seed: 1 }).kind).toBe("equal");
});

test("the paper's residual block is proved of weights into which an exporter folded its normalisations", async () => {
  const text = readFileSync(join(fixtures, "..", "..", "specs", "resnet-basic-block.md"), "utf8");
  const code = await loadModel(join(fixtures, "onnx", "resnet_block.script.onnx"));
  const spec = (batched: boolean): Graph => readSpec(text, "resnet-basic-block.md", { batch: batched });
  const verdict = check({ code, spec, seed: 1 });
  expect(verdict.kind).toBe("equal");
  expect(verdict.notes.join()).toContain("K_1' is made of K_1, g_1, v_1");
});

test("code that says what it trains lacks a normalisation that is not there", async () => {
  const text = readFileSync(join(fixtures, "..", "..", "specs", "resnet-basic-block.md"), "utf8");
  const code = await loadModel(join(fixtures, "onnx", "resnet_block.script.onnx"));
  const parameters = code.parameters.map(({ node, names: own, trainable }) => ({
    node,
    names: own,
    trainable,
  }));
  const spec = (batched: boolean): Graph => readSpec(text, "resnet-basic-block.md", { batch: batched });
  expect(check({ code: { ...code, parameters }, spec, seed: 1 }).kind).not.toBe("equal");
});

test.each(["first_activation_missing", "skip_missing", "gelu"])(
  "weights that are folded explain nothing else: resnet_block_%s",
  async (name) => {
    const first = join(fixtures, "pt2", `resnet_block_${name}.pt2`);
    const spec = asSpec(await loadModel(first), first);
    const code = await loadModel(join(fixtures, "onnx", "resnet_block.script.onnx"));
    expect(check({ code, spec: () => spec, seed: 1 }).kind).not.toBe("equal");
  },
);
