/** @file A part of a spec computes what the whole computes there, from what it was cut from. */
import { expect, test } from "vitest";
import { get } from "../../src/base/assert.ts";
import { lower } from "../../src/eval/lower.ts";
import type { Node } from "../../src/ir/graph.ts";
import { partOf } from "../../src/prove/part.ts";
import { readSpec } from "../../src/spec/read.ts";

const { graph } = lower(
  readSpec(
    `F(x : [B, 3]) -> y : [B, 2]
  h = exp(x W)
  g = exp(h + b)
  y = g V
where
  W : [3, 4]
  b : [4]
  V : [4, 2]
`,
    "spec.txt",
  ),
);
const called = (name: string): Node => {
  const found = graph.nodes.find((node) => graph.labels.get(node) === name);
  if (found === undefined) throw new Error(`${name} is in the spec`);
  return found;
};
const [h, g] = [called("h"), called("g")];

test("a cut becomes an input, and what lies before it is left out", () => {
  const part = partOf(graph, [g], (node) => node === h, []);
  expect(part.cuts).toEqual([h]);
  expect(part.graph.inputs.map(({ attrs, type }) => [attrs.name, type.shape])).toEqual([
    ["x", h.type.shape.with(1, 3)],
    [`value ${h.id}`, h.type.shape],
  ]);
  expect(part.graph.parameters.map(({ names }) => names)).toEqual([["b"]]);
  expect(part.graph.outputs.map(({ node }) => node)).toEqual([get(part.image, g)]);
  expect(part.graph.labels.get(get(part.image, g))).toBe("g");
  expect(part.graph.nodes.map(({ op }) => op)).not.toContain("Contract");
});

test("without cuts everything that the end needs is there", () => {
  const part = partOf(graph, [g], () => false, []);
  expect(part.cuts).toEqual([]);
  expect(part.graph.parameters.map(({ names }) => names)).toEqual([["W"], ["b"]]);
});

test("a named value that may be cut can be spoken of, though nothing needs it", () => {
  const part = partOf(graph, [g], (node) => node === g || node === h, [h]);
  expect(part.cuts).toEqual([h, g]);
  expect(part.image.has(h)).toBe(true);
});
