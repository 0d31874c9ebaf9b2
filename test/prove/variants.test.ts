/** @file The networks of examples/ as PyTorch wrote them, against the specs in specs/: each mistake is found and named. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { check } from "../../src/prove/check.ts";
import type { Difference, Verdict } from "../../src/result/verdict.ts";
import { readSpec } from "../../src/spec/read.ts";
import { fixtureBytes, sourceOf } from "../torch/support.ts";
import { right } from "./models.ts";

const root = new URL("../../", import.meta.url);

async function verdictOf(name: string, spec: string): Promise<Verdict> {
  const file = `${spec}.md`;
  const text = readFileSync(new URL(`specs/${file}`, root), "utf8");
  return check({
    code: await readTorchExport(sourceOf(`${name}.pt2`, fixtureBytes(name))),
    spec: (batch) => readSpec(text, file, { batch }),
    seed: 1,
  });
}

/** Program, spec, kind of the mistake, the equation of the spec, and what the wrong source line contains. */
const wrong = [
  ["xor_regression_broken", "xor-regression", "missing-activation", "1", "h = self.hidden(x)"],
  ["two_layer_wrong_activation", "two-layer-mlp", "wrong-activation", "1", "torch.relu(self.first(x))"],
  ["two_layer_activation_on_the_output", "two-layer-mlp", "extra-activation", "2", "torch.tanh(self.second("],
  ["two_layer_bias_missing", "two-layer-mlp", "missing-bias", "1", "self.first(x)"],
  ["two_layer_bias_twice", "two-layer-mlp", "bias-added-twice", "2", "+ self.second.bias"],
  ["two_layer_one_weight_for_both_layers", "two-layer-mlp", "shared-parameter", "2", "self.first.weight"],
  ["two_layer_mean_for_sum", "two-layer-attention-pool", "wrong-reduction", "3", "mean(dim=1)"],
  ["two_layer_softmax_over_the_batch", "two-layer-attention-pool", "wrong-axis", "2", "dim=0"],
  ["two_layer_output_doubled", "two-layer-mlp", "wrong-scale", "2", "2 * self.second"],
  ["two_layer_input_not_normalised", "two-layer-normalised", "missing-normalisation", "3", "self.first(x)"],
  ["two_layer_skip_dropped", "two-layer-residual", "missing-skip-connection", "2", "return self.second("],
] as const;

const slow = { timeout: 60_000 };

describe("a right network is proved", slow, () => {
  test.for(right)("%s is %s", async ([name, spec]) => {
    expect((await verdictOf(name, spec)).kind).toBe("equal");
  });
});

describe("a wrong one is told apart, and the mistake is named and placed", slow, () => {
  test.for(wrong)("%s is not %s: %s", async ([name, spec, kind, equation, line]) => {
    const verdict = await verdictOf(name, spec);
    const differences: readonly Difference[] = verdict.kind === "different" ? verdict.differences : [];
    expect(differences.map((difference) => difference.kind)).toEqual([kind]);
    expect(differences[0]?.spec.place.equation).toBe(equation);
    expect(differences[0]?.code.place.code).toContain(line);
  });
});

test("a lost activation is said to leave one affine map", slow, async () => {
  const verdict = await verdictOf("xor_regression_broken", "xor-regression");
  const [difference] = verdict.kind === "different" ? verdict.differences : [];
  expect(difference?.words).toBe("the activation tanh is missing");
  expect(difference?.consequences).toEqual([
    "the whole model is now one affine map of the input: its layers compose to a single linear layer",
  ]);
});
