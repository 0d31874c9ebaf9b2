/**
 * @file What passes between Assay and the process that trains a user's model: a folder with the job, the data and the
 * answers, and one line of JSON for every event. The workers are `worker.ts` and `python/assay_bridge/toys.py`.
 */
import { z } from "zod";
import type { Description } from "../../toys/description.ts";

/** The content of `job.json`. */
export interface Job {
  readonly problem: Description;
  /** FILE:NAME. */
  readonly entry: string;
  readonly seed: number;
  readonly learningRate: number;
  readonly steps: number;
  /** Numbers of steps after which the model is asked for its curve, rising, from 0 to `steps`. */
  readonly checkpoints: readonly number[];
}

/**
 * Files of the folder. `train` holds inputs/NAME and targets/NAME, batch after batch; `questions` holds SET/NAME for every
 * input and set (curve, evaluation, probe-RUNG-INDEX). A worker writes curve answers at each checkpoint, and at the end those
 * to all other sets, and to `train`, the first batch, as SET/OUTPUT.
 */
export const files = {
  job: "job.json",
  train: "train.safetensors",
  questions: "questions.safetensors",
  answers: "answers.safetensors",
  curve: (step: number): string => `curve-${step}.safetensors`,
};

/** A loss that may have stopped being a number; JSON has none for that. */
const reported = z.number().nullable();

const failureKinds = [
  "no-library",
  "no-file",
  "no-name",
  "not-an-entry",
  "does-not-fit",
  "user-error",
  "wrong-shape",
] as const;

export const eventSchema = z.discriminatedUnion("event", [
  z.object({ event: z.literal("checkpoint"), step: z.number(), reported: reported.optional() }),
  z.object({ event: z.literal("fit"), problem: z.string(), why: z.string().optional() }),
  z.object({ event: z.literal("note"), message: z.string() }),
  z.object({
    event: z.literal("done"),
    /** What the entry's own loss says of its answers to the first batch. */
    audit: reported.optional(),
    /** Which of its parts the entry brings. */
    brings: z.array(z.enum(["model", "loss", "optimizer", "train"])),
  }),
  z.object({
    event: z.literal("failed"),
    kind: z.enum(failureKinds),
    message: z.string(),
    file: z.string().optional(),
    line: z.number().optional(),
  }),
]);

export type WorkerEvent = z.infer<typeof eventSchema>;
export type WorkerFailure = Extract<WorkerEvent, { readonly event: "failed" }>;
