/** @file Calls one function of an entry in a process of its own, and says what it is from its answers. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSafetensors, writeSafetensors } from "../../base/safetensors.ts";
import type { FunctionOutcome, FunctionVerdict } from "../../result/functions.ts";
import { judgedFunction, misunderstanding } from "../../toys/functions/judge.ts";
import type { Answer, Argument, FunctionProblem, Question } from "../../toys/functions/problem.ts";
import type { Tensor, Tensors } from "../../toys/tensor.ts";
import { type CallArgument, type CallJob, files } from "./job.ts";
import { type Ran, runWorker } from "./workers.ts";

export interface CallPlan {
  readonly entry: string;
  readonly problem: FunctionProblem;
  /** What the entry says of what it means. */
  readonly claim: unknown;
  readonly seed: number;
  readonly milliseconds: number;
}

export async function called(plan: CallPlan): Promise<FunctionOutcome> {
  const { name, title, slot } = plan.problem;
  return { problem: name, title, slot, verdict: await verdictOf(plan) };
}

/**
 * Why a function can't be called with other parameters than its own model's, where it seems so: an optimizer may know the names
 * of those that it moves in a training. One of which the entry says what it is meant to be is expected to know none.
 */
export function tiedToModel({ slot, verdict }: FunctionOutcome, claim: unknown): string | undefined {
  if (slot !== "optimizer" || claim !== undefined) return undefined;
  return verdict.kind === "failed" && verdict.why === "user-error" ? verdict.message : undefined;
}

async function verdictOf({ entry, problem, claim, seed, milliseconds }: CallPlan): Promise<FunctionVerdict> {
  const why = misunderstanding(problem, claim);
  if (why !== undefined) return { kind: "failed", why: "misunderstood", message: why };
  const questions = problem.questions(claim);
  const folder = mkdtempSync(join(tmpdir(), "assay-toys-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const job: CallJob = { entry, seed, slot: problem.slot, questions: questions.map(argumentsOf) };
    writeFileSync(join(folder, files.job), JSON.stringify(job));
    writeFileSync(join(folder, files.questions), writeSafetensors(tensorsOf(questions)));
    const ran = await runWorker(entry, "call", folder, {
      milliseconds,
      onInterrupt: remove,
      onEvent: () => undefined,
    });
    if (ran.kind !== "done") return failure(ran, milliseconds);
    const answers = readSafetensors(readFileSync(join(folder, files.answers)));
    return judgedFunction(
      problem,
      claim,
      questions.map((_, index) => answerAt(answers, index)),
    );
  } finally {
    remove();
  }
}

const argumentsOf = ({ given }: Question): CallArgument[] =>
  Object.entries(given).map(([name, argument]) => {
    if (typeof argument === "number") return { name, kind: "number", value: argument };
    return "shape" in argument ? { name, kind: "tensor" } : { name, kind: "tensors", count: argument.length };
  });

/** Every tensor of all questions, by the path that `CallJob` tells. */
const tensorsOf = (questions: readonly Question[]): Tensors =>
  Object.fromEntries(
    questions.flatMap(({ given }, index) =>
      Object.entries(given).flatMap(([name, argument]) => tensorsAt(`${index}/${name}`, argument)),
    ),
  );

function tensorsAt(path: string, argument: Argument): (readonly [string, Tensor])[] {
  if (typeof argument === "number") return [];
  if ("shape" in argument) return [[path, argument]];
  return argument.map((tensor, k) => [`${path}/${k}`, tensor] as const);
}

function answerAt(answers: Tensors, index: number): Answer {
  const own: Tensor[] = [];
  for (let tensor = answers[`${index}/0`]; tensor !== undefined; tensor = answers[`${index}/${own.length}`])
    own.push(tensor);
  return own;
}

function failure(ran: Exclude<Ran, { readonly kind: "done" }>, milliseconds: number): FunctionVerdict {
  if (ran.kind === "late") {
    const message = `the function gave no answer within ${milliseconds / 1000} seconds`;
    return { kind: "failed", why: "late", message };
  }
  if (ran.kind === "crashed") return { kind: "failed", why: "crashed", message: ran.lastWords };
  const { kind, message, file, line } = ran.failure;
  return {
    kind: "failed",
    why: kind === "wrong-shape" ? "wrong-shape" : "user-error",
    message,
    ...(file !== undefined && { file }),
    ...(line !== undefined && { line }),
  };
}
