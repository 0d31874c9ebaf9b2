/** @file Recurrences mean what they say: each against the same steps written out by hand. */
import { describe, expect, test } from "vitest";
import { Unsupported } from "../../src/diag/diagnostic.ts";
import { shapeText } from "../../src/ir/dim.ts";
import { check } from "../../src/prove/check.ts";
import type { Verdict } from "../../src/result/verdict.ts";
import { readSpec } from "../../src/spec/read.ts";

const where = ["where", "  W : [2, 4]", "  U : [4, 4]", "  b : [4]"];
const document = (signature: string, equations: readonly string[], more: readonly string[] = []): string =>
  [signature, ...equations.map((line) => `  ${line}`), ...where, ...more.map((line) => `  ${line}`), ""].join(
    "\n",
  );

function verdictOf(code: string, spec: string): Verdict {
  const model = readSpec(code, "code.txt");
  return check({ code: model, spec: (batch) => readSpec(spec, "spec.txt", { batch }), seed: 1 });
}

const step = "h_t = tanh(x_t W + h_{t-1} U + b)";
const steps = ["t = 1..3", "h_0 = 0"];
const first = "p = tanh(x[0] W + b)";
const second = "q = tanh(x[1] W + p U + b)";
const third = "r = tanh(x[2] W + q U + b)";

describe("written out by hand", () => {
  const last = document("Rnn(x : [3, 2]) -> r : [4]", [first, second, third]);
  const recurrent = (equation: string, ...more: readonly string[]): string =>
    document("Rnn(x : [3, 2]) -> r : [4]", [equation, "r = h_3"], [...more, "h_t : [4]"]);

  test("the last step", () => {
    expect(verdictOf(last, recurrent(step, ...steps)).kind).toBe("equal");
  });

  test("of a size whose name has a number behind an underscore", () => {
    const named = recurrent(step, "t = 1..N_1", "N_1 = 3", "h_0 = 0").replace("r = h_3", "r = h_N_1");
    expect(verdictOf(last, named).kind).toBe("equal");
  });

  test("what two recurrences read is computed for all steps at once", () => {
    const signature = "Both(x : [3, 2]) -> r : [4]";
    const code = document(signature, [
      ...[1, 2, 3].map((t) => `z_${t} = x[${t - 1}] W + b`),
      "h_1 = tanh(z_1)",
      "h_2 = tanh(z_2 + h_1 U)",
      "h_3 = tanh(z_3 + h_2 U)",
      "g_3 = tanh(z_3)",
      "g_2 = tanh(z_2 + g_3 U)",
      "g_1 = tanh(z_1 + g_2 U)",
      "r = h_3 + g_1",
    ]);
    const both = (backwards: string): string =>
      document(
        signature,
        ["z_t = x_t W + b", "h_t = tanh(z_t + h_{t-1} U)", backwards, "r = h_3 + g_1"],
        ["t = 1..3", "h_0 = 0", "g_4 = 0", "h_t, g_t : [4]"],
      );
    expect(verdictOf(code, both("g_t = tanh(z_t + g_{t+1} U)")).kind).toBe("equal");
    expect(verdictOf(code, both("g_t = tanh(z_t - g_{t+1} U)")).kind).not.toBe("equal");
  });

  test("not the first", () => {
    const once = recurrent(step, ...steps).replace("r = h_3", "r = h_1");
    expect(verdictOf(last, once).kind).not.toBe("equal");
  });

  test("backwards", () => {
    const back = ["p = tanh(x[2] W + b)", "q = tanh(x[1] W + p U + b)", "r = tanh(x[0] W + q U + b)"];
    const code = document("Rnn(x : [3, 2]) -> r : [4]", back);
    const turned = recurrent("h_t = tanh(x_t W + h_{t+1} U + b)", "t = 1..3", "h_4 = 0");
    expect(verdictOf(code, turned.replace("r = h_3", "r = h_1")).kind).toBe("equal");
    expect(verdictOf(last, turned.replace("r = h_3", "r = h_1")).kind).not.toBe("equal");
  });

  test("a start that is learnt, and an equation of every step", () => {
    const code = document(
      "Rnn(x : [3, 2]) -> y : [3, 4]",
      [
        "p = tanh(x[0] W + s U + b)",
        second,
        third,
        "y = concat_3(reshape(p, [1, 4]), reshape(q, [1, 4]), reshape(r, [1, 4])) V",
      ],
      ["s : [4]", "V : [4, 4]"],
    );
    const spec = document(
      "Rnn(x : [3, 2]) -> y : [3, 4]",
      [step, "y_t = h_t V"],
      ["t = 1..3", "h_0 : [4]", "V : [4, 4]"],
    );
    const verdict = verdictOf(code, spec);
    expect(verdict.kind).toBe("equal");
    expect(verdict.bindings).toContainEqual({ parameter: "h_0", shape: [4], is: "s" });
  });
});

test("a length that is a symbol on both sides is an assumption of the proof", () => {
  const text = document("Rnn(x : [T, 2]) -> h : [T, 4]", [step], ["t = 1..T", "h_0 = 0"]);
  const verdict = verdictOf(text, text);
  expect(verdict.kind).toBe("equal");
  const assumptions = verdict.kind === "equal" ? verdict.evidence.assumptions.join("\n") : "";
  expect(assumptions).toMatch(/what holds at T = \d+ holds at every size/);
});

