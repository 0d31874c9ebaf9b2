/** @file From layers and calls to a graph: every call is lowered once its arguments are known. */
import { at, get } from "../../../base/assert.ts";
import { Diagnostic, quoted } from "../../../diag/diagnostic.ts";
import { type Dim, shapeText } from "../../../ir/dim.ts";
import type { Builder, Graph, Node, NodeOf, Output } from "../../../ir/graph.ts";
import { type Dtype, isReal } from "../../../ir/type.ts";
import { newBuilder } from "../../../ops/table.ts";
import { arrayNode } from "../literals.ts";
import { Maker } from "../maker.ts";
import { Config, type JsonObject, objectName } from "./config.ts";
import { type Dialect, Layer, ParameterTable, type Reading, tensorsOf } from "./layer.ts";
import { dtypeNamed } from "./operations.ts";
import { stepsOf } from "./order.ts";
import type { LayerSpec, ModelSpec } from "./parse.ts";
import { Malformed, NotCovered } from "./problem.ts";
import { keyOf, type Reference, referencesIn, resolved, shapeOf } from "./references.ts";
import { isKnown, lowerLayer, masksOf, snakeCase } from "./table.ts";
import { type Called, declaredShapes, unknownLayer } from "./unknown.ts";
import { isNode, type Value } from "./values.ts";
import type { Variable, Variables } from "./variables.ts";

/** A model with its weights. */
export interface Loaded {
  readonly file: string;
  readonly model: ModelSpec;
  readonly variables: Variables;
  readonly dialect: Dialect;
  readonly notes: readonly string[];
}

/**
 * The graph of a model. Sizes that the inputs leave open are taken as different from each other unless the model only fits
 * together where they are equal.
 */
export function graphOf(loaded: Loaded): Graph {
  try {
    return new ModelReader(loaded, true).read();
  } catch (error) {
    if (!isMisfit(error)) throw error;
  }
  return new ModelReader(loaded, false).read();
}
const isMisfit = (error: unknown): boolean => error instanceof Diagnostic && error.report.code === "A2001";

type HeldTensor = Variable & { readonly values: () => Float64Array };

/** A tensor among arguments: `{ value: nested lists, dtype }`. */
function heldTensor(part: string, tensor: JsonObject): HeldTensor {
  const shape: number[] = [];
  for (let level: unknown = tensor["value"]; Array.isArray(level); level = level[0]) shape.push(level.length);
  const numbers = [tensor["value"]].flat(shape.length + 1).map(Number);
  const count = shape.reduce((product, size) => product * size, 1);
  if (numbers.length !== count || numbers.some(Number.isNaN))
    throw new Malformed(part, "a tensor that is no array of numbers", "nested lists of one shape");
  const values = Float64Array.from(numbers);
  const dtype = dtypeNamed(objectName(tensor["dtype"]) ?? "float32");
  return { name: `${part}/constant`, shape, dtype, values: () => values };
}

class ModelReader {
  readonly #loaded: Loaded;
  readonly #build: Builder = newBuilder();
  readonly #notes: Set<string>;
  readonly #parameters: ParameterTable;
  readonly #reading: Reading;
  /** Tensors among arguments, by what the file has of them. */
  readonly #heldTensors = new Map<JsonObject, HeldTensor>();
  /** Whether open sizes of different inputs have different names. */
  readonly #areApart: boolean;

