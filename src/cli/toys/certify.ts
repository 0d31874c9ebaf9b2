/** @file Puts weights made by hand into an entry's model, in a process of its own, and measures its loss with them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { range } from "../../base/assert.ts";
import { readSafetensors, writeSafetensors } from "../../base/safetensors.ts";
import type { ToyOutcome } from "../../result/toys.ts";
import { descriptionOf } from "../../toys/description.ts";
import { type Exam, examOf, standingIn, under } from "../../toys/exam.ts";
import { placements } from "../../toys/placement.ts";
import type { Problem } from "../../toys/problem.ts";
import type { Tensors } from "../../toys/tensor.ts";
import type { AttemptPlan, SeenParameters } from "./attempt.ts";
import { type CertifyJob, files } from "./job.ts";
import { runWorker } from "./workers.ts";

type Certificate = NonNullable<ToyOutcome["certificate"]>;
type Plan = Pick<AttemptPlan, "entry" | "problem" | "seed" | "milliseconds">;

/** The loss with the best of the weights that go into these parameters; `undefined` where none do, or the model won't take them. */
export async function certified(
  { entry, problem, seed, milliseconds }: Plan,
  parameters: SeenParameters,
): Promise<Certificate | undefined> {
  const choices = placements(problem, parameters);
  if (choices.length === 0) return undefined;
  const exam = examOf(problem, seed, 1);
  const folder = mkdtempSync(join(tmpdir(), "assay-toys-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const job: CertifyJob = { problem: descriptionOf(problem), entry, seed, count: choices.length };
    const weights = choices.flatMap((values, index) => Object.entries(under(String(index), values)));
    writeFileSync(join(folder, files.job), JSON.stringify(job));
    writeFileSync(join(folder, files.weights), writeSafetensors(Object.fromEntries(weights)));
    const questions = under("evaluation", exam.evaluation.batch.inputs);
    writeFileSync(join(folder, files.questions), writeSafetensors(questions));
    const ran = await runWorker(entry, "certify", folder, {
      milliseconds,
      onInterrupt: remove,
      onEvent: () => undefined,
    });
    if (ran.kind !== "done") return undefined;
    return bestOf(exam, problem, readSafetensors(readFileSync(join(folder, files.answers))), choices.length);
  } finally {
    remove();
  }
}

function bestOf(exam: Exam, problem: Problem, answers: Tensors, count: number): Certificate | undefined {
  const standings = range(count).flatMap((index) => standingIn(exam, answers, String(index)) ?? []);
  const [first, ...others] = standings;
  if (first === undefined) return undefined;
  const best = others.reduce((a, b) => (b.excess < a.excess ? b : a), first);
  return { holds: best.kind === "reached", loss: problem.best.loss + best.excess };
}
