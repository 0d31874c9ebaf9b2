/** @file `assay diff`: two models, in any two formats. */
import { expect, test } from "vitest";
import { parseResult } from "../../src/result/result.ts";
import { assay } from "./support.ts";

const fixture = (name: string): string => `test/fixtures/pt2/${name}.pt2`;

test("a PyTorch program and a jax-js function are the same network", async () => {
  const { code, output, errors } = await assay("diff", fixture("two_layer_mlp"), "examples/two-layer.ts:mlp");
  expect([code, errors]).toEqual([0, ""]);
  expect(output).toContain("equal");
  expect(output).toContain("W_1 = first.w ");
});

test("a difference has an equation of the first and a source line of the second", async () => {
  const outcome = await assay(
    "diff",
    "examples/two-layer.ts:mlp",
    fixture("two_layer_bias_missing"),
    "--json",
  );
  expect(outcome.code).toBe(1);
  expect(parseResult(JSON.parse(outcome.output))).toMatchObject({
    schema: "assay/diff@1",
    verdict: {
      kind: "different",
      differences: [
        {
          kind: "missing-bias",
          spec: { text: "y = tanh(x W_1 + b_1) W_2 + b_2", place: { equation: "1" } },
          code: { text: "y = tanh(x W_1) W_2 + b_2", place: { file: "examples/two_layer.py" } },
        },
      ],
    },
  });
});

test("the other way round the bias is one too many", async () => {
  const outcome = await assay("diff", fixture("two_layer_bias_missing"), fixture("two_layer_mlp"), "--json");
  expect(outcome.code).toBe(1);
  expect(parseResult(JSON.parse(outcome.output))).toMatchObject({
    verdict: { kind: "different", differences: [{ kind: "extra-bias", words: "a bias is added to x W_1" }] },
  });
});
