/** @file How a worker speaks: one line of JSON for every event, on the standard output that it began with. */
import type { WorkerEvent, WorkerFailure } from "./job.ts";

/** Ends a training with a message for the author of the entry. */
export class Failure extends Error {
  readonly kind: WorkerFailure["kind"];

  constructor(kind: WorkerFailure["kind"], message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

export type Tell = (event: WorkerEvent) => void;

/** A loss as JSON can hold it. */
export const told = (loss: number): number | null => (Number.isFinite(loss) ? loss : null);
