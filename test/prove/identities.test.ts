/** @file Identities of analysis that must be proved, and look-alikes that must not be. */
import { describe, expect, test } from "vitest";
import { kindsOf, verdictOn } from "./models.ts";

/** Several rows, since functions with signs agree on some of them by chance. */
const model = (expression: string): string => `F(x : [B, n], u : [B, n]) -> y : [B, n]
  y = ${expression}
where
  n = 6
`;

const identities: readonly (readonly [string, string])[] = [
  ["exp(x + u)", "exp(x) * exp(u)"],
  ["exp(-x)", "1 / exp(x)"],
  ["sigmoid(x)", "exp(x) / (1 + exp(x))"],
  ["sigmoid(-x)", "1 - sigmoid(x)"],
  ["tanh(x)", "2 * sigmoid(2 * x) - 1"],
  ["tanh(x)", "(exp(x) - exp(-x)) / (exp(x) + exp(-x))"],
  ["silu(x)", "x / (1 + exp(-x))"],
  ["gelu_tanh(x)", "x * sigmoid(2 * sqrt(2 / pi) * (x + 0.044715 * x^3))"],
  ["gelu(x)", "x * (1 + erf(x / sqrt(2))) / 2"],
  ["gelu(-x)", "-x - -gelu(x)"],
  ["softplus(x)", "log(1 + exp(x))"],
  ["relu(x)", "max(x, 0)"],
  ["relu(x) - relu(-x)", "x"],
  ["abs(x)", "max(x, -x)"],
  ["abs(x)", "sqrt(x * x)"],
  ["leaky_relu(x, 0.01)", "0.01 * x + 0.99 * relu(x)"],
  ["leaky_relu(x, 0.01)", "max(x, 0.01 * x)"],
  ["relu(x / 2)", "relu(x) / 2"],
  ["max(x + 1, u + 1)", "max(x, u) + 1"],
  ["min(x, u)", "-max(-x, -u)"],
  ["where(0 < x, x, 0)", "relu(x)"],
  ["elu(x)", "where(0 < x, x, exp(x) - 1)"],
  ["sqrt(64) * x", "8 * x"],
  ["x / sqrt(8)", "x / (2 * sqrt(2))"],
  ["x * 0.125", "x / sqrt(64)"],
  ["sqrt(x * x * u * u)", "abs(x) * abs(u)"],
  ["sin(-x)", "-sin(x)"],
  ["cos(-x)", "cos(x)"],
  ["sin(x)^2 + cos(x)^2", "1 + 0 * x"],
  ["log(1 / exp(x))", "-log(exp(x))"],
  ["x^2 - u^2", "(x - u) * (x + u)"],
  ["x^3", "x * x * x"],
  ["normalize_n(x, 1e-5)", "normalize_n(x + 3, 1e-5)"],
  ["softmax_n(x)", "exp(x) / reshape(sum_n(exp(x)), [B, 1])"],
  ["softmax_n(x)", "softmax_n(x - 7)"],
  ["log_softmax_n(x)", "x - reshape(logsumexp_n(x), [B, 1])"],
  ["exp(tanh(x))", "exp(2 * sigmoid(2 * x) - 1)"],
  ["tanh(tanh(x))", "1 - 2 / (exp(2 * tanh(x)) + 1)"],
  ["sigmoid(x * sigmoid(x))", "1 / (1 + exp(-silu(x)))"],
  ["exp(softmax_n(x))", "exp(softmax_n(x + 2))"],
];

const lookalikes: readonly (readonly [string, string])[] = [
  ["gelu(x)", "gelu_tanh(x)"],
  ["silu(x)", "x * exp(x)"],
  ["silu(x)", "gelu(x)"],
  ["sigmoid(x)", "(1 + tanh(x)) / 2"],
  ["tanh(x)", "x"],
  ["relu(-x)", "-relu(x)"],
  ["relu(x + u)", "relu(x) + relu(u)"],
  ["exp(x) + exp(u)", "1 + exp(x + u)"],
  ["exp(exp(x))", "exp(exp(u))"],
  ["sqrt(x^2)", "x"],
  ["sqrt(x + u)", "sqrt(x) + sqrt(u)"],
  ["leaky_relu(x, 0.01)", "leaky_relu(x, 0.02)"],
  ["elu(x)", "relu(x)"],
  ["min(max(x, 0), 1)", "min(max(x, -1), 1)"],
  ["normalize_n(x, 1e-5)", "normalize_n(x, 1e-6)"],
  ["normalize_n(x, 1e-5)", "rms_normalize_n(x, 1e-5)"],
  ["normalize_n(x, 1e-5)", "2 * normalize_n(x, 1e-5)"],
  ["softmax_n(x)", "softmax_B(x)"],
  ["softmax_n(x)", "softmax_n(2 * x)"],
  ["softmax_n(x)", "sigmoid(x)"],
  ["log_softmax_n(x)", "log_softmax_n(log_softmax_n(x) + u)"],
  ["softplus(x)", "relu(x)"],
  ["sin(x)", "cos(x)"],
  ["x / sqrt(6)", "x / 6"],
  ["tanh(x) * u", "tanh(x * u)"],
  ["max(x, u)", "x + u"],
  ["x^2", "x^3"],
  ["erf(x)", "tanh(x)"],
  ["x / 3", "0.333 * x"],
];

describe("an identity is proved", () => {
  test.for(identities)("%s = %s", ([left, right]) => {
    expect(kindsOf(verdictOn(model(left), model(right)))).toEqual(["equal"]);
  });
});

describe("a look-alike is not", () => {
  test.for(lookalikes)("%s ≠ %s", ([left, right]) => {
    const verdict = verdictOn(model(left), model(right));
    expect(verdict.kind).toBe("different");
    expect(verdict.kind === "different" && verdict.witness).toBeTruthy();
  });
});

test.for([
  ["log(exp(x) * exp(u))", "x + u"],
  ["log_softmax_n(log_softmax_n(x))", "log_softmax_n(x)"],
] as const)("an identity that the field does not have is no false alarm: %s = %s", ([left, right]) => {
  expect(verdictOn(model(left), model(right)).kind).toBe("undecided");
});
