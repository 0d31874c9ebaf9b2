/** @file Layers for the networks beside this file, and what they need to know of a toy problem. */
import { defaultDevice, init, nn, numpy as np, random } from "@jax-js/jax";

await init("wasm");
defaultDevice("wasm");

export type Array = np.Array;

export interface Field {
  readonly name: string;
  readonly shape: readonly number[];
  readonly count?: number;
}
export interface Output {
  readonly name: string;
  readonly items: readonly number[];
  readonly width: number;
}
/** What Assay tells of a problem. */
export interface Problem {
  readonly batch: number;
  readonly tags: readonly string[];
  readonly inputs: readonly Field[];
  readonly outputs: readonly Output[];
}
export interface Model {
  readonly params: unknown;
  apply(params: never, ...inputs: Array[]): Record<string, Array>;
}

export interface Layer {
  readonly w: Array;
  readonly b: Array;
}

/** Fresh keys, one after another. */
export function keys(key: Array): () => Array {
  let left = key;
  return () => {
    const [next, own] = random.split(left, 2);
    left = next as Array;
    return own as Array;
  };
}

export const normal = (key: Array, shape: number[], deviation: number): Array =>
  random.normal(key, shape).mul(deviation);

export const layer = (key: Array, inputs: number, outputs: number): Layer => ({
  w: normal(key, [inputs, outputs], 1 / Math.sqrt(inputs)),
  b: np.zeros([outputs]),
});

export const affine = (x: Array, { w, b }: Layer): Array => np.matmul(x, w).add(b);

/** What a head says of vectors, in the shape of its output. */
export const answer = (x: Array, head: Layer, rows: number, { items, width }: Output): Array =>
  affine(x, head).reshape([rows, ...items, ...(width === 1 ? [] : [width])]);

/** Zero mean and unit variance along the last axis. */
export function normalised(x: Array): Array {
  const centred = x.ref.sub(np.mean(x, -1, { keepdims: true }));
  const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
  return centred.div(np.sqrt(variance.add(1e-5)));
}

export const product = (sizes: readonly number[]): number => sizes.reduce((total, size) => total * size, 1);

/** Numbers of an input: whole ones as one-hot vectors, reals as they are; the last axis holds features. */
export function features(x: Array, { shape, count }: Field): Array {
  if (count !== undefined) return nn.oneHot(x, count);
  return shape.length === 0 ? x.reshape([...x.shape, 1]) : x;
}

export const widthOf = ({ shape, count }: Field): number => count ?? shape.at(-1) ?? 1;

/** Of sequences. Throws where an input is none. */
export function lengthOf(inputs: readonly Field[]): number {
  const length = inputs[0]?.shape[0];
  if (length === undefined) throw new RangeError("the first input is no sequence");
  if (inputs.some(({ shape }) => shape[0] !== length)) throw new RangeError("an input is no sequence");
  return length;
}

/** One item of a sequence. */
export const itemOf = (field: Field): Field => ({ ...field, shape: field.shape.slice(1) });

/** How many items, the last ones of the sequence, have an answer each; 0 where all answers are read from one vector. */
const asked = ({ items: [count = 0] }: Output, length: number): number => (count <= length ? count : 0);

export const headsFor = (
  outputs: readonly Output[],
  length: number,
  width: number,
  next: () => Array,
): Record<string, Layer> =>
  Object.fromEntries(
    outputs.map((output) => {
      const numbersOfOne = (product(output.items) * output.width) / (asked(output, length) || 1);
      return [output.name, layer(next(), width, numbersOfOne)] as const;
    }),
  );

/** What the heads say of the vectors of all items, [rows, length, width], or of one for the whole sequence. */
export function answers(
  outputs: readonly Output[],
  heads: Readonly<Record<string, Layer>>,
  ofItems: Array,
  ofAll: Array,
): Record<string, Array> {
  const [rows = 0, length = 0] = ofItems.shape;
  const said = outputs.map((output) => {
    const count = asked(output, length);
    const read = count === 0 ? ofAll.ref : ofItems.ref.slice([], [length - count, length]);
    return [output.name, answer(read, heads[output.name] as Layer, rows, output)] as const;
  });
  ofItems.dispose();
  ofAll.dispose();
  return Object.fromEntries(said);
}
