/** @file Reports of losses: honest ones give no alarm, wrong ones are named, and what may be honest in its own way is let be. */
import { expect, test } from "vitest";
import { at, range } from "../../src/base/assert.ts";
import { random } from "../../src/base/random.ts";
import { mean } from "../../src/toys/betting.ts";
import { examOf, reportAt } from "../../src/toys/exam.ts";
import { losses } from "../../src/toys/measure.ts";
import type { Batch, Predictor } from "../../src/toys/problem.ts";
import { xorRegression } from "../../src/toys/problems/xor-regression.ts";
import { misreportOf, type Report, type StepLoss } from "../../src/toys/reports.ts";
import { outputs, type Tensors } from "../../src/toys/tensor.ts";

const [batch, freshRows, steps, checkpoints] = [64, 512, 960, 24];

interface Step {
  readonly before: StepLoss;
  readonly after: StepLoss;
}
/** What a training says at a step, of which it knows all that came before. */
type Say = (all: readonly Step[], index: number) => number;

/** A training whose expected losses fall from 2 to 1 and from 1 to 0.2, with losses of rows of a skewed law. */
function reportsOf(seed: number, say: Say): Report[] {
  const source = random(seed);
  const [ofRows, ofFresh] = [source.fork("rows"), source.fork("fresh")];
  // A row's loss is exponential: its deviation is its mean.
  const meanOfRows = (mean: number, rows: number, from: typeof source): number =>
    range(rows).reduce((sum) => sum - mean * Math.log(1 - from.uniform()), 0) / rows;
  const expected = (step: number): readonly number[] => {
    const left = Math.exp(-step / 160);
    return [1 + left, 0.2 + 0.8 * left];
  };
  const lossOf = ([label = 0, value = 0]: readonly number[]): StepLoss => ({
    total: label + value,
    outputs: { label, value },
  });
  const all = range(steps).map((step) => {
    const own = expected(step).map((mean) => meanOfRows(mean, batch, ofRows));
    // A step lowers the loss of its own batch more than that of others.
    return { before: lossOf(own), after: lossOf(own.map((loss) => loss * 0.97)) };
  });
  // The same rows at all checkpoints.
  const fresh = range(2).map(() => meanOfRows(1, freshRows, ofFresh));
  return range(checkpoints).map((k) => {
    const step = ((k + 1) * steps) / checkpoints;
    const here = expected(step);
    const variance = here.reduce((sum, mean) => sum + mean ** 2, 0);
    return {
      step,
      said: say(all, step - 1),
      before: (all[step - 1] as Step).before,
      after: (all[step - 1] as Step).after,
      fresh: {
        mean: here.reduce((sum, mean, output) => sum + mean * (fresh[output] ?? 0), 0),
        deviation: Math.sqrt(variance / batch),
      },
    };
  });
}

const own: Say = (all, index) => all[index]?.before.total ?? 0;
const average =
  (length: number): Say =>
  (all, index) => {
    const some = range(length).flatMap((back) => all[index - back]?.before.total ?? []);
    return some.reduce((sum, loss) => sum + loss, 0) / some.length;
  };

const forgetting =
  (kept: number): Say =>
  (all, index) =>
    all
      .slice(0, index + 1)
      .reduce((mean, { before }, k) => (k === 0 ? before.total : kept * mean + (1 - kept) * before.total), 0);

const seeds = range(60);

test.each<[string, Say]>([
  ["the loss of the step", own],
  ["the loss after the step", (all, index) => all[index]?.after.total ?? 0],
  ["rounded to two digits", (all, index) => Number(own(all, index).toFixed(2))],
  ["the loss of the step before", (all, index) => own(all, index - 1)],
  ["a mean over twenty steps", average(20)],
  ["a mean over the steps since the last checkpoint", average(steps / checkpoints)],
  ["a mean over all steps", average(steps)],
  ["a running mean that forgets", forgetting(0.98)],
  ["a running mean that forgets slowly", forgetting(0.99)],
])("%s gives no alarm", { timeout: 60_000 }, (_, say) => {
  for (const seed of seeds) expect(misreportOf(reportsOf(seed, say))).toBeUndefined();
});

test.each<[string, Say, object]>([
  ["half of the loss", (all, i) => own(all, i) / 2, { is: "multiple", factor: 0.5, wrong: 24 }],
  ["the sum over the batch", (all, i) => own(all, i) * batch, { is: "multiple", factor: batch }],
  ["one output", (all, i) => all[i]?.before.outputs["value"] ?? 0, { is: "output", output: "value" }],
  ["the first loss", (all) => own(all, 0), { is: "constant" }],
  ["the loss half of the training ago", (all, i) => own(all, Math.max(0, i - steps / 2)), { is: "unknown" }],
  ["with weight decay", (all, i) => own(all, i) + 2 + i / steps, { is: "unknown" }],
  ["a share of right answers", (all, i) => 1 - own(all, i) / 6, { is: "unknown" }],
])("%s is caught", { timeout: 60_000 }, (_, say, expected) => {
  for (const seed of seeds) {
    const found = misreportOf(reportsOf(seed, say));
    expect(found).toMatchObject({
      ...expected,
      ...("factor" in expected && { factor: expect.closeTo(Number(expected.factor), 6) as unknown }),
    });
    expect(found?.truth).toBeGreaterThan(0);
  }
});

test("few reports show nothing", () => {
  expect(misreportOf(reportsOf(0, (all, i) => own(all, i) / 2).slice(0, 3))).toBeUndefined();
  expect(misreportOf([])).toBeUndefined();
});

const exam = examOf(xorRegression, 3, 4);
const under = (set: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${set}/${name}`, tensor]));

test("the losses of a step's batch are told of its answers, and of each output alone", () => {
  const [first, second] = [0, 1].map((index) => at(exam.train, index)) as [Batch, Batch];
  const [best] = xorRegression.best.predictors as readonly [Predictor];
  const constant: Predictor = ({ rows }) => ({
    label: outputs([rows], new Float64Array(rows)),
    target: outputs([rows], new Float64Array(rows)),
  });
  const answers = {
    ...under("curve", best(exam.curve)),
    ...under("before", constant(second)),
    ...under("after", best(second)),
  };
  const report = reportAt(exam, answers, { step: 2, said: 7 });
  const squares = second.targets["target"]?.data.map((value) => value ** 2) ?? [];
  expect(report?.before.outputs["label"]).toBeCloseTo(Math.log(2), 10);
  expect(report?.before.outputs["target"]).toBeCloseTo(mean(squares), 6);
  expect(report?.before.total).toBeCloseTo(Math.log(2) + mean(squares), 6);
  expect(report?.after.total).toBeCloseTo(mean(losses(xorRegression, second, best(second))), 10);
  expect(report?.fresh.mean).toBeCloseTo(xorRegression.best.loss, 1);
  expect(report?.fresh.deviation).toBeGreaterThan(0.01);
  // Answers to another batch have another loss.
  const other = reportAt(exam, { ...answers, ...under("after", best(first)) }, { step: 2, said: 7 });
  expect(other?.after.total).not.toBeCloseTo(report?.after.total ?? 0, 3);
  expect(reportAt(exam, under("curve", best(exam.curve)), { step: 2, said: 7 })).toBeUndefined();
});
