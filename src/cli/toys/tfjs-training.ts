/** @file A model of TensorFlow.js in training: it takes steps, and answers between them. */
import type { NamedTensorMap, Optimizer, Scalar, Variable } from "@tensorflow/tfjs";
import { at, zip } from "../../base/assert.ts";
import type { Tensor, Tensors } from "../../toys/tensor.ts";
import { Adapter, isAdapted } from "./adapting.ts";
import { chunksOf, inputsOf, targetsOf, weighed } from "./batches.ts";
import { aside } from "./chance.ts";
import type { Entry } from "./entry.ts";
import { Failure } from "./events.ts";
import { byName, gathered, inShape, onlyOrAll } from "./outputs.ts";
import { adam, rateAt } from "./rate.ts";
import { lossOf } from "./tfjs-losses.ts";
import {
  checkedOptimizer,
  isTfModel,
  type TfLibrary,
  type TfModel,
  type TfTensor,
  tensorOf,
} from "./tfjs-model.ts";
import type { Plan, Training } from "./training.ts";

/** The parts of an entry in the types of TensorFlow.js. */
interface Parts {
  loss?(outputs: unknown, targets: unknown): TfTensor;
  optimizer?(learningRate: number): Optimizer;
}
/** Changes the model's variables at a step. */
type Follow = (gradients: NamedTensorMap, index: number) => void;

export class TfjsTraining implements Training {
  readonly model: TfModel;
  readonly #tf: TfLibrary;
  readonly #parts: Parts;
  readonly #plan: Plan;
  readonly #adapter: Adapter<TfTensor>;
  #asked: TfModel;
  #follow: Follow | undefined;

