/** @file Models and arrays of jax-js, as a user's entry gives them and takes them. */
import type * as Jax from "@jax-js/jax";
import type { Tensor } from "../../base/safetensors.ts";
import { isArray } from "../../frontends/jaxjs/module.ts";
import { isObject } from "./entry.ts";

export type JaxLibrary = typeof Jax;
export type JaxArray = Jax.numpy.Array;

/** A tree of parameters and a function of it and of the inputs, in the problem's order. */
export interface JaxModel {
  readonly params: unknown;
  apply(params: unknown, ...inputs: JaxArray[]): unknown;
}

/** As in optax: the state for parameters, and the change of parameters for gradients. */
export interface JaxOptimizer {
  init(params: unknown): unknown;
  update(gradients: unknown, state: unknown, params: unknown): readonly [unknown, unknown];
}

export const isJaxModel = (value: unknown): value is JaxModel =>
  isObject(value) && "params" in value && typeof value["apply"] === "function";

export const isJaxArray = (value: unknown): value is JaxArray => isArray(value);

/** A new array, of which the caller has the only reference. */
export const arrayOf = (jax: JaxLibrary, { shape, data }: Tensor): JaxArray =>
  // A copy, since jax-js takes the whole buffer.
  jax.numpy.array(data instanceof Float64Array ? Float32Array.from(data) : data.slice(), {
    shape: [...shape],
  });
