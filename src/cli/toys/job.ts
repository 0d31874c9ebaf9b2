/**
 * @file What passes between Assay and the process that trains a user's model: a folder with the job, the data and the
 * answers, and one line of JSON for every event. The workers are `worker.ts` and `python/assay_bridge/toys.py`.
 */
import { z } from "zod";
import type { Description } from "../../toys/description.ts";
import type { InspectedParameter } from "../../toys/inspection.ts";

/** What a process is to do. */
export type Mode = "train" | "certify" | "fit" | "call";

/** The content of `job.json` where a model is trained. */
export interface Job {
  readonly problem: Description;
  /** FILE:NAME. */
  readonly entry: string;
  readonly seed: number;
  readonly learningRate: number;
  readonly steps: number;
  /** Numbers of steps after which the model is asked for its curve, rising, from 0 to `steps`. */
  readonly checkpoints: readonly number[];
  /** Whether gradients are to be followed before the training. */
  readonly inspect: boolean;
}

/** The content of `job.json` where weights made by hand are put into a model. */
export interface CertifyJob {
  readonly problem: Description;
  readonly entry: string;
  readonly seed: number;
  /** How many sets of weights there are. */
  readonly count: number;
}

/** The content of `job.json` where an entry is only tried for which problems it fits. */
export interface FitJob {
  readonly entry: string;
  readonly seed: number;
  readonly problems: readonly Description[];
  /** Names under which an entry may bring functions. */
  readonly slots: readonly string[];
}

/** The content of `job.json` where functions of an entry are called. */
export interface CallJob {
  readonly entry: string;
  readonly seed: number;
  readonly calls: readonly Calls[];
}

/** Calls of one function. */
export interface Calls {
  /** The name under which the entry brings it. An optimizer is not called, but makes steps (`calls.ts`). */
  readonly slot: string;
  /** The arguments of every call, in order. Tensors are SLOT/INDEX/NAME, or SLOT/INDEX/NAME/0 … of a list, in `questions`. */
  readonly questions: readonly (readonly CallArgument[])[];
}

export type CallArgument = { readonly name: string } & (
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "tensor" }
  | { readonly kind: "tensors"; readonly count: number }
);

/** A function that an entry brings, and what it says that it means. */
export interface Brought {
  readonly slot: string;
  readonly claim?: unknown;
}

/**
 * Files of the folder. `train` holds inputs/NAME and targets/NAME, batch after batch; `questions` holds SET/NAME for every
 * input and set (curve, evaluation, probe-RUNG-INDEX). A worker writes curve answers at each checkpoint, and at the end those
 * to all other sets, and to `train`, the first batch, as SET/OUTPUT. Where the entry brings its own training, a checkpoint after
 * step S also has answers to the batch of that step, as the model gives them in training, `before` the step and `after` it.
 * `weights` holds SET/PARAMETER, and the answers with each set are SET/OUTPUT. Answers to a function's calls are INDEX/0 … for
 * every tensor.
 */
export const files: {
  readonly [name in "job" | "train" | "questions" | "weights" | "answers"]: string;
} & { curve(step: number): string; called(slot: string): string } = {
  job: "job.json",
  train: "train.safetensors",
  questions: "questions.safetensors",
  weights: "weights.safetensors",
  answers: "answers.safetensors",
  curve: (step) => `curve-${step}.safetensors`,
  called: (slot) => `answers-${slot}.safetensors`,
};

/** A loss; null when it has stopped being a number, for which JSON has no sign. */
type Reported = number | null;

const parts = ["model", "loss", "optimizer", "train"] as const;
const failureKinds = [
  "no-library",
  "no-file",
  "no-name",
  "not-an-entry",
  "does-not-fit",
  "user-error",
  "wrong-shape",
] as const;

/** What went wrong, as far as the process could tell. */
export interface Complaint {
  readonly kind: (typeof failureKinds)[number];
  readonly message: string;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
}

/** What ended the process. */
export interface WorkerFailure extends Complaint {
  readonly event: "failed";
}

export type WorkerEvent =
  /** The entry's file has been run, and holds an entry; with what was asked for of functions. */
  | { readonly event: "loaded"; readonly functions?: readonly Brought[] | undefined }
  /** What gradients and losses are near the start. */
  | { readonly event: "inspected"; readonly parameters: readonly InspectedParameter[] }
  | { readonly event: "checkpoint"; readonly step: number; readonly reported?: Reported | undefined }
  /** Whether the entry gives a model for the problem; `why` where it does not. */
  | { readonly event: "fit"; readonly problem: string; readonly why?: string | undefined }
  /** A function was called, and its answers are written; `failed` where there are none. */
  | { readonly event: "called"; readonly slot: string; readonly failed?: Complaint | undefined }
  | { readonly event: "note"; readonly message: string }
  | {
      readonly event: "done";
      /** What the entry's own loss says of its answers to the first batch. */
      readonly audit?: Reported | undefined;
      /** Which of its parts the entry brings. */
      readonly brings: readonly (typeof parts)[number][];
      /** As `Inspected` has them. */
      readonly still?: readonly string[] | undefined;
      readonly cosine?: number | undefined;
    }
  | WorkerFailure;

const complaint = {
  kind: z.enum(failureKinds),
  message: z.string(),
  file: z.string().optional(),
  line: z.number().optional(),
};
const inspectedParameter: z.ZodType<InspectedParameter> = z.object({
  name: z.string(),
  shape: z.array(z.number()),
  gradient: z.object({ start: z.number(), near: z.number() }),
  trials: z.array(
    z.object({
      said: z.number(),
      here: z.number(),
      losses: z.array(z.object({ distance: z.number(), along: z.number(), against: z.number() })),
    }),
  ),
});
const reported = z.number().nullable().optional();

export const eventSchema: z.ZodType<WorkerEvent> = z.discriminatedUnion("event", [
  z.object({
    event: z.literal("loaded"),
    functions: z.array(z.object({ slot: z.string(), claim: z.unknown().optional() })).optional(),
  }),
  z.object({ event: z.literal("inspected"), parameters: z.array(inspectedParameter) }),
  z.object({ event: z.literal("checkpoint"), step: z.number(), reported }),
  z.object({ event: z.literal("fit"), problem: z.string(), why: z.string().optional() }),
  z.object({ event: z.literal("called"), slot: z.string(), failed: z.object(complaint).optional() }),
  z.object({ event: z.literal("note"), message: z.string() }),
  z.object({
    event: z.literal("done"),
    audit: reported,
    brings: z.array(z.enum(parts)),
    still: z.array(z.string()).optional(),
    cosine: z.number().optional(),
  }),
  z.object({ event: z.literal("failed"), ...complaint }),
]);
