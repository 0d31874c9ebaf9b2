/** @file Parameters are found by what they do, however the code stores them. */
import { describe, expect, test } from "vitest";
import { bindingText, kindsOf, mlp, verdictOn } from "./models.ts";

const gated = `Gated(x : [B, 4]) -> y : [B, 3]
  y = tanh(x W_a + b_a) * sigmoid(x W_b + b_b)
where
  W_a : [4, 3]
  b_a : [3]
  W_b : [4, 3]
  b_b : [3]
`;

describe("a binding", () => {
  test("is the identity where names and layout agree", () => {
    expect(bindingText(verdictOn(mlp, mlp))).toEqual(["W_1 = W_1", "b_1 = b_1", "W_2 = W_2", "b_2 = b_2"]);
  });

  test("sees through a transposition", () => {
    const stored = mlp.replace("x W_1", "x U^T").replace("W_1 : [4, H]", "U : [H, 4]");
    const verdict = verdictOn(stored, mlp);
    expect(verdict.kind).toBe("equal");
    expect(bindingText(verdict)[0]).toBe("W_1 = U^T");
  });

  test("cuts a fused parameter", () => {
    const fused = `Gated(x : [B, 4]) -> y : [B, 3]
  z = x W + b
  y = tanh(z[:, 0:3]) * sigmoid(z[:, 3:6])
where
  W : [4, 6]
  b : [6]
`;
    const verdict = verdictOn(fused, gated);
    expect(verdict.kind).toBe("equal");
    expect(bindingText(verdict)).toEqual([
      "W_a = W[:, 0:3]",
      "b_a = b[0:3]",
      "W_b = W[:, 3:6]",
      "b_b = b[3:6]",
    ]);
  });

  test("follows an interleaved parameter", () => {
    const interleaved = `Gated(x : [B, 4]) -> y : [B, 3]
  z = x W + b
  y = tanh(z[:, 0:6:2]) * sigmoid(z[:, 1:6:2])
where
  W : [4, 6]
  b : [6]
`;
    expect(verdictOn(interleaved, gated).kind).toBe("equal");
  });

  test("joins parameters that the code keeps apart", () => {
    const split = `Gated(x : [B, 4]) -> y : [B, 3]
  z = tanh(concat_m(x U_1, x U_2)) V
  y = z + c
where
  U_1 : [4, m]
  U_2 : [4, 3]
  V : [5, 3]
  c : [3]
  m = 2
`;
    const joined = `Mlp(x : [B, 4]) -> y : [B, 3]
  h = tanh(x W)
  y = h V + c
where
  W : [4, 5]
  V : [5, 3]
  c : [3]
`;
    const verdict = verdictOn(split, joined);
    expect(kindsOf(verdict)).toEqual(["equal"]);
    expect(bindingText(verdict)[0]).toBe("W = concat(U_1, U_2; axis 1)");
  });

  test("adds two biases that only ever appear as a sum", () => {
    const two = mlp
      .replace("x W_1 + b_1", "x W_1 + (b_i + b_h)")
      .replace("b_1 : [H]", "b_i : [H]\n  b_h : [H]");
    const verdict = verdictOn(two, mlp);
    expect(kindsOf(verdict)).toEqual(["equal"]);
    expect(bindingText(verdict)[1]).toMatch(/^b_1 = b_[ih] \+ b_[ih]$/);
  });

  test("finds the size of a layer that only the code fixes", () => {
    expect(verdictOn(mlp, mlp.replace("  H = 5\n", "")).kind).toBe("equal");
  });

  test("tells two heads apart by what they compute", () => {
    const heads = (first: string, second: string): string => `Heads(x : [B, 4]) -> p : [B, 2], q : [B, 2]
  h = tanh(x W)
  p = ${first}
  q = ${second}
where
  W : [4, 5]
  U : [5, 2]
  V : [5, 2]
`;
    expect(bindingText(verdictOn(heads("h V", "h U"), heads("h U", "h V")))).toEqual([
      "W = W",
      "U = V",
      "V = U",
    ]);
  });

  test("of a gain and a shift is found in a product and a sum", () => {
    const norm = (gain: string, shift: string): string => `Norm(x : [B, 4]) -> y : [B, 4]
  y = normalize_n(x, 1e-5) * ${gain} + ${shift}
where
  ${gain} : [n]
  ${shift} : [n]
  n = 4
`;
    const text = (t: string): string =>
      t.replace("x : [B, 4]", "x : [B, n]").replace("y : [B, 4]", "y : [B, n]");
    const verdict = verdictOn(text(norm("w", "b")), text(norm("gamma", "beta")));
    expect(bindingText(verdict)).toEqual(["gamma = w", "beta = b"]);
  });

  test("is not made of a parameter's multiple", () => {
    expect(kindsOf(verdictOn(mlp.replace("x W_1", "x (2 W_1)"), mlp))).toEqual(["scaled-parameter"]);
  });
});

describe("a family of functions", () => {
  test("is smaller when the code ties what the spec keeps apart", () => {
    const square = mlp.replaceAll("H", "4").replaceAll("2]", "4]").replace("  4 = 5\n", "");
    const tied = square.replace("h W_2", "h W_1").replace("  W_2 : [4, 4]\n", "");
    expect(kindsOf(verdictOn(tied, square))).toEqual(["shared-parameter"]);
    expect(kindsOf(verdictOn(square, square))).toEqual(["equal"]);
  });

  test("is larger when the code keeps apart what the spec ties", () => {
    const square = mlp.replaceAll("H", "4").replaceAll("2]", "4]").replace("  4 = 5\n", "");
    const tied = square.replace("h W_2", "h W_1").replace("  W_2 : [4, 4]\n", "");
    expect(kindsOf(verdictOn(square, tied))).toEqual(["separate-parameters"]);
  });

  test("is smaller when one number stands for several", () => {
    const scalar = mlp.replace("b_1 : [H]", "b_1 : [1]");
    expect(kindsOf(verdictOn(scalar, mlp))).toContain("shared-parameter");
  });
});
