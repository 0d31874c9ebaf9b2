/** @file Files for the tests of the Keras front end. */
import { readdirSync, readFileSync } from "node:fs";
import { readKeras, readKerasHdf5 } from "../../src/frontends/keras/read.ts";
import type { Graph } from "../../src/ir/graph.ts";
import type { Expectation } from "../run.ts";
import { sourceOf } from "../torch/support.ts";

const folder = new URL("../fixtures/keras/", import.meta.url);

/** Files of models, with their endings. */
export const modelFiles: readonly string[] = readdirSync(folder).filter((name) => /\.(keras|h5)$/.test(name));

export const fixtureBytes = (file: string): Uint8Array => new Uint8Array(readFileSync(new URL(file, folder)));
export const expectationOf = (file: string): Expectation =>
  JSON.parse(readFileSync(new URL(file.replace(/\.\w+$/, ".json"), folder), "utf8")) as Expectation;

/** The graph of a file's bytes. */
export const read = async (file: string, bytes: Uint8Array = fixtureBytes(file)): Promise<Graph> =>
  await (file.endsWith(".h5") ? readKerasHdf5 : readKeras)(sourceOf(file, bytes));
