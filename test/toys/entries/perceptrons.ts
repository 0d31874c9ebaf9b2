/** @file Entries for problems with real inputs: sound ones, and ones that are broken in every way that a process can be. */
import { defaultDevice, init, nn, numpy as np, random } from "@jax-js/jax";
import type { Description } from "../../../src/toys/description.ts";

await init("wasm");
defaultDevice("wasm");

interface Layer {
  readonly w: np.Array;
  readonly b: np.Array;
}
interface Params {
  readonly hidden: Layer;
  readonly heads: Readonly<Record<string, Layer>>;
}
type Outputs = Readonly<Record<string, np.Array>>;
interface Model {
  readonly params: Params;
  apply(params: Params, x: np.Array): Outputs;
}

const layer = (key: np.Array, inputs: number, outputs: number): Layer => ({
  w: random.normal(key, [inputs, outputs]).mul(Math.sqrt(2 / inputs)),
  b: np.zeros([outputs]),
});
const affine = (x: np.Array, { w, b }: Layer): np.Array => np.matmul(x, w).add(b);

/** Thirty-two hidden units with an activation, then `change`. */
const entry =
  (activation: (x: np.Array) => np.Array, change: (outputs: Outputs) => Outputs = (same) => same) =>
  ({ inputs, outputs }: Description, key: np.Array): Model => {
    const [first, ...others] = random.split(key, outputs.length + 1);
    const heads = outputs.map(
      ({ name, width }, i) => [name, layer(others[i] as np.Array, 32, width)] as const,
    );
    return {
      params: {
        hidden: layer(first as np.Array, inputs[0]?.shape.at(-1) ?? 1, 32),
        heads: Object.fromEntries(heads),
      },
      apply: ({ hidden, heads: layers }, x) => {
        const h = activation(affine(x, hidden));
        const said = Object.entries(layers).map(([name, head]) => [name, affine(h.ref, head)] as const);
        h.dispose();
        return change(Object.fromEntries(said));
      },
    };
  };

export const right: ReturnType<typeof entry> = entry(nn.relu);
export const withoutActivation: ReturnType<typeof entry> = entry((x) => x);
export const withSigmoid: ReturnType<typeof entry> = entry(nn.relu, ({ label, target }) => ({
  label: nn.sigmoid(label as np.Array),
  target: target as np.Array,
}));
export const notFinite: ReturnType<typeof entry> = entry((x) => np.log(np.negative(np.square(x))));
export const wrongShape: ReturnType<typeof entry> = entry(nn.relu, ({ label, target }) => ({
  label: np.concatenate([(label as np.Array).ref, label as np.Array], 1),
  target: target as np.Array,
}));
export const withoutOutput: ReturnType<typeof entry> = entry(nn.relu, ({ label }) => ({
  label: label as np.Array,
}));

export function throwing(): Model {
  throw new TypeError("the author's own mistake");
}
/** Ends the process where nobody listens. */
export const crashing: ReturnType<typeof entry> = entry((x) => process.exit(7) ?? x);
export const hanging: ReturnType<typeof entry> = entry((x) => {
  for (;;) if (Date.now() < 0) return x;
});
export const number = 7;

let calls = 0;
/** Sound while it is tried; then the second call, which is the first in a training, ends the process. */
export const crashingInTraining: ReturnType<typeof entry> = entry((x) => {
  if (++calls === 2) process.kill(process.pid, "SIGKILL");
  return nn.relu(x);
});

/** A loss that divides the cross-entropy and the error by two, as some frameworks' examples do. */
export const halved: {
  readonly model: ReturnType<typeof entry>;
  loss(outputs: Outputs, targets: Outputs): np.Array;
} = {
  model: entry(nn.relu),
  loss: (outputs, targets) => meanLoss(outputs, targets).mul(0.5),
};

/** Every prediction meets every target: [B, 1] − [B] is [B, B]. */
export const broadcast: typeof halved = {
  model: entry(nn.relu),
  loss: (outputs, targets) => meanLoss(outputs, targets, (y) => y),
};

const squeezed = (y: np.Array): np.Array => np.squeeze(y, 1);

function meanLoss(
  { label, target: said }: Outputs,
  { label: asked, target }: Outputs,
  shaped: (y: np.Array) => np.Array = squeezed,
): np.Array {
  const logit = np.squeeze(label as np.Array, 1);
  const crossEntropy = np.mean(nn.softplus(logit.ref).sub(logit.mul(asked as np.Array)));
  return crossEntropy.add(np.mean(np.square(shaped(said as np.Array).sub(target as np.Array))));
}

/** The problem's own loss and plain gradient descent with momentum, written by hand. */
export const ownParts: typeof halved & {
  optimizer(learningRate: number): {
    init(params: Params): Params;
    update(gradients: Params, state: Params): [Params, Params];
  };
} = {
  model: entry(nn.relu),
  loss: (outputs, targets) => meanLoss(outputs, targets),
  optimizer: (learningRate) => ({
    init: (params) => mapped(params, (leaf) => np.zerosLike(leaf)),
    update: (gradients, state) => {
      const next = combined(state, gradients, (v, g) => v.mul(0.9).add(g));
      return [mapped(next, (v) => v.ref.mul(-10 * learningRate)), next];
    },
  }),
};

const mapped = (params: Params, f: (leaf: np.Array) => np.Array): Params =>
  combined(params, params, (leaf) => f(leaf));

function combined(a: Params, b: Params, f: (x: np.Array, y: np.Array) => np.Array): Params {
  const layers = (x: Layer, y: Layer): Layer => ({ w: f(x.w, y.w), b: f(x.b, y.b) });
  const heads = Object.keys(a.heads).map(
    (name) => [name, layers(a.heads[name] as Layer, b.heads[name] as Layer)] as const,
  );
  return { hidden: layers(a.hidden, b.hidden), heads: Object.fromEntries(heads) };
}
