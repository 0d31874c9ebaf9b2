/** @file A large model is compared without its weights: the file that is checked here holds none. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { check } from "../../src/prove/check.ts";
import type { Verdict } from "../../src/result/verdict.ts";
import { readSpec } from "../../src/spec/read.ts";
import { bindingText } from "../prove/models.ts";
import { sourceOf } from "./support.ts";

const file = new URL("../fixtures/stripped/wide_mlp.pt2", import.meta.url);

async function verdictOn(activation: string): Promise<Verdict> {
  const code = await readTorchExport(sourceOf("wide_mlp.pt2", readFileSync(file)));
  expect(code.parameters.every(({ values }) => values === undefined)).toBe(true);
  const spec = `Mlp(x : [B, 1024]) -> y : [B, 1024]
  h = ${activation}(x W_1 + b_1)
  y = h W_2 + b_2
where
  W_1 : [1024, H]
  b_1 : [H]
  W_2 : [H, 1024]
  b_2 : [1024]
`;
  return check({ code, spec: (batch) => readSpec(spec, "spec.txt", { batch }), seed: 1 });
}

test("a network of 32 MiB is proved, with the names and sizes of its parameters", async () => {
  const verdict = await verdictOn("tanh");
  expect(verdict.kind).toBe("equal");
  expect(bindingText(verdict)).toEqual([
    "W_1 = first.weight^T",
    "b_1 = first.bias",
    "W_2 = second.weight^T",
    "b_2 = second.bias",
  ]);
  expect(verdict.bindings[0]?.shape).toEqual([1024, 4096]);
});

test("and told apart from another", async () => {
  const verdict = await verdictOn("relu");
  expect(verdict).toMatchObject({ kind: "different", differences: [{ kind: "wrong-activation" }] });
  const weights = verdict.kind === "different" ? verdict.witness?.parameters : undefined;
  expect(weights).toBe("random weights, at reduced sizes");
});
