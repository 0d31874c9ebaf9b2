/** @file An entry's model for a problem in training, by the library that it is of. */
import { jaxjs, libraryOf, tfjs } from "../libraries.ts";
import type { Arrays } from "./calls.ts";
import { seedChance } from "./chance.ts";
import { type Entry, madeBy } from "./entry.ts";
import { Failure } from "./events.ts";
import { jaxjsArrays } from "./jaxjs-calls.ts";
import { isJaxModel, type JaxLibrary } from "./jaxjs-model.ts";
import { JaxjsTraining } from "./jaxjs-training.ts";
import { tfjsArrays } from "./tfjs-calls.ts";
import { isTfModel, type TfLibrary } from "./tfjs-model.ts";
import { TfjsTraining } from "./tfjs-training.ts";
import type { Plan, Training } from "./training.ts";

export const isModel = (value: unknown): boolean => isJaxModel(value) || isTfModel(value);

const jaxOf = async (file: string): Promise<JaxLibrary> => (await libraryOf(file, jaxjs)) as JaxLibrary;
const tfOf = async (file: string): Promise<TfLibrary> => (await libraryOf(file, tfjs)) as TfLibrary;

/** The arrays that functions of a file take. TensorFlow.js leaves a mark when it is loaded, by which its copies find each other. */
export async function arraysFor(file: string): Promise<Arrays> {
  if ("_tfengine" in globalThis) return tfjsArrays(await tfOf(file));
  return jaxjsArrays(await jaxOf(file));
}

/** The model that the entry in a file gives for a problem, from the start that the seed chooses. */
export async function trainingOf(file: string, entry: Entry, seed: number, plan: Plan): Promise<Training> {
  seedChance(seed);
  const model = await madeBy(entry, plan.problem, async () => (await jaxOf(file)).random.key(seed));
  if (isJaxModel(model)) return new JaxjsTraining(await jaxOf(file), entry, model, plan);
  if (isTfModel(model)) return new TfjsTraining(await tfOf(file), entry, model, plan);
  throw new Failure("not-an-entry", "the model is neither { params, apply(params, x) } nor a tf.LayersModel");
}
