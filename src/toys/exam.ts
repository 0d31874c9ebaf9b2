/** @file One training's data: what is trained on, and what the trained model is asked. */
import { at, range } from "../base/assert.ts";
import { type Random, random } from "../base/random.ts";
import { concatenated, drawn } from "./batches.ts";
import { mean } from "./betting.ts";
import { type Ladder, ladderOn } from "./ladder.ts";
import { losses } from "./measure.ts";
import type { Batch, Problem, Rung } from "./problem.ts";
import type { Report, StepLoss } from "./reports.ts";
import { evaluationRows, type Standing, standingOf, units } from "./standing.ts";
import { joined, type Tensor, type Tensors } from "./tensor.ts";

export interface Exam {
  readonly problem: Problem;
  /** Fresh batches, one for every step. */
  readonly train: readonly Batch[];
  /** On which the model is judged, and on which its curve is drawn. */
  readonly evaluation: Ladder;
  readonly curve: Batch;
  readonly probes: readonly ProbeQuestions[];
}

interface ProbeQuestions {
  readonly rung: Rung;
  readonly plain: Batch;
  readonly others: readonly Tensors[];
}

/** Rows on which curves are drawn; they are for the eye. */
const curveRows = 512;

/** Everything that is drawn for a training with this seed. */
export function examOf(problem: Problem, seed: number, steps: number): Exam {
  const source = random(seed);
  const fresh = (label: string, rows: number): Batch =>
    concatenated(drawn(problem, Math.ceil(rows / problem.batch), source.fork(label)));
  return {
    problem,
    train: drawn(problem, steps, source.fork("train")),
    evaluation: ladderOn(problem, fresh("evaluation", evaluationRows(problem))),
    curve: fresh("curve", curveRows),
    probes: problem.rungs.flatMap((rung) => questionsOf(problem, rung, source.fork("probes"))),
  };
}

function questionsOf(problem: Problem, rung: Rung, source: Random): ProbeQuestions[] {
  if (rung.probe === undefined) return [];
  const plain = problem.draw(problem.batch, source.fork("plain"));
  return [{ rung, plain, others: rung.probe.inputs(plain, source.fork(rung.name)) }];
}

/** Tensors of all training data: inputs/NAME and targets/NAME. */
export const trainingTensors = ({ train }: Exam): Tensors => ({
  ...under("inputs", joined(train.map(({ inputs }) => inputs))),
  ...under("targets", joined(train.map(({ targets }) => targets))),
});

/** Tensors of all questions: SET/NAME. */
export function questionTensors(exam: Exam): Tensors {
  const probes = exam.probes.flatMap(({ plain, others }, index) =>
    [plain.inputs, ...others].map((inputs, k) => under(sets.probe(index, k), inputs)),
  );
  const asked = [
    under(sets.evaluation, exam.evaluation.batch.inputs),
    under(sets.curve, exam.curve.inputs),
    ...probes,
  ];
  return Object.fromEntries(asked.flatMap((tensors) => Object.entries(tensors)));
}

const sets = {
  evaluation: "evaluation",
  curve: "curve",
  train: "train",
  /** The batch of a step, before and after it. */
  before: "before",
  after: "after",
  probe: (index: number, k: number) => `probe-${index}-${k}`,
};

