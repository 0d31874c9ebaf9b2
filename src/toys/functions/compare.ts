/**
 * @file Whether an answer is what a definition gives, but for rounding. An implementation that rounds after each of n
 * operations errs, where it is stable, like an exact one whose arguments are off by n roundings (Higham 2002, "Accuracy and
 * Stability of Numerical Algorithms", section 1.5). How far one rounding of the arguments moves the answer is measured.
 */
import { at, range } from "../../base/assert.ts";
import { type Random, random } from "../../base/random.ts";
import { outputs, type Tensor } from "../tensor.ts";
import type { Answer, Argument, Definition, Given, Question } from "./problem.ts";

/** The largest relative error of one rounding to float32. */
const unit = 2 ** -24;
/** How often arguments are moved, each by a rounding up or down. */
const shakes = 8;

/** An answer, and for each of its tensors the error that rounding may make. */
export interface Wanted {
  readonly answer: Answer;
  readonly tolerances: readonly number[];
}

export function wantedOf(definition: Definition, { given }: Question, operations: number): Wanted {
  const answer = definition(given);
  const source = random(1);
  const moved = range(shakes).map(() => definition(shaken(given, source)));
  const tolerances = answer.map((tensor, output) => {
    const one = moved.map((other) => largestError(tensor, at(other, output)));
    return operations * Math.max(...one);
  });
  return { answer, tolerances };
}

/** The largest error that one rounding of the arguments and one of the answer make together. */
function largestError({ data }: Tensor, other: Tensor): number {
  let most = 0;
  for (const i of range(data.length)) {
    const error = Math.abs(at(data, i) - at(other.data, i)) + unit * Math.abs(at(data, i));
    if (error > most && Number.isFinite(error)) most = error;
  }
  return most;
}

const shaken = (given: Given, source: Random): Given =>
  Object.fromEntries(Object.entries(given).map(([name, value]) => [name, shakenArgument(value, source)]));

function shakenArgument(value: Argument, source: Random): Argument {
  // Whole numbers are exact in float32.
  const off = (x: number): number => (Number.isInteger(x) ? x : x * (1 + (source.below(2) * 2 - 1) * unit));
  const offTensor = ({ shape, data }: Tensor): Tensor => outputs(shape, Array.from(data, off));
  if (typeof value === "number") return off(value);
  return "shape" in value ? offTensor(value) : value.map(offTensor);
}

/** Where an answer first differs. */
export interface Difference {
  readonly output: number;
  readonly indices: readonly number[];
  readonly wanted: number;
  readonly got: number;
}

/** Axes of length 1 don't matter. */
const long = ({ shape }: Tensor): string => shape.filter((size) => size !== 1).join();

export const sameShapes = (said: Answer, wanted: Answer): boolean =>
  said.length === wanted.length && said.every((tensor, i) => long(tensor) === long(at(wanted, i)));

/** The first number that is off by more than rounding; shapes must be the same. */
export function firstDifference(said: Answer, { answer, tolerances }: Wanted): Difference | undefined {
  for (const [output, { shape, data }] of answer.entries()) {
    for (const i of range(data.length)) {
      const [wanted, got] = [at(data, i), at(at(said, output).data, i)];
      if (!isClose(wanted, got, at(tolerances, output)))
        return { output, indices: indicesOf(i, shape), wanted, got };
    }
  }
  return undefined;
}

/** Object.is for what is not finite: a bug that makes infinities is known by them. */
const isClose = (wanted: number, got: number, tolerance: number): boolean =>
  Number.isFinite(wanted) ? Math.abs(wanted - got) <= tolerance : Object.is(wanted, got);

function indicesOf(position: number, shape: readonly number[]): readonly number[] {
  let left = position;
  return shape
    .toReversed()
    .map((size) => {
      const index = left % size;
      left = (left - index) / size;
      return index;
    })
    .toReversed();
}
