/**
 * @file Whether the losses that a user's training reports are those of its steps. At a checkpoint the model is asked for the
 * step's own batch before and after the step: an honest report lies between, up to rounding, and no chance is taken. Other
 * numbers are named where they are always a multiple, one output's loss or the same. What is left may be honest in its own way,
 * as a mean over some steps is; it is called wrong only where the noise of batches can't explain it.
 */
import { at } from "../base/assert.ts";
import type { ToyMisreport } from "../result/toys.ts";
import { logMeanExp, mean } from "./betting.ts";
import { agrees, roundingOf } from "./rounding.ts";

/** The true loss of a step's batch, in all, and of each output alone. */
export interface StepLoss {
  readonly total: number;
  readonly outputs: Readonly<Record<string, number>>;
}

/** What is known at a checkpoint. */
export interface Report {
  readonly step: number;
  readonly said: number;
  readonly before: StepLoss;
  readonly after: StepLoss;
  /** The loss on fresh data, the same at all checkpoints, and the deviation of the loss of one batch. */
  readonly fresh: { readonly mean: number; readonly deviation: number };
}

/** Fewer reports show no pattern. */
const fewest = 4;

/** Chance of calling numbers wrong that are losses of some batch, or means of several, at steps since the last checkpoint. */
const risk = 1e-3;

/** What the reports are instead, where they are not the losses of the steps. */
export function misreportOf(reports: readonly Report[]): ToyMisreport | undefined {
  const wrong = reports.filter((report) => !fits(report, ({ total }) => total));
  if (reports.length < fewest || wrong.length <= reports.length / 2) return undefined;
  const what = named(reports) ?? unlikely(reports);
  if (what === undefined) return undefined;
  const gap = ({ said, before }: Report): number => Math.abs(said - before.total);
  const { step, said, before } = wrong.reduce((most, report) => (gap(report) > gap(most) ? report : most));
  return { step, said, truth: before.total, wrong: wrong.length, reports: reports.length, ...what };
}

type What = Pick<ToyMisreport, "is" | "factor" | "output">;

/** What the number is in every report. */
function named(reports: readonly Report[]): What | undefined {
  const { said: first, before } = at(reports, 0);
  if (reports.every(({ said }) => agrees(said, first))) return { is: "constant" };
  const all = (of: (loss: StepLoss) => number): boolean => reports.every((report) => fits(report, of));
  const output = Object.keys(before.outputs).find((name) =>
    all(({ outputs }) => outputs[name] ?? Number.NaN),
  );
  if (output !== undefined) return { is: "output", output };
  const factor = factorOf(reports);
  return all(({ total }) => factor * total) ? { is: "multiple", factor } : undefined;
}

/** Whether a report is this of the step's batch, at some point of the step. */
function fits({ said, before, after }: Report, of: (loss: StepLoss) => number): boolean {
  const [one, other] = [of(before), of(after)];
  return agrees(said, Math.min(Math.max(said, Math.min(one, other)), Math.max(one, other)));
}

/** The multiple of the losses that is closest to the reports, by least squares. */
function factorOf(reports: readonly Report[]): number {
  const products = reports.map(({ said, before }) => said * before.total);
  return mean(products) / mean(reports.map(({ before }) => before.total ** 2));
}

/** Whether the reports are neither losses of other batches nor means over earlier steps, by more than the noise of batches. */
function unlikely(reports: readonly Report[]): What | undefined {
  const share = keptShare(reports);
  // A new loss at every checkpoint, a running mean that forgets, and one that starts with the training.
  const kept = [() => 0, () => share, ({ step }: Report, last: number) => last / step];
  const isRefuted = (of: Kept): boolean => logEvidenceAgainst(reports, of) >= -Math.log(risk / 2);
  return kept.every(isRefuted) ? { is: "unknown" } : undefined;
}

/** The share that the last report has in a running mean, from the step of the last one. */
type Kept = (report: Report, last: number) => number;

/** The share that explains the reports best, by least squares. */
function keptShare(reports: readonly Report[]): number {
  const pairs = reports.slice(1).map(({ said, fresh }, index) => {
    const last = at(reports, index).said - fresh.mean;
    return { product: last * (said - fresh.mean), square: last ** 2 };
  });
  const share = mean(pairs.map(({ product }) => product)) / mean(pairs.map(({ square }) => square));
  return Math.min(Math.max(share, 0), mostKept);
}

/** A mean over as long as that is told from a number that never changes. */
const mostKept = 0.9;

/**
 * Logarithm of the evidence that reports are too high, or too low, for a mean of the last report and of losses of batches at
 * steps since then. Those have the expected loss of some of these steps, of which the change on fresh data tells.
 */
function logEvidenceAgainst(reports: readonly Report[], kept: Kept): number {
  const gaps = reports.map((report, index) => {
    const { said, before, after, fresh } = report;
    const last = reports[index - 1] ?? report;
    const share = index === 0 ? 0 : kept(report, last.step);
    const change = fresh.mean - last.fresh.mean;
    const [low, high] = [Math.min(before.total, after.total), Math.max(before.total, after.total)];
    // What is new in the report, as the loss of a batch; and the deviation of the difference of two batches.
    const added = (said - share * last.said) / (1 - share);
    const deviation = Math.SQRT2 * Math.max(fresh.deviation, last.fresh.deviation, roundingOf(high));
    return {
      above: (added - high - Math.max(0, -change)) / deviation,
      below: (low - added - Math.max(0, change)) / deviation,
    };
  });
  return Math.max(...[gaps.map(({ above }) => above), gaps.map(({ below }) => below)].map(logEvidenceAbove));
}

/** Larger numbers count as this one, and these are the stakes of bets on the numbers. */
const [largest, stakes] = [8, [0.05, 0.1, 0.2, 0.3, 0.5]] as const;

/**
 * Logarithm of the evidence against numbers that have a mean of at most 0 and a deviation of at most 1, each given those before
 * it. e^(λx − φ(λ)) with φ(λ) = (e^(λc) − 1 − λc) / c² then has a mean of at most 1 for x ≤ c (Freedman 1975, On tail
 * probabilities for martingales, lemma 3.1), and the mean of such capitals over λ refutes that where it grows.
 */
function logEvidenceAbove(numbers: readonly number[]): number {
  const logs = stakes.map(() => 0);
  let most = 0;
  for (const number of numbers) {
    for (const [k, stake] of stakes.entries()) {
      const price = (Math.expm1(stake * largest) - stake * largest) / largest ** 2;
      logs[k] = (logs[k] ?? 0) + stake * Math.min(number, largest) - price;
    }
    most = Math.max(most, logMeanExp(logs));
  }
  return most;
}
