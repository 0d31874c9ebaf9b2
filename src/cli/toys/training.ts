/** @file What the worker asks of a library that trains models: jax-js or TensorFlow.js. */
import type { Description } from "../../toys/description.ts";
import type { Tensors } from "../../toys/tensor.ts";
import type { Inspectable } from "./inspecting.ts";

export interface Plan {
  readonly problem: Description;
  readonly learningRate: number;
  readonly steps: number;
}

/** A model, which is trained step by step or by the user's own function, and answers between the steps. */
export interface Training extends Inspectable {
  /** The model as the user's functions know it. */
  readonly model: unknown;
  /** How the model is adapted to the problem, for the user to know. */
  readonly notes: readonly string[];
  /** Takes one step of Assay's own training; the loss before it. */
  step(batch: Tensors, index: number): number;
  /** What the model says of inputs, by output; `inTraining` as it does while it is trained, with its dropout. */
  ask(inputs: Tensors, inTraining?: boolean): Tensors;
  /** What the entry's own loss says of the model's outputs on a batch; `undefined` where it brings none. */
  audit(batch: Tensors): number | undefined;
  /** A batch as the user's functions take it: the inputs in order, and the only target or all by output. */
  given(batch: Tensors): readonly [inputs: readonly unknown[], targets: unknown];
  /** The number of a loss that the user's function gives. Throws a Failure where it is none. */
  numberOf(loss: unknown): number;
  /** From now on what the user's training gives is asked. Throws a Failure where that can't be. */
  take(trained: unknown): void;
}