  constructor(loaded: Loaded, areApart: boolean) {
    this.#loaded = loaded;
    this.#areApart = areApart;
    this.#notes = new Set(loaded.notes);
    this.#parameters = new ParameterTable(this.#build);
    this.#reading = {
      build: this.#build,
      note: (text) => this.#notes.add(text),
      parameters: this.#parameters,
      masks: new Map(),
      unclear: new Set(),
      dialect: loaded.dialect,
    };
  }

  read(): Graph {
    const { model, file, variables } = this.#loaded;
    const inputs = model.inputs.map((reference, index) => this.#input(reference, index));
    const results = this.#run(model, variables, inputs, []);
    const outputs = this.#outputs(model, results);
    return this.#build.graph({
      name: modelName(model, file),
      inputs,
      parameters: this.#parameters.all(),
      outputs,
      notes: [...this.#notes],
    });
  }

  #input({ layer: name }: Reference, index: number): NodeOf<"Input"> {
    const { model } = this.#loaded;
    const layer = model.layers.find((one) => one.name === name);
    if (layer === undefined) throw new Malformed(name, "no such layer", "an InputLayer");
    const config = new Config(name, layer.config);
    const sizes: unknown = config.get("batch_shape") ?? config.get("batch_input_shape");
    const isShape =
      Array.isArray(sizes) &&
      sizes.every((size) => size === null || (Number.isSafeInteger(size) && Number(size) >= 0));
    if (!isShape) throw config.misses("batch_shape", "the sizes of the input");
    const shape = shapeOf(sizes as (number | null)[], (axis) => this.#sizeName(sizes.length, axis, index));
    const declared = dtypeNamed(objectName(config.get("dtype")) ?? "float32");
    const isIndex = isReal(declared) && holdsIndices(model, name);
    if (isIndex)
      this.#notes.add(`input ${quoted(name)} is declared as ${declared} and read as integers: it picks rows`);
    const dtype: Dtype = isIndex ? "int32" : declared;
    const shown = model.inputNames?.[index] ?? name;
    return this.#build.node("Input", [], { name: shown, shape, dtype });
  }
  /** T for steps, H and W for images. */
  #sizeName(rank: number, axis: number, input: number): string {
    const names = rank >= 4 ? ["D", "H", "W"].slice(5 - rank) : ["T", "F"];
    const name = names[axis - 1] ?? `N_${axis}`;
    return this.#areApart && input > 0 ? `${name}_${input + 1}` : name;
  }

  /** What a model gives for its inputs. `path` are the models around it. */
  #run(model: ModelSpec, variables: Variables, inputs: readonly Node[], path: readonly string[]): Node[] {
    const weights = this.#weights(model, variables);
    const known = new Map<string, Value>();
    for (const [index, reference] of model.inputs.entries()) known.set(keyOf(reference), at(inputs, index));
    const find = (reference: Reference): Value => checked(reference, get(known, keyOf(reference)));
    const held = { find, hold: (part: string, tensor: JsonObject): Value => this.#held(part, tensor) };
    const steps = stepsOf(model);
    const shapes = declaredShapes(steps);
    for (const { key, layer, call } of steps) {
      const args = call.args.map((value) => resolved(layer.name, value, held));
      const named = Object.entries(call.kwargs).map(
        ([name, value]) => [name, resolved(layer.name, value, held)] as const,
      );
      known.set(
        key,
        this.#call({ layer, shape: shapes.get(key) }, weights.get(layer.name), args, new Map(named), path),
      );
    }
    return model.outputs.map((reference) => {
      const value = find(reference);
      if (isNode(value)) return value;
      throw new NotCovered("an output that is no tensor", reference.layer);
    });
  }

  /** Numbers that the model was made with: a few integers as they are, all else as a tensor that is not trained. */
  #held(part: string, tensor: JsonObject): Value {
    const known = this.#heldTensors.get(tensor);
    const variable = known ?? heldTensor(part, tensor);
    this.#heldTensors.set(tensor, variable);
    const make = new Maker(this.#build, this.#reading.note);
    const few = isReal(variable.dtype)
      ? undefined
      : arrayNode(make, [...variable.values()], variable.shape, variable.dtype);
    return few ?? this.#parameters.node(variable, false);
  }

  /** Operations of keras.ops have no weights, and no place among the layers. */
  #weights(model: ModelSpec, variables: Variables): ReadonlyMap<string, Variables> {
    // A sequential model does not count its input among its layers.
    const members = model.layers.filter((layer) => !layer.isOperation);
    const found = variables.members("layers", members);
    return new Map(members.map((layer, index) => [layer.name, at(found, index)]));
  }

  #call(
    { layer, shape }: Called,
    weights: Variables | undefined,
    args: readonly Value[],
    named: ReadonlyMap<string, Value>,
    path: readonly string[],
  ): Value {
    const module = [...path, layer.name].join("/");
    return this.#build.at({ module, operator: layer.className }, () => {
      if (layer.model !== undefined && weights !== undefined)
        return this.#inner(layer.model, weights, args, [...path, layer.name]);
      return this.#located(layer, module, () => {
        const result = this.#lowered({ layer, shape }, weights ?? noVariables, args, named);
        // A layer that is used again gives no name to any of its values, nor does one whose name would fill a line.
        const isOnce =
          path.length === 0 &&
          layer.calls.length === 1 &&
          !isAutomatic(layer) &&
          layer.name.length <= labelLimit;
        if (isOnce && isNode(result) && result.op !== "Input") this.#build.label(result, layer.name);
        return result;
      });
    });
  }
  #inner(model: ModelSpec, weights: Variables, args: readonly Value[], path: readonly string[]): Value {
    const first = args[0] ?? null;
    const isNamed = typeof first === "object" && first !== null && "kind" in first && first.kind === "named";
    const given =
      isNamed && model.inputNames !== undefined
        ? model.inputNames.flatMap((name) => tensorsOf(first.entries.get(name)))
        : tensorsOf(first);
    if (given.length !== model.inputs.length)
      throw new Malformed(path.join("/"), `${given.length} tensors`, `${model.inputs.length} inputs`);
    const results = this.#run(model, weights, given, path);
    return results.length === 1 ? at(results, 0) : results;
  }

  #lowered(
    { layer, shape }: Called,
    weights: Variables,
    args: readonly Value[],
    named: ReadonlyMap<string, Value>,
  ): Value {
    const c = new Layer(this.#reading, layer, weights, args, named);
    const isOwn =
      layer.className === "Lambda" || (!layer.isCustom && isKnown(layer.className, layer.isOperation));
    const result = isOwn ? lowerLayer(c, layer.isOperation) : unknownLayer(c, layer, shape);
    masksOf(c, layer, result);
    return result;
  }

  /** Problems inside a layer get its name as their place. */
  #located<T>(layer: LayerSpec, module: string, make: () => T): T {
    const part = `${module} (${layer.className})`;
    try {
      return make();
    } catch (error) {
      if (error instanceof NotCovered) throw new NotCovered(error.message, error.part ?? part, error.action);
      if (!(error instanceof Diagnostic) || error.report.code !== "A2001") throw error;
      const place = { file: this.#loaded.file, part: `${quoted(part)}: ${error.report.place.part ?? ""}` };
      throw new Diagnostic({ ...error.report, place });
    }
  }

  #outputs(model: ModelSpec, results: readonly Node[]): Output[] {
    const layers = new Map(model.layers.map((layer) => [layer.name, layer]));
    const plain = results.length === 1 ? ["output"] : results.map((_, index) => `output_${index}`);
    const names = model.outputs.map((reference, index) => {
      const layer = layers.get(reference.layer);
      const own =
        layer === undefined || isAutomatic(layer) || layer.className === "InputLayer"
          ? undefined
          : layer.name;
      return model.outputNames?.[index] ?? own ?? at(plain, index);
    });
    const isUnique = new Set(names).size === names.length;
    return results.map((node, index) => ({ name: at(isUnique ? names : plain, index), node }));
  }
}

