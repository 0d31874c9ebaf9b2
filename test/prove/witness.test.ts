/** @file The second opinion in float64: gaps, and witnesses that a person can compute again. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { zero } from "../../src/base/rational.ts";
import type { Claim } from "../../src/prove/verify.ts";
import { compareFloats, type FloatComparison } from "../../src/prove/witness.ts";
import { laidOver } from "./parts.ts";

const model = (right: string, where = "", type = "y : [B, 4]", inputs = "x : [B, 4]"): string =>
  `F(${inputs}) -> ${type}\n  y = ${right}\n${where === "" ? "" : `where\n  ${where}\n`}`;

function comparison(claim: Claim, seed = 1): FloatComparison {
  const found = compareFloats(claim, random(seed));
  if (found === undefined) throw new Error("every function has a value");
  return found;
}
const gapOf = (code: string, spec: string): number =>
  comparison(laidOver(model(code), model(spec)).claim).gap;

describe("the gap", () => {
  test("of the same function is nothing", () => {
    expect(comparison(laidOver(model("tanh(x)"), model("tanh(x)")).claim)).toEqual({
      gap: 0,
      witness: undefined,
    });
  });
  test("is relative to the largest output", () => {
    expect(gapOf("2 * x", "x")).toBe(0.5);
    expect(gapOf("1000 * x", "x")).toBeCloseTo(0.999, 12);
    expect(gapOf("x", "x + x / 1048576")).toBeCloseTo(2 ** -20, 9);
    expect(gapOf("x", "-x")).toBe(2);
  });
  test("between a number and none is all, and none where neither has a value", () => {
    expect(gapOf("log(-x * x)", "x")).toBe(1);
    expect(gapOf("exp(x + 1000)", "exp(x)")).toBe(1);
    expect(gapOf("exp(x + 1000)", "exp(x + 2000)")).toBe(0);
    expect(gapOf("log(-x * x)", "log(-x * x)")).toBe(0);
  });
  test("is found where only rare points show it", () => {
    expect(gapOf("max(x, 2.5)", "max(x, 2)")).toBeGreaterThan(0.1);
  });
  test("of the same numbers in another layout is nothing", () => {
    const turned = laidOver(model("x^T", "", "y : [4, B]"), model("2 * x / 2"));
    expect(turned.overlay.found.get("y")?.sameLayout).toBe(false);
    expect(comparison(turned.claim).gap).toBe(0);
  });
  test("is found where a size of the spec is given by nothing", () => {
    const spec = model("x u + tanh((x * x) V) w", "u : [4]\n  V : [4, m]\n  w : [m]", "y : [B]");
    const { claim } = laidOver(model("x u", "u : [4]", "y : [B]"), spec);
    const { gap, witness } = comparison(claim);
    expect(gap).toBeGreaterThan(0);
    expect(witness?.parameters).toBe("random weights, random V, w");
  });
});

/** Numbers of `(1, -0.5, …)`. */
const numbersOf = (text: string): number[] => text.slice(1, -1).split(", ").map(Number);

describe("a witness", () => {
  const weights = Float64Array.of(1, 2, -3, 0.5, 4, -1, 2, 1);
  const withWeights = (claim: Claim): Claim => {
    const parameters = claim.code.parameters.map((parameter) => ({ ...parameter, values: () => weights }));
    return { ...claim, code: { ...claim.code, parameters } };
  };

  test("can be computed again from what it says", () => {
    const { claim } = laidOver(
      model("x W", "W : [4, 2]", "y : [B, 2]"),
      model("tanh(x W)", "W : [4, 2]", "y : [B, 2]"),
    );
    // The spec has the code's matrix, as it would after the missing function is put back.
    const [matrix] = claim.spec.parameters;
    const [own] = claim.code.parameters;
    if (matrix === undefined || own === undefined) throw new Error("both have a matrix");
    const part = { parameters: [own.node], owner: new Uint16Array(8), index: Int32Array.from(range(8)) };
    const bindings = new Map([[matrix.node, { shape: [4, 2], parts: [part], shift: zero, factor: 1 }]]);
    for (const seed of range(20)) {
      const { witness } = comparison({ ...withWeights(claim), bindings }, seed);
      if (witness === undefined) throw new Error("the two differ");
      const [input] = witness.inputs;
      const x = numbersOf(input?.value ?? "");
      const column = Number(/^y\[(\d)\]$/.exec(witness.output)?.[1]);
      const product = x.reduce((sum, value, i) => sum + value * at(weights, 2 * i + column), 0);
      expect(x.length).toBe(4);
      expect(witness.code).toBeCloseTo(product, 12);
      expect(witness.spec).toBeCloseTo(Math.tanh(product), 12);
      expect(witness.parameters).toBe("the code's own weights");
    }
  });

  test("takes a multiple of a parameter as such", () => {
    const { claim } = laidOver(model("x * (2 * b)", "b : [4]"), model("x * c", "c : [4]"), true);
    expect([...claim.bindings.values()].map(({ factor }) => factor)).toEqual([2]);
    expect(comparison(claim).gap).toBe(0);
  });

  test("has numbers for statistics whose own are not known: variances are not negative", () => {
    const { claim } = laidOver(model("x * mean_{-1}(sqrt(v))", "v : [40]"), model("x"));
    const parameters = claim.code.parameters.map((parameter) => ({ ...parameter, trainable: false }));
    expect(comparison({ ...claim, code: { ...claim.code, parameters } }).gap).toBeLessThan(1);
  });

  test("says which weights are random", () => {
    const { claim } = laidOver(
      model("x W", "W : [4, 5]", "y : [B, 5]"),
      model("tanh(x V + b)", "V : [4, 5]\n  b : [5]", "y : [B, 5]"),
    );
    expect(comparison(claim).witness?.parameters).toBe("random weights, random b");
    expect(
      comparison(withWeights({ ...laidOver(model("x * b", "b : [4]"), model("x")).claim })).witness
        ?.parameters,
    ).toBe("the code's own weights");
  });

  test("shows the row of a batch that it is about, or all of what is not batched", () => {
    const shown = (inputs: string, type: string): string => {
      const [code, spec] = [model("2 * x", "", type, inputs), model("x", "", type, inputs)];
      const { witness } = comparison(laidOver(code, spec).claim);
      return `${witness?.inputs.map(({ value }) => value.replaceAll(/-?[\d.]+/g, "n")).join()} ${witness?.output}`;
    };
    expect(shown("x : [B, 3]", "y : [B, 3]")).toMatch(/^\(n, n, n\) y\[[012]\]$/);
    expect(shown("x : [B]", "y : [B]")).toBe("(n) y");
    expect(shown("x : [5, 1]", "y : [5, 1]")).toBe("(n, n, n, n, n) y[0]");
    expect(shown("x : [2, 5]", "y : [2, 5]")).toMatch(/^\(n, n, n, n, n, n, n, n, …\) y\[[0-4]\]$/);
    expect(shown("x : [B, 2, 4]", "y : [B, 2, 4]")).toMatch(/^\(n, n, n, n, n, n, n, n\) y\[[0-3]\]$/);
  });

  test("indexes the tables that it is about", () => {
    const bag = (right: string): string => model(right, "E : [3, 4]", "y : [B, 4]", "i : [B] integers");
    for (const seed of range(10)) {
      const { claim } = laidOver(bag("2 * E[i]"), bag("E[i]"));
      const { witness } = comparison(claim, seed);
      expect(["(0)", "(1)", "(2)"]).toContain(witness?.inputs[0]?.value);
    }
  });
});
