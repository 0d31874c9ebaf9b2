/** @file Networks with one bug each, for problems of generative models: what they read, how it ends, or what they are trained on. */
import { nn, numpy as np } from "@jax-js/jax";
import { type Array, affine, keys, layer, type Model } from "../../../examples/toys/layers.ts";
import { model as perceptron } from "../../../examples/toys/perceptron.ts";
import { model as transformer } from "../../../examples/toys/transformer.ts";
import type { Description } from "../../../src/toys/description.ts";

type Make = (problem: Description, key: Array) => Model;
type Said = Record<string, Array>;

interface Entry {
  readonly model: Make;
  loss(outputs: Said, targets: Array): Array;
}

/** A network whose inputs, and whose one output, are changed. */
const around =
  (
    make: Make,
    before: (...inputs: Array[]) => Array[],
    after: (output: Array) => Array = (same) => same,
  ): Make =>
  (problem, key) => {
    const { params, apply } = make(problem, key);
    return {
      params,
      apply: (own: never, ...inputs: Array[]) =>
        Object.fromEntries(
          Object.entries(apply(own, ...before(...inputs))).map(([name, output]) => [name, after(output)]),
        ),
    };
  };

const same = (...inputs: Array[]): Array[] => inputs;
const nothing = (x: Array): Array => x.mul(0);
const ends = (after: (output: Array) => Array): Make => around(perceptron, same, after);

/** All inputs but this one are lost. */
const onlyInput = (place: number): Make =>
  around(perceptron, (...inputs) => inputs.map((x, i) => (i === place ? x : nothing(x))));

export const timeBlind: Make = onlyInput(0);
export const pointBlind: Make = onlyInput(1);
export const blind: Make = around(perceptron, (...inputs) => inputs.map(nothing));
export const timeRounded: Make = around(perceptron, (x = np.zeros([]), t = np.zeros([])) => [
  x,
  np.where(np.greater(t, 0.5), 1, 0),
]);
export const firstOnly: Make = around(perceptron, (x = np.zeros([])) => [x.mul(np.array([1, 0]))]);
export const summed: Make = around(perceptron, (x = np.zeros([])) => [
  np.broadcastTo(np.sum(x.ref, -1, { keepdims: true }), x.shape),
]);
export const withSigmoid: Make = ends(nn.sigmoid);
export const unitVariance: Make = ends((y) => y.mul(np.array([1, 0])));

/** No activation. */
export const affineOnly: Make = ({ inputs, outputs: [output] }, key) => ({
  params: layer(key, inputs[0]?.shape[0] ?? 1, output?.width ?? 1),
  apply: (own: ReturnType<typeof layer>, x: Array) => ({ [output?.name ?? ""]: affine(x, own) }),
});

const only = (outputs: Said): Array => Object.values(outputs)[0] as Array;

export const reversedTargets: Entry = {
  model: perceptron,
  loss: (outputs, targets) => np.mean(np.square(only(outputs).add(targets))),
};
export const swappedLabels: Entry = {
  model: perceptron,
  loss: (outputs, targets) => {
    const logit = np.squeeze(only(outputs));
    return np.mean(nn.softplus(logit.ref).sub(logit.mul(np.array(1).sub(targets))));
  },
};

export const causal: Make = (problem, key) => transformer({ ...problem, tags: ["causal"] }, key);
const reversedItems = (x: Array): Array => np.flip(x, 1);
export const backward: Make = around(causal, (x = np.zeros([])) => [reversedItems(x)], reversedItems);
export const maskAsToken: Make = around(transformer, (x = np.zeros([])) => [np.minimum(x, 2)]);
export const masksOnly: Make = around(transformer, (x = np.zeros([])) => [
  np.where(np.equal(x, 3), 3, 0).astype(np.int32),
]);
export const withoutPositions: Make = (problem, key) => {
  const { params, apply } = transformer(problem, key);
  const { positions, ...others } = params as { readonly positions: Array };
  const shape = positions.shape;
  positions.dispose();
  return {
    params: others,
    apply: (own: typeof others, tokens: Array) =>
      apply({ ...own, positions: np.zeros(shape) } as never, tokens),
  };
};

/** What a convolution of width 3 reads; beyond the ends it reads zeros. */
export const neighbours: Make = ({ outputs: [output] }, key) => {
  const next = keys(key);
  return {
    params: [layer(next(), 12, 32), layer(next(), 32, 3)],
    apply: (
      [first, second]: readonly [ReturnType<typeof layer>, ReturnType<typeof layer>],
      tokens: Array,
    ) => {
      const padded = np.pad(nn.oneHot(tokens, 4), { 1: [1, 1] });
      const seen = [0, 1, 2].map((shift) => padded.ref.slice([], [shift, shift + 6]));
      padded.dispose();
      return { [output?.name ?? ""]: affine(nn.relu(affine(np.concatenate(seen, -1), first)), second) };
    },
  };
};