/** A tensor of a result, which must have the shape that the file declares. */
function checked(reference: Reference, value: Value): Value {
  const found = isNode(value) ? value : tensorsOf(value)[reference.tensor];
  if (found === undefined || (isNode(value) && reference.tensor !== 0))
    throw new Malformed(reference.layer, `no tensor ${reference.tensor}`, "a tensor for each reference");
  const { shape } = reference;
  if (shape === undefined) return found;
  const fits = (size: number | null, own: Dim | undefined): boolean =>
    size === null || typeof own !== "number" || own === size;
  if (
    shape.length === found.type.shape.length &&
    shape.every((size, axis) => fits(size, found.type.shape[axis]))
  )
    return found;
  throw new Malformed(
    reference.layer,
    `declared as ${JSON.stringify(shape)}`,
    `its shape ${shapeText(found.type.shape)}`,
  );
}

const labelLimit = 20;

/** A name that Keras made from the class. */
const isAutomatic = ({ name, className }: { readonly name: string; readonly className: string }): boolean =>
  // TensorFlow.js adds the class: dense_Dense1.
  new RegExp(`^(${snakeCase(className)}|input|input_layer)(_(${className.replace(/\W+/g, "")})?\\d+)?$`).test(
    name,
  );

function modelName(model: ModelSpec, file: string): string {
  const isOwn = model.name !== "" && !/^(functional|sequential|model)(_?\d+)?$/.test(model.name);
  return isOwn ? model.name : file.replace(/^.*[/\\]/, "").replace(/\.\w+$/, "");
}

/** Whether an input only picks rows of tables, or is compared with numbers. */
function holdsIndices(model: ModelSpec, name: string): boolean {
  const uses = model.layers.flatMap((layer) =>
    layer.calls.flatMap((call, index) => {
      const references = [...call.args, call.kwargs].flatMap((value) => referencesIn(layer.name, value));
      return references.flatMap((reference, position) =>
        reference.layer === name ? [{ layer, index, position }] : [],
      );
    }),
  );
  const isIndex = uses.map(({ layer, position }) => {
    if (layer.className.endsWith("Embedding")) return true;
    const inner = layer.model?.inputs[position];
    return layer.model !== undefined && inner !== undefined && holdsIndices(layer.model, inner.layer);
  });
  const others = uses.filter((_, index) => isIndex[index] !== true);
  return isIndex.includes(true) && others.every(({ layer }) => /^(Not)?Equal$/.test(layer.className));
}

const noVariables: Variables = {
  variable: (_, name) => {
    throw new Malformed(name, "a weight of an operation", "none");
  },
  inner: () => noVariables,
  members: (_, members) => members.map(() => noVariables),
  all: () => [],
};
