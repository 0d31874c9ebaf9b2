/** @file What an exporter computed and stored beside the model's own tensors, where the exporter says which ones these are. */
import { expect, test } from "vitest";
import { only, range } from "../../src/base/assert.ts";
import { readOnnx } from "../../src/frontends/onnx/read.ts";
import { sourceOf } from "../torch/support.ts";
import { emptyFolder, floats, modelOf, node, value } from "./models.ts";

/** Shapes of the parameters of x + t, and the notes; `own` are the model's own tensors. */
async function read(
  shape: readonly number[],
  values: readonly number[],
  own?: string,
): Promise<{ readonly shapes: readonly unknown[]; readonly notes: readonly string[] }> {
  const key = "pkg.torch.export.ExportedProgram.graph_signature";
  const text = `\n# inputs\np_t: PARAMETER target='${own}'\nx: USER_INPUT\n`;
  const bytes = modelOf({
    name: "g",
    input: [value("x", [2, 3, 4])],
    output: [value("y", [2, 3, 4])],
    initializer: [floats("t", shape, values)],
    node: [node("Add", ["x", "t"], ["y"])],
    metadataProps: own === undefined ? [] : [{ key, value: text }],
  });
  const { parameters, notes } = await readOnnx(sourceOf("net.onnx", bytes), emptyFolder);
  return { shapes: parameters.map(({ node: { type } }) => type.shape), notes };
}
const zeros = (count: number): number[] => range(count).map(() => 0);
const row = [0.5, 2, -1, 3];
const rows = range(24).map((i) => row[i % 4] ?? 0);

test("one number everywhere is that number", async () => {
  const { shapes, notes } = await read([2, 3, 4], zeros(24), "w");
  expect(shapes).toEqual([]);
  expect(only(notes.filter((note) => note.includes("t, which")))).toContain("is 0 everywhere");
});

test("a part that is repeated is a parameter once", async () => {
  const { shapes, notes } = await read([2, 3, 4], rows, "w");
  expect(shapes).toEqual([[4]]);
  expect(notes.join()).toContain("holds 6 times the same [4]");
});

test("the model's own tensors are parameters whatever their numbers are, and all are where nothing is said", async () => {
  for (const own of ["t", undefined]) {
    expect((await read([2, 3, 4], zeros(24), own)).shapes).toEqual([[2, 3, 4]]);
    expect((await read([2, 3, 4], rows, own)).shapes).toEqual([[2, 3, 4]]);
  }
});

test("a matrix of zeros may be a weight that was transposed", async () => {
  expect((await read([3, 4], zeros(12), "w")).shapes).toEqual([[3, 4]]);
});
