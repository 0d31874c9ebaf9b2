/** @file One module of a model, blocks written out, and definitions down to a depth. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { assay } from "./support.ts";

const gpt2 = join(import.meta.dirname, "..", "fixtures", "pt2", "gpt2.pt2");
const read = async (...options: string[]): Promise<string> => (await assay("read", gpt2, ...options)).output;

test("--at shows a module alone, with what the export left out", async () => {
  const output = await read("--at", "h.1.attn");
  expect(output).toMatch(/^CausalSelfAttention\(x : \[B, N, d\]\) -> y : \[B, N, d\]/);
  expect(output).toContain("softmax");
  expect(output).not.toContain("gelu");
});

test("--depth 0 has the model without its blocks, and names them", async () => {
  const [whole, overview] = [await read(), await read("--depth", "0")];
  expect(whole).toMatch(/^GptBlock\(/m);
  expect(overview).not.toMatch(/^GptBlock\(/m);
  expect(overview).toContain("x = GptBlock(x)");
  expect(overview).toContain("# left out by --depth 0: GptBlock");
  expect(await read("--depth", "1")).toBe(whole);
});

test.each(["GptBlock", "all"])("--expand %s writes both layers out", async (name) => {
  const output = await read("--expand", name);
  expect(output).not.toContain("GptBlock");
  expect(output.match(/softmax_/g)).toHaveLength(2);
});
