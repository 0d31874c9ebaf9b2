/** @file Models of TensorFlow.js, as a user's entry gives them and takes them. */
import type * as Tf from "@tensorflow/tfjs";
import type { Tensor } from "../../base/safetensors.ts";
import { isObject } from "./entry.ts";
import { Failure } from "./events.ts";

export type TfLibrary = typeof Tf;
export type TfModel = Tf.LayersModel;
export type TfTensor = Tf.Tensor;

/** By what it can do, since the user's copy of the library need not be here. */
export const isTfModel = (value: unknown): value is TfModel =>
  isObject(value) &&
  "trainableWeights" in value &&
  typeof value["apply"] === "function" &&
  typeof value["predict"] === "function";

export const tensorOf = (tf: TfLibrary, { shape, data }: Tensor): TfTensor =>
  data instanceof Int32Array
    ? tf.tensor(data.slice(), [...shape], "int32")
    : tf.tensor(Float32Array.from(data), [...shape], "float32");

export function checkedOptimizer(made: unknown): Tf.Optimizer {
  if (isObject(made) && typeof made["applyGradients"] === "function") return made as unknown as Tf.Optimizer;
  throw new Failure("not-an-entry", "`optimizer` gives no tf.Optimizer");
}
