/** @file The texts of the messages of this front end, each provoked by a file. */
import { describe, expect, test } from "vitest";
import { Diagnostic, Unsupported } from "../../src/diag/diagnostic.ts";
import { readOnnx } from "../../src/frontends/onnx/read.ts";
import { sourceOf } from "../torch/support.ts";
import { affine, emptyFolder, modelOf, node, value } from "./models.ts";

async function messageOf(bytes: Uint8Array): Promise<string> {
  try {
    await readOnnx(sourceOf("net.onnx", bytes), emptyFolder);
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Unsupported) return `${error.message}\n`;
    throw error;
  }
  throw new Error("the model was read");
}

describe("messages", () => {
  test.each<readonly [string, Uint8Array]>([
    ["A1110", modelOf(affine).slice(0, 60)],
    ["A1111", modelOf({ ...affine, node: affine.node?.slice(1) ?? [] })],
    ["A5300", modelOf(affine, 6)],
    ["A5301", modelOf({ ...affine, input: [value("x", ["B", 2], 8)] })],
    [
      "A5302",
      modelOf({
        ...affine,
        input: [value("x", ["B", 2]), value("shape", [2], 7)],
        node: [node("Reshape", ["x", "shape"], ["y"], {}, { name: "/head/Reshape" })],
      }),
    ],
    [
      "A5303",
      modelOf({
        ...affine,
        node: [node("NonMaxSuppression", ["x"], ["y"], {}, { name: "/head/nms" })],
        output: [value("y", ["K", 3], 7)],
      }),
    ],
  ])("%s", async (code, bytes) => {
    const message = await messageOf(bytes);
    expect(message.startsWith(code)).toBe(true);
    await expect(message).toMatchFileSnapshot(`../errors/${code}.txt`);
  });
});
