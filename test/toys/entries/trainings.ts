/** @file Entries with training functions of their own: sound ones, and ones that break the rules of `train(model, task)`. */
import { defaultDevice, init, jit, nn, numpy as np, random, tree, valueAndGrad } from "@jax-js/jax";
import type { Task } from "../../../src/cli/toys/task.ts";
import type { Description } from "../../../src/toys/description.ts";

await init("wasm");
defaultDevice("wasm");

type Params = Readonly<Record<"hidden" | "bias" | "heads", np.Array>>;
interface Model {
  readonly params: Params;
  apply(params: Params, x: np.Array): np.Array[];
}
type Targets = Readonly<Record<string, np.Array>>;
type Batch = readonly [[np.Array], Targets];
type Train = (model: Model, task: Task) => unknown;
interface Entry {
  readonly model: typeof model;
  readonly train: Train;
}

const units = 32;

function model({ inputs }: Description, key: np.Array): Model {
  const [first, second] = random.split(key, 2);
  return {
    params: {
      hidden: random.normal(first as np.Array, [inputs[0]?.shape[0] ?? 1, units]),
      bias: np.zeros([units]),
      heads: random.normal(second as np.Array, [units, 2]).mul(1 / Math.sqrt(units)),
    },
    apply: ({ hidden, bias, heads }, x) =>
      np.split(np.matmul(nn.relu(np.matmul(x, hidden).add(bias)), heads), 2, 1),
  };
}

const mapped = (f: (...leaves: np.Array[]) => np.Array, ...trees: [Params, ...Params[]]): Params =>
  tree.map<np.Array, np.Array, Params>(f, ...trees);

const column = (y: np.Array): np.Array => y.reshape([-1]);

function lossesOf([label, value]: np.Array[], { label: asked, target }: Targets): [np.Array, np.Array] {
  const logit = column(label as np.Array);
  const crossEntropy = np.mean(nn.softplus(logit.ref).sub(logit.mul(asked as np.Array)));
  return [crossEntropy, np.mean(np.square(column(value as np.Array).sub(target as np.Array)))];
}

/** Gradient descent with momentum; `say` gives what is reported of a step. */
function descent(model: Model, task: Task, say: (loss: number, step: number) => number): Params {
  const lossOf = (params: Params, x: np.Array, targets: Targets): np.Array => {
    const [label, value] = lossesOf(model.apply(params, x), targets);
    return label.add(value);
  };
  const slope = jit((params: Params, x: np.Array, targets: Targets) =>
    valueAndGrad(lossOf)(params, x, targets),
  );
  let { params } = model;
  let speed = mapped((leaf) => np.zerosLike(leaf.ref), params);
  let step = 0;
  for (const [[x], targets] of task.batches() as Iterable<Batch>) {
    const [loss, gradients] = slope(tree.ref(params), x, targets);
    speed = mapped((v, g) => v.mul(0.9).add(g), speed, gradients);
    const rate = 10 * task.learningRate * (1 - step / task.steps);
    params = mapped((p, v) => p.sub(v.ref.mul(rate)), params, speed);
    task.report(say(loss.item(), step++), params);
  }
  return params;
}

const honest = (loss: number): number => loss;
const reporting = (say: (loss: number, step: number) => number): Entry => ({
  model,
  train: (one, task) => descent(one, task, say),
});

/** The mean of 2 · batch numbers, as that of the squared errors of two outputs is. */
export const halved: Entry = reporting((loss) => loss / 2);
export const constant: Entry = reporting(() => 0.4);
/** What stood in the variable two hundred steps ago. */
export const stale: Entry = (() => {
  const all: number[] = [];
  return reporting((loss, step) => {
    all[step] = loss;
    return all[Math.max(0, step - 200)] ?? loss;
  });
})();
/** As progress bars do it. */
export const smoothed: Entry = (() => {
  let average = 0;
  return reporting((loss, step) => (average = step === 0 ? loss : 0.98 * average + 0.02 * loss));
})();

export const right: Entry = { model, train: (one, task) => descent(one, task, honest) };
/** What was reported last is judged. */
export const withoutResult: Entry = { model, train: (one, task) => void descent(one, task, honest) };
export const asynchronous: Entry = {
  model,
  train: async (one, task) => {
    await Promise.resolve();
    return { ...one, params: descent(one, task, honest) };
  },
};
export const withoutParams: Entry = { model, train: (_, task) => task.report(1) };
export const number: Entry = { model, train: () => 7 };
export const lossOfRows: Entry = { model, train: ({ params }, task) => task.report(np.zeros([2]), params) };
export const throwing: Entry = {
  model,
  train: () => {
    throw new TypeError("the author's own mistake");
  },
};
export const crashing: Entry = { model, train: () => process.kill(process.pid, "SIGKILL") };
export const hanging: Entry = {
  model,
  train: () => {
    for (;;) if (Date.now() < 0) return;
  },
};
export const notFinite: Entry = {
  model,
  train: ({ params }) => mapped((leaf) => leaf.mul(Number.NaN), params),
};
export const wrongShape: Entry = {
  model,
  train: ({ params }) => ({ params, apply: () => [np.zeros([3]), np.zeros([3])] }),
};
