/**
 * @file A gated recurrent unit (Cho and others 2014, with the gates of PyTorch's GRU) along the items of a sequence. The loop over
 * items is unrolled when jax-js traces it.
 */
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
  type Problem,
  widthOf,
} from "./layers.ts";

interface Params {
  /** From an item and from the state: to the reset gate, the update gate and the candidate. */
  readonly read: Layer;
  readonly recurrence: Array;
  readonly heads: Readonly<Record<string, Layer>>;
}

const width = 32;

export function model({ inputs, outputs }: Problem, key: Array): Model {
  const next = keys(key);
  const length = lengthOf(inputs);
  const size = inputs.reduce((sum, field) => sum + widthOf(itemOf(field)), 0);
  const params: Params = {
    read: layer(next(), size, 3 * width),
    recurrence: normal(next(), [width, 3 * width], 1 / Math.sqrt(width)),
    heads: headsFor(outputs, length, width, next),
  };
  const apply = (own: Params, ...all: Array[]): Record<string, Array> => {
    const rows = all[0]?.shape[0] ?? 0;
    const items = all.map((x, i) => features(x, itemOf(inputs[i] as Problem["inputs"][number])));
    const read = affine(np.concatenate(items, -1), own.read);
    const states: Array[] = [];
    let state = np.zeros([rows, width]);
    for (let t = 0; t < length; t++) {
      state = step(state, read.ref.slice([], t), own.recurrence.ref);
      states.push(state.ref);
    }
    read.dispose();
    own.recurrence.dispose();
    return answers(outputs, own.heads, np.stack(states, 1), state);
  };
  return { params, apply };
}

function step(state: Array, read: Array, recurrence: Array): Array {
  const [readReset, readUpdate, readNew] = np.split(read, 3, -1) as [Array, Array, Array];
  const [reset, update, candidate] = np.split(np.matmul(state.ref, recurrence), 3, -1) as [
    Array,
    Array,
    Array,
  ];
  const fresh = np.tanh(readNew.add(nn.sigmoid(readReset.add(reset)).mul(candidate)));
  // update · state + (1 − update) · fresh
  return fresh.ref.add(nn.sigmoid(readUpdate.add(update)).mul(state.sub(fresh)));
}
