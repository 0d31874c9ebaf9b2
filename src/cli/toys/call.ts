/** @file Calls functions of an entry in a process of their own, and says what each is from its answers. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { get } from "../../base/assert.ts";
import { readSafetensors, writeSafetensors } from "../../base/safetensors.ts";
import type { FunctionOutcome, FunctionVerdict } from "../../result/functions.ts";
import { judgedFunction, misunderstanding } from "../../toys/functions/judge.ts";
import type { Answer, Argument, FunctionProblem, Question } from "../../toys/functions/problem.ts";
import type { Tensor, Tensors } from "../../toys/tensor.ts";
import { type CallArgument, type CallJob, type Complaint, files } from "./job.ts";
import type { Call } from "./wanted.ts";
import { type Ran, runWorker } from "./workers.ts";

export interface CallPlan {
  readonly entry: string;
  readonly calls: readonly Call[];
  readonly seed: number;
  /** The longest that a process may take. */
  readonly milliseconds: number;
  /** Called when a function is decided. */
  onCalled(problem: FunctionProblem): void;
}

/** Calls all functions, in one process unless they end it, and says what they are. */
export async function calledFunctions(plan: CallPlan): Promise<FunctionOutcome[]> {
  const verdicts = new Map<Call, FunctionVerdict>();
  const decide = (call: Call, verdict: FunctionVerdict): void => {
    verdicts.set(call, verdict);
    plan.onCalled(call.problem);
  };
  for (const call of plan.calls) {
    const message = misunderstanding(call.problem, call.claim);
    if (message !== undefined) decide(call, { kind: "failed", why: "misunderstood", message });
  }
  const left = (): Call[] => plan.calls.filter((call) => !verdicts.has(call));
  while (left().length > 0) {
    const ran = await calledUntilTheEnd(plan, left(), decide);
    // What takes the process down, or keeps it, does not take the other functions along.
    const [victim] = left();
    if (victim !== undefined) decide(victim, failure(ran, plan.milliseconds));
  }
  return plan.calls.map((call) => {
    const { name, title, slot } = call.problem;
    return { problem: name, title, slot, verdict: get(verdicts, call) };
  });
}

/**
 * Why a function can't be called with other parameters than its own model's, where it seems so: an optimizer may know the names
 * of those that it moves in a training. One of which the entry says what it is meant to be is expected to know none.
 */
export function tiedToModel({ slot, verdict }: FunctionOutcome, calls: readonly Call[]): string | undefined {
  const call = calls.find(({ problem }) => problem.slot === slot);
  if (slot !== "optimizer" || call?.claim !== undefined) return undefined;
  return verdict.kind === "failed" && verdict.why === "user-error" ? verdict.message : undefined;
}

/** Decides function after function until the process ends. */
async function calledUntilTheEnd(
  { entry, seed, milliseconds }: CallPlan,
  calls: readonly Call[],
  decide: (call: Call, verdict: FunctionVerdict) => void,
): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), "assay-toys-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const asked = calls.map((call) => ({ call, questions: call.problem.questions(call.claim) }));
    const job: CallJob = {
      entry,
      seed,
      calls: asked.map(({ call, questions }) => ({
        slot: call.problem.slot,
        questions: questions.map(argumentsOf),
      })),
    };
    const tensors = asked.flatMap(({ call, questions }) => tensorsOf(call.problem.slot, questions));
    writeFileSync(join(folder, files.job), JSON.stringify(job));
    writeFileSync(join(folder, files.questions), writeSafetensors(Object.fromEntries(tensors)));
    return await runWorker(entry, "call", folder, {
      milliseconds,
      onInterrupt: remove,
      onEvent: (event) => {
        if (event.event !== "called") return;
        const own = asked.find(({ call }) => call.problem.slot === event.slot);
        if (own === undefined) return;
        const { call, questions } = own;
        decide(call, event.failed === undefined ? judged(folder, call, questions) : complaint(event.failed));
      },
    });
  } finally {
    remove();
  }
}

function judged(folder: string, { problem, claim }: Call, questions: readonly Question[]): FunctionVerdict {
  const answers = readSafetensors(readFileSync(join(folder, files.called(problem.slot))));
  return judgedFunction(
    problem,
    claim,
    questions.map((_, index) => answerAt(answers, index)),
  );
}

const argumentsOf = ({ given }: Question): CallArgument[] =>
  Object.entries(given).map(([name, argument]) => {
    if (typeof argument === "number") return { name, kind: "number", value: argument };
    return "shape" in argument ? { name, kind: "tensor" } : { name, kind: "tensors", count: argument.length };
  });

/** Every tensor of a function's questions, by the path that `Calls` tells. */
const tensorsOf = (slot: string, questions: readonly Question[]): (readonly [string, Tensor])[] =>
  questions.flatMap(({ given }, index) =>
    Object.entries(given).flatMap(([name, argument]) => tensorsAt(`${slot}/${index}/${name}`, argument)),
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

/** How the process ended before the function had answered. */
function failure(ran: Ran, milliseconds: number): FunctionVerdict {
  switch (ran.kind) {
    case "late":
      return { kind: "failed", why: "late", message: `no answer within ${milliseconds / 1000} seconds` };
    case "crashed":
      return { kind: "failed", why: "crashed", message: ran.lastWords };
    case "failed":
      return complaint(ran.failure);
    case "done":
      return { kind: "failed", why: "crashed", message: "the process ended without an answer" };
  }
}

const complaint = ({ kind, message, file, line }: Complaint): FunctionVerdict => ({
  kind: "failed",
  why: kind === "wrong-shape" ? "wrong-shape" : "user-error",
  message,
  ...(file !== undefined && { file }),
  ...(line !== undefined && { line }),
});
