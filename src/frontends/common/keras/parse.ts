/** @file The configuration of a model as layers and their calls, in the dialects of Keras 3, Keras 2 and TensorFlow.js. */
import { isObject, type Json, type JsonObject } from "./config.ts";
import { Malformed, NotCovered } from "./problem.ts";
import { historyOf, oldCall, type Reference, referencesIn } from "./references.ts";
import type { Member } from "./variables.ts";

export interface CallSpec {
  readonly args: readonly Json[];
  readonly kwargs: JsonObject;
}
export interface LayerSpec extends Member {
  /** A class of the user, whatever its name. */
  readonly isCustom: boolean;
  /** An operation of keras.ops, which is no layer. */
  readonly isOperation: boolean;
  readonly config: JsonObject;
  readonly calls: readonly CallSpec[];
  /** The layers inside, for a model that is used as a layer. */
  readonly model?: ModelSpec;
}
export interface ModelSpec extends Member {
  readonly layers: readonly LayerSpec[];
  readonly inputs: readonly Reference[];
  readonly outputs: readonly Reference[];
  /** The caller's names of the outputs, where there are some. */
  readonly outputNames?: readonly string[];
  readonly inputNames?: readonly string[];
}

const depthLimit = 12;

/** The model that a file's topmost configuration describes. Throws NotCovered for a class whose program is code. */
export function parseModel(value: Json, depth = 0): ModelSpec {
  if (!isObject(value)) throw new Malformed("model", "no object", "class_name and config");
  const { class_name: className } = value;
  if (typeof className !== "string") throw new Malformed("model", "no class_name", "the class of the model");
  if (depth > depthLimit)
    throw new Malformed(className, `models nested more than ${depthLimit} deep`, "fewer");
  // Old sequential models have the list of layers as their configuration.
  const config = Array.isArray(value["config"])
    ? { layers: value["config"] as readonly Json[] }
    : value["config"];
  if (!isModelClass(className)) throw subclassed(className);
  if (!isObject(config) || !Array.isArray(config["layers"]))
    throw new Malformed(className, "no layers", "a list of layers");
  const name = typeof config["name"] === "string" ? config["name"] : "";
  const layers = (config["layers"] as readonly Json[]).map((layer) => parseLayer(layer, depth));
  if (new Set(layers.map((layer) => layer.name)).size !== layers.length)
    throw new Malformed(className, "two layers of one name", "different names");
  const made = className === "Sequential" ? chained(layers, value, config) : wired(layers, config);
  return { className, name, ...made, layers: countedFromOne(made) };
}
const isModelClass = (className: string): boolean =>
  ["Functional", "Model", "Sequential"].includes(className);

const subclassed = (className: string): NotCovered =>
  new NotCovered(
    `a model of class ${className}, whose program is Python code that the file does not hold`,
    className,
    "read the code itself, FILE.py:NAME, or export the model to ONNX or .pt2",
  );

function parseLayer(value: Json, depth: number): LayerSpec {
  if (!isObject(value) || typeof value["class_name"] !== "string" || !isObject(value["config"]))
    throw new Malformed("layers", "no layer", "class_name and config");
  const { class_name: className, config, module, inbound_nodes: nodes } = value;
  const part = [value["name"], config["name"]].find((text) => typeof text === "string") ?? className;
  const calls = (Array.isArray(nodes) ? (nodes as readonly Json[]) : []).map((node): CallSpec => {
    if (!isObject(node)) return oldCall(part, node);
    const { args, kwargs } = node;
    return {
      args: Array.isArray(args) ? (args as readonly Json[]) : [],
      kwargs: isObject(kwargs) ? kwargs : {},
    };
  });
  // An .h5 file does not say where a class is from; every layer, and no operation, has a dtype or may be trained.
  const isBare =
    module === undefined && !("dtype" in config) && !("trainable" in config) && className !== "InputLayer";
  const isOperation =
    typeof module === "string"
      ? /^keras\.(src\.)?(ops|activations)\b/.test(module)
      : isBare && !isModelClass(className);
  // Keras names the module of its own classes, where it names any.
  const isCustom = "module" in value && !(typeof module === "string" && /^keras\b/.test(module));
  const isModel = !isCustom && isModelClass(className) && !isOperation;
  const model = isModel ? { isModel, model: parseModel(value, depth + 1) } : {};
  return { className, name: part, isCustom, isOperation, config, calls, ...model };
}

