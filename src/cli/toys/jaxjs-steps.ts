/** @file Steps of a training in jax-js: by Assay's own Adam, or by an optimizer that the entry brings. */
import { at, zip } from "../../base/assert.ts";
import type { JaxArray, JaxLibrary, JaxOptimizer } from "./jaxjs-model.ts";
import { adam, rateAt } from "./rate.ts";
import type { Plan } from "./training.ts";

/** One batch as a model and its loss take it. */
export interface JaxBatch {
  readonly inputs: readonly JaxArray[];
  readonly targets: Readonly<Record<string, JaxArray>>;
  readonly known: Readonly<Record<string, { readonly target: JaxArray; readonly share: JaxArray }>>;
}

/** Parameters as a list. */
export type Leaves = readonly JaxArray[];
type Loss = (leaves: Leaves, batch: JaxBatch) => JaxArray;

/** The loss before a step, and the parameters after it. */
interface Stepped {
  readonly loss: number;
  readonly leaves: Leaves;
}
export type Step = (leaves: Leaves, batch: JaxBatch, index: number) => Stepped;

/** Running averages of gradients and of their squares. */
interface Moments {
  readonly first: JaxArray[];
  readonly second: JaxArray[];
  readonly [key: string]: JaxArray[];
}

export const refs = (arrays: Leaves): JaxArray[] => arrays.map((array) => array.ref);

/** Assay's own steps, for parameters of these shapes. */
export function adamSteps(jax: JaxLibrary, loss: Loss, start: Leaves, plan: Plan): Step {
  const zeros = (): JaxArray[] => start.map(({ shape }) => jax.numpy.zeros(shape));
  let moments: Moments = { first: zeros(), second: zeros() };
  const update = jax.jit((parameters: JaxArray[], old: Moments, batch: JaxBatch, scale: JaxArray) => {
    const [value, raw] = jax.valueAndGrad(loss)(refs(parameters), batch);
    const gradients = clipped(jax, raw);
    const average = (before: JaxArray, now: JaxArray, keep: number): JaxArray =>
      before.mul(keep).add(now.mul(1 - keep));
    const first = zip(old.first, gradients).map(([m, g]) => average(m, g.ref, adam.first));
    const second = zip(old.second, gradients).map(([v, g]) => average(v, jax.numpy.square(g), adam.second));
    const moved = parameters.map((parameter, i) => {
      const size = jax.numpy.sqrt(at(second, i).ref).add(adam.epsilon);
      return parameter.sub(at(first, i).ref.mul(scale.ref).div(size));
    });
    scale.dispose();
    return { value, moved, moments: { first, second } };
  }) as unknown as (
    parameters: JaxArray[],
    old: Moments,
    batch: JaxBatch,
    scale: JaxArray,
  ) => { value: JaxArray; moved: JaxArray[]; moments: Moments };
  return (leaves, batch, index) => {
    const correction = Math.sqrt(1 - adam.second ** (index + 1)) / (1 - adam.first ** (index + 1));
    const scale = jax.numpy.array(rateAt(plan, index) * correction);
    const result = update([...leaves], moments, batch, scale);
    moments = result.moments;
    return { loss: result.value.item(), leaves: result.moved };
  };
}

/** Gradients scaled down together where their norm is larger than allowed. */
function clipped(jax: JaxLibrary, gradients: readonly JaxArray[]): JaxArray[] {
  const { numpy: np } = jax;
  const squares = gradients.map((gradient) => np.sum(np.square(gradient.ref)));
  const norm = np.sqrt(squares.reduce((sum, square) => sum.add(square)));
  const factor = np.minimum(np.array(adam.mostNorm).div(norm.add(adam.epsilon)), 1);
  const scaled = gradients.map((gradient) => gradient.mul(factor.ref));
  factor.dispose();
  return scaled;
}

/** Steps of the entry's own optimizer, from these parameters. */
export function ownSteps(
  jax: JaxLibrary,
  loss: Loss,
  start: Leaves,
  { optimizer, treeOf }: { readonly optimizer: JaxOptimizer; treeOf(leaves: Leaves): unknown },
): Step {
  let state = optimizer.init(treeOf(refs(start)));
  const gradientsOf = jax.jit(
    (parameters: JaxArray[], batch: JaxBatch) => jax.valueAndGrad(loss)(parameters, batch as never) as never,
  ) as unknown as (parameters: JaxArray[], batch: JaxBatch) => [JaxArray, JaxArray[]];
  return (leaves, batch) => {
    const [value, gradients] = gradientsOf(refs(leaves), batch);
    const [changes, next] = optimizer.update(treeOf(gradients), state, treeOf(refs(leaves)));
    const [flat] = jax.tree.flatten<JaxArray>(changes as never);
    state = next;
    return {
      loss: value.item(),
      leaves: zip(leaves, flat).map(([parameter, change]) => parameter.add(change)),
    };
  };
}
