/** @file An entry's model for a problem in training, by the library that it is of. */
import { jaxjs, libraryOf } from "../libraries.ts";
import { seedChance } from "./chance.ts";
import { type Entry, madeBy } from "./entry.ts";
import { Failure } from "./events.ts";
import { isJaxModel, type JaxLibrary } from "./jaxjs-model.ts";
import { JaxjsTraining } from "./jaxjs-training.ts";
import type { Plan, Training } from "./training.ts";

export const isModel = (value: unknown): boolean => isJaxModel(value);

/** The copy of jax-js that a file uses. */
export const jaxOf = async (file: string): Promise<JaxLibrary> =>
  (await libraryOf(file, jaxjs)) as JaxLibrary;

/** The model that the entry in a file gives for a problem, from the start that the seed chooses. */
export async function trainingOf(file: string, entry: Entry, seed: number, plan: Plan): Promise<Training> {
  seedChance(seed);
  const model = await madeBy(entry, plan.problem, async () => (await jaxOf(file)).random.key(seed));
  if (isJaxModel(model)) return new JaxjsTraining(await jaxOf(file), entry, model, plan);
  throw new Failure("not-an-entry", "the model is not { params, apply(params, x) }");
}
