/** @file TensorFlow.js models through the whole command: files and living models. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { assay, inFolderWith, root } from "./support.ts";

const tfjs = (name: string): string => join(root, "test/fixtures/tfjs", name, "model.json");
const mlp = join(root, "test/fixtures/pt2/two_layer_mlp.pt2");

const script = `
import * as tf from "@tensorflow/tfjs";
const layers = [tf.layers.dense({ units: 8, inputShape: [4], activation: "tanh" }), tf.layers.dense({ units: 2 })];
export const model = tf.sequential({ name: "mlp", layers });
`;

const traced = `
import * as tf from "@tensorflow/tfjs";
const params = { w: tf.randomNormal([4, 8]), b: tf.randomNormal([8]), v: tf.randomNormal([8, 2]), c: tf.randomNormal([2]) };
export const model = {
  params,
  inputs: { x: [3, 4] },
  apply: ({ w, b, v, c }, x) => tf.tanh(x.matMul(w).add(b)).matMul(v).add(c),
};
`;

describe("read", () => {
  test.each(["sequential", "tanhMlp", "graph-images", "graph-shapes"])(
    "what it prints of %s is a specification that check proves",
    async (name) => {
      const { code, output, errors } = await assay("read", tfjs(name));
      expect([code, errors]).toEqual([0, ""]);
      inFolderWith({ "printed.txt": output });
      const checked = await assay("check", tfjs(name), "--spec", "printed.txt");
      expect(checked.output).toMatch(/^equal /);
    },
    60_000,
  );

  test("JSON of another kind, and files outside of the folder, are one message and exit 2", async () => {
    const outside =
      '{"modelTopology":{"class_name":"Sequential","config":[]},"weightsManifest":[{"paths":["../w.bin"],"weights":[{"name":"w","shape":[1],"dtype":"float32"}]}]}';
    inFolderWith({ "package.json": "{}", "model.json": outside, "broken.json": "{" });
    for (const [file, message] of [
      ["package.json", /^A1403/],
      ["model.json", /^A1001|^A1105/],
      ["broken.json", /^A1404/],
    ] as const) {
      const { code, output, errors } = await assay("read", file);
      expect([code, output]).toEqual([2, ""]);
      expect(errors).toMatch(message);
    }
  });
});

describe("diff", () => {
  test("a saved model and one in PyTorch are the same", async () => {
    const { code, output } = await assay("diff", tfjs("tanhMlp"), mlp);
    expect(output).toMatch(/^equal /);
    expect(code).toBe(0);
  });

  test("a function of tensors and a model in PyTorch are the same", async () => {
    const file = join(inFolderWith({ "net.ts": traced }), "net.ts");
    const { output } = await assay("diff", `${file}:model`, mlp);
    expect(output).toMatch(/^equal /);
  });

  test("a living model and one in PyTorch are the same", async () => {
    const file = join(inFolderWith({ "net.ts": script }), "net.ts");
    const { output } = await assay("diff", `${file}:model`, mlp);
    expect(output).toMatch(/^equal /);
  });
});
