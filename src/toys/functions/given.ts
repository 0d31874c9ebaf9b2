/** @file Reads what a question gives, and writes answers. */
import { at, invariant, only, range } from "../../base/assert.ts";
import { outputs, type Tensor } from "../tensor.ts";
import type { Answer, Given } from "./problem.ts";

export function numberIn(given: Given, name: string): number {
  const value = given[name];
  invariant(typeof value === "number", `${name} is a number`);
  return value;
}

export function tensorIn(given: Given, name: string): Tensor {
  const value = given[name];
  invariant(typeof value === "object" && "shape" in value, `${name} is a tensor`);
  return value;
}

export function tensorsIn(given: Given, name: string): readonly Tensor[] {
  const value = given[name];
  invariant(typeof value === "object" && !("shape" in value), `${name} is a list of tensors`);
  return value;
}

/** All numbers of a tensor. */
export const numbersIn = (given: Given, name: string): readonly number[] =>
  Array.from(tensorIn(given, name).data);

/** A tensor's numbers as rows of the length of its last axis. */
export function rowsIn(given: Given, name: string): readonly (readonly number[])[] {
  const { shape, data } = tensorIn(given, name);
  const width = at(shape, shape.length - 1);
  return range(data.length / width).map((index) =>
    Array.from(data.subarray(index * width, (index + 1) * width)),
  );
}

/** The numbers of an answer of one tensor. */
export const numbersOf = (answer: Answer): readonly number[] => Array.from(only(answer).data);

/** One tensor with one axis. */
export const vector = (values: readonly number[]): Answer => [outputs([values.length], values)];

/** One number. */
export const scalar = (value: number): Answer => [outputs([], [value])];
