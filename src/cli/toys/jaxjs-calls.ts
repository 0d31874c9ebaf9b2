/** @file What calls of a user's functions need of jax-js. */
import { zip } from "../../base/assert.ts";
import type { Tensor } from "../../base/safetensors.ts";
import type { Arrays } from "./calls.ts";
import { isObject } from "./entry.ts";
import { Failure } from "./events.ts";
import { arrayOf, isJaxArray, type JaxArray, type JaxLibrary, type JaxOptimizer } from "./jaxjs-model.ts";
import { refs } from "./jaxjs-steps.ts";

export const jaxjsArrays = (jax: JaxLibrary): Arrays => ({
  arrayOf: (tensor) => arrayOf(jax, tensor),
  numbersOf: (said) => (isJaxArray(said) ? read(said) : undefined),
  stepper: (make, learningRate, start) => {
    const { init, update } = checked(make(learningRate));
    let parameters = start.map((tensor) => arrayOf(jax, tensor));
    let state = init(refs(parameters));
    return (gradients) => {
      const given = gradients.map((tensor) => arrayOf(jax, tensor));
      const [changes, next] = update(given, state, refs(parameters));
      const [flat] = jax.tree.flatten<JaxArray>(changes as never);
      parameters = zip(parameters, flat).map(([parameter, change]) => parameter.add(change));
      state = next;
      return refs(parameters).map(read);
    };
  },
});

/** The numbers of an array, which is consumed. */
function read(array: JaxArray): Tensor {
  const { shape } = array;
  return { shape, data: Float32Array.from(array.dataSync()) };
}

function checked(made: unknown): JaxOptimizer {
  if (isObject(made) && typeof made["init"] === "function" && typeof made["update"] === "function")
    return made as unknown as JaxOptimizer;
  throw new Failure(
    "not-an-entry",
    "the optimizer is not { init(params), update(gradients, state, params) }",
  );
}
