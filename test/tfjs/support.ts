/** @file Files for the tests of the TensorFlow.js front end. */
import { readdirSync, readFileSync } from "node:fs";
import { unzipSync } from "fflate";
import type { ModelFolder } from "../../src/frontends/common/source.ts";
import { readTfjs } from "../../src/frontends/tfjs/read.ts";
import type { Graph } from "../../src/ir/graph.ts";
import type { Expectation } from "../run.ts";
import { sourceOf } from "../torch/support.ts";

const folder = new URL("../fixtures/tfjs/", import.meta.url);

export const modelNames: readonly string[] = readdirSync(folder);
export const fileOf = (name: string, file: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`${name}/${file}`, folder)));
export const expectationOf = (name: string): Expectation =>
  JSON.parse(new TextDecoder().decode(fileOf(name, "expected.json"))) as Expectation;

/** The files of a fixture, some of them replaced. */
export const folderOf = (name: string, changes: Readonly<Record<string, Uint8Array>> = {}): ModelFolder => ({
  withFile: async (file, use) => await use(sourceOf(file, changes[file] ?? fileOf(name, file))),
});

/** The graph of a fixture, whose model.json may be another one. */
export const read = async (name: string, model: Uint8Array = fileOf(name, "model.json")): Promise<Graph> =>
  await readTfjs(sourceOf("model.json", model), folderOf(name));

// What tensorflowjs_converter wrote

const converted = new URL("../fixtures/tfjs-converted/", import.meta.url);
export const convertedNames: readonly string[] = readdirSync(converted).map((file) =>
  file.replace(".zip", ""),
);

interface Converted {
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly expectation: Expectation;
  /** The graph, of model.json or another topology with the same weights. */
  readonly read: (model?: Uint8Array) => Promise<Graph>;
}
export function convertedModel(name: string): Converted {
  const files = unzipSync(new Uint8Array(readFileSync(new URL(`${name}.zip`, converted))));
  const member = (file: string): Uint8Array => {
    const content = files[file];
    if (content === undefined) throw new Error(`${name}.zip has no ${file}`);
    return content;
  };
  const folder: ModelFolder = { withFile: async (file, use) => await use(sourceOf(file, member(file))) };
  return {
    files,
    expectation: JSON.parse(new TextDecoder().decode(member("expected.json"))) as Expectation,
    read: async (model = member("model.json")) => await readTfjs(sourceOf("model.json", model), folder),
  };
}
