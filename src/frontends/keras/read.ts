/** @file Reads models that Keras saved: `.keras` archives, and whole models in `.h5` files of Keras 2 and 3. */
import { Diagnostic, quoted, Unsupported } from "../../diag/diagnostic.ts";
import type { Graph } from "../../ir/graph.ts";
import { jsonLimit, openArchive } from "../common/archive.ts";
import { parseJson } from "../common/json.ts";
import { isObject, type JsonObject } from "../common/keras/config.ts";
import { graphOf } from "../common/keras/model.ts";
import { parseModel } from "../common/keras/parse.ts";
import { Malformed, reported } from "../common/keras/problem.ts";
import { NamedVariables, type Variable } from "../common/keras/variables.ts";
import type { ByteSource } from "../common/source.ts";
import { numbersOf } from "../common/stored.ts";
import { type Hdf5Object, readHdf5 } from "./hdf5.ts";
import { Hdf5Problem } from "./hdf5-bytes.ts";
import { type Contents, contentsOf, StoredVariables, tensorsIn, valuesLimit } from "./store.ts";

/**
 * The graph of a `.keras` file. Parameters are called by layer and variable, and have values when all of them together are at
 * most `limit` bytes.
 * @throws Diagnostic when the file is damaged or something else, Unsupported when the model is beyond what is read.
 */
export async function readKeras(source: ByteSource, limit: number = valuesLimit): Promise<Graph> {
  return await placed(source, async () => {
    const archive = await openArchive(source, "model.save");
    if (!archive.names.includes("config.json")) throw notKeras(source, "an archive without config.json");
    const config = jsonIn("config.json", await archive.read("config.json", jsonLimit));
    const model = parseModel(config);
    // Weights whose values are read are read whole first, so that their checksum is known.
    const root = await readHdf5(await archive.open("model.weights.h5", 2 * limit));
    const contents = await contentsOf(readable(root), limit);
    const variables = new StoredVariables(root, "", contents);
    return graphOf({ file: source.name, model, variables, dialect: "Keras 3", notes: sizeNotes(contents) });
  });
}

/** The graph of a whole model in an `.h5` file; one that holds weights alone is refused. */
export async function readKerasHdf5(source: ByteSource): Promise<Graph> {
  return await placed(source, async () => {
    const root = await readHdf5(source);
    const [text] = (await root.texts("model_config")) ?? [];
    if (text === undefined)
      throw notKeras(source, "weights without a model: there is no attribute model_config");
    const model = parseModel(jsonIn("model_config", new TextEncoder().encode(text)));
    const [version = "2"] = (await root.texts("keras_version")) ?? [];
    const weights = root.members.get("model_weights");
    if (weights === undefined) throw new Malformed("model_weights", "no such group", "the model's weights");
    const contents = await contentsOf(readable(weights), valuesLimit);
    const variables = new NamedVariables("model_weights", [...(await namedIn(weights, contents))]);
    const dialect = /^[3-9]/.test(version) ? "Keras 3" : "Keras 2";
    return graphOf({ file: source.name, model, variables, dialect, notes: sizeNotes(contents) });
  });
}

/** The tensors of an optimizer and of random states are nothing that a model computes with. */
function* readable(root: Hdf5Object): ReturnType<typeof tensorsIn> {
  for (const [name, member] of root.members) {
    if (name !== "optimizer" && name !== "optimizer_weights") yield* tensorsIn(member);
  }
}

/** Each layer's variables, under the names that the layer gave them. */
async function namedIn(weights: Hdf5Object, contents: Contents): Promise<Variable[]> {
  const all: Variable[] = [];
  for (const [layer, group] of weights.members) {
    for (const name of (await group.texts("weight_names")) ?? []) {
      const object = name
        .split("/")
        .reduce<Hdf5Object | undefined>((at, part) => at?.members.get(part), group);
      const dataset = object?.dataset();
      if (object === undefined || dataset === undefined)
        throw new Malformed(name, "no such tensor", "the weights that are listed");
      const bytes = contents?.get(object);
      const { shape, dtype } = dataset;
      const path = name.replace(/:\d+$/, "");
      const shown = path.split("/").includes(layer) ? path : `${layer}/${path}`;
      all.push({
        name: shown,
        shape,
        dtype,
        ...(bytes === undefined ? {} : { values: () => numbersOf(bytes, dtype) }),
      });
    }
  }
  return all;
}

const sizeNotes = (contents: Contents): string[] =>
  contents === undefined
    ? [`the weights exceed ${valuesLimit / 2 ** 20} MiB, so their values are not read`]
    : [];

function jsonIn(part: string, bytes: Uint8Array): JsonObject {
  const value = parseJson(bytes, (got, want) => new Malformed(part, got, want));
  if (isObject(value)) return value;
  throw new Malformed(part, "no JSON object", "class_name and config");
}

const notKeras = (source: ByteSource, got: string): Diagnostic =>
  new Diagnostic({
    code: "A1400",
    place: { file: source.name },
    got,
    want: "a model as model.save writes it",
    action: "save the whole model: model.save('model.keras')",
  });

/** Problems get the name of the file. */
async function placed(source: ByteSource, read: () => Promise<Graph>): Promise<Graph> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Hdf5Problem))
      throw reported(source.name, error, { malformed: "A1401", notCovered: "A5400" });
    const place = { file: source.name };
    const got = quoted(error.message);
    if (error.kind === "damaged") {
      const want = "an HDF5 file whose parts fit together";
      throw new Diagnostic({ code: "A1402", place, got, want, action: "copy or save the file again" });
    }
    throw new Unsupported({ code: "A5401", place, got, want: "HDF5 as h5py writes it by default" });
  }
}
