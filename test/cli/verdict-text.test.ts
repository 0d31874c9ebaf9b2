/** @file The printed form of each kind of verdict. */
import { expect, test } from "vitest";
import { inkFor } from "../../src/cli/terminal.ts";
import { verdictText } from "../../src/cli/verdict-text.ts";
import type { Verdict } from "../../src/result/verdict.ts";

const text = (verdict: Verdict): string =>
  verdictText(verdict, "net.py:make", "paper.md", {
    ink: inkFor(false, false),
    columns: 80,
    sides: ["spec", "code"],
  });

const bindings = [
  { parameter: "W_1", shape: [3, 8], is: "first.weight^T" },
  { parameter: "b", shape: [8], is: "first.bias" },
];

test("equal", () => {
  const evidence = {
    runs: 4,
    primes: [11, 13],
    elements: 24,
    stages: 1,
    error: 3.2e-31,
    assumptions: ["B = 3 is any size"],
    floatGap: 2.5e-16,
  };
  expect(text({ kind: "equal", bindings, evidence, notes: ["dropout is off"] })).toMatchInlineSnapshot(`
    "equal       net.py:make computes what paper.md says
      proof     24 numbers agree in 4 runs, each modulo a fresh prime near 2^30
                unequal functions pass with probability below 4e-31
      float64   largest gap 2.5e-16 of the largest output
      assumes   B = 3 is any size
      binds     W_1 = first.weight^T   [3, 8]
                b   = first.bias       [8]
      note      dropout is off
    "
  `);
});

test("equal, without a bound", () => {
  const evidence = { runs: 4, primes: [11], elements: 24, stages: 1, error: 1, assumptions: [], floatGap: 0 };
  expect(text({ kind: "equal", bindings, evidence, notes: [] })).toContain(
    "too deep for a bound on the chance that unequal functions pass",
  );
});

test("equal, without a second opinion", () => {
  const evidence = { runs: 4, primes: [11], elements: 24, stages: 1, error: 0, assumptions: [] };
  const shown = text({ kind: "equal", bindings, evidence, notes: [] });
  expect(shown).toContain("float64   not compared: a function of the model has no value in float64");
  expect(shown).not.toContain("largest gap");
});

test("equal as one expression", () => {
  const evidence = {
    runs: 0,
    primes: [],
    elements: 0,
    stages: 0,
    error: 0,
    assumptions: ["B = 3 is any size"],
  };
  expect(text({ kind: "equal", bindings: [], evidence, notes: [] })).toMatchInlineSnapshot(`
    "equal       net.py:make computes what paper.md says
      proof     the two are the same operations on the same values, one by one
      assumes   B = 3 is any size
    "
  `);
});

test("different, with everything that is known", () => {
  const verdict: Verdict = {
    kind: "different",
    differences: [
      {
        kind: "missing-activation",
        words: "the activation tanh is missing",
        spec: { text: "h = tanh(x W_1)", place: { equation: "1", file: "paper.md", line: 4 } },
        code: {
          text: "h = x W_1",
          place: { file: "net.py", line: 12, code: "  return self.first(x)\u001b[31m", module: "first" },
        },
        consequences: ["the model is affine"],
        alternatives: ["tanh is applied to the output"],
      },
    ],
    bindings,
    witness: {
      inputs: [{ name: "x", value: "(1, 2)" }],
      output: "y[0]",
      spec: 0.123456789,
      code: -2,
      parameters: "random parameters",
    },
    notes: [],
  };
  expect(text(verdict)).toMatchInlineSnapshot(`
    "different   equation (1) of paper.md   net.py:12  first
      spec      h = tanh(x W_1)
      code      h = x W_1
      line      return self.first(x)\\u001b[31m
                the activation tanh is missing
      so        the model is affine
      or        tanh is applied to the output
      witness   x = (1, 2)
                with random parameters: y[0] is 0.12346 in the spec, -2 in the code
      binds     W_1 = first.weight^T   [3, 8]
                b   = first.bias       [8]
    "
  `);
});

test("undecided, with the first equation that was not found", () => {
  const at = { text: "h = x W_1", place: { equation: "1" } };
  expect(
    text({ kind: "undecided", reason: "the search found no edit", at, bindings: [], notes: [] }),
  ).toMatchInlineSnapshot(`
    "undecided   the search found no edit
      first     h = x W_1   equation (1) of paper.md
                was not found in the code
    "
  `);
});

test("a witness at which one side has no finite number", () => {
  const side = { text: "y = log(x)", place: {} };
  const difference = { kind: "wrong-activation", words: "it differs", spec: side, code: side } as const;
  const verdict: Verdict = {
    kind: "different",
    differences: [{ ...difference, consequences: [], alternatives: [] }],
    bindings: [],
    witness: {
      inputs: [{ name: "x", value: "-1" }],
      output: "y",
      spec: Number.NaN,
      code: 2,
      parameters: "no weights",
    },
    notes: [],
  };
  expect(text(verdict)).toContain("y is no finite number in the spec, 2 in");
});
