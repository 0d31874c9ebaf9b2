/** @file Trains an entry's model in jax-js on a job's data, and asks it questions on the way. */
import { at, range, zip } from "../../base/assert.ts";
import type { Tensor } from "../../base/safetensors.ts";
import type { Description } from "../../toys/description.ts";
import { rows, type Tensors } from "../../toys/tensor.ts";
import type { Inspectable } from "./inspecting.ts";
import { byName, type Entry, inShape, type JaxArray, type JaxLibrary, type Model } from "./jaxjs-entry.ts";
import { lossOf, weighed } from "./jaxjs-losses.ts";

/** One batch as a model and its loss take it. */
interface JaxBatch {
  readonly inputs: readonly JaxArray[];
  readonly targets: Readonly<Record<string, JaxArray>>;
  readonly known: Readonly<Record<string, { readonly target: JaxArray; readonly share: JaxArray }>>;
}

type Leaves = readonly JaxArray[];
type Step = (batch: JaxBatch, step: number) => Promise<number>;

/** A training that goes on step by step, and a model that answers between the steps. */
export interface Training extends Inspectable {
  /** Takes one step; the loss before it. */
  step(tensors: Tensors, index: number): Promise<number>;
  /** What the model says of inputs, by output. */
  ask(inputs: Tensors): Promise<Tensors>;
  /** What the entry's own loss says of the model's outputs on a batch; `undefined` where it brings none. */
  audit(tensors: Tensors): Promise<number | undefined>;
}

/** Running averages of gradients and of their squares. */
interface Moments {
  readonly first: JaxArray[];
  readonly second: JaxArray[];
  readonly [key: string]: JaxArray[];
}

export interface Plan {
  readonly problem: Description;
  readonly learningRate: number;
  readonly steps: number;
}

/** Adam (Kingma and Ba 2015, algorithm 1) with the authors' constants, on gradients of a norm of at most 1. */
const adam = { first: 0.9, second: 0.999, epsilon: 1e-8, mostNorm: 1 };
const warmUp = 0.05;

/** The rate at a step: it rises over the first steps, then falls to zero along a cosine. */
function rateAt({ learningRate, steps }: Plan, step: number): number {
  const rising = Math.max(1, Math.round(warmUp * steps));
  if (step < rising) return (learningRate * (step + 1)) / rising;
  return (learningRate * (1 + Math.cos((Math.PI * (step - rising)) / Math.max(1, steps - rising)))) / 2;
}

export function trainingOf(jax: JaxLibrary, entry: Entry, model: Model, plan: Plan): Training {
  const { problem } = plan;
  const [start, structure] = jax.tree.flatten<JaxArray>(model.params as never);
  const treeOf = (leaves: Leaves): unknown => jax.tree.unflatten(structure, [...leaves]);
  const apply = (leaves: Leaves, inputs: readonly JaxArray[]) => model.apply(treeOf(leaves), ...inputs);
  const ownLoss = entry.loss?.bind(entry);
  const loss = (leaves: Leaves, { inputs, targets, known }: JaxBatch): JaxArray => {
    const said = apply(leaves, inputs);
    if (ownLoss === undefined) return lossOf(jax, problem, byName(said, problem.outputs), known);
    return ownLoss(said, onlyOrAll(targets));
  };
  const predict = jax.jit((leaves: JaxArray[], inputs: JaxArray[]) => {
    const named = byName(apply(leaves, inputs), problem.outputs);
    return Object.fromEntries(
      problem.outputs.map((output) => [
        output.name,
        inShape(named[output.name] as JaxArray, output, problem.batch),
      ]),
    );
  });

  let leaves: Leaves = start;
  const optimizer = entry.optimizer?.(plan.learningRate);
  const take: Step =
    optimizer === undefined
      ? adamStep()
      : ownStep(optimizer.init(treeOf(refs(leaves))), (gradients, state, parameters) =>
          optimizer.update(gradients, state, parameters),
        );

  function adamStep(): Step {
    const zeros = (): JaxArray[] => leaves.map(({ shape }) => jax.numpy.zeros(shape));
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
    return async (batch, step) => {
      const correction = Math.sqrt(1 - adam.second ** (step + 1)) / (1 - adam.first ** (step + 1));
      const scale = jax.numpy.array(rateAt(plan, step) * correction);
      const result = update([...leaves], moments, batch, scale);
      [leaves, moments] = [result.moved, result.moments];
      return await numberOf(result.value);
    };
  }

  function ownStep(
    begin: unknown,
    update: (gradients: unknown, state: unknown, parameters: unknown) => readonly [unknown, unknown],
  ): Step {
    let state = begin;
    const gradientsOf = jax.jit(
      (parameters: JaxArray[], batch: JaxBatch) =>
        jax.valueAndGrad(loss)(parameters, batch as never) as never,
    ) as unknown as (parameters: JaxArray[], batch: JaxBatch) => [JaxArray, JaxArray[]];
    return async (batch) => {
      const [value, gradients] = gradientsOf(refs(leaves), batch);
      const [changes, next] = update(treeOf(gradients), state, treeOf(refs(leaves)));
      const [flat] = jax.tree.flatten<JaxArray>(changes as never);
      leaves = zip(leaves, flat).map(([parameter, change]) => parameter.add(change));
      state = next;
      return await numberOf(value);
    };
  }

  const names = namesOf(treeOf(start.map((_, index) => index) as never));
  const numbers = async (arrays: Leaves): Promise<Tensors> => {
    const data = await Promise.all(arrays.map((array) => array.ref.data()));
    return Object.fromEntries(
      names.map((name, index) => [
        name,
        { shape: at(arrays, index).shape, data: at(data, index) as Float32Array },
      ]),
    );
  };
  const value = jax.jit((parameters: JaxArray[], batch: JaxBatch) => loss(parameters, batch)) as unknown as (
    parameters: JaxArray[],
    batch: JaxBatch,
  ) => JaxArray;
  const gradients = jax.jit(
    (parameters: JaxArray[], batch: JaxBatch) => jax.grad(loss)(parameters, batch) as never,
  ) as unknown as (parameters: JaxArray[], batch: JaxBatch) => JaxArray[];
  const inspectable: Inspectable = {
    parameters: async () => await numbers(leaves),
    put: (values) => {
      leaves = zip(names, leaves).map(([name, array]) => {
        const given = values[name];
        return given === undefined ? array : arrayOf(jax, given);
      });
    },
    value: async (tensors) => await numberOf(value(refs(leaves), batchOf(jax, problem, tensors))),
    gradients: async (tensors) => await numbers(gradients(refs(leaves), batchOf(jax, problem, tensors))),
  };

  const ask = async (inputs: Tensors): Promise<Tensors> => {
    const names = problem.inputs.map(({ name }) => name);
    const count = at((inputs[at(names, 0)] as Tensor).shape, 0) / problem.batch;
    const parts: Record<string, JaxArray>[] = range(count).map((index) => {
      const [from, to] = [index * problem.batch, (index + 1) * problem.batch];
      const own = names.map((name) => arrayOf(jax, rows(inputs[name] as Tensor, from, to)));
      return predict(refs(leaves), own);
    });
    return await gathered(problem, parts);
  };
  return {
    ...inspectable,
    step: async (tensors, index) => await take(batchOf(jax, problem, tensors), index),
    ask,
    audit: async (tensors) => {
      if (ownLoss === undefined) return undefined;
      const { inputs, targets } = batchOf(jax, problem, tensors);
      return await numberOf(ownLoss(apply(refs(leaves), inputs), onlyOrAll(targets)));
    },
  };
}

