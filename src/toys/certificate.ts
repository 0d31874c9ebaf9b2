/**
 * @file Weights of a network with which a problem's lowest loss is reached, made by hand. Put into a model they tell a wrong
 * forward pass from a training that fails.
 */
import { at, invariant, range } from "../base/assert.ts";
import type { Field, Problem } from "./problem.ts";
import { rowSize, type Tensor, type Tensors } from "./tensor.ts";

/** An affine map: one row of weights, and one bias, for every number that it gives. */
export interface Affine {
  readonly weight: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

/**
 * All inputs of a row in one line, whole numbers as one-hot vectors; perhaps a layer of ReLUs on them; and for each head an
 * affine map to all numbers of its items.
 */
export interface Certificate {
  readonly hidden?: Affine;
  readonly heads: Readonly<Record<string, Affine>>;
}

/** How many numbers stand for an input. */
export const featuresOf = ({ shape, count }: Pick<Field, "shape" | "count">): number =>
  shape.reduce((product, size) => product * size, count ?? 1);

/** A certificate of one affine map for a head. */
export const affine = (head: string, weight: Affine["weight"], bias: Affine["bias"]): Certificate => ({
  heads: { [head]: { weight, bias } },
});

/** The same numbers for every input. */
export const constantly = (head: string, features: number, bias: readonly number[]): Certificate =>
  affine(
    head,
    bias.map(() => Array<number>(features).fill(0)),
    bias,
  );

/** An affine map of one token's one-hot vector: a row of numbers for each token. */
export const tableOf = (head: string, ofToken: readonly (readonly number[])[]): Certificate =>
  affine(
    head,
    range(at(ofToken, 0).length).map((place) => ofToken.map((numbers) => at(numbers, place))),
    at(ofToken, 0).map(() => 0),
  );

/** The same function through a layer of ReLUs: x = relu(x) − relu(−x). */
export function throughReLU({ hidden, heads }: Certificate): Required<Certificate> {
  if (hidden !== undefined) return { hidden, heads };
  const all = Object.values(heads).flatMap(({ weight }) => weight);
  const twice = all.flatMap((row) => [row, row.map((value) => -value)]);
  let from = 0;
  const ends = Object.entries(heads).map(([name, { weight, bias }]) => {
    const start = from;
    from += weight.length;
    const rows = weight.map((_, index) =>
      twice.map((__, unit) => (unit === 2 * (start + index) ? 1 : unit === 2 * (start + index) + 1 ? -1 : 0)),
    );
    return [name, { weight: rows, bias }] as const;
  });
  return { hidden: { weight: twice, bias: twice.map(() => 0) }, heads: Object.fromEntries(ends) };
}

/** What the network says, in float64. */
export function saidBy(certificate: Certificate, problem: Problem, inputs: Tensors, rows: number): Tensors {
  const features = range(rows).map((index) =>
    problem.inputs.flatMap((field) => featuresAt(field, inputs[field.name], index)),
  );
  const { hidden, heads } = certificate;
  const units =
    hidden === undefined
      ? features
      : features.map((x) => mapped(hidden, x).map((value) => Math.max(0, value)));
  return Object.fromEntries(
    problem.heads.map(({ name, items, scoring: { width } }) => {
      const head = heads[name];
      invariant(head !== undefined, `the certificate has a head ${name}`);
      const shape = [rows, ...items, ...(width === 1 ? [] : [width])];
      return [name, { shape, data: Float64Array.from(units.flatMap((unit) => mapped(head, unit))) }];
    }),
  );
}

function featuresAt({ name, count }: Field, tensor: Tensor | undefined, index: number): number[] {
  invariant(tensor !== undefined, `there is an input ${name}`);
  const size = rowSize(tensor);
  const values = Array.from(tensor.data.subarray(index * size, (index + 1) * size));
  if (count === undefined) return values;
  return values.flatMap((value) => range(count).map((place) => Number(place === value)));
}

const mapped = ({ weight, bias }: Affine, x: readonly number[]): number[] =>
  weight.map((row, index) => row.reduce((sum, value, place) => sum + value * at(x, place), at(bias, index)));
