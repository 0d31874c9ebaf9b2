/**
 * @file Traces a function of TensorFlow.js: it is run on the processor, and every kernel that it calls is written down as a node of a
 * TensorFlow graph. What the function reads out of a tensor can't be followed, and is refused.
 */
import { zip } from "../../base/assert.ts";
import { Diagnostic, type Place, quoted } from "../../diag/diagnostic.ts";
import { equalShapes, shapeText } from "../../ir/dim.ts";
import type { Graph } from "../../ir/graph.ts";
import { Malformed, NotCovered, reported } from "../common/keras/problem.ts";
import { type Recorded, withOpenBatch } from "./batch.ts";
import { graphModel } from "./graph/read.ts";
import type { GraphNode } from "./graph/schema.ts";
import { kernels } from "./kernels.ts";
import type { StoredTensor } from "./weights.ts";

interface TensorInfo {
  readonly dataId: object;
  readonly shape: readonly number[];
  readonly dtype: string;
}
interface KernelConfig {
  readonly kernelName: string;
  readonly backendName: string;
  readonly kernelFunc: (call: KernelCall) => TensorInfo | TensorInfo[];
}
interface KernelCall {
  readonly inputs: Readonly<Record<string, TensorInfo | undefined>>;
  readonly attrs?: Readonly<Record<string, unknown>>;
  readonly backend: { readSync(dataId: object): ArrayLike<number> };
}
interface Engine {
  readSync(dataId: object): unknown;
  read(dataId: object): unknown;
}
/** What is used of the library, which is the user's own copy. */
export interface TfModule {
  setBackend(name: string): Promise<boolean>;
  getBackend(): string;
  engine(): Engine;
  backend(): KernelCall["backend"];
  zeros(shape: number[], dtype?: string): TensorInfo;
  getKernelsForBackend(name: string): KernelConfig[];
  registerKernel(config: KernelConfig): void;
  unregisterKernel(kernelName: string, backendName: string): void;
}

/** A model as a module exports it, in the form that models of jax-js have. */
export interface TfFunction {
  readonly name?: string;
  readonly params: unknown;
  readonly inputs: Readonly<
    Record<string, readonly number[] | { readonly shape: readonly number[]; readonly dtype: string }>
  >;
  apply(params: never, ...inputs: never[]): unknown;
}

const isTensor = (value: unknown): value is TensorInfo =>
  typeof value === "object" && value !== null && "dataId" in value && "shape" in value && "dtype" in value;

