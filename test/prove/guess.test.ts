/** @file Parameters that no equation gives are guessed, and guesses are kept where the code shows them. */
import { describe, expect, test } from "vitest";
import { bindingText, verdictOn } from "./models.ts";

describe("a parameter that is seen through a function of it alone", () => {
  const spec = `F(x : [B, 3]) -> y : [B, 3]
  d = exp(a)
  y = (d - 1) * (d * x)
where
  a : [3]
`;
  const code = `F(x : [B, 3]) -> y : [B, 3]
  y = x * (exp(2 * s) - exp(s))
where
  s : [3]
`;

  test("is the code's parameter of which it has the same function", () => {
    const verdict = verdictOn(code, spec);
    expect(verdict.kind).toBe("equal");
    expect(bindingText(verdict)).toEqual(["a = s"]);
  });

  test("is not found equal where the code goes on in another way", () => {
    expect(verdictOn(code.replace("2 * s", "3 * s"), spec).kind).not.toBe("equal");
  });
});

describe("weights of a product that the code has only as a sum of others", () => {
  const spec = `F(x : [B, 3]) -> y : [B]
  h = x * x - x
  y = sum_N(C * h)
where
  C : [N]
  N = 3
`;
  const code = `F(x : [B, 3]) -> y : [B]
  y[b] = (sum_j w[j] x[b,j] x[b,j]) - (sum_j w[j] x[b,j])
where
  w : [3]
`;

  test("are found by the sum", () => {
    const verdict = verdictOn(code, spec);
    expect(verdict.kind).toBe("equal");
    expect(bindingText(verdict)).toEqual(["C = w"]);
  });

  test("are not found equal where two parameters stand in for one", () => {
    const other = code
      .replace("(sum_j w[j] x[b,j])", "(sum_j v[j] x[b,j])")
      .replace("  w : [3]", "  w, v : [3]");
    expect(verdictOn(other, spec).kind).not.toBe("equal");
  });
});
