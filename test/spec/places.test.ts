/** @file Elements at places that integers say, and places of extremes, as the specification language says them. */
import { describe, expect, test } from "vitest";
import { readSpec } from "../../src/spec/read.ts";
import { agreement, pairsInOrder } from "../arbitrary/agreement.ts";
import { complaint } from "./support.ts";

const model = (equation: string): string => `M(x : [B, T, V], k : [B, T] integers, m : [B] integers) -> y
  ${equation}
where
  V = 3
`;

test.for([
  ["y[b, t] = x[b, t, k[b, t]]", "y[b, t] = sum_v where(k[b, t] == v, x[b, t, v], 0)"],
  ["y[t, b] = x[b, t, k[b, t] - 1]", "y[t, b] = sum_v where(k[b, t] - 1 == v, x[b, t, v], 0)"],
  ["y[b, v] = x[b, m[b], v]", "y[b, v] = sum_t where(m[b] == t, x[b, t, v], 0)"],
  ["y[b, :] = x[b, m[b], :]", "y[b, v] = sum_t where(m[b] == t, x[b, t, v], 0)"],
  ["y[b] = x[b, m[b], m[b]]", "y[b] = sum_t sum_v where(m[b] == t and m[b] == v, x[b, t, v], 0)"],
  ["y[b, t] = x[b, t, m[b]]", "y[b, t] = sum_v where(m[b] == v, x[b, t, v], 0)"],
  ["y[b, t, v] = x[b, t, k[b, v]]", "y[b, t, v] = sum_w where(k[b, v] == w, x[b, t, w], 0)"],
  ["y = argmax_V(x)", "y[b, t] = sum_v where(rank_v(x[b, t, v]) == 0, v, 0)"],
  ["y[b, t] = argmin_v(x[b, t, v])", "y[b, t] = sum_v where(rank_v(-x[b, t, v]) == 0, v, 0)"],
  ["y[b, v] = argmax_t(x[b, t, v])", "y[b, v] = sum_t where(rank_t(x[b, t, v]) == 0, t, 0)"],
] as const)("%s is %s", ([short, long]) => {
  const [one, other] = [readSpec(model(short), "m.txt"), readSpec(model(long), "m.txt")];
  expect(agreement(one, other, pairsInOrder(one, other), 1)).toBe("equal");
});

test("of a table that has no letter of theirs, integers pick rows", () => {
  const rows = readSpec("M(E : [V, d], i : [B] integers) -> y\n  y[b, n] = E[i[b], n]\n", "m.txt");
  expect(rows.nodes.map(({ op }) => op)).toContain("Take");
});

describe("what makes no sense is said in the writer's terms", () => {
  test.for([
    ["y[b, t] = x[b, t, x[b, t, 0]]", "A3017", "an index that is not an integer", 21],
    ["y = argmax(x)", "A3015", "argmax of [B, T, V] without an axis", 7],
  ] as const)("%s", ([equation, code, got, column]) => {
    const report = complaint(model(equation));
    expect(report.code).toBe(code);
    expect(report.got).toContain(got);
    expect(report.place.column).toBe(column);
  });
});
