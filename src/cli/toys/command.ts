/** @file `assay toys`: calls an entry's functions and trains it on toy problems, and says where it stands on each. */
import { availableParallelism } from "node:os";
import type { FunctionOutcome } from "../../result/functions.ts";
import type { ToysResult } from "../../result/result.ts";
import type { ToyOutcome } from "../../result/toys.ts";
import type { FunctionProblem } from "../../toys/functions/problem.ts";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { version } from "../package.ts";
import { calledFunctions, tiedToModel } from "./call.ts";
import { foundIn } from "./fit.ts";
import { Live } from "./live.ts";
import { outcomeOf } from "./outcome.ts";
import { inParallel } from "./parallel.ts";
import { readSaved, save } from "./saved.ts";
import { toysText } from "./text.ts";
import { triable, wantedBy } from "./wanted.ts";

export interface ToysOptions {
  readonly entry: string;
  /** Names of problems; all that fit where there are none. */
  readonly only: readonly string[];
  /** How many trainings run at once. */
  readonly jobs?: number;
  /** The longest time of one training, or of calling all functions, in seconds. */
  readonly limit: number;
  /** The result file, which is also where an interrupted run is continued. */
  readonly out?: string;
}

/** Exit 0 when the entry's functions are right, and it reaches the lowest loss of every problem that was tried. */
export async function toys(context: Context, options: ToysOptions): Promise<ExitCode> {
  const { terminal, progress, seed, json, command } = context;
  const { entry, out } = options;
  const milliseconds = options.limit * 1000;
  const wanted = wantedBy(options.only);
  progress.phase(`trying ${entry} on ${wanted.trainings.length + wanted.functions.length} problems`);
  const found = await foundIn(entry, wanted.trainings, { seed, milliseconds });
  progress.done();
  const { trainings, calls } = triable(entry, wanted, found);
  const functions: FunctionOutcome[] = [];
  const unfit = found.fits.flatMap(({ problem, why }) =>
    why === undefined ? [] : [{ problem: problem.name, why }],
  );
  const resultOf = (outcomes: readonly ToyOutcome[]): ToysResult => ({
    schema: "assay/toys@1",
    assay: version,
    command: [...command],
    entry,
    seed,
    functions,
    outcomes: inOrder(trainings, outcomes),
    unfit,
  });
  const outcomes = out === undefined ? [] : readSaved(out, resultOf([]), trainings);
  const live = new Live(terminal, trainings.length + calls.length, outcomes.length);
  const onCalled = ({ name }: FunctionProblem): void => live.ended(name);
  for (const outcome of await calledFunctions({ entry, calls, seed, milliseconds, onCalled })) {
    const why = trainings.length > 0 ? tiedToModel(outcome, calls) : undefined;
    if (why === undefined) functions.push(outcome);
    else unfit.push({ problem: outcome.problem, why });
  }
  const left = trainings.filter(({ name }) => outcomes.every(({ problem }) => problem !== name));
  await inParallel(left, options.jobs ?? availableParallelism(), async (problem) => {
    const onProgress = (index: number, share: number, loss: number | null): void =>
      live.at(problem, index, share, loss);
    outcomes.push(await outcomeOf({ entry, problem, seed, milliseconds, onProgress }));
    live.ended(problem.name);
    if (out !== undefined) save(out, resultOf(outcomes));
  });
  live.done();
  const result = resultOf(outcomes);
  if (out !== undefined) save(out, result);
  terminal.print(json ? `${JSON.stringify(result, null, 2)}\n` : toysText(result, context));
  const verdicts = [...functions, ...outcomes].map(({ verdict }) => verdict);
  return verdicts.every(({ kind }) => kind === "reached") ? exitCodes.well : exitCodes.negative;
}

const inOrder = <O extends { readonly problem: string }>(
  problems: readonly { readonly name: string }[],
  outcomes: readonly O[],
): O[] => problems.flatMap(({ name }) => outcomes.find(({ problem }) => problem === name) ?? []);
