/** @file A small pre-norm Transformer over the items of a sequence, causal where the problem is. */
import { nn, numpy as np } from "@jax-js/jax";
import {
  type Array,
  affine,
  answers,
  features,
  headsFor,
  itemOf,
  keys,
  type Layer,
  layer,
  lengthOf,
  type Model,
  normal,
  normalised,
  type Problem,
  widthOf,
} from "./layers.ts";

interface Block {
  readonly query: Layer;
  readonly key: Layer;
  readonly value: Layer;
  readonly output: Layer;
  readonly up: Layer;
  readonly down: Layer;
}
interface Params {
  readonly embedding: readonly Layer[];
  readonly positions: Array;
  readonly blocks: readonly Block[];
  readonly heads: Readonly<Record<string, Layer>>;
}

const [width, depth, heads] = [32, 2, 4];

export function model({ inputs, outputs, tags }: Problem, key: Array): Model {
  const next = keys(key);
  const length = lengthOf(inputs);
  const square = (): Layer => layer(next(), width, width);
  const params: Params = {
    embedding: inputs.map((field) => layer(next(), widthOf(itemOf(field)), width)),
    positions: normal(next(), [length, width], 0.5),
    blocks: Array.from({ length: depth }, () => ({
      query: square(),
      key: square(),
      value: square(),
      output: square(),
      up: layer(next(), width, 4 * width),
      down: layer(next(), 4 * width, width),
    })),
    heads: headsFor(outputs, length, width, next),
  };
  const causal = tags.includes("causal");
  const apply = (own: Params, ...all: Array[]): Record<string, Array> => {
    const embedded = all.map((x, i) =>
      affine(features(x, itemOf(inputs[i] as Problem["inputs"][number])), own.embedding[i] as Layer),
    );
    const summed = embedded.reduce((sum, one) => sum.add(one)).add(own.positions);
    const x = normalised(own.blocks.reduce((h, block) => step(h, block, causal), summed));
    return answers(outputs, own.heads, x, np.mean(x.ref, 1));
  };
  return { params, apply };
}

function step(x: Array, block: Block, causal: boolean): Array {
  const attended = x.ref.add(attention(normalised(x), block, causal));
  const hidden = nn.relu(affine(normalised(attended.ref), block.up));
  return attended.add(affine(hidden, block.down));
}

function attention(x: Array, { query, key, value, output }: Block, causal: boolean): Array {
  const [rows = 0, length = 0] = x.shape;
  const split = (h: Array): Array =>
    np.transpose(h.reshape([rows, length, heads, width / heads]), [0, 2, 1, 3]);
  const [q, k, v] = [affine(x.ref, query), affine(x.ref, key), affine(x, value)].map(split);
  const scores = np.matmul(q as Array, np.transpose(k as Array, [0, 1, 3, 2])).mul(Math.sqrt(heads / width));
  const weights = nn.softmax(causal ? scores.add(mask(length)) : scores, -1);
  const mixed = np.transpose(np.matmul(weights, v as Array), [0, 2, 1, 3]).reshape([rows, length, width]);
  return affine(mixed, output);
}

/** Later items get a score that no softmax sees. */
function mask(length: number): Array {
  const values = Float32Array.from({ length: length ** 2 }, (_, i) =>
    i % length <= Math.floor(i / length) ? 0 : -1e9,
  );
  return np.array(values, { shape: [length, length] });
}
