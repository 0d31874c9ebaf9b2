/** @file Files of older versions of PyTorch, whose weights are pickles: the program is read, its parameters have no values. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { dimText } from "../../src/ir/dim.ts";
import { changed } from "./archives.ts";
import { sourceOf } from "./support.ts";

const folder = new URL("../fixtures/generations/", import.meta.url);
const pickled =
  "the weights are stored as a pickle, which is never opened: they have no values, and which of them are tied is not known";

test.each(readdirSync(folder))("%s", async (name) => {
  const bytes = new Uint8Array(readFileSync(new URL(name, folder)));
  const { nodes, parameters, outputs, notes } = await readTorchExport(sourceOf(name, bytes));
  expect(notes).toContain(pickled);
  expect(parameters.map(({ names, values }) => [names.join(), values])).toEqual([
    ["mix.weight", undefined],
    ["mix.bias", undefined],
    ["hidden", undefined],
  ]);
  const [output] = outputs;
  // Twice the batch, whose name differs between versions.
  const shape = output?.node.type.shape.map(dimText);
  expect(shape?.[0]).toMatch(/^2\*s\d+$/);
  expect(shape?.slice(1)).toEqual(["3", "4"]);
  // The mask is the number -Infinity, which Python writes without quotation marks in older files.
  expect(nodes.some((node) => node.op === "NamedConstant")).toBe(true);
});

test("the second layout has its program in a folder and its weights as a pickle", async () => {
  const bytes = changed("two_layer_attention_pool", {
    "data/weights/model_weights_config.json": undefined,
    "data/weights/model.pt": "no pickle",
  });
  const { parameters, notes } = await readTorchExport(sourceOf("net.pt2", bytes));
  expect(notes).toContain(pickled);
  expect(parameters.length).toBeGreaterThan(0);
  expect(parameters.every(({ values }) => values === undefined)).toBe(true);
});
