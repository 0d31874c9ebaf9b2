/** @file What a user's module gives for toy problems: a model for each of them, and perhaps more parts of a training. */
import type { Description } from "../../toys/description.ts";
import { Failure } from "./events.ts";

type Callable = (...given: never[]) => unknown;
type Members = Readonly<Record<string, unknown>>;

/** Parts beside the model that an entry may bring, in the types of its library. */
export const parts = ["loss", "optimizer", "train"] as const;

/** An entry's parts; only the model is needed. */
export interface Entry extends Readonly<Partial<Record<(typeof parts)[number], Callable>>> {
  /** A model of some library, or a function of the problem that gives one. */
  readonly model: unknown;
}

/** Whether a value is a model of some library. */
type IsModel = (value: unknown) => boolean;

export const isObject = (value: unknown): value is Members => typeof value === "object" && value !== null;

/** The entry that an export is. Throws a Failure where it is none. */
export function entryOf(exported: unknown, isModel: IsModel): Entry {
  const entry = entryIn(exported, isModel);
  if (entry === undefined)
    throw new Failure(
      "not-an-entry",
      "wanted is (problem) => ({ params, apply(params, x) }) or a tf.LayersModel, or { model, loss, … }",
    );
  for (const part of parts) {
    const kind = typeof entry[part];
    if (kind !== "undefined" && kind !== "function")
      throw new Failure("not-an-entry", `\`${part}\` of the entry is of type ${kind}, not a function`);
  }
  return entry;
}

/** The entry that an export is, where it brings a model. */
export function entryIn(exported: unknown, isModel: IsModel): Entry | undefined {
  if (typeof exported === "function" || isModel(exported)) return { model: exported };
  if (isObject(exported) && (typeof exported["model"] === "function" || isModel(exported["model"])))
    return exported as unknown as Entry;
  return undefined;
}

/** What the entry gives as its model for a problem; a function that takes more than the problem gets a key of jax-js. */
export async function madeBy(
  { model }: Entry,
  problem: Description,
  key: () => Promise<unknown>,
): Promise<unknown> {
  if (typeof model !== "function") return model;
  const make = model as (problem: Description, key?: unknown) => unknown;
  return await (make.length === 1 ? make(problem) : make(problem, await key()));
}
