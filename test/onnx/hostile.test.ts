/**
 * @file Files that are damaged, forged or something else. Each gives a Diagnostic or Unsupported, reads a bounded number
 * of bytes and returns soon; nothing else may be thrown.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Diagnostic, Unsupported } from "../../src/diag/diagnostic.ts";
import { readOnnx } from "../../src/frontends/onnx/read.ts";
import { sourceOf } from "../torch/support.ts";
import { affine, emptyFolder, floats, modelOf, node, value } from "./models.ts";

async function codeOf(bytes: Uint8Array): Promise<string> {
  const source = sourceOf("net.onnx", bytes);
  try {
    await readOnnx(source, emptyFolder);
    return "graph";
  } catch (error) {
    if (error instanceof Diagnostic || error instanceof Unsupported) return error.report.code;
    throw error;
  }
}

describe("damaged files", () => {
  const whole = modelOf({
    ...affine,
    node: [
      ...(affine.node ?? []),
      node("If", ["c"], ["z"], { then_branch: { g: affine }, else_branch: { g: affine } }),
    ],
  });

  test("cut short anywhere", async () => {
    for (let length = 0; length < whole.length; length++) {
      // Without its last field a model has no operator set.
      expect(["A1110", "A1111", "A5300"], `${length} bytes`).toContain(await codeOf(whole.slice(0, length)));
    }
  });

  test("random bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 500 }), async (noise) => {
        expect((await codeOf(noise)).startsWith("A")).toBe(true);
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  test("bytes changed at random places", async () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const bytes = whole.slice();
        for (const [place, byte] of changes) bytes[place] = byte;
        expect(await codeOf(bytes)).toMatch(/^A\d{4}$|^graph$/);
      }),
      { seed: 2, numRuns: 1000 },
    );
  });
});

describe("forged files", () => {
  const identity = (count: number): readonly ReturnType<typeof node>[] =>
    Array.from({ length: count }, (_, i) => node("Identity", [i === 0 ? "x" : `v${i - 1}`], [`v${i}`]));

  test.each<readonly [string, string, () => Uint8Array]>([
    [
      "a tensor of more elements than its numbers",
      "A1111",
      () =>
        modelOf({
          ...affine,
          initializer: [{ ...floats("W", [2, 3], [1]), name: "W" }, floats("b", [3], [1, 2, 3])],
        }),
    ],
    [
      "a tensor of a negative size",
      "A1111",
      () => modelOf({ ...affine, initializer: [floats("W", [-2, -3], [1, 2, 3, 4, 5, 6])] }),
    ],
    [
      "a tensor of 2^60 elements",
      "A1111",
      () => modelOf({ ...affine, initializer: [floats("W", [2 ** 30, 2 ** 30], [])] }),
    ],
    [
      "a constant as large as it likes",
      "A1111",
      () =>
        modelOf({
          ...affine,
          node: [node("Reshape", ["x", "big"], ["y"])],
          initializer: [{ ...floats("big", [1], [7]), dataType: 7 }],
        }),
    ],
    [
      "a function that calls itself",
      "A1111",
      () =>
        modelOf({ ...affine, node: [node("F", ["x"], ["y"], {}, { domain: "custom" })] }, 21, [
          {
            name: "F",
            domain: "custom",
            input: ["a"],
            output: ["b"],
            node: [node("F", ["a"], ["b"], {}, { domain: "custom" })],
            opsetImport: [{ domain: "custom", version: 1n }],
          },
        ]),
    ],
    [
      "functions that multiply to 4^20 nodes",
      "A1111",
      () =>
        modelOf(
          { ...affine, node: [node("F20", ["x"], ["y"], {}, { domain: "custom" })] },
          21,
          Array.from({ length: 21 }, (_, i) => ({
            name: `F${i}`,
            domain: "custom",
            input: ["a"],
            output: ["v3"],
            node:
              i === 0
                ? [...identity(4)].map((each, k) => (k === 0 ? { ...each, input: ["a"] } : each))
                : Array.from({ length: 4 }, (_each, k) =>
                    node(`F${i - 1}`, [k === 0 ? "a" : `v${k - 1}`], [`v${k}`], {}, { domain: "custom" }),
                  ),
            opsetImport: [{ version: 21n }, { domain: "custom", version: 1n }],
          })),
        ),
    ],
    [
      "numbers in a file outside of the folder",
      "A1111",
      () =>
        modelOf({
          ...affine,
          initializer: [{ name: "W", dims: [2n, 3n], dataType: 1, dataLocation: 1, externalData: [] }],
        }),
    ],
    [
      "a graph without outputs that exist",
      "A1111",
      () => modelOf({ ...affine, output: [value("nothing", [1])] }),
    ],
  ])(
    "%s",
    async (_, code, bytes) => {
      expect(await codeOf(bytes())).toBe(code);
    },
    20_000,
  );

  test("a chain of 100,000 nodes is read", async () => {
    const chain = { ...affine, node: [...identity(100_000), node("Neg", ["v99999"], ["y"])] };
    expect(await codeOf(modelOf(chain))).toBe("graph");
  }, 20_000);
});
