/** @file Gives what a model returns the names and shapes of a problem's outputs, in any library. */
import { at } from "../../base/assert.ts";
import type { Tensor } from "../../base/safetensors.ts";
import type { Output } from "../../toys/description.ts";
import type { Tensors } from "../../toys/tensor.ts";
import { isObject } from "./entry.ts";
import { Failure } from "./events.ts";

interface Shaped<A> {
  readonly shape: readonly number[];
  reshape(shape: number[]): A;
}

/** A model's outputs by name: it returns one array, or several by name or in order. */
export function byName<A>(
  said: unknown,
  outputs: readonly Output[],
  isArray: (value: unknown) => value is A,
): Record<string, A> {
  const [first] = outputs;
  if (isArray(said)) {
    if (outputs.length === 1 && first !== undefined) return { [first.name]: said };
    throw new Failure("wrong-shape", `the model gives one array for ${outputs.length} outputs`);
  }
  const found = outputs.map(({ name }, index) => {
    const one: unknown = Array.isArray(said) ? said[index] : isObject(said) ? said[name] : undefined;
    if (!isArray(one)) throw new Failure("wrong-shape", `the model gives no output ${name}`);
    return [name, one] as const;
  });
  return Object.fromEntries(found);
}

/** The output in the shape that is wanted, where it has it but for axes of length 1. */
export function inShape<A extends Shaped<A>>(output: A, { name, items, width }: Output, rows: number): A {
  const wanted = [rows, ...items, ...(width === 1 ? [] : [width])];
  const long = (shape: readonly number[]): string => shape.filter((size) => size !== 1).join();
  if (long(output.shape) === long(wanted)) return output.reshape(wanted);
  const text = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
  throw new Failure(
    "wrong-shape",
    `the output ${name} of shape ${text(output.shape)} where ${text(wanted)} is wanted`,
  );
}

/** Answers to chunks, one after another. */
export function gathered(outputs: readonly Output[], parts: readonly Tensors[]): Tensors {
  const answers: Record<string, Tensor> = {};
  for (const { name } of outputs) {
    const own = parts.map((part) => part[name] as Tensor);
    const [first] = own;
    if (first === undefined) continue;
    const shape = [at(first.shape, 0) * own.length, ...first.shape.slice(1)];
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    for (const [index, part] of own.entries()) data.set(part.data, index * part.data.length);
    answers[name] = { shape, data };
  }
  return answers;
}

/** The only target, or all by output. */
export function onlyOrAll<A>(targets: Readonly<Record<string, A>>): A | Readonly<Record<string, A>> {
  const [first, ...others] = Object.values(targets);
  return first !== undefined && others.length === 0 ? first : targets;
}
