/** @file Masks that libraries compute from positions, by look-ups and running sums, are read as what they say. */
import { expect, test } from "vitest";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { equationsOf } from "../../src/notation/equations.ts";
import { textOf } from "../../src/notation/text.ts";
import { raise } from "../../src/rewrite/raise.ts";
import { fixture } from "./support.ts";

async function printed(name: string): Promise<string> {
  const equations = equationsOf(raise(await readTorchExport(fixture(name))), { width: 100 });
  return textOf(equations, { width: 100, color: false });
}

test.each([
  ["mask_by_loops", "softmax_{-1}(causal(heads heads^T / sqrt(3)))"],
  ["mask_in_a_band", "softmax_{-1}(causal(heads heads^T / sqrt(3), window = 2))"],
])("%s", async (name, condition) => {
  const text = await printed(name);
  expect(text).toContain(condition);
  expect(text).not.toMatch(/range|concat|broadcast/);
});

test("a mask that hides nothing is none", async () => {
  const text = await printed("mask_of_nothing");
  expect(text).toContain("softmax");
  expect(text).not.toMatch(/where|range/);
});

test("what the caller hides is kept beside what lies ahead", async () => {
  const text = await printed("mask_with_padding");
  expect(text).toContain("s_2[i, j, k, l] = where(mask[i, k, l], s_1[i, j, k, l], -inf)");
  expect(text).toContain("softmax_{-1}(causal(s_2))");
  expect(text).toMatch(/mask\[i, j, k\] = .*seen/);
  expect(text).not.toContain("concat");
});

test.each([
  ["mask_with_padding", true],
  ["mask_added", true],
  ["mask_by_loops", false],
])("%s: that a caller may hide everything is said: %s", async (name, isSaid) => {
  const { notes } = await readTorchExport(fixture(name));
  expect(notes.some((note) => note.includes("hides everything"))).toBe(isSaid);
});
