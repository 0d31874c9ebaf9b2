/** @file Parameters that Keras on PyTorch exports as constants. */
import { expect, test } from "vitest";
import { readTorchExport } from "../../src/frontends/torch/read.ts";
import { changed, decode, membersOf } from "./archives.ts";
import { fixture, sourceOf } from "./support.ts";

const name = "../same/mlp";

test("constants with a parameter's numbers are that parameter", async () => {
  const graph = await readTorchExport(fixture(name));
  const names = graph.parameters.map(({ names: own }) => own.join(" = "));
  expect(names.map((own) => own.replace("_torch_params.", ""))).toEqual([
    "dense/bias",
    "dense/kernel",
    "dense_1/bias",
    "dense_1/kernel",
    "dense_2/bias",
    "dense_2/kernel",
    "layer_normalization/beta",
    "layer_normalization/gamma",
  ]);
  expect(graph.parameters.every(({ trainable }) => trainable)).toBe(true);
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  expect(graph.parameters.every(({ node }) => read.has(node))).toBe(true);
  expect(graph.notes.join()).toContain("constants with their numbers are taken for them");
});

interface Table {
  readonly config: Readonly<Record<string, { readonly path_name: string }>>;
}

/** The path in the archive of each stored tensor. */
function pathsOf(folder: "weights" | "constants"): ReadonlyMap<string, string> {
  const member = membersOf(name).get(`data/${folder}/model_${folder}_config.json`);
  const { config } = JSON.parse(decode(member ?? new Uint8Array())) as Table;
  return new Map(
    Object.entries(config).map(([own, { path_name }]) => [own, `data/${folder}/${path_name}`] as const),
  );
}

test("constants of equal numbers keep their names, and the note says what they may be", async () => {
  const six = [...pathsOf("weights"), ...pathsOf("constants")].filter(
    ([, path]) => membersOf(name).get(path)?.length === 24,
  );
  // A bias, a gain and a shift of six numbers, each twice.
  expect(six.length).toBe(6);
  const zeros = Object.fromEntries(six.map(([, path]) => [path, new Uint8Array(24)]));
  const graph = await readTorchExport(sourceOf("mlp.pt2", changed(name, zeros)));
  const names = graph.parameters.flatMap(({ names: own }) => own);
  expect(names.filter((own) => own.startsWith("lifted_tensor_")).length).toBe(3);
  expect(names).not.toContain("_torch_params.dense/bias");
  expect(graph.notes.join()).toMatch(/lifted_tensor_1, .* have the same numbers, and are .*dense\/bias, /);
  expect(graph.notes.join()).not.toContain("no output depends");
});

test("constants with other numbers stay numbers", async () => {
  const [path = ""] = [...pathsOf("constants").values()];
  const other = membersOf(name).get(path)?.slice().reverse() ?? new Uint8Array();
  const graph = await readTorchExport(sourceOf("mlp.pt2", changed(name, { [path]: other })));
  expect(graph.notes.join()).toContain("no output depends on _torch_params.dense/kernel");
});
