/** @file The networks of examples/two-layer.ts against specifications: right ones are proved, wrong ones are not. */
import * as jax from "@jax-js/jax";
import { numpy as np } from "@jax-js/jax";
import { describe, expect, test } from "vitest";
import * as networks from "../../examples/two-layer.ts";
import type { JaxModelSource } from "../../src/frontends/jaxjs/module.ts";
import { traceJaxjs } from "../../src/frontends/jaxjs/trace.ts";
import { check } from "../../src/prove/check.ts";
import type { Verdict } from "../../src/result/verdict.ts";
import { readSpec } from "../../src/spec/read.ts";

const where = `where
  W_1 : [I, H]
  b_1 : [H]
  W_2 : [H, K]
  b_2 : [K]
`;
const mlp = `Mlp(x : [B, I]) -> y : [B, K]
  h = tanh(x W_1 + b_1)
  y = h W_2 + b_2
${where}`;
const residual = `Residual(x : [B, I]) -> y : [B, I]
  y = x + tanh(x W_1 + b_1) W_2 + b_2
${where.replaceAll("K", "I")}`;
const normalised = `Normalised(x : [B, I]) -> y : [B, K]
  h = tanh(normalize_I(x, 1e-5) W_1 + b_1)
  y = h W_2 + b_2
${where}`;
const pool = `AttentionPool(x : [B, N, I]) -> y : [B, K]
  h = tanh(x W_1 + b_1)
  s[b, n] = sum_k h[b, n, k] w[k]
  a[b, n] = softmax_n(s[b, n])
  c[b, n, k] = a[b, n] h[b, n, k]
  y = sum_N(c) W_2 + b_2
${where}  w : [H]
`;

async function verdictOf(model: unknown, spec: string): Promise<Verdict> {
  const code = await traceJaxjs(jax, model as JaxModelSource, { file: "two-layer.ts" });
  return check({ code, spec: (batch) => readSpec(spec, "spec.txt", { batch }), seed: 1 });
}

// The search for the mistake takes seconds on a busy machine.
const patience = { timeout: 60_000 };

describe("right networks are proved", patience, () => {
  test.each([
    ["mlp", networks.mlp, mlp],
    ["square", networks.square, mlp],
    ["residual", networks.residual, residual],
    ["normalised", networks.normalised, normalised],
    ["attentionPool", networks.attentionPool, pool],
  ])("%s", async (_, model, spec) => {
    expect(await verdictOf(model, spec)).toMatchObject({ kind: "equal" });
  });
});

test("a function that is written out is proved to be the named one", async () => {
  const inputs = { x: [3, 4] };
  const gelu = (x: np.Array): np.Array => {
    const inner = x.ref.add(np.power(x.ref, 3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
    return x.mul(0.5).mul(np.tanh(inner).add(1));
  };
  const model = { params: {}, inputs, apply: (_: object, x: np.Array) => gelu(x) };
  expect(await verdictOf(model, "F(x : [B, K]) -> y : [B, K]\n  y = gelu_tanh(x)\n")).toMatchObject({
    kind: "equal",
  });
});

describe("wrong networks are told apart, and the mistake is named", patience, () => {
  test.each([
    ["wrongActivation", networks.wrongActivation, mlp, "the activation is relu instead of tanh"],
    ["activationOnTheOutput", networks.activationOnTheOutput, mlp, "the output y goes through tanh"],
    ["biasMissing", networks.biasMissing, mlp, "b_1 is missing"],
    ["biasTwice", networks.biasTwice, mlp, "b_2 is added twice"],
    ["outputDoubled", networks.outputDoubled, mlp, "y is multiplied by 2"],
    [
      "oneWeightForBothLayers",
      networks.oneWeightForBothLayers,
      mlp,
      "W_1 and W_2 are one parameter in the code, first.w",
    ],
    ["skipDropped", networks.skipDropped, residual, "the skip connection from x is missing"],
    ["inputNotNormalised", networks.inputNotNormalised, normalised, "normalize is missing"],
    ["meanForSum", networks.meanForSum, pool, "the reduction is mean instead of sum"],
    [
      "softmaxOverTheBatch",
      networks.softmaxOverTheBatch,
      pool,
      "softmax runs along axis B instead of axis N",
    ],
  ])("%s", async (_, model, spec, words) => {
    const verdict = await verdictOf(model, spec);
    expect(verdict.kind).toBe("different");
    if (verdict.kind === "different") expect(verdict.differences[0]?.words).toBe(words);
  });
});
