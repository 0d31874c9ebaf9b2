/** @file A model in jax-js in training: it takes steps, and answers between them. */
import { at, zip } from "../../base/assert.ts";
import { named, type Tensor, type Tensors } from "../../toys/tensor.ts";
import { Adapter, isAdapted } from "./adapting.ts";
import { chunksOf, inputsOf, targetsOf, weighed } from "./batches.ts";
import { type Entry, isObject } from "./entry.ts";
import { Failure } from "./events.ts";
import { lossOf } from "./jaxjs-losses.ts";
import {
  arrayOf,
  isJaxArray,
  isJaxModel,
  type JaxArray,
  type JaxLibrary,
  type JaxModel,
  type JaxOptimizer,
} from "./jaxjs-model.ts";
import { adamSteps, type JaxBatch, type Leaves, ownSteps, refs, type Step } from "./jaxjs-steps.ts";
import { byName, gathered, inShape, onlyOrAll } from "./outputs.ts";
import type { Plan, Training } from "./training.ts";

/** The parts of an entry in the types of jax-js. */
interface Parts {
  loss?(outputs: unknown, targets: unknown): JaxArray;
  optimizer?(learningRate: number): JaxOptimizer;
}
/** Parameters in a tree, which jax-js knows by its leaves and its structure. */
type Structure = ReturnType<JaxLibrary["tree"]["structure"]>;
/** Outputs by name in the wanted shapes; consumes its arguments, as functions of jax-js do. */
type Predict = (params: unknown, inputs: JaxArray[]) => Record<string, JaxArray>;

type Loss<T> = (leaves: JaxArray[], batch: JaxBatch) => T;

export class JaxjsTraining implements Training {
  readonly model: JaxModel;
  readonly #jax: JaxLibrary;
  readonly #parts: Parts;
  readonly #plan: Plan;
  readonly #adapter: Adapter<JaxArray>;
  #apply: JaxModel["apply"];
  #predict: Predict;
  /** References of its own, so that the user's code may consume its. */
  #leaves: Leaves;
  #structure: Structure;
  #step: Step | undefined;
  readonly #jitted: { value?: Loss<JaxArray>; gradients?: Loss<JaxArray[]> } = {};