type Wiring = Omit<ModelSpec, "className" | "name">;

function wired(layers: readonly LayerSpec[], config: JsonObject): Wiring {
  const [inputs, inputNames] = ends(config["input_layers"], "input_layers");
  const [outputs, outputNames] = ends(config["output_layers"], "output_layers");
  return {
    layers,
    inputs,
    outputs,
    ...(inputNames === undefined ? {} : { inputNames }),
    ...(outputNames === undefined ? {} : { outputNames }),
  };
}
/** Tensors of a structure, and their keys where it is a dict. */
function ends(value: Json, part: string): [Reference[], string[] | undefined] {
  if (isObject(value)) {
    return [Object.values(value).map((item) => historyOf(part, item)), Object.keys(value)];
  }
  const list = Array.isArray(value) ? (value as readonly Json[]) : [];
  const items = typeof list[0] === "string" ? [list] : list;
  return [items.map((item) => historyOf(part, item)), undefined];
}

/**
 * TensorFlow.js counts the making of a model that is used as a layer as its first call, which the file does not list: a call that
 * nothing needs stands for it.
 */
function countedFromOne({ layers, outputs }: Wiring): LayerSpec[] {
  const highest = new Map<string, number>();
  const named = layers.flatMap(({ name, calls }) =>
    calls.flatMap(({ args, kwargs }) => referencesIn(name, [args, kwargs])),
  );
  for (const { layer, call } of [...named, ...outputs])
    highest.set(layer, Math.max(call, highest.get(layer) ?? 0));
  return layers.map((layer) =>
    layer.model !== undefined && highest.get(layer.name) === layer.calls.length
      ? { ...layer, calls: [{ args: [], kwargs: {} }, ...layer.calls] }
      : layer,
  );
}

/** Layers one after the other, as if they had been called so. */
function chained(layers: readonly LayerSpec[], value: JsonObject, config: JsonObject): Wiring {
  const first = layers[0];
  const all = first?.className === "InputLayer" ? layers : [inputOf(layers, value, config), ...layers];
  const wired = all.map((layer, index): LayerSpec => {
    const before = all[index - 1];
    if (before === undefined) return layer;
    return { ...layer, calls: [oldCall(layer.name, [[before.name, 0, 0]])] };
  });
  const [head, tail] = [wired[0], wired.at(-1)];
  if (head === undefined || tail === undefined || wired.length < 2)
    throw new Malformed("layers", "no layers", "one or more");
  const end = (layer: string): Reference => ({ layer, call: 0, tensor: 0 });
  return { layers: wired, inputs: [end(head.name)], outputs: [end(tail.name)] };
}
/** The input that the first layer's options, or the model's, imply. */
function inputOf(layers: readonly LayerSpec[], value: JsonObject, config: JsonObject): LayerSpec {
  const build = isObject(value["build_config"]) ? value["build_config"]["input_shape"] : undefined;
  const first = layers[0];
  const inner = first?.model?.layers.find(({ className }) => className === "InputLayer")?.config;
  const shape =
    first?.config["batch_input_shape"] ??
    inner?.["batch_shape"] ??
    inner?.["batch_input_shape"] ??
    config["build_input_shape"] ??
    build;
  if (!Array.isArray(shape))
    throw new NotCovered("a model that was never built, so that its shapes are not known", "input");
  const dtype = first?.className === "Embedding" ? "int32" : "float32";
  const name = layers.some((layer) => layer.name === "input") ? "input_layer" : "input";
  return {
    className: "InputLayer",
    name,
    isCustom: false,
    isOperation: false,
    config: { name, batch_shape: shape, dtype },
    calls: [],
  };
}
