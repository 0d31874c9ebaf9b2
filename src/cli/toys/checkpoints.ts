/** @file Asks a model on the way through its training, and tells what it says. */
import type { Tensors } from "../../toys/tensor.ts";
import { batchAt, inputsOf } from "./batches.ts";
import { aside } from "./chance.ts";
import { type Tell, told } from "./events.ts";
import { files, type Job } from "./job.ts";
import type { Training } from "./training.ts";

export interface Way {
  readonly training: Training;
  readonly job: Job;
  /** All that is trained on, and the inputs of the curve. */
  readonly data: Tensors;
  readonly curve: Tensors;
  /** The steps are the user's, whose reports are checked. */
  readonly isOwn: boolean;
  save(file: string, tensors: Tensors): void;
  readonly tell: Tell;
}

/** A function to be called after every step, and before the first, with the loss that was reported of the last. */
export function checkpointsOf(way: Way): (step: number, reported?: number) => void {
  const { training, job, data, curve, isOwn, save, tell } = way;
  const ofBatch = (set: string, index: number): Tensors =>
    isOwn ? asked(training, set, inputsOf(batchAt(data, index, job.problem)), true) : {};
  /** Answers to the batch of the next step. */
  let before: Tensors = {};
  return (step, reported) => {
    if (job.checkpoints.includes(step)) {
      const around = step === 0 ? {} : { ...before, ...ofBatch("after", step - 1) };
      save(files.curve(step), { ...asked(training, "curve", curve), ...around });
      tell({ event: "checkpoint", step, ...(reported !== undefined && { reported: told(reported) }) });
    }
    if (job.checkpoints.includes(step + 1)) before = ofBatch("before", step);
  };
}

/** Answers to a set, as files hold them; chance goes on where it was. */
export const asked = (
  training: Training,
  set: string,
  inputs: Tensors,
  inTraining: boolean = false,
): Tensors => {
  const answers = aside(() => training.ask(inputs, inTraining));
  return Object.fromEntries(Object.entries(answers).map(([name, tensor]) => [`${set}/${name}`, tensor]));
};
