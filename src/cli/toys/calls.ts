/** @file Calls one function of a user's entry on given numbers, or lets its optimizer make steps on given gradients. */
import { at, range, zip } from "../../base/assert.ts";
import type { Tensor } from "../../base/safetensors.ts";
import type { Argument, Given } from "../../toys/functions/problem.ts";
import { named, type Tensors } from "../../toys/tensor.ts";
import { isObject } from "./entry.ts";
import { Failure } from "./events.ts";
import type { Brought, CallArgument, Calls } from "./job.ts";

type Callable = (...given: unknown[]) => unknown;

/** What calls need of a library. */
export interface Arrays {
  /** A new array, which the called function may keep or consume. */
  arrayOf(tensor: Tensor): unknown;
  /** The numbers of an array; `undefined` for what is none. */
  numbersOf(said: unknown): Tensor | undefined;
  /** A function that makes one step with the optimizer that `make` gives, from these parameters, and gives those after it. */
  stepper(make: Callable, learningRate: number, start: readonly Tensor[]): Stepper;
}
type Stepper = (gradients: readonly Tensor[]) => readonly Tensor[];

/** The functions that an export brings under these names, and what it says that they mean. */
export function functionsOf(exported: unknown, slots: readonly string[]): Brought[] {
  if (!isObject(exported)) return [];
  return slots
    .filter((slot) => typeof exported[slot] === "function")
    .map((slot) => ({ slot, claim: exported[`${slot}Is`] }));
}

/** What the export's function gives for every question: INDEX/0 … for the tensors of each. */
export async function answersTo(
  library: Arrays,
  exported: unknown,
  { slot, questions }: Calls,
  tensors: Tensors,
): Promise<Tensors> {
  const answers: Record<string, Tensor> = {};
  for (const [index, question] of questions.entries()) {
    const given = givenIn(tensors, `${slot}/${index}`, question);
    const said = await answerOf(library, exported, slot, given);
    for (const [output, tensor] of said.entries()) answers[`${index}/${output}`] = tensor;
  }
  return answers;
}

/** The arguments of one call, from the file of questions. */
function givenIn(tensors: Tensors, path: string, all: readonly CallArgument[]): Given {
  const argument = (one: CallArgument): Argument => {
    const own = `${path}/${one.name}`;
    if (one.kind === "number") return one.value;
    if (one.kind === "tensor") return named(tensors, own);
    return range(one.count).map((k) => named(tensors, `${own}/${k}`));
  };
  return Object.fromEntries(all.map((one) => [one.name, argument(one)]));
}

async function answerOf(
  library: Arrays,
  exported: unknown,
  slot: string,
  given: Given,
): Promise<readonly Tensor[]> {
  const entry = exported as Readonly<Record<string, Callable>>;
  const call: Callable = (...all) => entry[slot]?.(...all);
  if (slot === "optimizer") return trajectoryOf(library, call, given as unknown as Steps);
  return tensorsOf(library, await call(...Object.values(given).map((one) => inLibrary(library, one))));
}

function inLibrary({ arrayOf }: Arrays, argument: Argument): unknown {
  if (typeof argument === "number") return argument;
  return "shape" in argument ? arrayOf(argument) : argument.map(arrayOf);
}

/** One tensor, or several of a list; a list of numbers is one tensor. */
function tensorsOf(library: Arrays, said: unknown): readonly Tensor[] {
  if (!Array.isArray(said)) return [tensorOf(library, said)];
  const all = (said as readonly unknown[]).map((one) => tensorOf(library, one));
  if (all.length === 0 || all.some(({ shape }) => shape.length > 0)) return all;
  return [{ shape: [all.length], data: Float64Array.from(all, ({ data }) => at(data, 0)) }];
}

function tensorOf({ numbersOf }: Arrays, said: unknown): Tensor {
  if (typeof said === "number") return { shape: [], data: Float64Array.of(said) };
  const tensor = numbersOf(said);
  if (tensor !== undefined) return tensor;
  throw new Failure("wrong-shape", `the function gives ${typeof said}, wanted is an array or a number`);
}

interface Steps {
  readonly learningRate: number;
  readonly start: readonly Tensor[];
  readonly linear: readonly Tensor[];
  readonly curvature: readonly Tensor[];
}

/**
 * The parameters after every step of an optimizer, [steps, …] for each. At step t the gradient of parameters θ is
 * linear_t + curvature θ, element by element.
 */
function trajectoryOf(
  library: Arrays,
  make: Callable,
  { learningRate, start, linear, curvature }: Steps,
): readonly Tensor[] {
  const follow = library.stepper(make, learningRate, start);
  const steps = at(at(linear, 0).shape, 0);
  const visited = start.map(({ data }) => new Float32Array(steps * data.length));
  let before = start;
  for (const step of range(steps)) {
    const gradients = zip(before, linear).map(([{ shape, data: theta }, slopes], k) => {
      const own = slopes.data.subarray(step * theta.length, (step + 1) * theta.length);
      const bends = at(curvature, k).data;
      return { shape, data: Float32Array.from(own, (slope, i) => slope + at(bends, i) * at(theta, i)) };
    });
    before = follow(gradients);
    for (const [k, { data }] of before.entries()) at(visited, k).set(data, step * data.length);
  }
  return zip(start, visited).map(([{ shape }, data]) => ({ shape: [steps, ...shape], data }));
}
