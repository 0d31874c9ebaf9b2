/** @file Trains a model of the XOR-and-regression problem in jax-js, and measures it exactly on the population. */
import type * as Jax from "@jax-js/jax";
import type { model } from "../../examples/xor-regression/right.ts";
import { at, range, zip } from "../base/assert.ts";
import type { Random } from "../base/random.ts";
import {
  type Losses,
  points,
  populationLosses,
  type Sample,
  type XorRegression,
} from "../toys/xor-regression.ts";

export type JaxLibrary = typeof Jax;
type Tensor = Jax.numpy.Array;
/** A model with the inputs and outputs of the problem: x [B, 3] to a logit [B, 1] and a value y [B, 1]. */
export type XorModel = typeof model;

/** The expected losses after some steps. */
export interface Measurement extends Losses {
  readonly step: number;
}

export interface Training {
  readonly problem: XorRegression;
  readonly sample: Sample;
  /** Draws the initial weights. */
  readonly random: Random;
  readonly steps: number;
  readonly batch: number;
  /** Called every `every` steps, before the first and after the last. */
  readonly every: number;
  onMeasure(measurement: Measurement): void;
}

/** Adam (Kingma and Ba 2015, algorithm 1) with the authors' constants; the rate falls to zero along a cosine. */
const adam = { rate: 0.03, first: 0.9, second: 0.999, epsilon: 1e-8 };

/** Trains from fresh weights on batches of the sample and measures on the way. */
export async function train(jax: JaxLibrary, model: XorModel, training: Training): Promise<void> {
  const { numpy: np } = jax;
  const [own, structure] = jax.tree.flatten<Tensor>(model.params as never);
  const shapes = own.map(({ shape }) => shape);
  const withParams = <T>(leaves: Tensor[], f: (params: XorModel["params"]) => T): T =>
    f(jax.tree.unflatten(structure, leaves) as unknown as XorModel["params"]);

  const lossOf = (leaves: Tensor[], batch: Batch): Tensor =>
    withParams(leaves, (params) => {
      const { logit: logits, y } = model.apply(params, batch.x);
      const logit = np.squeeze(logits, 1);
      // −log p(label) of a logit z is softplus(z) − label · z.
      const crossEntropy = np.mean(jax.nn.softplus(logit.ref).sub(logit.mul(batch.labels)));
      const squaredError = np.mean(np.square(np.squeeze(y, 1).sub(batch.targets)));
      const { label, target } = training.problem.weights;
      return crossEntropy.mul(label).add(squaredError.mul(target));
    });
  const step = jax.jit((state: State, batch: Batch, scale: Tensor): State => {
    const gradients = jax.grad(lossOf)(
      state.parameters.map((p) => p.ref),
      batch,
    );
    const averages = (old: Tensor[], news: Tensor[], keep: number): Tensor[] =>
      zip(old, news).map(([before, now]) => before.mul(keep).add(now.mul(1 - keep)));
    const first = averages(
      state.first,
      gradients.map((g) => g.ref),
      adam.first,
    );
    const second = averages(state.second, gradients.map(np.square), adam.second);
    const parameters = state.parameters.map((parameter, i) => {
      const size = np.sqrt(at(second, i).ref).add(adam.epsilon);
      return parameter.sub(at(first, i).ref.mul(scale.ref).div(size));
    });
    scale.dispose();
    return { parameters, first, second };
  });
  const predict = jax.jit((leaves: Tensor[], x: Tensor) =>
    withParams(leaves, (params) => model.apply(params, x)),
  );

  let state: State = {
    parameters: shapes.map((shape) => np.array(initial(shape, training.random), { shape })),
    first: shapes.map((shape) => np.zeros(shape)),
    second: shapes.map((shape) => np.zeros(shape)),
  };
  const inputs = np.array(Float32Array.from(points(training.problem).flatMap(({ x }) => [...x])), {
    shape: [8, 3],
  });
  for (const index of range(training.steps + 1)) {
    if (index % training.every === 0 || index === training.steps) {
      const { logit, y } = predict(
        state.parameters.map((p) => p.ref),
        inputs.ref,
      );
      const [logits, values] = [await logit.data(), await y.data()];
      let next = 0;
      const losses = populationLosses(training.problem, () => ({
        logit: at(logits, next),
        value: at(values, next++),
      }));
      training.onMeasure({ ...losses, step: index });
    }
    if (index < training.steps)
      state = step(state, batchAt(jax, training, index), np.array(scaleAt(training, index)));
  }
  for (const tensor of [...state.parameters, ...state.first, ...state.second, inputs]) tensor.dispose();
}

interface Batch {
  readonly x: Tensor;
  readonly labels: Tensor;
  readonly targets: Tensor;
  readonly [key: string]: Tensor;
}
interface State {
  readonly parameters: Tensor[];
  readonly first: Tensor[];
  readonly second: Tensor[];
  readonly [key: string]: Tensor[];
}

/** The learning rate at a step with the corrections of both averages for their start at zero. */
function scaleAt({ steps }: Training, index: number): number {
  const cosine = (1 + Math.cos((Math.PI * index) / steps)) / 2;
  const correction = Math.sqrt(1 - adam.second ** (index + 1)) / (1 - adam.first ** (index + 1));
  return adam.rate * cosine * correction;
}

/** Consecutive rows of the sample, which begins again at its end. */
function batchAt(jax: JaxLibrary, { sample, batch }: Training, index: number): Batch {
  const start = (index * batch) % sample.labels.length;
  const rows = (values: Float32Array, columns: number): Float32Array<ArrayBuffer> =>
    new Float32Array(values.subarray(start * columns, (start + batch) * columns));
  return {
    x: jax.numpy.array(rows(sample.x, 3), { shape: [batch, 3] }),
    labels: jax.numpy.array(rows(sample.labels, 1)),
    targets: jax.numpy.array(rows(sample.targets, 1)),
  };
}

/** Weights with variance one over the number of inputs, biases zero. */
function initial(shape: readonly number[], random: Random): Float32Array<ArrayBuffer> {
  const [inputs] = shape;
  const size = shape.reduce((a, b) => a * b, 1);
  const deviation = shape.length === 2 ? 1 / Math.sqrt(inputs ?? 1) : 0;
  return Float32Array.from({ length: size }, () => deviation * random.normal());
}
