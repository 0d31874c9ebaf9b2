/** @file A mistake in a block that stands in several places is found wherever it was made: everywhere, in one use, in one round. */
import { expect, test } from "vitest";
import type { Difference } from "../../src/result/verdict.ts";
import { kindsOf, verdictOn } from "./models.ts";

const spec = `Stack(x : [B, 4]) -> y : [B, 4]
  for l = 1..3:
    u = x + Mlp_l(x)
    x = u + Gate_l(u)
  y = x

Mlp(x : [4]) -> y : [4]
  y = tanh(x W) V
where
  W : [4, 6]
  V : [6, 4]

Gate(x : [4]) -> y : [4]
  y = sigmoid(x G + c)
where
  G : [4, 4]
  c : [4]
`;

/** The same without repetition; `act` is the activation of each round. */
const code = (act: readonly string[], bias: readonly string[] = ["+ c_1", "+ c_2", "+ c_3"]): string => {
  const rounds = act.map(
    (name, i) => `  u_${i + 1} = x_${i} + ${name}(x_${i} W_${i + 1}) V_${i + 1}
  x_${i + 1} = u_${i + 1} + sigmoid(u_${i + 1} G_${i + 1} ${bias[i]})`,
  );
  return `Stack(x_0 : [B, 4]) -> x_3 : [B, 4]
${rounds.join("\n")}
where
  W_1, W_2, W_3 : [4, 6]
  V_1, V_2, V_3 : [6, 4]
  G_1, G_2, G_3 : [4, 4]
${bias.join("") === "" ? "" : "  c_1, c_2, c_3 : [4]\n"}`;
};

const first = (text: string): Difference | undefined => {
  const verdict = verdictOn(text, spec);
  return verdict.kind === "different" ? verdict.differences[0] : undefined;
};

test("without a mistake the two are equal", () => {
  expect(verdictOn(code(["tanh", "tanh", "tanh"]), spec).kind).toBe("equal");
});

test("in every round", { timeout: 60_000 }, () => {
  const text = code(["relu", "relu", "relu"]);
  expect(kindsOf(verdictOn(text, spec))).toEqual(["wrong-activation"]);
  expect(first(text)?.words).toBe("the activation is relu instead of tanh");
  expect(kindsOf(verdictOn(code(["tanh", "tanh", "tanh"], ["", "", ""]), spec))).toEqual(["missing-bias"]);
});

test("in one round alone, and there it is placed", { timeout: 60_000 }, () => {
  const difference = first(code(["tanh", "relu", "tanh"]));
  expect(difference?.kind).toBe("wrong-activation");
  expect(difference?.words).toBe("the activation is relu instead of tanh (in 1 of its 3 places)");
  expect(difference?.spec.place.module).toBe("Mlp_2");
  expect(difference?.code.place.line).toBe(4);
});

const layers = (epsilons: readonly string[]): string => `F(x_0 : [B, n]) -> y : [B, n]
${epsilons.map((epsilon, l) => `  x_${l + 1} = x_${l} + tanh(normalize_n(x_${l}, ${epsilon}) W_${l + 1})`).join("\n")}
  y = x_4
where
  n = 4
  W_1, W_2, W_3, W_4 : [4, 4]
`;
const usual = ["1e-5", "1e-5", "1e-5", "1e-5"];

test("a setting in every layer, where no block says that they are alike", { timeout: 60_000 }, () => {
  const verdict = verdictOn(layers(["1e-3", "1e-3", "1e-3", "1e-3"]), layers(usual));
  expect(verdict.kind === "different" && verdict.differences.map(({ words }) => words)).toEqual([
    "the epsilon of normalize is 0.001 instead of 1e-5 (in all 4 places)",
  ]);
});

test("a setting in one layer of several", { timeout: 60_000 }, () => {
  const verdict = verdictOn(layers(["1e-5", "1e-3", "1e-5", "1e-5"]), layers(usual));
  expect(verdict.kind === "different" && verdict.differences.map(({ words }) => words)).toEqual([
    "the epsilon of normalize is 0.001 instead of 1e-5",
  ]);
});

test("a mask that the spec lacks", { timeout: 60_000 }, () => {
  const attention = (scores: string): string => `F(x : [B, T, n]) -> y : [B, T, n]
  s = (x Q) (x K)^T
  y = softmax_{-1}(${scores}) (x V)
where
  n = 4
  Q, K, V : [4, 4]
`;
  const verdict = verdictOn(attention("causal(s)"), attention("s"));
  expect(verdict.kind === "different" && verdict.differences.map(({ words }) => words)).toEqual([
    "what softmax takes is masked: no position sees a later one",
  ]);
});
