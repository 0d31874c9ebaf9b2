/** @file Files for the tests of the TensorFlow.js front end. */
import { readdirSync, readFileSync } from "node:fs";
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
