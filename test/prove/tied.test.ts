/** @file Several tied parameters are one difference where they belong to two places of a spec. */
import { expect, test } from "vitest";
import { check } from "../../src/prove/check.ts";
import { readSpec } from "../../src/spec/read.ts";

const written = (second: string, ...parameters: string[]): string =>
  [
    "F(x : [B, D]) -> y : [B, D]",
    "  g = tanh(x W + b)       (1)",
    `  f = sigmoid(${second})       (2)`,
    "  y = g * f       (3)",
    "where",
    "  W : [D, D]",
    "  b : [D]",
    ...parameters,
    "",
  ].join("\n");

const spec = written("x U + a", "  U : [D, D]", "  a : [D]");

function said(code: string): string[] {
  const verdict = check({
    code: readSpec(code, "code.txt"),
    spec: (batch) => readSpec(spec, "spec.txt", { batch }),
    seed: 1,
  });
  return verdict.kind === "different"
    ? verdict.differences.map(({ words, spec: { place } }) => `(${place.equation}) ${words}`)
    : [verdict.kind];
}

test("two parameters of one equation serve for another", () => {
  expect(said(written("x W + b"))).toEqual(["(2) f is computed with parameters of g: W, b serve for both"]);
});

test("a single tied parameter is named itself", () => {
  const one = written("x W + a", "  a : [D]");
  expect(said(one)).toEqual(["(2) W and U are one parameter in the code, W"]);
});

test("each parameter for another place is no group", () => {
  const crossed = written("x U + b", "  U : [D, D]");
  expect(said(crossed)).toEqual(["(2) b and a are one parameter in the code, b"]);
});
