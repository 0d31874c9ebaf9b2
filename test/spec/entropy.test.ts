/** @file Cross-entropies as the specification language says them. */
import { describe, expect, test } from "vitest";
import { readSpec } from "../../src/spec/read.ts";
import { agreement, pairsInOrder } from "../arbitrary/agreement.ts";
import { complaint } from "./support.ts";

const model = (left: string, right: string): string => `M(x : [B, T, V], k : [B, T] integers) -> y
  ${left} = ${right}
where
  V = 3
`;

const formula = "-sum_v where(k[b, t] == v, log_softmax_v(x[b, t, v]), 0)";

test.for([
  ["y", "cross_entropy_V(x, k)", "y[b, t]", formula],
  ["y", "cross_entropy_{-1}(x, k)", "y[b, t]", formula],
  ["y[b, t]", "cross_entropy_v(x[b, t, v], k[b, t])", "y[b, t]", formula],
  ["y[t, b]", "CrossEntropy(x[b, t, :], k[b, t])", "y[t, b]", formula],
  ["y[b, t]", "cross_entropy_V(x[b, :, :], k[b, :])[t]", "y[b, t]", formula],
  ["y[b]", "mean_t cross_entropy_v(x[b, t, v], t)", "y[b]", `mean_t (${formula.replace("k[b, t]", "t")})`],
  [
    "y",
    "cross_entropy_{-2}(x[:, :, 0:1], k[:, 0:1])",
    "y[b, v]",
    "-sum_t where(k[:, 0:1][b, v] == t, log_softmax_t(x[:, :, 0:1][b, t, v]), 0)",
  ],
])("%s = %s", ([left, word, whole, long]) => {
  const [a, b] = [model(left as string, word as string), model(whole as string, long as string)];
  const [short, written] = [readSpec(a, "m.txt"), readSpec(b, "m.txt")];
  expect(agreement(short, written, pairsInOrder(short, written), 1)).toBe("equal");
});

describe("what makes no sense is said in the writer's terms", () => {
  test.for([
    ["y", "cross_entropy(x, k)", "A3015", "cross_entropy of [B, T, V] without an axis"],
    ["y", "cross_entropy_V(x, k[:, 0])", "A3013", "cross_entropy of [B, T, V] and [B]"],
    ["y", "cross_entropy_V(x, x[:, :, 0])", "A3013", "and [B, T]"],
    ["y[b, v]", "cross_entropy_v(x[b, 0, v], k[b, v])", "A3013", "and [] for each b, v"],
    ["y", "cross_entropy_V(x)", "A3020", "cross_entropy with 1 argument"],
    ["y", "cross_entropy_{-2,-1}(x, k)", "A3020", "cross_entropy along"],
  ])("%s = %s", ([left, right, code, got]) => {
    const report = complaint(model(left as string, right as string));
    expect(report.code).toBe(code);
    expect(report.got).toContain(got);
  });
});
