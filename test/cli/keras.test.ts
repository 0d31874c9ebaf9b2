/** @file Keras models through the whole command: read, check and diff. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { assay, inFolderWith, root } from "./support.ts";

const keras = (name: string): string => join(root, "test/fixtures/keras", name);
const torch = (name: string): string => join(root, "test/fixtures/pt2", `${name}.pt2`);

describe("read", () => {
  test.each(["sequential.keras", "sequential.h5", "residual.keras", "transformer.keras", "tanh_mlp.keras"])(
    "what it prints of %s is a specification that check proves",
    async (name) => {
      const { code, output, errors } = await assay("read", keras(name));
      expect([code, errors]).toEqual([0, ""]);
      inFolderWith({ "printed.txt": output });
      const checked = await assay("check", keras(name), "--spec", "printed.txt");
      expect(checked.output).toMatch(/^equal /);
      expect(checked.code).toBe(0);
    },
    60_000,
  );

  test("equations of a residual network are not interrupted by moves of channels", async () => {
    const { output } = await assay("read", keras("residual.keras"));
    expect(output.match(/image\[b, j, k, i\]/g)).toHaveLength(1);
    expect(output).not.toContain("permute");
  });

  test("parameters have the names that Keras shows", async () => {
    const { output } = await assay("read", keras("transformer.keras"));
    // Both layers are one block, whose parameters are declared once, with the paths of both.
    expect(output).toContain("attention_{0…1}/{query,key,value}/kernel");
    expect(output).toContain("attention_{0…1}/attention_output/kernel");
    expect(output).toContain("token_embedding/embeddings");
  });

  test("a damaged file is one message and exit 2, a layer without a meaning exit 3", async () => {
    inFolderWith({ "net.keras": "PK", "net.h5": "\u0089HDF" });
    for (const file of ["net.keras", "net.h5"]) {
      const { code, output, errors } = await assay("read", file);
      expect([code, output]).toEqual([2, ""]);
      expect(errors).toMatch(/^A1\d{3} /);
    }
  });
});

describe("the same model in Keras and PyTorch", () => {
  test.each([
    ["tanh_mlp.keras", "two_layer_mlp"],
    ["lenet.keras", "lenet"],
  ])("%s computes what %s does", async (first, second) => {
    const { code, output } = await assay("diff", keras(first), torch(second));
    expect(output).toMatch(/^equal /);
    expect(code).toBe(0);
  });

  test.each([
    ["tanh_mlp.keras", "two_layer_wrong_activation", "the activation is relu instead of tanh"],
    ["lenet.keras", "lenet_max_pool", "the pool takes the largest instead of the average"],
  ])("%s differs from %s, and how", async (first, second, words) => {
    const { code, output } = await assay("diff", keras(first), torch(second));
    expect(code).toBe(1);
    expect(output).toContain(words);
  });
});
