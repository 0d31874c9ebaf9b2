/** @file What a user's module gives for toy problems: a model for each of them, and perhaps more parts of a training. */
import type * as Jax from "@jax-js/jax";
import { isArray } from "../../frontends/jaxjs/module.ts";
import type { Description, Output } from "../../toys/description.ts";
import { Failure } from "./events.ts";

export type JaxLibrary = typeof Jax;
export type JaxArray = Jax.numpy.Array;
/** What a model returns: one array, or several by name or in order. */
export type Said = JaxArray | readonly JaxArray[] | Readonly<Record<string, JaxArray>>;

/** A tree of parameters and a function of it and of the inputs, in the problem's order. */
export interface Model {
  readonly params: unknown;
  apply(params: unknown, ...inputs: JaxArray[]): Said;
}

/** As in optax: the state for parameters, and the change of parameters for gradients. */
export interface Optimizer {
  init(params: unknown): unknown;
  update(gradients: unknown, state: unknown, params: unknown): readonly [unknown, unknown];
}

type Make = (problem: Description, key: JaxArray) => Model | Promise<Model>;

/** An entry's parts; only the model is needed. */
export interface Entry {
  readonly model: Model | Make;
  loss?(outputs: Said, targets: JaxArray | Readonly<Record<string, JaxArray>>): JaxArray;
  optimizer?(learningRate: number): Optimizer;
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const isModel = (value: unknown): value is Model =>
  isObject(value) && "params" in value && typeof value["apply"] === "function";

/** The entry that an export is. Throws a Failure where it is none. */
export function entryOf(exported: unknown): Entry {
  const entry = entryIn(exported);
  if (entry !== undefined) return entry;
  throw new Failure(
    "not-an-entry",
    "wanted is (problem) => ({ params, apply(params, x) }), or { model, loss }",
  );
}

/** The entry that an export is, where it brings a model. */
export function entryIn(exported: unknown): Entry | undefined {
  if (typeof exported === "function") return { model: exported as Make };
  if (isModel(exported)) return { model: exported };
  if (isObject(exported) && (typeof exported["model"] === "function" || isModel(exported["model"])))
    return exported as unknown as Entry;
  return undefined;
}

/** The entry's model for a problem. */
export async function modelFor(
  entry: Entry,
  problem: Description,
  seed: number,
  jax: JaxLibrary,
): Promise<Model> {
  const made: unknown =
    typeof entry.model === "function" ? await entry.model(problem, jax.random.key(seed)) : entry.model;
  if (isModel(made)) return made;
  throw new Failure("not-an-entry", "the model is not { params, apply(params, x) }");
}

/** A model's outputs by name. */
export function byName(said: Said, outputs: readonly Output[]): Record<string, JaxArray> {
  const [first] = outputs;
  if (isArray(said)) {
    if (outputs.length === 1 && first !== undefined) return { [first.name]: said };
    throw new Failure("wrong-shape", `the model gives one array for ${outputs.length} outputs`);
  }
  const found = outputs.map(({ name }, index) => {
    const one: unknown = Array.isArray(said) ? said[index] : (said as Record<string, unknown>)[name];
    if (!isArray(one)) throw new Failure("wrong-shape", `the model gives no output ${name}`);
    return [name, one as unknown as JaxArray] as const;
  });
  return Object.fromEntries(found);
}

/** The output in the shape that is wanted, where it has it but for axes of length 1. */
export function inShape(output: JaxArray, { name, items, width }: Output, rows: number): JaxArray {
  const wanted = [rows, ...items, ...(width === 1 ? [] : [width])];
  const long = (shape: readonly number[]): string => shape.filter((size) => size !== 1).join();
  if (long(output.shape) === long(wanted)) return output.reshape(wanted);
  const text = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
  throw new Failure(
    "wrong-shape",
    `the output ${name} of shape ${text(output.shape)} where ${text(wanted)} is wanted`,
  );
}
