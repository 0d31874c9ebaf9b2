/** @file Trains a model on a job's batches: by the entry's own function, or step by step as Assay does. */
import { range } from "../../base/assert.ts";
import type { Description } from "../../toys/description.ts";
import type { Tensors } from "../../toys/tensor.ts";
import { batchAt } from "./batches.ts";
import type { Entry } from "./entry.ts";
import type { Job } from "./job.ts";
import type { Training } from "./training.ts";

/** What a user's `train` is given beside the model. */
export interface Task {
  readonly problem: Description;
  readonly steps: number;
  readonly learningRate: number;
  readonly seed: number;
  /** [inputs, targets] of every step, in order: a list for model.apply(params, ...inputs), and one target or all by output. */
  batches(): Iterable<readonly [readonly unknown[], unknown]>;
  /** To be called once after every step, with its loss, and with the parameters where those of the model don't change. */
  report(loss: unknown, params?: unknown): void;
}

/** What a training function is given of the model, and gives to it. */
type Trained = Pick<Training, "model" | "step" | "given" | "numberOf" | "take">;

/** Called after every step, with how many were made and the loss that was reported. */
export type AtStep = (step: number, loss: number) => void;

/** Trains to the end; how many steps were reported. */
export async function trained(
  entry: Entry,
  training: Trained,
  job: Job,
  data: Tensors,
  atStep: AtStep,
): Promise<number> {
  if (entry.train === undefined) {
    for (const step of range(job.steps))
      atStep(step + 1, training.step(batchAt(data, step, job.problem), step));
    return job.steps;
  }
  let reported = 0;
  const { problem, steps, learningRate, seed } = job;
  const task: Task = {
    problem,
    steps,
    learningRate,
    seed,
    batches: () => batchesOf(training, job, data),
    report: (loss, params) => {
      const number = training.numberOf(loss);
      training.take(params);
      atStep(++reported, number);
    },
  };
  const train = entry.train as (model: unknown, task: Task) => unknown;
  const given = await train.call(entry, training.model, task);
  if (given !== undefined) training.take(given);
  return reported;
}

function* batchesOf(
  training: Trained,
  { steps, problem }: Job,
  data: Tensors,
): Generator<readonly [readonly unknown[], unknown]> {
  for (const step of range(steps)) yield training.given(batchAt(data, step, problem));
}
