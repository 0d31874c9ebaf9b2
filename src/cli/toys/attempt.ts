/** @file One training of an entry in a process of its own, and what it shows. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { at, range } from "../../base/assert.ts";
import { readSafetensors, writeSafetensors } from "../../base/safetensors.ts";
import type { ToyAttempt, ToyCurvePoint, ToyVerdict } from "../../result/toys.ts";
import { descriptionOf } from "../../toys/description.ts";
import {
  auditLoss,
  curveLoss,
  type Exam,
  examOf,
  judged,
  NotFinite,
  questionTensors,
  reportAt,
  trainingTensors,
  WrongAnswers,
} from "../../toys/exam.ts";
import { flawOf, type InspectedParameter } from "../../toys/inspection.ts";
import type { Problem } from "../../toys/problem.ts";
import { misreportOf, type Report } from "../../toys/reports.ts";
import type { Tensors } from "../../toys/tensor.ts";
import { type Audit, type Ending, schedule } from "../../toys/verdict.ts";
import { files, type Job, type WorkerEvent, type WorkerFailure } from "./job.ts";
import { type Ran, runWorker } from "./workers.ts";

export interface AttemptPlan {
  readonly entry: string;
  readonly problem: Problem;
  /** Which attempt of the schedule, from 0. */
  readonly index: number;
  readonly seed: number;
  /** The longest that a training may take. */
  readonly milliseconds: number;
  /** Called at every checkpoint, with the share of the training that is done. */
  onProgress(share: number, loss: number | null): void;
}

/** The model's parameters, where the attempt looked at them. */
export type SeenParameters = readonly InspectedParameter[];

export interface Attempted {
  readonly attempt: ToyAttempt;
  readonly parameters: SeenParameters;
  readonly ending: Ending;
  /** Remarks of the process. */
  readonly notes: readonly string[];
}

/** Points of a curve. */
const points = 24;

export async function attempt(plan: AttemptPlan): Promise<Attempted> {
  const { learningRate, length } = at(schedule, plan.index);
  const steps = plan.problem.steps * length;
  const seed = plan.seed + plan.index;
  const exam = examOf(plan.problem, seed, steps);
  const folder = mkdtempSync(join(tmpdir(), "assay-toys-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const job: Job = {
      problem: descriptionOf(plan.problem),
      entry: plan.entry,
      seed,
      learningRate,
      steps,
      // Once is enough: there is no chance in it.
      inspect: plan.index === 0,
      checkpoints: [...new Set(range(points + 1).map((i) => Math.round((i * steps) / points)))],
    };
    writeFileSync(join(folder, files.job), JSON.stringify(job));
    writeFileSync(join(folder, files.train), writeSafetensors(trainingTensors(exam)));
    writeFileSync(join(folder, files.questions), writeSafetensors(questionTensors(exam)));
    const curve: ToyCurvePoint[] = [];
    let parameters: SeenParameters = [];
    const reports: Report[] = [];
    const notes: string[] = [];
    const ran = await runWorker(plan.entry, "train", folder, {
      milliseconds: plan.milliseconds,
      onInterrupt: remove,
      onEvent: (event) => {
        if (event.event === "inspected") parameters = event.parameters;
        if (event.event === "note") notes.push(event.message);
        if (event.event !== "checkpoint") return;
        curve.push(pointOf(exam, folder, event));
        reports.push(...reportsIn(exam, folder, event));
        plan.onProgress(event.step / steps, curve.at(-1)?.loss ?? null);
      },
    });
    const ending = endingOf(exam, folder, { ran, parameters }, plan.milliseconds);
    const misreport = misreportOf(reports);
    const found = misreport === undefined ? {} : { misreport };
    const shown = { seed, learningRate, steps, curve, ...found, ...endOf(ending) };
    return { ending, parameters, notes, attempt: shown };
  } finally {
    remove();
  }
}

const tensorsIn = (folder: string, file: string): Tensors =>
  readSafetensors(readFileSync(join(folder, file)));

type Checkpoint = Extract<WorkerEvent, { readonly event: "checkpoint" }>;

function pointOf(exam: Exam, folder: string, { step, reported }: Checkpoint): ToyCurvePoint {
  const loss = ifAnswered(() => curveLoss(exam, tensorsIn(folder, files.curve(step))));
  return { step, loss: loss ?? null, ...(reported !== undefined && { reported }) };
}

/** The report of a user's own training, if there is one with a finite loss. */
function reportsIn(exam: Exam, folder: string, { step, reported }: Checkpoint): Report[] {
  if (typeof reported !== "number") return [];
  const answers = tensorsIn(folder, files.curve(step));
  return [ifAnswered(() => reportAt(exam, answers, { step, said: reported })) ?? []].flat();
}

/** What follows from answers at a checkpoint. What is wrong with them is told at the end of the training. */
function ifAnswered<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (error instanceof NotFinite || error instanceof WrongAnswers) return undefined;
    throw error;
  }
}

function endingOf(
  exam: Exam,
  folder: string,
  { ran, parameters }: { readonly ran: Ran; readonly parameters: SeenParameters },
  milliseconds: number,
): Ending {
  if (ran.kind === "failed") return { kind: "failed", verdict: failedVerdict(ran.failure) };
  if (ran.kind !== "done")
    return { kind: "failed", verdict: { kind: "failed", ...unanswered(ran, milliseconds) } };
  const { still = [], cosine } = ran;
  const flaw = flawOf({ parameters, still, cosine });
  try {
    const answers = tensorsIn(folder, files.answers);
    const result = judged(exam, answers);
    const audit: Audit | undefined =
      ran.audit === undefined ? undefined : { said: ran.audit, truth: auditLoss(exam, answers) };
    return { kind: "judged", judged: result, audit, flaw };
  } catch (error) {
    if (error instanceof WrongAnswers) return broken("wrong-shape", error.message);
    if (!(error instanceof NotFinite)) throw error;
    // What is wrong with the steps explains why they ended in numbers that are none.
    if (flaw !== undefined) return { kind: "failed", verdict: { kind: "flawed", flaw, rungs: [] } };
    return broken("not-finite", error.message);
  }
}

type Failed = Extract<ToyVerdict, { readonly kind: "failed" }>;

const broken = (why: Failed["why"], message: string): Ending => ({
  kind: "failed",
  verdict: { kind: "failed", why, message },
});

function failedVerdict({ kind, message, file, line }: WorkerFailure): Failed {
  const why = kind === "wrong-shape" ? "wrong-shape" : "user-error";
  return {
    kind: "failed",
    why,
    message,
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
  };
}

function unanswered(
  ran: Extract<Ran, { readonly kind: "late" | "crashed" }>,
  milliseconds: number,
): Pick<Failed, "why" | "message"> {
  if (ran.kind === "late")
    return { why: "late", message: `the training took longer than ${milliseconds / 1000} seconds` };
  return {
    why: "crashed",
    message: ran.lastWords === "" ? "the process ended without a word" : ran.lastWords,
  };
}

function endOf(ending: Ending): Pick<ToyAttempt, "end"> {
  if (ending.kind === "failed") return {};
  const { kind, loss, excess, excessBound } = ending.judged.standing;
  return { end: { kind, loss, excess, excessBound } };
}
