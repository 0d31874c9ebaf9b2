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

test("--rules says below the equations what made them", async () => {
  const trained = join(import.meta.dirname, "..", "fixtures", "stablehlo", "flax_networks_encoder.mlir");
  const lines = async (...options: string[]): Promise<string[]> =>
    (await assay("read", trained, "--width", "500", ...options)).output.split("\n");
  const [plain, explained] = [await lines(), await lines("--rules")];
  const added = explained.filter((line) => !plain.includes(line));
  expect(added).toContain(
    "# the rule softmax made flax_networks.py:44: e^a / Σ e^a → softmax(a), summed along one axis",
  );
  // A rule of print alone.
  expect(added).toContainEqual(expect.stringMatching(/^# the rule scaled-scores made flax_networks.py:44: /));
  expect(added).toSatisfy((all: string[]) => all.every((line) => line.startsWith("# the rule ")));
  expect(explained.filter((line) => plain.includes(line))).toEqual(plain);
});

test("--rules with --at has the rules of the module alone", async () => {
  const [whole, module] = [await read("--rules"), await read("--rules", "--at", "h.1.attn")];
  expect(whole).toContain("# the rule take-range");
  expect(module).not.toContain("# the rule take-range");
  expect(module).toContain("# the rule split-heads");
});

test("--expand takes one list, so that the model may follow, and may be given again", async () => {
  const { output: listed } = await assay("read", "--expand", "all", gpt2);
  expect(listed).toBe(await read("--expand", "all"));
  const { output } = await assay("read", "--expand", "GptBlock,GptBlock", "--expand", "GptBlock", gpt2);
  expect(output).toBe(await read("--expand", "GptBlock"));
  const { code, errors } = await assay("read", "--expand", "GptBlock,", gpt2);
  expect(code).toBe(2);
  expect(errors).toContain("A1002");
  expect(errors).toContain("names of blocks with commas between");
});
