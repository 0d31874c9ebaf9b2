/** @file Normalisation of channels and biases of convolutions as the specification language says them. */
import { describe, expect, test } from "vitest";
import { Diagnostic } from "../../src/diag/diagnostic.ts";
import type { Graph } from "../../src/ir/graph.ts";
import { readSpec } from "../../src/spec/read.ts";
import { agreement, pairsInOrder } from "../arbitrary/agreement.ts";

const model = (right: string): Graph =>
  readSpec(
    `M(x : [B, C, N]) -> y
  y = ${right}
where
  C = 3
  m, s, g, b : [C]
  K : [4, C, 2]
  c : [4]
`,
    "m.txt",
  );

test.for([
  ["conv(x, K, c, padding = 1)", "conv(x, K, padding = 1) + reshape(c, [4, 1])"],
  [
    "batch_normalize_C(x, m, s^2, g, b, 0.1)",
    "(x - reshape(m, [C, 1])) / sqrt(reshape(s^2 + 0.1, [C, 1])) * reshape(g, [C, 1]) + reshape(b, [C, 1])",
  ],
  [
    "group_normalize_C(x, g, b, 0.1, groups = 3)",
    "normalize_{-1}(x, 0.1) * reshape(g, [C, 1]) + reshape(b, [C, 1])",
  ],
  [
    "group_normalize_C(x, g, b, 0.1, groups = 1)",
    "normalize_{-2,-1}(x, 0.1) * reshape(g, [C, 1]) + reshape(b, [C, 1])",
  ],
])("%s is %s", ([short, long]) => {
  const [left, right] = [model(short as string), model(long as string)];
  expect(agreement(left, right, pairsInOrder(left, right), 1)).toBe("equal");
});

describe("what makes no sense is said in the writer's terms", () => {
  test.for([
    ["conv(x, K, m)", "A3013", "with the bias [C]"],
    ["conv(x, K, c, c)", "A3020", "conv with 4 arguments"],
    ["batch_normalize(x, m, s, g, b, 0.1)", "A3015", "batch_normalize without an axis"],
    ["batch_normalize_N(x, m, s, g, b, 0.1)", "A3013", "[C] along that axis of [B, C, N]"],
    ["group_normalize_C(x, g, b, 0.1)", "A3020", "group_normalize without a number of groups"],
    ["group_normalize_C(x, g, b, 0.1, groups = 1/2)", "A3020", "group_normalize without a number of groups"],
    ["group_normalize_C(x, g, b, 0.1, size = 3)", "A3020", "group_normalize without a number of groups"],
    ["group_normalize_C(x, g, b, 0.1, groups = 2)", "A3013", "3 channels in 2 groups"],
    ["group_normalize_N(x, g, b, 0.1, groups = 1)", "A3013", "[C] along that axis of [B, C, N]"],
    ["batch_normalize_C(x, m, s, 0.1)", "A3020", "batch_normalize with 4 arguments"],
  ])("%s", ([right, code, got]) => {
    try {
      model(right as string);
      expect.unreachable();
    } catch (error) {
      if (!(error instanceof Diagnostic)) throw error;
      expect(error.report.code).toBe(code);
      expect(error.report.got).toContain(got);
    }
  });
});