/** Tensors of a tree of records and lists, with their paths. */
function leaves(
  value: unknown,
  path: readonly string[] = [],
): { readonly path: string; readonly tensor: TensorInfo }[] {
  if (isTensor(value)) return [{ path: path.join("."), tensor: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => leaves(item, [...path, key]));
}

/**
 * The graph of a function. Where all inputs share their first size and the function follows it, that size becomes the symbol
 * B; a note says so where it does not.
 */
export async function traceTfjs(tf: TfModule, model: TfFunction, file: string, part: string): Promise<Graph> {
  const before = tf.getBackend();
  await tf.setBackend("cpu");
  try {
    const place = { file: quoted(file), part: quoted(part) };
    const own = new Recorder(tf, place).record(model);
    const open = openBatch(tf, model, place);
    const notes = open === undefined ? ["every size is that of the traced inputs"] : [];
    const parts = { file: model.name ?? part, notes };
    checkShapes(graphModel({ ...parts, ...own }), own);
    return graphModel({ ...parts, ...(open ?? own) });
  } catch (error) {
    throw reported(file, error, { malformed: "A1404", notCovered: "A5402" });
  } finally {
    if (before !== "") await tf.setBackend(before);
  }
}

/** The graph must give what the function gave. */
function checkShapes(graph: Graph, { shapes }: Recorded): void {
  for (const [{ name, node }, shape] of zip(graph.outputs, shapes)) {
    if (!equalShapes(node.type.shape, shape))
      throw new Malformed(name, shapeText(node.type.shape), shapeText(shape));
  }
}

interface TypedInput {
  readonly shape: readonly number[];
  readonly dtype: string;
}
const typed = (input: TfFunction["inputs"][string]): TypedInput =>
  "shape" in input ? input : { shape: input, dtype: "float32" };

/** Sizes that models do not use themselves. */
const batches = [53, 59] as const;

/** The program of any first size, if two of them give the same but for what shows the size. */
function openBatch(tf: TfModule, model: TfFunction, place: Place): Recorded | undefined {
  const sizes = new Set(Object.values(model.inputs).map((input) => typed(input).shape[0]));
  if (sizes.size !== 1 || sizes.has(undefined)) return undefined;
  try {
    return withOpenBatch(
      ...(batches.map((size) => new Recorder(tf, place).record(model, size)) as [Recorded, Recorded]),
      batches,
    );
  } catch {
    // The function runs at its own size, so this one is not for it.
    return undefined;
  }
}

/** Inputs of fused kernels that may be absent. */
const optional = new Set(["bias", "preluActivationWeights"]);

class Recorder {
  readonly #tf: TfModule;
  readonly #place: Place;
  readonly #nodes: GraphNode[] = [];
  readonly #tensors: StoredTensor[] = [];
  /** The node of each tensor: kernels that only change a shape share the data. */
  readonly #names = new WeakMap<object, Map<string, string>>();
  /** Data that depends on the inputs. */
  readonly #traced = new WeakSet<object>();

  constructor(tf: TfModule, place: Place) {
    this.#tf = tf;
    this.#place = place;
  }

  /** Runs the model on inputs of its sizes, or of another first size. */
  record(model: TfFunction, batch?: number): Recorded {
    for (const { path, tensor } of leaves(model.params)) this.#constant(tensor, path);
    const inputs = Object.entries(model.inputs).map(([name, input]) => {
      const { shape: given, dtype } = typed(input);
      const shape = batch === undefined ? given : given.with(0, batch);
      const tensor = this.#tf.zeros([...shape], dtype);
      const info = { type: dtype === "int32" ? "DT_INT32" : dtype === "bool" ? "DT_BOOL" : "DT_FLOAT" };
      const dim = shape.map((size) => ({ size }));
      this.#nodes.push({ name, op: "Placeholder", attr: { dtype: info, shape: { shape: { dim } } } });
      this.#define(tensor, name, true);
      return tensor;
    });
    const result = this.#watched(() => model.apply(model.params as never, ...(inputs as never[])));
    const outputs = leaves(result);
    if (outputs.length === 0) throw new NotCovered("a result that is no tensor");
    const entries = outputs.map(
      ({ path, tensor }) => [path === "" ? "output" : path, { name: this.#name(tensor) }] as const,
    );
    const placed = Object.keys(model.inputs).map((name) => [name, { name }] as const);
    return {
      topology: { node: this.#nodes },
      signature: { inputs: Object.fromEntries(placed), outputs: Object.fromEntries(entries) },
      tensors: this.#tensors,
      shapes: outputs.map(({ tensor }) => tensor.shape),
    };
  }

  /** Runs a function with every kernel's calls written down. */
  #watched<T>(run: () => T): T {
    const tf = this.#tf;
    const own = tf.getKernelsForBackend("cpu");
    const engine = tf.engine();
    const replace = (configs: readonly KernelConfig[]): void => {
      for (const config of configs) {
        tf.unregisterKernel(config.kernelName, "cpu");
        tf.registerKernel(config);
      }
    };
    const [readSync, read] = [engine.readSync.bind(engine), engine.read.bind(engine)];
    const guarded =
      (inner: (dataId: object) => unknown) =>
      (dataId: object): unknown => {
        if (this.#traced.has(dataId)) throw new NotCovered("numbers that the function reads out of a tensor");
        return inner(dataId);
      };
    replace(own.map((config) => ({ ...config, kernelFunc: (call) => this.#called(config, call) })));
    engine.readSync = guarded(readSync);
    engine.read = guarded(read);
    try {
      return run();
    } catch (error) {
      if (error instanceof NotCovered) throw error;
      const got = quoted(error instanceof Error ? error.message : String(error));
      throw new Diagnostic({ code: "A1200", place: this.#place, got, want: "a function of tensors" });
    } finally {
      replace(own);
      engine.readSync = readSync;
      engine.read = read;
    }
  }

  #called({ kernelName, kernelFunc }: KernelConfig, call: KernelCall): TensorInfo | TensorInfo[] {
    const result = kernelFunc(call);
    const given = Object.values(call.inputs).filter((input) => input !== undefined);
    // What does not depend on the inputs is a constant.
    if (!given.some(({ dataId }) => this.#traced.has(dataId))) return result;
    const write = kernels.get(kernelName);
    if (write === undefined) throw new NotCovered(`the kernel ${kernelName}`);
    const {
      op,
      inputs,
      attr,
      integers = [],
    } = write(
      call.attrs ?? {},
      given.map(({ shape }) => shape),
    );
    const missing = inputs.find((key) => call.inputs[key] === undefined && !optional.has(key));
    if (missing !== undefined) throw new NotCovered(`the kernel ${kernelName} without ${missing}`);
    const named = inputs.length === 0 ? given : inputs.flatMap((key) => call.inputs[key] ?? []);
    const name = `${op}_${this.#nodes.length}`;
    const input = [
      ...named.map((tensor) => this.#name(tensor)),
      ...integers.map((value, index) => this.#integers(value, `${name}/${index}`)),
    ];
    this.#nodes.push({
      name,
      op,
      input,
      ...(attr === undefined ? {} : { attr: this.#withoutBias(attr, call) }),
    });
    for (const [index, output] of [result].flat().entries())
      this.#define(output, index === 0 ? name : `${name}:${index}`, true);
    return result;
  }
  /** Fused kernels may come without a bias. */
  #withoutBias(attr: NonNullable<GraphNode["attr"]>, { inputs }: KernelCall): NonNullable<GraphNode["attr"]> {
    const steps = attr["fused_ops"]?.list?.s;
    if (steps === undefined || inputs["bias"] !== undefined) return attr;
    return { ...attr, fused_ops: { list: { s: steps.filter((step) => step !== btoa("BiasAdd")) } } };
  }

  #define({ dataId, shape }: TensorInfo, name: string, isTraced: boolean): void {
    const names = this.#names.get(dataId) ?? new Map<string, string>();
    if (!names.has(shape.join())) names.set(shape.join(), name);
    this.#names.set(dataId, names);
    if (isTraced) this.#traced.add(dataId);
  }
  #name(tensor: TensorInfo): string {
    return (
      this.#names.get(tensor.dataId)?.get(tensor.shape.join()) ??
      this.#constant(tensor, `constant_${this.#tensors.length}`)
    );
  }
  #constant(tensor: TensorInfo, name: string): string {
    const numbers = Float64Array.from(this.#tf.backend().readSync(tensor.dataId));
    const dtype = tensor.dtype === "int32" ? "int32" : tensor.dtype === "bool" ? "bool" : "float32";
    this.#nodes.push({ name, op: "Const" });
    this.#tensors.push({ name, shape: tensor.shape, dtype, values: () => numbers });
    this.#define(tensor, name, false);
    return name;
  }
  #integers(value: number | readonly number[], name: string): string {
    const numbers = Float64Array.from([value].flat());
    const shape = typeof value === "number" ? [] : [numbers.length];
    this.#nodes.push({ name, op: "Const" });
    this.#tensors.push({ name, shape, dtype: "int32", values: () => numbers });
    return name;
  }
}
