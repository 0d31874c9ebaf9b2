/** @file `assay toys`: trains an entry on toy problems, and says where it stands on the ladder of each. */
import { availableParallelism } from "node:os";
import { at } from "../../base/assert.ts";
import { Diagnostic, quoted } from "../../diag/diagnostic.ts";
import type { ToysResult } from "../../result/result.ts";
import type { ToyOutcome } from "../../result/toys.ts";
import { suggestion } from "../../spec/source.ts";
import { catalogue } from "../../toys/catalogue.ts";
import type { Problem } from "../../toys/problem.ts";
import type { Context } from "../context.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { version } from "../package.ts";
import { type Fit, fitsOf } from "./fit.ts";
import { Live } from "./live.ts";
import { outcomeOf } from "./outcome.ts";
import { inParallel } from "./parallel.ts";
import { readSaved, save } from "./saved.ts";
import { toysText } from "./text.ts";

export interface ToysOptions {
  readonly entry: string;
  /** Names of problems; all that fit where there are none. */
  readonly only: readonly string[];
  /** How many trainings run at once. */
  readonly jobs?: number;
  /** The longest time of one training, in seconds. */
  readonly limit: number;
  /** The result file, which is also where an interrupted run is continued. */
  readonly out?: string;
}

/** Exit 0 when the entry reaches the lowest loss of every problem that was tried. */
export async function toys(context: Context, options: ToysOptions): Promise<ExitCode> {
  const { terminal, progress, seed, json, command } = context;
  const { entry, out } = options;
  const wanted = options.only.length === 0 ? catalogue : options.only.map(problemNamed);
  progress.phase(`trying ${entry} on ${wanted.length} problems`);
  const fits = await fitsOf(entry, wanted, { seed, milliseconds: options.limit * 1000 });
  progress.done();
  const fitting = fits.filter(({ why }) => why === undefined).map(({ problem }) => problem);
  if (fitting.length === 0) throw nothingFits(entry, fits);
  const resultOf = (outcomes: readonly ToyOutcome[]): ToysResult => ({
    schema: "assay/toys@1",
    assay: version,
    command: [...command],
    entry,
    seed,
    outcomes: inOrder(fitting, outcomes),
    unfit: fits.flatMap(({ problem, why }) => (why === undefined ? [] : [{ problem: problem.name, why }])),
  });
  const outcomes = out === undefined ? [] : readSaved(out, resultOf([]), fitting);
  const live = new Live(terminal, fitting.length, outcomes.length);
  const left = fitting.filter((problem) => outcomes.every((known) => known.problem !== problem.name));
  await inParallel(left, options.jobs ?? availableParallelism(), async (problem) => {
    const outcome = await outcomeOf({
      entry,
      problem,
      seed,
      milliseconds: options.limit * 1000,
      onProgress: (index, share, loss) => live.at(problem, index, share, loss),
    });
    outcomes.push(outcome);
    live.ended(outcome);
    if (out !== undefined) save(out, resultOf(outcomes));
  });
  live.done();
  const result = resultOf(outcomes);
  if (out !== undefined) save(out, result);
  terminal.print(json ? `${JSON.stringify(result, null, 2)}\n` : toysText(result, context));
  return outcomes.every(({ verdict }) => verdict.kind === "reached") ? exitCodes.well : exitCodes.negative;
}

function problemNamed(name: string): Problem {
  const found = catalogue.find((problem) => problem.name === name);
  if (found !== undefined) return found;
  const names = catalogue.map((problem) => problem.name);
  const action = suggestion(name, names);
  throw new Diagnostic({
    code: "A1300",
    place: { part: "command line" },
    got: quoted(name),
    want: `one of ${names.join(", ")}`,
    ...(action !== undefined && { action }),
  });
}

function nothingFits(entry: string, fits: readonly Fit[]): Diagnostic {
  const { problem, why = "" } = at(fits, 0);
  return new Diagnostic({
    code: "A1301",
    place: { file: quoted(entry) },
    got: `on ${problem.name}: ${quoted(why)}`,
    want: "a model for at least one problem",
    action: "let the entry be a function of the problem, which says what goes in and out",
  });
}

const inOrder = (problems: readonly Problem[], outcomes: readonly ToyOutcome[]): ToyOutcome[] =>
  problems.flatMap(({ name }) => outcomes.find(({ problem }) => problem === name) ?? []);
