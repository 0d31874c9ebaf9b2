/**
 * @file Weights of a network with which a problem's lowest loss is reached, made by hand. Put into a model they tell a wrong
 * forward pass from a training that fails.
 */
import { at, range } from "../base/assert.ts";

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
