/** @file Looks at a model's gradients before its training, beside the slopes of its loss, and at what the training moves. */
import { at, range } from "../../base/assert.ts";
import { type Random, random } from "../../base/random.ts";
import type { InspectedParameter, Trial } from "../../toys/inspection.ts";
import { named, reals, type Tensor, type Tensors } from "../../toys/tensor.ts";

/** A model whose parameters can be read and set, and what its loss on a batch is. */
export interface Inspectable {
  parameters(): Tensors;
  put(values: Tensors): void;
  value(batch: Tensors): number;
  gradients(batch: Tensors): Tensors;
}

/**
 * Parameters are moved by this share of their size from their start, where some are zeros and take gradients from others; the
 * loss is followed so far from there. As python/assay_bridge/inspection.py has them.
 */
const [jitter, reach, leastSize] = [0.05, 0.015, 0.1];
const [trials, mostParameters] = [3, 48];

/** Every parameter's gradient along random directions, and the loss on both sides; the model is left as it was. */
export function inspected(model: Inspectable, batch: Tensors): InspectedParameter[] {
  const source = random(0);
  const start = model.parameters();
  const atStart = model.gradients(batch);
  const here = moved(start, source);
  model.put(here);
  const [once, again] = [model.value(batch), model.value(batch)];
  // A loss that is no function of the parameters has no slope.
  const isSteady = Number.isFinite(once) && once === again;
  const near = isSteady ? model.gradients(batch) : {};
  const names = Object.keys(start);
  const every = Math.ceil(names.length / mostParameters);
  const result: InspectedParameter[] = [];
  for (const [index, name] of names.entries()) {
    const count = isSteady && index % every === 0 ? trials : 0;
    const found: Trial[] = [];
    for (const _ of range(count)) {
      const point = { name, value: named(here, name), gradient: named(near, name) };
      const tried = trialAt(model, batch, point, source);
      if (isFinite(tried)) found.push(tried);
    }
    const gradient = { start: lengthOf(atStart[name]), near: lengthOf(near[name]) };
    result.push({ name, shape: named(start, name).shape, gradient, trials: found });
  }
  model.put(start);
  return result;
}

interface Point {
  readonly name: string;
  readonly value: Tensor;
  readonly gradient: Tensor;
}

function trialAt(
  model: Inspectable,
  batch: Tensors,
  { name, value, gradient }: Point,
  source: Random,
): Trial {
  const direction = directionIn(value, source);
  const to = (distance: number): number => {
    model.put({ [name]: sum(value, direction, distance) });
    return model.value(batch);
  };
  const far = reach * sizeOf(value);
  const losses = [];
  for (const distance of [far, far / 2])
    losses.push({ distance, along: to(distance), against: to(-distance) });
  model.put({ [name]: value });
  return { said: inner(gradient, direction), here: model.value(batch), losses };
}

const isFinite = ({ said, losses }: Trial): boolean =>
  [said, ...losses.flatMap(({ along, against }) => [along, against])].every(Number.isFinite);

/** The cosine between a change of all parameters and their gradients; `undefined` where one of them is zero. */
export function cosineOf(before: Tensors, after: Tensors, gradients: Tensors): number | undefined {
  let [product, change, gradient] = [0, 0, 0];
  for (const name of Object.keys(before)) {
    const moves = sum(named(after, name), named(before, name), -1);
    product += inner(moves, named(gradients, name));
    change += inner(moves, moves);
    gradient += inner(named(gradients, name), named(gradients, name));
  }
  const cosine = product / Math.sqrt(change * gradient);
  return Number.isFinite(cosine) ? cosine : undefined;
}

/** Names of the parameters of which no number has changed; none where a training gives other parameters. */
export const unmoved = (start: Tensors, end: Tensors): string[] =>
  Object.keys(start).filter((name) => {
    const after = end[name]?.data;
    return after !== undefined && named(start, name).data.every((value, index) => value === after[index]);
  });

function inner(a: Tensor, b: Tensor): number {
  let total = 0;
  for (let i = 0; i < a.data.length; i++) total += at(a.data, i) * at(b.data, i);
  return total;
}

function lengthOf(tensor: Tensor | undefined): number {
  const length = tensor === undefined ? 0 : Math.sqrt(inner(tensor, tensor));
  return Number.isFinite(length) ? length : 0;
}

const sizeOf = (tensor: Tensor): number =>
  Math.max(lengthOf(tensor), leastSize * Math.sqrt(tensor.data.length));

/** A random one, of length 1. */
function directionIn({ shape, data }: Tensor, source: Random): Tensor {
  const drawn = Float64Array.from(data, () => source.normal());
  const length = Math.sqrt(drawn.reduce((total, value) => total + value ** 2, 0));
  return { shape, data: drawn.map((value) => value / length) };
}

const sum = (a: Tensor, b: Tensor, factor: number): Tensor =>
  reals(
    a.shape,
    Float32Array.from(a.data, (value, index) => value + factor * at(b.data, index)),
  );

const moved = (start: Tensors, source: Random): Tensors =>
  Object.fromEntries(
    Object.entries(start).map(([name, value]) => [
      name,
      sum(value, directionIn(value, source), jitter * sizeOf(value)),
    ]),
  );
