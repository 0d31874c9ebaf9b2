/** @file Which outputs are affine maps of the inputs, decided exactly. */
import { expect, test } from "vitest";
import { at } from "../../src/base/assert.ts";
import { lower } from "../../src/eval/lower.ts";
import { affineOutputs } from "../../src/prove/affine.ts";
import { readSpec } from "../../src/spec/read.ts";
import { worldOf } from "./parts.ts";

const inputs = "x : [B, n], u : [B, n], i : [B] integers";
const affine = (right: string, type = "y : [B, n]"): boolean => {
  const { graph } = lower(
    readSpec(
      `F(${inputs}) -> ${type}\n  y = ${right}\nwhere\n  W : [n, n]\n  b : [n]\n  E : [7, n]\n  n = 4\n`,
      "model.txt",
    ),
  );
  return affineOutputs(worldOf(graph)).length === 1;
};

test.for([
  "x",
  "x W + b",
  "2 * x - u W",
  "x * b",
  "b * (x + 1) + u / 3",
  "x + E[i]",
  "x * E[i]",
  "x + E[i] * E[i]",
  "reshape(mean_n(x), [B, 1]) + u",
  "log(exp(x) * exp(u)) - log(exp(x) * exp(u))",
])("%s is affine", (right) => {
  expect(affine(right)).toBe(true);
});

test.for(["x * u", "x * x", "tanh(x)", "relu(x)", "x / u", "x + x * u", "x * E[i] + x * u", "1 / (x + 1)"])(
  "%s is not affine",
  (right) => {
    expect(affine(right)).toBe(false);
  },
);

test("what is not affine in one element is not affine", () => {
  expect(affine("concat_n(x[:, 0:3], x[:, 3:4] * u[:, 3:4])")).toBe(false);
  expect(affine("concat_n(x[:, 0:3], x[:, 3:4])")).toBe(true);
});

test("each output for itself, and no integer is a map of real numbers", () => {
  const text = `F(x : [B, 4], i : [B] integers) -> p : [B, 4], q : [B, 4], r : [B, 4], s : [B]
  p = x + 1
  q = tanh(x)
  r = 2 * x
  s = i + i
`;
  const { graph } = lower(readSpec(text, "model.txt"));
  const world = worldOf(graph);
  expect(affineOutputs(world).map((index) => at(graph.outputs, index).name)).toEqual(["p", "r"]);
  // The world itself is left as it was.
  expect(affineOutputs(world)).toEqual([0, 2]);
});