  constructor(tf: TfLibrary, entry: Entry, model: TfModel, plan: Plan) {
    this.model = model;
    this.#tf = tf;
    this.#parts = entry as Parts;
    this.#plan = plan;
    this.#asked = model;
    this.#adapter = new Adapter(plan.problem, {
      isArray: this.#isTensor,
      split: (tensor, sizes, axis) => tf.split(tensor, [...sizes], axis),
    });
    if (isAdapted(entry))
      this.#tidily(() => this.#adapter.decide((inputs) => this.#said(this.#tensorsOf(inputs), false)));
  }

  get notes(): readonly string[] {
    return this.#adapter.notes;
  }

  step(batch: Tensors, index: number): number {
    this.#follow ??= this.#parts.optimizer === undefined ? this.#adam() : this.#own(this.#parts.optimizer);
    const follow = this.#follow;
    return this.#tf.tidy(() => {
      const { value, grads } = this.#tf.variableGrads(() => this.#lossOf(batch), this.#variables());
      follow(grads, index);
      return this.numberOf(value);
    });
  }

  ask(inputs: Tensors, inTraining: boolean = false): Tensors {
    const { problem } = this.#plan;
    const { outputs, batch } = problem;
    const answer = (chunk: readonly Tensor[]): Tensors =>
      this.#tidily(() => {
        const said = this.#outputsIn(this.#said(this.#tensorsOf(chunk), inTraining));
        const wanted = outputs.map(
          (output) => [output.name, inShape(said[output.name] as TfTensor, output, batch)] as const,
        );
        return readAll(Object.fromEntries(wanted));
      });
    const answers = (): Tensors[] => chunksOf(inputs, problem).map(answer);
    return gathered(outputs, inTraining ? this.#unchanged(answers) : answers());
  }

  audit(batch: Tensors): number | undefined {
    const { loss } = this.#parts;
    if (loss === undefined) return undefined;
    return this.#tf.tidy(() => {
      const [inputs, targets] = this.given(batch);
      return this.numberOf(loss.call(this.#parts, this.#said(inputs, false), targets));
    });
  }

  given(batch: Tensors): readonly [readonly TfTensor[], unknown] {
    const targets = Object.entries(targetsOf(batch)).map(
      ([name, tensor]) => [name, tensorOf(this.#tf, tensor)] as const,
    );
    const inputs = at(chunksOf(inputsOf(batch), this.#plan.problem), 0);
    return [this.#tensorsOf(inputs), onlyOrAll(Object.fromEntries(targets))];
  }

  numberOf(loss: unknown): number {
    if (typeof loss === "number") return loss;
    if (!this.#isTensor(loss))
      throw new Failure("not-an-entry", `a loss of type ${typeof loss}, not a tensor or a number`);
    if (loss.size === 1) return at(loss.dataSync(), 0);
    throw new Failure("wrong-shape", `a loss of shape [${loss.shape.join(", ")}] where one number is wanted`);
  }

  take(trained: unknown): void {
    if (trained === undefined) return;
    if (!isTfModel(trained))
      throw new Failure("not-an-entry", `\`train\` reports or gives ${typeof trained}, not a tf.LayersModel`);
    this.#asked = trained;
  }

  parameters(): Tensors {
    return readAll(Object.fromEntries(this.#variables().map((variable) => [variable.name, variable])));
  }

  put(values: Tensors): void {
    for (const variable of this.#variables()) {
      const given = values[variable.name];
      if (given !== undefined) this.#tf.tidy(() => variable.assign(tensorOf(this.#tf, given)));
    }
  }

  value(batch: Tensors): number {
    return this.#again(() => this.numberOf(this.#lossOf(batch)));
  }

  gradients(batch: Tensors): Tensors {
    const variables = this.#variables();
    return this.#again(() => {
      const { grads } = this.#tf.variableGrads(() => this.#lossOf(batch), variables);
      // A variable that the loss does not depend on has none.
      const all = variables.map((one) => [one.name, grads[one.name] ?? this.#tf.zerosLike(one)] as const);
      return readAll(Object.fromEntries(all));
    });
  }

  /** The same chance every time, and no trace. */
  #again<T>(ask: () => T): T {
    return aside(() => this.#unchanged(() => this.#tidily(ask)));
  }

  /** Tensors that are made on the way are freed. */
  #tidily<T>(run: () => T): T {
    return this.#tf.tidy(run as never) as T;
  }

  readonly #isTensor = (value: unknown): value is TfTensor => value instanceof this.#tf.Tensor;

  #tensorsOf(tensors: readonly Tensor[]): TfTensor[] {
    return this.#adapter.inputs(tensors).map((tensor) => tensorOf(this.#tf, tensor));
  }

  /** What the model returns, as it is. */
  #said(inputs: readonly TfTensor[], training: boolean): unknown {
    return this.#asked.apply(inputs.length === 1 ? at(inputs, 0) : [...inputs], { training });
  }

  /** By name, of what the model returned. */
  #outputsIn(said: unknown): Record<string, TfTensor> {
    return byName(this.#adapter.read(said), this.#plan.problem.outputs, this.#isTensor);
  }

  /** What is asked in training leaves no trace in running averages. */
  #unchanged<T>(ask: () => T): T {
    const weights = this.#asked.nonTrainableWeights;
    const before = weights.map((weight) => weight.read().clone());
    const result = ask();
    for (const [weight, value] of zip(weights, before)) weight.write(value);
    this.#tf.dispose(before);
    return result;
  }

  #lossOf(batch: Tensors): Scalar {
    const [inputs, targets] = this.given(batch);
    const said = this.#said(inputs, true);
    const { loss } = this.#parts;
    if (loss !== undefined) return loss.call(this.#parts, said, targets) as Scalar;
    const { problem } = this.#plan;
    const known = Object.entries(targetsOf(batch)).map(([name, tensor]) => {
      const { target, share } = weighed(tensor);
      return [name, { target: tensorOf(this.#tf, target), share: tensorOf(this.#tf, share) }] as const;
    });
    return lossOf(this.#tf, problem, this.#outputsIn(said), Object.fromEntries(known)) as Scalar;
  }

  #variables(): Variable[] {
    // What is read of a weight is the variable itself, on which the library's own trainings rely too.
    const variables = this.#asked.trainableWeights.map((weight) => weight.read() as Variable);
    if (variables.length > 0) return variables;
    throw new Failure("not-an-entry", "the model has no weight that can be trained");
  }

  #adam(): Follow {
    const optimizer: Optimizer = this.#tf.train.adam(0, adam.first, adam.second, adam.epsilon);
    return (gradients, index) => {
      setRate(optimizer, rateAt(this.#plan, index));
      optimizer.applyGradients(this.#clipped(gradients));
    };
  }

  /** Gradients scaled down together where their norm is larger than allowed. */
  #clipped(gradients: NamedTensorMap): NamedTensorMap {
    const squares = Object.values(gradients).map((gradient) => gradient.square().sum());
    const norm = Math.sqrt(at(this.#tf.addN(squares).dataSync(), 0));
    const factor = Math.min(1, adam.mostNorm / (norm + adam.epsilon));
    return Object.fromEntries(Object.entries(gradients).map(([name, one]) => [name, one.mul(factor)]));
  }

  /** The entry's optimizer, whose rate follows Assay's where it takes one. */
  #own(make: NonNullable<Parts["optimizer"]>): Follow {
    const optimizer = checkedOptimizer(make.call(this.#parts, this.#plan.learningRate));
    const share = (index: number): number => rateAt(this.#plan, index) / this.#plan.learningRate;
    const { learningRate } = optimizer as unknown as { readonly learningRate?: unknown };
    const rate = make.length > 0 && typeof learningRate === "number" ? learningRate : undefined;
    return (gradients, index) => {
      if (rate !== undefined) setRate(optimizer, rate * share(index));
      optimizer.applyGradients(gradients);
    };
  }
}

/** A field that the library's optimizers read at every step, although its types hide it. */
function setRate(optimizer: Optimizer, rate: number): void {
  (optimizer as unknown as { learningRate: number }).learningRate = rate;
}

const readAll = (tensors: Readonly<Record<string, TfTensor>>): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      { shape: tensor.shape, data: Float32Array.from(tensor.dataSync()) },
    ]),
  );