test("a length that the code has fixed", () => {
  const symbolic = document("Rnn(x : [T, 2]) -> h : [T, 4]", [step], ["t = 1..T", "h_0 = 0"]);
  expect(verdictOf(symbolic.replaceAll("T", "3"), symbolic).kind).toBe("equal");
});

test("the steps lie where the declaration has them", () => {
  const last = document("Rnn(x : [B, T, 2]) -> h : [B, T, 4]", [step], ["t = 1..T", "h_0 = 0"]);
  const front = last.replace("x : [B, T, 2]", "x : [T, B, 2]").replace("h : [B, T, 4]", "h : [T, B, 4]");
  const shapes = (text: string): readonly string[][] =>
    readSpec(text, "spec.txt").outputs.map(({ node }) =>
      node.type.shape.map((dim) => (typeof dim === "number" ? String(dim) : dim.key)),
    );
  expect(shapes(last)).toEqual([["B", "T", "4"]]);
  expect(shapes(front)).toEqual([["T", "B", "4"]]);
});

test("another step of a value from outside is refused, beside the same step too", () => {
  const text = document(
    "Rnn(x : [T, 2]) -> h : [T, 4]",
    ["h_t = tanh(x_t W + x_{t-1} W + h_{t-1} U + b)"],
    ["t = 1..T", "h_0 = 0"],
  );
  expect(() => readSpec(text, "spec.txt")).toThrow(Unsupported);
  expect(() => readSpec(text, "spec.txt")).toThrow("is not defined step by step here");
});

test("a backward recurrence over a number of steps says where it begins", () => {
  const text = document("Rnn(x : [3, 2]) -> h : [3, 4]", ["h_t = tanh(x_t W + h_{t+1} U + b)"], ["t = 1..3"]);
  expect(() => readSpec(text, "spec.txt")).toThrow("add `h_4 = 0` to the where list");
});

describe("a model in a step", () => {
  const stored = "where\n  W : [5, 4]\n  U : [4, 4]\n  b : [4]\n";
  const next = (x: string, h: string): string => `tanh(${x} W + ${h} U + b)`;
  const lines = (...texts: readonly string[]): string => texts.map((text) => `  ${text}\n`).join("");

  test("has the same parameters in every step, and several outputs", () => {
    const hand = `Read(x : [2, 5]) -> r : [4], p : [4]\n${lines(
      `h = ${next("x[0]", "(1 + 0 b)")}`,
      `r = ${next("x[1]", "h")}`,
      "p = r * h",
    )}${stored}`;
    const text = `Read(x : [T, 5]) -> r : [4], p : [4]
  h_t, z_t = Cell(x_t, h_{t-1})
  r = h_T
  p = z_T
where t = 1..T
  h_0 = 1
  h_t : [4]

Cell(x : [5], h : [4]) -> y : [4], z : [4]
  y = tanh(x W + h U + b)
  z = y * h
${stored}`;
    expect(verdictOf(hand, text).kind).toBe("equal");
    expect(verdictOf(hand, text.replace("z = y * h", "z = y + h")).kind).toBe("different");
    const fresh = hand.replace("h U + b)", "h V + b)").replace("  U :", "  V : [4, 4]\n  U :");
    expect(verdictOf(fresh, text).kind).toBe("different");
  });

  test.for([
    ["forwards", "h_{k-1}", "h_0", "h_K", "h_1", [0, 1, 2]],
    ["backwards", "h_{k+1}", "h_{K+1}", "h_1", "h_K", [2, 1, 0]],
  ] as const)(
    "may have steps of its own, %s, from the state without",
    ([, before, start, end, other, order]) => {
      const hand = [0, 1].flatMap((t) =>
        order.map((k, place) => {
          const last = place > 0 ? `h_${t}_${place - 1}` : t > 0 ? "h_0_2" : "(0 b)";
          return `h_${t}_${place} = ${next(`x[${t}, ${k}]`, last)}`;
        }),
      );
      const code = `Read(x : [2, 3, 5]) -> r : [4]\n${lines(...hand, "r = h_1_2")}${stored}`;
      const text = `Read(x : [T, K, 5]) -> r : [4]
  s_t = Inner(x_t, s_{t-1})
  r = s_T
where t = 1..T
  s_0 = 0
  s_t : [4]

Inner(x : [K, 5], s : [4]) -> y : [4]
  ${start} = s
  h_k = tanh(x_k W + ${before} U + b)
  y = ${end}
where
  k = 1..K
  W : [5, 4]
  U : [4, 4]
  b : [4]
`;
      expect(verdictOf(code, text).kind).toBe("equal");
      expect(verdictOf(code, text.replace(`y = ${end}`, `y = ${other}`)).kind).toBe("different");
    },
  );
});

test("a size that is called like a value at a step is a size", () => {
  const spec = `F(x : {B_1, inputs}, z : {time}, B : [2, time, inputs_2]) -> y : {time}, u : {B_1, inputs}
  h_t = h_{t-1} + z_t
  y{time} = h{time}
  u{B_1, inputs} = x
where time = 2, inputs = 3, inputs_2 = 2, t = 1..2, h_0 = 1, h_t : []
`;
  const graph = readSpec(spec, "s");
  expect(graph.outputs.map(({ node }) => shapeText(node.type.shape))).toEqual(["[2]", "[B_1, 3]"]);
});
