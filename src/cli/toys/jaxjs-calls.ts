/** @file Calls one function of a user's entry in jax-js on given numbers, or lets its optimizer make steps on given gradients. */
import { at, range, zip } from "../../base/assert.ts";
import type { Tensor } from "../../base/safetensors.ts";
import { isArray } from "../../frontends/jaxjs/module.ts";
import type { Argument, Given } from "../../toys/functions/problem.ts";
import { named, type Tensors } from "../../toys/tensor.ts";
import { Failure } from "./events.ts";
import { arrayOf, type JaxArray, type JaxLibrary, type JaxOptimizer as Optimizer } from "./jaxjs-model.ts";
import type { Brought, CallArgument, Calls } from "./job.ts";

type Members = Readonly<Record<string, unknown>>;
type Callable = (...given: unknown[]) => unknown;

/** The functions that an export brings under these names, and what it says that they mean. */
export function functionsOf(exported: unknown, slots: readonly string[]): Brought[] {
  if (typeof exported !== "object" || exported === null) return [];
  const members = exported as Members;
  return slots
    .filter((slot) => typeof members[slot] === "function")
    .map((slot) => ({ slot, claim: members[`${slot}Is`] }));
}

/** What the export's function gives for every question: INDEX/0 … for the tensors of each. */
export async function answersTo(
  jax: JaxLibrary,
  exported: unknown,
  { slot, questions }: Calls,
  tensors: Tensors,
): Promise<Tensors> {
  const answers: Record<string, Tensor> = {};
  for (const [index, question] of questions.entries()) {
    const given = givenIn(tensors, `${slot}/${index}`, question);
    const said = await answerOf(jax, exported, slot, given);
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
  jax: JaxLibrary,
  exported: unknown,
  slot: string,
  given: Given,
): Promise<readonly Tensor[]> {
  const entry = exported as Readonly<Record<string, Callable>>;
  if (slot === "optimizer") return await trajectoryOf(jax, (rate) => entry[slot]?.(rate) as Optimizer, given);
  const said = await entry[slot]?.(...Object.values(given).map((argument) => asJax(jax, argument)));
  return await tensorsOf(said);
}

function asJax(jax: JaxLibrary, argument: Argument): unknown {
  if (typeof argument === "number") return argument;
  return "shape" in argument ? arrayOf(jax, argument) : argument.map((tensor) => arrayOf(jax, tensor));
}

/** One tensor, or several of a list; a list of numbers is one tensor. */
async function tensorsOf(said: unknown): Promise<readonly Tensor[]> {
  if (!Array.isArray(said)) return [await tensorOf(said)];
  const all = await Promise.all((said as readonly unknown[]).map(tensorOf));
  if (all.length === 0 || all.some(({ shape }) => shape.length > 0)) return all;
  return [{ shape: [all.length], data: Float64Array.from(all, ({ data }) => at(data, 0)) }];
}

async function tensorOf(said: unknown): Promise<Tensor> {
  if (typeof said === "number") return { shape: [], data: Float64Array.of(said) };
  if (!isArray(said))
    throw new Failure("wrong-shape", `the function gives ${typeof said}, wanted is an array or a number`);
  const array = said as unknown as JaxArray;
  const { shape } = array;
  return { shape, data: Float32Array.from(await array.data()) };
}

/**
 * The parameters after every step of an optimizer, [steps, …] for each. At step t the gradient of parameters θ is
 * linear_t + curvature θ, element by element.
 */
async function trajectoryOf(
  jax: JaxLibrary,
  make: (learningRate: number) => Optimizer,
  given: Given,
): Promise<readonly Tensor[]> {
  const { learningRate, start, linear, curvature } = given as unknown as Steps;
  const { init, update } = checked(make(learningRate));
  const steps = at(at(linear, 0).shape, 0);
  let parameters = start.map((tensor) => arrayOf(jax, tensor));
  let state = init(parameters.map(({ ref }) => ref));
  const visited = start.map(({ data }) => new Float32Array(steps * data.length));
  let before = start.map(({ data }) => data);
  for (const step of range(steps)) {
    const gradients = zip(before, linear).map(([theta, slopes], k) => {
      const own = slopes.data.subarray(step * theta.length, (step + 1) * theta.length);
      const data = Float32Array.from(own, (slope, i) => slope + at(at(curvature, k).data, i) * at(theta, i));
      return arrayOf(jax, { shape: at(start, k).shape, data });
    });
    const [changes, next] = update(
      gradients,
      state,
      parameters.map(({ ref }) => ref),
    );
    const [flat] = jax.tree.flatten<JaxArray>(changes as never);
    parameters = zip(parameters, flat).map(([parameter, change]) => parameter.add(change));
    state = next;
    before = (await Promise.all(parameters.map(({ ref }) => ref.data()))) as Float32Array[];
    for (const [k, theta] of before.entries()) at(visited, k).set(theta, step * theta.length);
  }
  return zip(start, visited).map(([{ shape }, data]) => ({ shape: [steps, ...shape], data }));
}

interface Steps {
  readonly learningRate: number;
  readonly start: readonly Tensor[];
  readonly linear: readonly Tensor[];
  readonly curvature: readonly Tensor[];
}

function checked(made: unknown): Optimizer {
  const { init, update } = { ...(made as Partial<Optimizer>) };
  if (typeof init === "function" && typeof update === "function") return made as Optimizer;
  throw new Failure(
    "not-an-entry",
    "the optimizer is not { init(params), update(gradients, state, params) }",
  );
}
