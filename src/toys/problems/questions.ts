/**
 * @file Questions with right answers: every item of a row has one class, which is drawn anew, uniformly, now and then.
 * The noise keeps the best logits finite, and whatever a class of models can't see shows in the law that it must give.
 */
import { at, range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { type Change, others } from "../changes.ts";
import type { Head } from "../heads.ts";
import { staysTheSame } from "../probes.ts";
import type { Batch, Field, Predictor, Problem, Rung } from "../problem.ts";
import { indices, reals } from "../tensor.ts";
import { binomial, entropy, level, predictsFrom } from "./parts.ts";

export interface Question {
  readonly input: Field;
  readonly answers: Head;
  /** Probability that a class is drawn anew. */
  readonly noise: number;
  /** One row of the input. */
  draw(random: Random): readonly number[];
  /** The right class of an item. */
  right(own: readonly number[], item: number): number;
}

/** Probabilities of the classes. */
export type Law = readonly number[];

const classesOf = ({ answers: { scoring } }: Question): number =>
  scoring.kind === "binary" ? 2 : scoring.width;

const itemsOf = ({ answers: { items } }: Question): number =>
  items.reduce((product, size) => product * size, 1);

/** What becomes of the law of the right class when the class may be drawn anew. */
const noisy = (law: Law, noise: number): Law => law.map((p) => (1 - noise) * p + noise / law.length);

/** The lowest cross-entropy of a model to which the right class has this law. */
export const uncertainty = (noise: number, law: Law): number => entropy(noisy(law, noise));

export const uniform = (classes: number): Law => range(classes).map(() => 1 / classes);

/** One class for sure. */
export const certain = (classes: number, right: number): Law =>
  range(classes).map((c) => Number(c === right));

/** A model to which the right class of every item has this law. */
export const says =
  (question: Question, law: (own: readonly number[], item: number) => Law): Predictor =>
  (batch) => {
    const { input, answers, noise } = question;
    const ofItem = (own: readonly number[], item: number): readonly number[] => {
      const logs = noisy(law(own, item), noise).map(Math.log);
      return answers.scoring.kind === "binary" ? [at(logs, 1) - at(logs, 0)] : logs;
    };
    const shape = answers.scoring.width === 1 ? answers.items : [...answers.items, answers.scoring.width];
    return predictsFrom(input.name, answers.name, shape, (own) =>
      range(itemsOf(question)).flatMap((item) => ofItem(own, item)),
    )(batch);
  };

/** A model that says the same whatever it is asked. */
export const saysNothing = (question: Question): Predictor =>
  says(question, () => uniform(classesOf(question)));

/** The rung of models that do not read their input, where every answer is uniform. */
export const inputNotRead = (question: Question, change: Change = others(question.input)): Rung => ({
  ...level(Math.log(classesOf(question)), "every answer alone is uniform", saysNothing(question)),
  name: "input not read",
  kind: "floor",
  bugs: ["the input does not reach the output", "no gradient reaches the weights"],
  probe: staysTheSame(`other numbers for ${question.input.name}`, change),
});

/** The problem of answering a question. */
export const posed = (
  question: Question,
  rest: Pick<Problem, "name" | "title" | "story" | "source" | "tags" | "batch" | "steps" | "rungs">,
): Problem => ({
  ...rest,
  inputs: [question.input],
  heads: [question.answers],
  draw: (rows, random) => drawn(question, rows, random),
  best: level(
    uncertainty(question.noise, certain(classesOf(question), 0)),
    "the entropy of an answer that is drawn anew now and then",
    says(question, (own, item) => certain(classesOf(question), question.right(own, item))),
  ),
});

function drawn(question: Question, rows: number, random: Random): Batch {
  const { input, answers, noise } = question;
  const all = range(rows).map(() => question.draw(random));
  const answer = (right: number): number =>
    random.uniform() < noise ? random.below(classesOf(question)) : right;
  const given = all.flatMap((own) =>
    range(itemsOf(question)).map((item) => answer(question.right(own, item))),
  );
  const [asTensor, asTargets] = [
    input.count === undefined ? reals : indices,
    answers.scoring.kind === "binary" ? reals : indices,
  ];
  return {
    rows,
    inputs: { [input.name]: asTensor([rows, ...input.shape], all.flat()) },
    targets: { [answers.name]: asTargets([rows, ...answers.items], given) },
    hidden: {},
  };
}

/** The law of a class that is picked among these at random. */
export const oneOf = (classes: number, picked: readonly number[]): Law =>
  range(classes).map((c) => picked.filter((other) => other === c).length / picked.length);

/**
 * The lowest cross-entropy where the right class is one of `count` uniform ones and nothing tells which: each class is held
 * by K ~ Bin(count, 1 / classes) of them, so that it is E[classes · (−q log q)] with q the noisy share of K.
 */
export const uncertaintyOfOneOf = (count: number, classes: number, noise: number): number =>
  binomial(count, 1 / classes).reduce((sum, p, held) => {
    const q = ((1 - noise) * held) / count + noise / classes;
    return sum - p * classes * q * Math.log(q);
  }, 0);

/** Independent uniform tokens. */
export const tokens = (count: number, classes: number, random: Random): number[] =>
  range(count).map(() => random.below(classes));

/** 0 … count − 1 in random order. */
export function permutation(count: number, random: Random): number[] {
  const order: number[] = [];
  for (const next of range(count)) {
    const place = random.below(next + 1);
    const moved = order[place];
    order[place] = next;
    if (moved !== undefined) order[next] = moved;
  }
  return order;
}
