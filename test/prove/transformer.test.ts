/** @file PyTorch's Transformers are proved to be those of the papers, and others are not. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { check } from "../../src/prove/check.ts";
import type { Verdict } from "../../src/result/verdict.ts";
import { readSpec } from "../../src/spec/read.ts";
import { fixture } from "../torch/support.ts";
import { verdictOn as verdict } from "./models.ts";

/** A shipped specification, for the numbers of layers that the programs have. */
const specText = (name: string, layers: number): string =>
  readFileSync(new URL(`../../specs/${name}.md`, import.meta.url), "utf8").replace(
    /^( {2}L) = \d+$/m,
    `$1 = ${layers}`,
  );

async function verdictOnProgram(program: string, text: string): Promise<Verdict> {
  const code = await readTorchExport(fixture(program));
  return check({ code, spec: (batch) => readSpec(text, "spec.md", { batch }), seed: 1 });
}

const proved: readonly (readonly [program: string, spec: string, layers: number])[] = [
  ["gpt2", "gpt-2", 2],
  ["gpt2_masked", "gpt-2", 2],
];

test.for(proved)("%s is %s", async ([program, spec, layers]) => {
  const verdict = await verdictOnProgram(program, specText(spec, layers));
  expect(verdict.kind, verdict.kind === "undecided" ? verdict.reason : "").toBe("equal");
  // Not so little that chance could be why.
  expect(verdict.kind === "equal" ? verdict.evidence.error : 1).toBeLessThan(1e-12);
});

test("heads that share keys are found as parts of the stored matrices", async () => {
  const verdict = await verdictOnProgram("llama_grouped_query", specText("llama-block", 1));
  const bound = new Map(verdict.bindings.map(({ parameter, is }) => [parameter, is]));
  expect(bound.get("Attention.W_K")).toContain("self_attn.k_proj.weight");
  expect(bound.get("Attention.W_Q")).toContain("self_attn.q_proj.weight");
  expect(bound.get("RmsNorm_1.gamma")).toBe("input_layernorm.weight");
  expect(bound.get("RmsNorm_2.gamma")).toBe("post_attention_layernorm.weight");
});

test("what a layer stores is found for that layer", async () => {
  const verdict = await verdictOnProgram("gpt2", specText("gpt-2", 2));
  const bound = new Map(verdict.bindings.map(({ parameter, is }) => [parameter, is]));
  expect(bound.get("Mlp_1.b_1")).toBe("h.0.c_fc.bias");
  expect(bound.get("Mlp_2.b_1")).toBe("h.1.c_fc.bias");
  expect(bound.get("E")).toBe("wte.weight = lm_head.weight");
});

/** Attention of one head whose mask is this condition. */
const masked = (condition: string): string =>
  `Attention(x : [T, 3]) -> y : [T, 3]
  s[i,j] = sum_c x[i,c] x[j,c] / sqrt(3)
  a[i,j] = softmax_j(where(${condition}, s[i,j], -inf))
  v = x W
  y[i,c] = sum_j a[i,j] v[j,c]
where
  W : [3, 3]
`;

test("the same mask in other words is the same", () => {
  const same = ["j <= i", "not(i < j)", "j - i < 1", "2 j <= 2 i + 1", "j < i or i == j"];
  for (const condition of same) expect(verdict(masked(condition), masked("j <= i")).kind).toBe("equal");
});

test("a table of positions limits the length at which models are compared", () => {
  const text = `Positions(x : [B, T, 3]) -> y : [B, T, 3]
  y = x + P[0:T]
where
  P : [4, 3]
`;
  expect(verdict(text, text).kind).toBe("equal");
  expect(verdict(text, text.replace("4, 3", "N, 3")).kind).toBe("equal");
});

test("another mask is not", { timeout: 60_000 }, () => {
  for (const condition of ["i <= j", "j < i + 2"])
    expect(verdict(masked(condition), masked("j <= i")).kind).not.toBe("equal");
});
