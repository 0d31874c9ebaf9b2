/** @file Models for the prover's tests, written in the specification language on both sides. */
import { check } from "../../src/prove/check.ts";
import type { Verdict } from "../../src/result/verdict.ts";
import { readSpec } from "../../src/spec/read.ts";

/** Checks one text, as if it were code, against another. */
export function verdictOn(code: string, spec: string, seed = 1): Verdict {
  return check({
    code: readSpec(code, "code.txt"),
    spec: (batch) => readSpec(spec, "spec.txt", { batch }),
    seed,
  });
}

/** `parameter = layout` for each row of the binding table. */
export const bindingText = (verdict: Verdict): string[] =>
  verdict.bindings.map(({ parameter, is }) => `${parameter} = ${is}`);

/** The kinds of the differences; the verdict itself when it is not `different`. */
export const kindsOf = (verdict: Verdict): readonly string[] =>
  verdict.kind === "different" ? verdict.differences.map(({ kind }) => kind) : [verdict.kind];

export const mlp = `Mlp(x : [B, 4]) -> y : [B, 2]
  h = tanh(x W_1 + b_1)
  y = h W_2 + b_2
where
  W_1 : [4, H]
  b_1 : [H]
  W_2 : [H, 2]
  b_2 : [2]
  H = 5
`;

/** Programs of test/fixtures/pt2 and the specs in specs/ that they are. */
export const right: readonly (readonly [program: string, spec: string])[] = [
  ["xor_regression_model", "xor-regression"],
  ["two_layer_mlp", "two-layer-mlp"],
  ["two_layer_square", "two-layer-mlp"],
  ["two_layer_residual", "two-layer-residual"],
  ["two_layer_normalised", "two-layer-normalised"],
  ["two_layer_attention_pool", "two-layer-attention-pool"],
];
