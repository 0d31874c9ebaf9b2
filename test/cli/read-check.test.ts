/** @file `read` and `check` from the file to the printed answer. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseResult } from "../../src/result/result.ts";
import { assay, inFolderWith, root } from "./support.ts";

const fixture = (name: string): string => join(root, "test/fixtures/pt2", `${name}.pt2`);

const spec = `
The network of the example.

\`\`\`math
Mlp(x : [B, 4]) -> y : [B, 2]
  h = tanh(x W_1 + b_1)   (1)
  y = h W_2 + b_2         (2)
where
  W_1 : [4, H]
  b_1 : [H]
  W_2 : [H, 2]
  b_2 : [2]
\`\`\`
`;

const script = `
import { numpy as np } from "@jax-js/jax";
const w = np.array([[1, 2], [3, 4], [5, 6]]);
export const model = { params: { w }, inputs: { x: [8, 3] }, apply: ({ w }, x) => np.tanh(np.dot(x, w)) };
`;

describe("read", () => {
  test.each(["two_layer_mlp", "two_layer_attention_pool", "xor_regression_model"])(
    "what it prints of %s is a specification that check proves",
    async (name) => {
      const { code, output, errors } = await assay("read", fixture(name));
      expect([code, errors]).toEqual([0, ""]);
      inFolderWith({ "printed.txt": output });
      const checked = await assay("check", fixture(name), "--spec", "printed.txt");
      expect(checked.output).toMatch(/^equal /);
      expect(checked.code).toBe(0);
    },
  );

  test.each(["matrix", "index", "named"])(
    "what --notation %s prints is a specification that check proves",
    async (notation) => {
      const { output, errors } = await assay("read", "--notation", notation, fixture("gpt2"));
      expect(errors).toBe("");
      inFolderWith({ "printed.txt": output });
      const checked = await assay("check", fixture("gpt2"), "--spec", "printed.txt");
      expect(checked.output).toMatch(/^equal /);
    },
  );

  test("--notation writes indices or names of axes, in LaTeX as in text, and nothing else", async () => {
    const { output: index } = await assay("read", "--notation", "index", fixture("gpt2"));
    expect(index).toContain("s[b, h, i, j] = (sum_l q[b, h, i, l] k[b, h, j, l]) / sqrt(d_k)");
    const { output: named } = await assay("read", "--notation", "named", fixture("gpt2"));
    expect(named).toContain("s_1{batch, heads, query, key} = sum_head_width q k");
    const { output: latex } = await assay("read", "--notation", "named", "--as", "latex", fixture("gpt2"));
    expect(latex).toContain("\\sum_{\\mathit{head}_{\\mathrm{width}}} q \\, k");
    const { code, errors } = await assay("read", "--notation", "words", fixture("gpt2"));
    expect(code).toBe(2);
    expect(errors).toMatch(/A1002[^]*words[^]*matrix, index, named/);
  });

  test("the margin has shapes, or with --source the lines of code, and either reads back", async () => {
    const { output: shapes } = await assay("read", fixture("two_layer_mlp"));
    expect(shapes).toMatch(/^ {2}output = tanh\(x W_1 \+ b_1\) W_2 \+ b_2 {3}\[B, 2\]$/m);
    const { output: places } = await assay("read", fixture("two_layer_mlp"), "--source");
    expect(places).toMatch(/^ {2}output = tanh\(x W_1 \+ b_1\) W_2 \+ b_2 {3}two_layer\.py:20$/m);
    const { output: named } = await assay("read", fixture("two_layer_mlp"), "--notation", "named");
    expect(named).toMatch(
      /^ {2}output\{batch, outputs\} = sum_hidden tanh\(sum_inputs x W_1 \+ b_1\) W_2 \+ b_2$/m,
    );
    inFolderWith({ "shapes.txt": shapes, "places.txt": places });
    for (const spec of ["shapes.txt", "places.txt"])
      expect((await assay("check", fixture("two_layer_mlp"), "--spec", spec)).output).toMatch(/^equal /);
  });

  test("--width limits the lines", async () => {
    const { output } = await assay("read", fixture("two_layer_attention_pool"), "--width", "60");
    expect(output.split("\n").filter((line) => line.length > 60)).toEqual([]);
    expect(output).toContain("softmax_n");
  });

  test("--as latex prints LaTeX", async () => {
    const { code, output } = await assay("read", fixture("two_layer_mlp"), "--as", "latex");
    expect(code).toBe(0);
    expect(output).toContain("\\tanh");
  });

  test("--as html writes a page into the file of -o, with the lines of code", async () => {
    const folder = inFolderWith({});
    const { code, output, errors } = await assay("read", fixture("gpt2"), "--as", "html", "-o", "page.html");
    expect([code, output, errors]).toEqual([0, "", ""]);
    const page = readFileSync(join(folder, "page.html"), "utf8");
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain("x = self.wte(idx) + self.wpe(pos)");
    expect(readdirSync(folder)).toEqual(["page.html"]);
  });

  test("a file that can't be written is told", async () => {
    inFolderWith({});
    const { code, output, errors } = await assay(
      "read",
      fixture("two_layer_mlp"),
      "-o",
      "missing/equations.txt",
    );
    expect([code, output]).toEqual([2, ""]);
    expect(errors).toMatch(/^A1001 .*\n {2}at +missing\/equations\.txt\n/);
  });

  test("--json and --as json print the same result file", async () => {
    const [long, short] = [
      await assay("read", fixture("two_layer_mlp"), "--as", "json"),
      await assay("read", fixture("two_layer_mlp"), "--json"),
    ];
    const text = (await assay("read", fixture("two_layer_mlp"))).output;
    const [first, second] = [parseResult(JSON.parse(long.output)), parseResult(JSON.parse(short.output))];
    expect(first).toMatchObject({ schema: "assay/read@1", model: fixture("two_layer_mlp"), text });
    expect({ ...first, command: [] }).toEqual({ ...second, command: [] });
  });
});

describe("check", () => {
  test("equal: exit 0, the proof and what binds to what", async () => {
    inFolderWith({ "paper.md": spec });
    const { code, output, errors } = await assay("check", fixture("two_layer_mlp"), "--spec", "paper.md");
    expect([code, errors]).toEqual([0, ""]);
    expect(output).toContain("two_layer_mlp.pt2 computes what paper.md says\n");
    expect(output).toMatch(/^ {2}proof +\d+ numbers agree in 4 runs/m);
    expect(output).toMatch(/W_1 = first\.weight\^T/);
  });

  test("different: exit 1, the place, both sides, the name of the bug, a witness", async () => {
    inFolderWith({ "paper.md": spec });
    const model = fixture("two_layer_wrong_activation");
    const { code, output } = await assay("check", model, "--spec", "paper.md");
    expect(code).toBe(1);
    expect(output).toMatch(/^different {3}equation \(1\) of paper\.md {3}examples\/two_layer\.py:\d+/);
    expect(output).toContain("  spec      h = tanh(x W_1 + b_1)\n  code      h = relu(x W_1 + b_1)\n");
    expect(output).toMatch(/^ {2}witness +x = \(.*\)$/m);
  });

  test("the verdict of a seed is repeatable, and is in the result file", async () => {
    inFolderWith({ "paper.md": spec });
    const args = ["check", fixture("two_layer_mlp"), "--spec", "paper.md", "--json", "--seed", "11"];
    const [first, second] = [await assay(...args), await assay(...args)];
    const result = parseResult(JSON.parse(first.output));
    expect(result).toMatchObject({
      schema: "assay/check@1",
      seed: 11,
      spec: "paper.md",
      verdict: { kind: "equal" },
    });
    expect(second).toEqual(first);
    const other = await assay(...args.slice(0, -1), "12");
    expect(other.output).not.toBe(first.output);
  });

  test("a spec that is wrong is an error before the model is read", async () => {
    inFolderWith({ "paper.md": spec.replace("tanh(x", "tnah(x") });
    const { code, errors } = await assay("check", "missing.pt2", "--spec", "paper.md");
    expect(code).toBe(2);
    expect(errors).toMatch(/^A3\d\d\d/);
    expect(errors).toContain("paper.md:6");
  });

  test("a specification that Assay ships is known by name", async () => {
    const { code, output } = await assay("check", fixture("two_layer_mlp"), "--spec", "two-layer-mlp");
    expect(output).toContain("computes what two-layer-mlp.md says");
    expect(code).toBe(0);
  });
});

describe("a model in jax-js", () => {
  test("is imported and traced", async () => {
    inFolderWith({ "net.mjs": script.replace("@jax-js/jax", libraryUrl) });
    const { code, output } = await assay("read", "net.mjs:model");
    expect(output).toContain("tanh(x w)");
    expect(code).toBe(0);
  });

  test("is raised to the notation of papers", async () => {
    const squared = script.replace("np.tanh(np.dot(x, w))", "np.dot(x.ref.mul(x), w)");
    inFolderWith({ "net.mjs": squared.replace("@jax-js/jax", libraryUrl) });
    const { output } = await assay("read", "net.mjs:model");
    expect(output).toContain("x^2");
  });
});

const libraryUrl = new URL("../../node_modules/@jax-js/jax/dist/index.js", import.meta.url).href;
