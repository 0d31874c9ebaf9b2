/** @file An entry on one problem: trainings until they show enough. */
import type { ToyAttempt, ToyOutcome, ToyVerdict } from "../../result/toys.ts";
import type { InspectedParameter } from "../../toys/inspection.ts";
import { toleranceOf } from "../../toys/ladder.ts";
import { type Ending, verdictOf } from "../../toys/verdict.ts";
import { type AttemptPlan, attempt } from "./attempt.ts";
import { certified } from "./certify.ts";

export interface OutcomePlan extends Omit<AttemptPlan, "index" | "onProgress"> {
  /** Called as trainings go on: which attempt, how much of it is done, and its loss. */
  onProgress(index: number, share: number, loss: number | null): void;
}

export async function outcomeOf(plan: OutcomePlan): Promise<ToyOutcome> {
  const { problem } = plan;
  const endings: Ending[] = [];
  const attempts: ToyAttempt[] = [];
  const seen: InspectedParameter[] = [];
  const notes = new Set<string>();
  let verdict = verdictOf(problem, endings);
  while (verdict === undefined) {
    const index = endings.length;
    plan.onProgress(index, 0, null);
    const done = await attempt({
      ...plan,
      index,
      onProgress: (share, loss) => plan.onProgress(index, share, loss),
    });
    endings.push(done.ending);
    attempts.push(done.attempt);
    seen.push(...done.parameters);
    for (const note of done.notes) notes.add(note);
    verdict = verdictOf(problem, endings);
  }
  const certificate = isExplained(verdict) ? undefined : await certified(plan, seen);
  const { name, title, best, rungs } = problem;
  return {
    problem: name,
    title,
    best: best.loss,
    tolerance: toleranceOf(problem, best),
    ladder: rungs.map((rung) => ({ name: rung.name, loss: rung.loss })),
    verdict,
    ...(certificate !== undefined && { certificate }),
    notes: [...notes],
    attempts,
  };
}

/** Weights made by hand would say nothing more. */
const isExplained = ({ kind }: ToyVerdict): boolean =>
  kind === "reached" || kind === "below" || kind === "failed" || kind === "flawed";
