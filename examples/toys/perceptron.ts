/** @file A network with one hidden layer for any problem whose inputs are real numbers, with one head for every output. */
import { defaultDevice, init, nn, numpy as np, random } from "@jax-js/jax";

await init("wasm");
defaultDevice("wasm");

interface Problem {
  readonly inputs: readonly { readonly shape: readonly number[] }[];
  readonly outputs: readonly { readonly name: string; readonly width: number }[];
}
interface Layer {
  readonly w: np.Array;
  readonly b: np.Array;
}
interface Params {
  readonly hidden: Layer;
  readonly heads: Readonly<Record<string, Layer>>;
}

const layer = (key: np.Array, inputs: number, outputs: number): Layer => ({
  w: random.normal(key, [inputs, outputs]).mul(Math.sqrt(2 / inputs)),
  b: np.zeros([outputs]),
});

const affine = (x: np.Array, { w, b }: Layer): np.Array => np.matmul(x, w).add(b);

const width = 32;

export function model(problem: Problem, key: np.Array): { params: Params; apply: typeof apply } {
  const [first, ...others] = random.split(key, problem.outputs.length + 1);
  const inputs = problem.inputs[0]?.shape.at(-1) ?? 1;
  const heads = problem.outputs.map(
    (output, i) => [output.name, layer(others[i] as np.Array, width, output.width)] as const,
  );
  return {
    params: { hidden: layer(first as np.Array, inputs, width), heads: Object.fromEntries(heads) },
    apply,
  };
}

function apply({ hidden, heads }: Params, x: np.Array): Record<string, np.Array> {
  const h = nn.relu(affine(x, hidden)); // [B, width]
  const entries = Object.entries(heads).map(([name, head]) => [name, affine(h.ref, head)] as const);
  h.dispose();
  return Object.fromEntries(entries);
}