/** The paths to the numbers of a tree, in their order. */
function namesOf(tree: unknown): string[] {
  const names: string[] = [];
  const walk = (node: unknown, path: string): void => {
    if (typeof node === "number") names[node] = path;
    else
      for (const [key, part] of Object.entries(node as object))
        walk(part, path === "" ? key : `${path}.${key}`);
  };
  walk(tree, "");
  return names;
}

const refs = (arrays: Leaves): JaxArray[] => arrays.map((array) => array.ref);

const numberOf = async (scalar: JaxArray): Promise<number> => at(await scalar.data(), 0);

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

const onlyOrAll = (
  targets: Readonly<Record<string, JaxArray>>,
): JaxArray | Readonly<Record<string, JaxArray>> => {
  const [first, ...others] = Object.values(targets);
  return first !== undefined && others.length === 0 ? first : targets;
};

export const arrayOf = (jax: JaxLibrary, { shape, data }: Tensor): JaxArray =>
  // A copy, since jax-js takes the whole buffer.
  jax.numpy.array(data instanceof Float64Array ? Float32Array.from(data) : data.slice(), {
    shape: [...shape],
  });

function batchOf(jax: JaxLibrary, { inputs, outputs }: Description, tensors: Tensors): JaxBatch {
  const targets = outputs.map(({ name }) => [name, tensors[`targets/${name}`] as Tensor] as const);
  return {
    inputs: inputs.map(({ name }) => arrayOf(jax, tensors[`inputs/${name}`] as Tensor)),
    targets: Object.fromEntries(targets.map(([name, tensor]) => [name, arrayOf(jax, tensor)])),
    known: Object.fromEntries(
      targets.map(([name, tensor]) => {
        const { target, share } = weighed(tensor);
        return [name, { target: arrayOf(jax, target), share: arrayOf(jax, share) }];
      }),
    ),
  };
}

/** Answers to chunks, one after another. */
async function gathered(
  { outputs }: Description,
  parts: readonly Readonly<Record<string, JaxArray>>[],
): Promise<Tensors> {
  const answers: Record<string, Tensor> = {};
  for (const { name } of outputs) {
    const own = parts.map((part) => part[name] as JaxArray);
    const [first] = own;
    if (first === undefined) continue;
    const shape = [at(first.shape, 0) * own.length, ...first.shape.slice(1)];
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    let offset = 0;
    for (const array of own) {
      const numbers = (await array.data()) as Float32Array;
      data.set(numbers, offset);
      offset += numbers.length;
    }
    answers[name] = { shape, data };
  }
  return answers;
}
