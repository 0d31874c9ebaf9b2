/** @file What several function problems are made of. */
import { at, range, zip } from "../../../base/assert.ts";
import { random } from "../../../base/random.ts";
import { outputs, reals, type Tensor } from "../../tensor.ts";
import { numbersOf, scalar, vector } from "../given.ts";
import type { Reduction } from "../meanings.ts";
import type { Answer, Definition, Variant } from "../problem.ts";

export type Row = readonly number[];
export type Rows = readonly Row[];

/** Numbers around 0 with two decimals, the same for the same label: readable, and with nothing special about them. */
export function fractions(label: string, ...shape: readonly number[]): Tensor {
  const source = random(7).fork(label);
  const count = shape.reduce((product, size) => product * size, 1);
  return reals(
    shape,
    range(count).map(() => Math.round(100 * source.normal()) / 100),
  );
}

export const bug = (
  name: string,
  derivation: string,
  answer: Definition,
  ...bugs: readonly string[]
): Variant => ({ name, derivation, answer, bugs });

export const total = (values: Row): number => values.reduce((sum, value) => sum + value, 0);
export const average = (values: Row): number => total(values) / values.length;

export const logSumExp = (values: Row): number => {
  const most = Math.max(...values);
  return most + Math.log(total(values.map((value) => Math.exp(value - most))));
};

export const logSoftmax = (logits: Row): number[] => {
  const normaliser = logSumExp(logits);
  return logits.map((logit) => logit - normaliser);
};

export const softmax = (logits: Row): number[] => logSoftmax(logits).map(Math.exp);

/** Columns as rows. */
const transposed = (rows: Rows): number[][] =>
  range(at(rows, 0).length).map((column) => rows.map((row) => at(row, column)));

/** `f` of every column, as columns again. */
export const alongColumns = (rows: Rows, f: (column: Row) => Row): number[][] =>
  transposed(transposed(rows).map(f));

export const products = (a: Row, b: Row): number[] => zip(a, b).map(([x, y]) => x * y);

/** Rows of equal length. */
export const matrix = (rows: Rows): Answer => [outputs([rows.length, at(rows, 0).length], rows.flat())];

/** The rows of an answer of one tensor with two axes. */
function rowsOf(answer: Answer): number[][] {
  const values = numbersOf(answer);
  const [count = 0, width = 0] = at(answer, 0).shape;
  return range(count).map((index) => values.slice(index * width, (index + 1) * width));
}

const mean: Reduction = {
  name: "mean",
  derivation: "the mean over all rows",
  usual: true,
  reduce: (answer) => scalar(average(numbersOf(answer))),
};

const none: Reduction = {
  name: "of every row",
  derivation: "one number for every row",
  usual: true,
  reduce: (answer) => answer,
};

const sum: Reduction = {
  name: "sum",
  derivation: "the sum over all rows, which grows with the batch",
  usual: false,
  reduce: (answer) => scalar(total(numbersOf(answer))),
};

/** Of one number for every row, [B]. */
export const overRows: readonly Reduction[] = [mean, none, sum];

/** Of one number for every element of every row, [B, n], which belong together. */
export const overElements: readonly Reduction[] = [
  {
    ...mean,
    derivation: "the sum over elements, its mean over rows",
    reduce: (answer) => mean.reduce(summed(answer)),
  },
  { ...none, derivation: "the sum over elements, for every row", reduce: summed },
  {
    ...sum,
    derivation: "the sum over elements and rows",
    usual: true,
    reduce: (answer) => sum.reduce(answer),
  },
  {
    name: "of every element",
    derivation: "one number for every element",
    usual: true,
    reduce: (answer) => answer,
  },
  {
    name: "mean over everything",
    derivation: "the mean over elements and rows: the sum over elements, divided by their number",
    usual: false,
    reduce: mean.reduce,
  },
];

function summed(answer: Answer): Answer {
  return vector(rowsOf(answer).map(total));
}
