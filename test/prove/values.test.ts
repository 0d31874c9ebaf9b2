/** @file What zeros give is known without what they meet. */
import { expect, test } from "vitest";
import { get } from "../../src/base/assert.ts";
import { lower } from "../../src/eval/lower.ts";
import type { Node } from "../../src/ir/graph.ts";
import { nothing } from "../../src/prove/values.ts";
import type { Exact } from "../../src/prove/world.ts";
import { readSpec } from "../../src/spec/read.ts";
import { worldOf } from "./parts.ts";

const { graph } = lower(
  readSpec(
    `F(x : [B, 3]) -> y : [B, 2]
  z = 0 * x
  p = z W
  s = x + z
  y = p + s V
where
  W, V : [3, 2]
`,
    "spec.txt",
  ),
);
const world = worldOf(graph);
const called = (name: string): Node => {
  const found = graph.nodes.find((node) => graph.labels.get(node) === name);
  if (found === undefined) throw new Error(`${name} is in the spec`);
  return found;
};
/** The operands' values, but for that of one place. */
const without = (node: Node, place: number): (Exact | undefined)[] =>
  node.inputs.map((input, index) => (index === place ? undefined : get(world.values, input)));
const sizes = world.sizes;

test("a product with zeros is zero in every element, whatever the other factor is", () => {
  const product = called("p");
  const zeros = nothing(product, without(product, 1), world, sizes);
  expect(zeros?.shape).toEqual([sizes.get("B"), 2]);
  expect(zeros?.kind === "real" && zeros.values.p.every((residue) => residue === 0)).toBe(true);
});

test("nothing is known of other products, of sums, and of a size that is not known", () => {
  const [product, sum] = [called("p"), called("s")];
  expect(nothing(product, [undefined, undefined], world, sizes)).toBeUndefined();
  expect(nothing(product, without(product, 0), world, sizes)).toBeUndefined();
  expect(nothing(sum, without(sum, 0), world, sizes)).toBeUndefined();
  expect(nothing(product, without(product, 1), world, new Map())).toBeUndefined();
});