  constructor(jax: JaxLibrary, entry: Entry, model: JaxModel, plan: Plan) {
    this.model = model;
    this.#jax = jax;
    this.#parts = entry as Parts;
    this.#plan = plan;
    this.#apply = model.apply.bind(model);
    this.#predict = this.#predictor();
    [this.#leaves, this.#structure] = this.#flat(model.params);
    this.#adapter = new Adapter(plan.problem, {
      isArray: isJaxArray,
      split: (array, sizes, axis) => jax.numpy.split(array, starts(sizes), axis),
    });
    if (isAdapted(entry))
      this.#adapter.decide((inputs) => this.#said(refs(this.#leaves), this.#arraysOf(inputs)));
  }

  get notes(): readonly string[] {
    return this.#adapter.notes;
  }

  step(batch: Tensors, index: number): number {
    this.#step ??= this.#steps();
    const { loss, leaves } = this.#step(this.#leaves, this.#batchOf(batch), index);
    this.#leaves = leaves;
    return loss;
  }

  ask(inputs: Tensors): Tensors {
    const { problem } = this.#plan;
    const chunks = chunksOf(inputs, problem).map((chunk) =>
      this.#predict(this.#treeOf(refs(this.#leaves)), this.#arraysOf(chunk)),
    );
    return gathered(problem.outputs, chunks.map(read));
  }

  audit(batch: Tensors): number | undefined {
    const { loss } = this.#parts;
    if (loss === undefined) return undefined;
    const [inputs, targets] = this.given(batch);
    return numberIn(loss.call(this.#parts, this.#said(refs(this.#leaves), inputs), targets));
  }

  given(batch: Tensors): readonly [readonly JaxArray[], unknown] {
    const targets = Object.entries(targetsOf(batch)).map(
      ([name, tensor]) => [name, arrayOf(this.#jax, tensor)] as const,
    );
    const inputs = at(chunksOf(inputsOf(batch), this.#plan.problem), 0);
    return [this.#arraysOf(inputs), onlyOrAll(Object.fromEntries(targets))];
  }

  numberOf(loss: unknown): number {
    if (typeof loss === "number") return loss;
    if (isJaxArray(loss)) return numberIn(loss.ref);
    throw new Failure(
      "not-an-entry",
      `the reported loss is of type ${typeof loss}, not an array or a number`,
    );
  }

  take(trained: unknown): void {
    if (!isObject(trained)) {
      const wanted = "the parameters, as in `task.report(loss, params)`, for those of jax-js never change";
      throw new Failure("not-an-entry", `\`train\` reports or gives ${typeof trained}; wanted are ${wanted}`);
    }
    const before = this.#leaves;
    const isModel = isJaxModel(trained);
    if (isModel) {
      this.#apply = trained.apply.bind(trained);
      this.#predict = this.#predictor();
    }
    [this.#leaves, this.#structure] = this.#flat(isModel ? trained.params : trained);
    for (const leaf of before) leaf.dispose();
  }

  parameters(): Tensors {
    return this.#named(refs(this.#leaves));
  }

  put(values: Tensors): void {
    this.#leaves = zip(this.#names(), this.#leaves).map(([name, leaf]) => {
      const given = values[name];
      if (given === undefined) return leaf;
      leaf.dispose();
      return arrayOf(this.#jax, given);
    });
  }

  value(batch: Tensors): number {
    this.#jitted.value ??= this.#jax.jit(this.#loss as never) as unknown as Loss<JaxArray>;
    return numberIn(this.#jitted.value(refs(this.#leaves), this.#batchOf(batch)));
  }

  gradients(batch: Tensors): Tensors {
    this.#jitted.gradients ??= this.#jax.jit(this.#jax.grad(this.#loss as never) as never) as unknown as Loss<
      JaxArray[]
    >;
    return this.#named(this.#jitted.gradients(refs(this.#leaves), this.#batchOf(batch)));
  }

  /** Paths to the parameters in their tree. */
  #names(): string[] {
    return pathsIn(this.#treeOf(this.#leaves.map((_, index) => index as never)));
  }

  #named(arrays: Leaves): Tensors {
    return read(Object.fromEntries(zip(this.#names(), arrays)));
  }

  #flat(params: unknown): [Leaves, Structure] {
    const [leaves, structure] = this.#jax.tree.flatten<JaxArray>(params as never);
    return [refs(leaves), structure];
  }

  #treeOf(leaves: Leaves): unknown {
    return this.#jax.tree.unflatten(this.#structure, [...leaves]);
  }

  #arraysOf(tensors: readonly Tensor[]): JaxArray[] {
    return this.#adapter.inputs(tensors).map((tensor) => arrayOf(this.#jax, tensor));
  }

  /** What the model returns, as it is. */
  #said(leaves: Leaves, inputs: readonly JaxArray[]): unknown {
    return this.#apply(this.#treeOf(leaves), ...inputs);
  }

  /** By name, of what the model returned. */
  #outputsIn(said: unknown): Record<string, JaxArray> {
    return byName(this.#adapter.read(said), this.#plan.problem.outputs, isJaxArray);
  }

  #predictor(): Predict {
    const { outputs, batch } = this.#plan.problem;
    const apply = this.#apply;
    const predict = (params: unknown, inputs: JaxArray[]): Record<string, JaxArray> => {
      const named = this.#outputsIn(apply(params, ...inputs));
      return Object.fromEntries(
        outputs.map((output) => [output.name, inShape(named[output.name] as JaxArray, output, batch)]),
      );
    };
    return this.#jax.jit(predict as never) as unknown as Predict;
  }

  /** The loss by which Assay trains, as a function for the transformations of jax-js. */
  readonly #loss = (leaves: Leaves, { inputs, targets, known }: JaxBatch): JaxArray => {
    const said = this.#said(leaves, inputs);
    const { loss } = this.#parts;
    if (loss !== undefined) return loss.call(this.#parts, said, onlyOrAll(targets));
    const { problem } = this.#plan;
    return lossOf(this.#jax, problem, this.#outputsIn(said), known);
  };

  #steps(): Step {
    const { optimizer } = this.#parts;
    if (optimizer === undefined) return adamSteps(this.#jax, this.#loss, this.#leaves, this.#plan);
    return ownSteps(this.#jax, this.#loss, this.#leaves, {
      optimizer: optimizer.call(this.#parts, this.#plan.learningRate),
      treeOf: (leaves) => this.#treeOf(leaves),
    });
  }

  #batchOf(batch: Tensors): JaxBatch {
    const { outputs } = this.#plan.problem;
    const [inputs] = this.given(batch);
    const all = targetsOf(batch);
    const each = <T>(of: (target: Tensor) => T): Record<string, T> =>
      Object.fromEntries(outputs.map(({ name }) => [name, of(named(all, name))]));
    return {
      inputs,
      targets: each((tensor) => arrayOf(this.#jax, tensor)),
      known: each((tensor) => {
        const { target, share } = weighed(tensor);
        return { target: arrayOf(this.#jax, target), share: arrayOf(this.#jax, share) };
      }),
    };
  }
}

/** Where parts of these sizes begin, after the first. */
const starts = (sizes: readonly number[]): number[] =>
  sizes.slice(1).map((_, index) => sizes.slice(0, index + 1).reduce((sum, size) => sum + size));

/** The numbers of arrays, which are consumed. */
const read = (arrays: Readonly<Record<string, JaxArray>>): Tensors =>
  Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => {
      const { shape } = array;
      return [name, { shape, data: Float32Array.from(array.dataSync()) }];
    }),
  );

function numberIn(scalar: JaxArray): number {
  if (scalar.size === 1) return scalar.item();
  throw new Failure("wrong-shape", `a loss of shape [${scalar.shape.join(", ")}] where one number is wanted`);
}

/** The paths to the numbers of a tree, in their order. */
function pathsIn(tree: unknown): string[] {
  const paths: string[] = [];
  const walk = (node: unknown, path: string): void => {
    if (typeof node === "number") paths[node] = path;
    else
      for (const [key, part] of Object.entries(node as object))
        walk(part, path === "" ? key : `${path}.${key}`);
  };
  walk(tree, "");
  return paths;
}
