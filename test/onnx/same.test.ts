/** @file A model's export to ONNX is proved to be the same function as its export to .pt2. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadModel } from "../../src/cli/load.ts";
import { asSpec } from "../../src/prove/as-spec.ts";
import { check } from "../../src/prove/check.ts";

const fixtures = join(import.meta.dirname, "..", "fixtures");
const names = readdirSync(join(fixtures, "onnx")).flatMap((name) => /^(.*)\.onnx$/.exec(name)?.[1] ?? []);

/**
 * The recurrent operators of ONNX keep their gates in another order than PyTorch, and weights of a state whose rows are in
 * another order are not found; one export is wrong (exports.test.ts). Where an exporter computed with weights, as it folds batch
 * normalisation, the weights of the model are not there.
 */
const undecided =
  /^(?:lstm_tagger|gru_layer|bidirectional_lstm|resnet_block)\.|^llama_grouped_query\.script$|^s4d_step_by_step\.dynamo$/;

test.each(names.filter((name) => !undecided.test(name)))("%s", async (name) => {
  const [model = ""] = name.split(".");
  const first = join(fixtures, "pt2", `${model}.pt2`);
  const second = await loadModel(join(fixtures, "onnx", `${name}.onnx`));
  const spec = asSpec(await loadModel(first), first);
  expect(check({ code: second, spec: () => spec, seed: 1 }).kind).toBe("equal");
});

test("a normalisation that the exporter folded into weights is no difference", async () => {
  const first = join(fixtures, "pt2", "resnet_block.pt2");
  const spec = asSpec(await loadModel(first), first);
  const code = await loadModel(join(fixtures, "onnx", "resnet_block.script.onnx"));
  const verdict = check({ code, spec: () => spec, seed: 1 });
  expect(verdict.kind).toBe("undecided");
  expect(verdict.kind === "undecided" && verdict.reason).toContain("folded into its weights");
});
