/** @file Tensors of a number system, and the index arithmetic that structural operators share. */
import { at, invariant } from "../base/assert.ts";
import type { Discrete, NumberSystem } from "../domain/number-system.ts";

/** A concrete tensor: real numbers of some system, or exact integers and booleans. Row-major. */
export type Tensor<A> =
  | { readonly kind: "real"; readonly shape: readonly number[]; readonly values: A }
  | { readonly kind: "discrete"; readonly shape: readonly number[]; readonly values: Discrete };

export const real = <A>(shape: readonly number[], values: A): Tensor<A> => ({ kind: "real", shape, values });
export const discrete = <A>(shape: readonly number[], values: Discrete): Tensor<A> => ({
  kind: "discrete",
  shape,
  values,
});

export const count = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** Steps in the flat array per unit of each axis. */
export function strides(shape: readonly number[]): number[] {
  const result = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--)
    result[axis] = at(result, axis + 1) * at(shape, axis + 1);
  return result;
}

/** Flat source positions of a tensor of `shape` whose source moves by `steps` along each axis, from `start`. */
export function positions(shape: readonly number[], steps: readonly number[], start = 0): Int32Array {
  invariant(shape.length === steps.length, "one step for each axis");
  const result = new Int32Array(count(shape));
  if (result.length === 0) return result;
  if (steps.every((step) => step === 0)) return result.fill(start);
  result[0] = start;
  let filled = 1;
  for (let axis = 0; axis < shape.length; axis++) {
    // Expand in place from the back: each earlier entry becomes `size` entries.
    const [size, step] = [at(shape, axis), at(steps, axis)];
    for (let i = filled - 1; i >= 0; i--) {
      const base = at(result, i);
      for (let j = size - 1; j >= 0; j--) result[i * size + j] = base + j * step;
    }
    filled *= size;
  }
  return result;
}

/** Source positions that stretch `from` to `to` under NumPy broadcasting. */
export function broadcastPositions(from: readonly number[], to: readonly number[]): Int32Array {
  const own = strides(from);
  const steps = to.map((_, axis) => {
    const source = axis - (to.length - from.length);
    return source < 0 || from[source] === 1 ? 0 : at(own, source);
  });
  return positions(to, steps);
}

/** Picks elements of a tensor of either kind. */
export function pick<A>(
  system: NumberSystem<A>,
  tensor: Tensor<A>,
  indices: Int32Array,
  shape: readonly number[],
): Tensor<A> {
  return tensor.kind === "real"
    ? real(shape, system.gather(tensor.values, indices))
    : discrete(
        shape,
        Float64Array.from(indices, (index) => at(tensor.values, index)),
      );
}

export function broadcast<A>(
  system: NumberSystem<A>,
  tensor: Tensor<A>,
  shape: readonly number[],
): Tensor<A> {
  const same =
    tensor.shape.length === shape.length && tensor.shape.every((size, axis) => size === shape[axis]);
  return same ? tensor : pick(system, tensor, broadcastPositions(tensor.shape, shape), shape);
}

/** The real numbers of a tensor; integers become exact numbers of the system. */
export const asReal = <A>(system: NumberSystem<A>, tensor: Tensor<A>): A =>
  tensor.kind === "real" ? tensor.values : system.fromIntegers(tensor.values);

/** The exact integers of a discrete tensor. */
export function integers<A>(tensor: Tensor<A>): Discrete {
  invariant(tensor.kind === "discrete", "integers are asked of a discrete tensor");
  return tensor.values;
}

/** Moves axes: axis i of the result is axis permutation[i] of the tensor. */
export function permute<A>(
  system: NumberSystem<A>,
  tensor: Tensor<A>,
  permutation: readonly number[],
): Tensor<A> {
  if (permutation.every((axis, i) => axis === i)) return tensor;
  const own = strides(tensor.shape);
  const shape = permutation.map((axis) => at(tensor.shape, axis));
  const steps = permutation.map((axis) => at(own, axis));
  return pick(system, tensor, positions(shape, steps), shape);
}
