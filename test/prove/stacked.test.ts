/** @file Blocks that a spec uses side by side, and whose weights code keeps in one tensor each. */
import { describe, expect, test } from "vitest";
import { timesSideBySide } from "../../src/prove/stacked.ts";
import { readSpec } from "../../src/spec/read.ts";
import { bindingText, kindsOf, verdictOn } from "./models.ts";

const spec = `Mixture(x : [B, 4]) -> y : [B, 4]
  G = softmax_n(x W_g)
  s[b,c] = G[b,0] Expert_1(x)[b,c]
  for i = 2..n:
    s[b,c] = s[b,c] + G[b,i-1] Expert_i(x)[b,c]
  y = s
where
  W_g : [4, n]
  n = 3

Expert(x : [4]) -> y : [4]
  y = relu(x W + b) V
where
  W : [4, F]
  b : [F]
  V : [F, 4]
`;

const stacked = `Mixture(x : [B, 4]) -> y : [B, 4]
  G = softmax_n(x U)
  h[b,e,f] = relu((sum_c x[b,c] W[e,c,f]) + b[e,f])
  z[b,e,c] = sum_f h[b,e,f] V[e,f,c]
  y[b,c] = sum_e G[b,e] z[b,e,c]
where
  U : [4, n]
  W : [n, 4, 5]
  b : [n, 5]
  V : [n, 5, 4]
  n = 3
`;

describe("experts whose weights are stacked", () => {
  test("are bound to slices", () => {
    const verdict = verdictOn(stacked, spec);
    expect(verdict.kind).toBe("equal");
    expect(bindingText(verdict)).toEqual([
      "W_g = U",
      ...[0, 1, 2].flatMap((e) => [
        `Expert_${e + 1}.W = W[${e}, :, :]`,
        `Expert_${e + 1}.b = b[${e}, :]`,
        `Expert_${e + 1}.V = V[${e}, :, :]`,
      ]),
    ]);
  });

  test("are found to be linear", () => {
    const linear = stacked.replace(
      "relu((sum_c x[b,c] W[e,c,f]) + b[e,f])",
      "(sum_c x[b,c] W[e,c,f]) + b[e,f]",
    );
    expect(kindsOf(verdictOn(linear, spec))).toEqual(["missing-activation"]);
  });

  test("are not equal to experts with one matrix for all", () => {
    const shared = stacked.replace("V[e,f,c]", "V[f,c]").replace("V : [n, 5, 4]", "V : [5, 4]");
    expect(verdictOn(shared, spec).kind).not.toBe("equal");
  });

  test("are not equal to experts that all see one gate", () => {
    expect(verdictOn(stacked.replace("G[b,e] z", "G[b,0] z"), spec).kind).not.toBe("equal");
  });
});

describe("blocks side by side", () => {
  const times = (text: string): readonly number[] => [...timesSideBySide(readSpec(text, "spec.txt"))];

  test("are counted where each has parameters of its own", () => {
    expect(times(spec)).toEqual([3]);
  });

  test("are none where one follows the other", () => {
    const chain = `Chain(x : [B, 4]) -> y : [B, 4]
  s = x
  for i = 1..3:
    s = Block_i(s)
  y = s

Block(x : [4]) -> y : [4]
  y = tanh(x W)
where
  W : [4, 4]
`;
    expect(times(chain)).toEqual([]);
  });
});