/** Tensors of a set, as files hold them: SET/NAME. */
export const under = (set: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${set}/${name}`, tensor]));

/** What a trained model answered is not what was asked: a message for its author. */
export class WrongAnswers extends Error {}

/** A model's answers hold numbers that are none; how many. */
export class NotFinite extends Error {}

/** The answers to one set, checked. Throws WrongAnswers or NotFinite. */
function answered({ heads }: Problem, answers: Tensors, set: string, rows: number): Tensors {
  return Object.fromEntries(
    heads.map(({ name, items, scoring: { width } }) => {
      const tensor = answers[`${set}/${name}`];
      const wanted = [rows, ...items, ...(width === 1 ? [] : [width])];
      if (tensor === undefined) throw new WrongAnswers(`there is no output ${name}`);
      if (tensor.shape.join() !== wanted.join())
        throw new WrongAnswers(`${name} is [${tensor.shape.join(", ")}], wanted is [${wanted.join(", ")}]`);
      return [name, finite(name, tensor)];
    }),
  );
}

function finite(name: string, tensor: Tensor): Tensor {
  const bad = range(tensor.data.length).filter((i) => !Number.isFinite(tensor.data[i])).length;
  if (bad === 0) return tensor;
  throw new NotFinite(`${bad} of ${tensor.data.length} numbers of the output ${name} are not finite`);
}

/** What rungs' probes say of a model: whether it is of their class, and what else its answers tell where it is. */
export interface Probed {
  readonly confirmed: ReadonlyMap<Rung, boolean>;
  readonly measured: ReadonlyMap<Rung, string>;
}

/** Where a model stands, and what its probes say. */
export interface Judged extends Probed {
  readonly standing: Standing;
}

/** Judges all answers of a trained model. Throws WrongAnswers or NotFinite. */
export function judged(exam: Exam, answers: Tensors): Judged {
  const { problem, evaluation, probes } = exam;
  const said = answered(problem, answers, sets.evaluation, evaluation.batch.rows);
  const confirmed = new Map<Rung, boolean>();
  const measured = new Map<Rung, string>();
  for (const [index, { rung, plain, others }] of probes.entries()) {
    const all = range(others.length + 1).map((k) =>
      answered(problem, answers, sets.probe(index, k), plain.rows),
    );
    const [first, ...rest] = all;
    const isOfClass = first !== undefined && rung.probe?.confirms(first, rest) === true;
    confirmed.set(rung, isOfClass);
    const told = isOfClass ? rung.probe?.measures?.(plain, all) : undefined;
    if (told !== undefined) measured.set(rung, told);
  }
  return { standing: standingOf(evaluation, said), confirmed, measured };
}

/** Where these answers to the evaluation's inputs stand; `undefined` where they are none. */
export function standingIn(
  { problem, evaluation }: Exam,
  answers: Tensors,
  set: string,
): Standing | undefined {
  try {
    return standingOf(evaluation, answered(problem, answers, set, evaluation.batch.rows));
  } catch (error) {
    if (error instanceof WrongAnswers || error instanceof NotFinite) return undefined;
    throw error;
  }
}

/** The true loss of a model's answers to the curve's set. Throws as `judged` does. */
export const curveLoss = ({ problem, curve }: Exam, answers: Tensors): number =>
  mean(losses(problem, curve, answered(problem, answers, sets.curve, curve.rows)));

/** A report of a step, if the answers at its checkpoint tell the losses of its batch. Throws as `judged` does. */
export function reportAt(
  { problem, train, curve }: Exam,
  answers: Tensors,
  { step, said }: Pick<Report, "step" | "said">,
): Report | undefined {
  const [{ name } = { name: "" }] = problem.heads;
  if (answers[`${sets.before}/${name}`] === undefined) return undefined;
  const batch = at(train, step - 1);
  const lossOf = (set: string): StepLoss => {
    const outputs = answered(problem, answers, set, batch.rows);
    const total = (heads: Problem["heads"]): number => mean(losses({ ...problem, heads }, batch, outputs));
    return {
      total: total(problem.heads),
      outputs: Object.fromEntries(problem.heads.map((head) => [head.name, total([{ ...head, weight: 1 }])])),
    };
  };
  return {
    step,
    said,
    before: lossOf(sets.before),
    after: lossOf(sets.after),
    fresh: spread(
      units(problem, losses(problem, curve, answered(problem, answers, sets.curve, curve.rows))),
      problem,
    ),
  };
}

/** The mean of losses of independent units, and the deviation of the mean of one batch. */
function spread(values: Float64Array, { coupled, batch }: Problem): Report["fresh"] {
  const middle = mean(values);
  const variance =
    values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / Math.max(1, values.length - 1);
  return {
    mean: middle,
    deviation: Math.sqrt(variance / (coupled === true ? 1 : batch)),
  };
}

/** The true loss of a model's answers to the first batch that it was trained on. Throws as `judged` does. */
export function auditLoss({ problem, train }: Exam, answers: Tensors): number {
  const first = at(train, 0);
  return mean(losses(problem, first, answered(problem, answers, sets.train, first.rows)));
}
