/** @file Reads `model.json` of TensorFlow.js: Keras models as tfjs-layers saves them, and TensorFlow graphs. */
import { Diagnostic } from "../../diag/diagnostic.ts";
import type { Graph } from "../../ir/graph.ts";
import { jsonLimit } from "../common/archive.ts";
import { parseJson } from "../common/json.ts";
import { isObject, type Json, type JsonObject } from "../common/keras/config.ts";
import { graphOf } from "../common/keras/model.ts";
import { parseModel } from "../common/keras/parse.ts";
import { type Codes, Malformed, reported } from "../common/keras/problem.ts";
import { NamedVariables } from "../common/keras/variables.ts";
import type { ByteSource, ModelFolder } from "../common/source.ts";
import { graphModel } from "./graph/read.ts";
import { type StoredTensor, tensorsIn, tensorsOf, valuesLimit, weightSpecs } from "./weights.ts";

/**
 * The graph of a `model.json` and the files of weights beside it. Parameters have values when all of them together are at
 * most 16 MiB.
 * @throws Diagnostic when the file is damaged or something else, Unsupported when the model is beyond what is read.
 */
export async function readTfjs(source: ByteSource, folder: ModelFolder): Promise<Graph> {
  let codes = layersCodes;
  try {
    const json = await modelIn(source);
    const topology = topologyOf(source, json);
    const isGraph = Array.isArray(topology["node"]);
    if (isGraph) codes = graphCodes;
    const tensors = await tensorsOf(json["weightsManifest"], folder);
    if (!isGraph) return layersGraph(source.name, topology, tensors);
    // Older converters keep the signature among what users may add.
    const added = json["userDefinedMetadata"];
    const signature = json["signature"] ?? (isObject(added) ? added["signature"] : undefined);
    return graphModel({ file: source.name, topology, signature, tensors, notes: sizeNotes(tensors) });
  } catch (error) {
    throw reported(source.name, error, codes);
  }
}
const layersCodes: Codes = { malformed: "A1404", notCovered: "A5400" };
const graphCodes: Codes = { malformed: "A1404", notCovered: "A5402" };

/** A live LayersModel: what its toJSON gives, and its weights. */
export interface LiveModel {
  readonly topology: Json;
  readonly specs: unknown;
  readonly data: Uint8Array;
}

/** The graph of a LayersModel in memory. */
export function readLayersModel(name: string, { topology, specs, data }: LiveModel): Graph {
  try {
    const parsed = weightSpecs.safeParse(specs);
    if (!isObject(topology) || !parsed.success)
      throw new Malformed("model", "no topology", "what tf.LayersModel saves");
    return layersGraph(name, topology, tensorsIn(parsed.data, data));
  } catch (error) {
    throw reported(name, error, layersCodes);
  }
}

function layersGraph(file: string, topology: JsonObject, tensors: readonly StoredTensor[]): Graph {
  // A converter wraps what Keras wrote.
  const model = parseModel(isObject(topology["model_config"]) ? topology["model_config"] : topology);
  const variables = new NamedVariables("weightsManifest", tensors);
  return graphOf({ file, model, variables, dialect: "TensorFlow.js", notes: sizeNotes(tensors) });
}
const sizeNotes = (tensors: readonly StoredTensor[]): string[] =>
  tensors.every(({ values }) => values !== undefined)
    ? []
    : [`the weights exceed ${valuesLimit / 2 ** 20} MiB, so their values are not read`];

async function modelIn(source: ByteSource): Promise<JsonObject> {
  if (source.size > jsonLimit)
    throw new Malformed("model.json", `${source.size} bytes`, `at most ${jsonLimit} bytes`);
  const bytes = await source.read(0, source.size);
  const json = parseJson(bytes, (got, want) => new Malformed("model.json", got, want));
  if (isObject(json)) return json;
  throw new Malformed("model.json", "no JSON object", "a model");
}

function topologyOf(source: ByteSource, json: JsonObject): JsonObject {
  const topology = json["modelTopology"];
  if (isObject(topology)) return topology;
  throw new Diagnostic({
    code: "A1403",
    place: { file: source.name },
    got: "JSON without modelTopology",
    want: "model.json as model.save or tensorflowjs_converter writes it",
  });
}
