/** @file What a function is, from its answers: what it is meant to be, what a bug makes of it, or neither. */
import { at, invariant, range, zip } from "../../base/assert.ts";
import type { FunctionVerdict, Likeness } from "../../result/functions.ts";
import type { Tensor } from "../tensor.ts";
import { firstDifference, sameShapes, type Wanted, wantedOf } from "./compare.ts";
import {
  type Answer,
  type Definition,
  type FunctionProblem,
  type Meaning,
  Misunderstood,
  type Question,
  type Variant,
} from "./problem.ts";

/** A function's answers to all questions, and what it is compared with. */
class Answers {
  readonly problem: FunctionProblem;
  readonly questions: readonly Question[];
  readonly said: readonly Answer[];

  constructor(problem: FunctionProblem, questions: readonly Question[], said: readonly Answer[]) {
    this.problem = problem;
    this.questions = questions;
    this.said = said;
  }

  wanted(definition: Definition): Wanted[] {
    return this.questions.map((question) => wantedOf(definition, question, this.problem.operations));
  }

  are(definition: Definition): boolean {
    return zip(this.questions, this.said).every(([question, said]) => {
      const exact = definition(question.given);
      if (!sameShapes(said, exact) || !isNear(said, exact)) return false;
      return firstDifference(said, wantedOf(definition, question, this.problem.operations)) === undefined;
    });
  }

  haveShapesOf(definition: Definition): boolean {
    return zip(this.questions, this.said).every(([{ given }, said]) => sameShapes(said, definition(given)));
  }
}

/** Far beyond what rounding does: spares the search for the exact tolerance. */
const farOff = 0.01;

const isNear = (said: Answer, exact: Answer): boolean =>
  zip(said, exact).every(([{ data: got }, { data: wanted }]) => {
    const most = Math.max(0, ...Array.from(wanted, Math.abs));
    return range(wanted.length).every((i) => {
      const gap = Math.abs(at(got, i) - at(wanted, i));
      return !(gap > farOff * most);
    });
  });

/** The verdict on answers to `problem.questions(claim)`, where the entry says `claim` of what it means. */
export function judgedFunction(
  problem: FunctionProblem,
  claim: unknown,
  said: readonly Answer[],
): FunctionVerdict {
  const questions = problem.questions(claim);
  const answers = new Answers(problem, questions, said);
  const known = (): readonly Meaning[] => problem.known(claim, said);
  const meant = problem.meant(claim);
  return meant.length === 0 ? unclaimed(answers, known()) : claimed(answers, meant, known);
}

function claimed(
  answers: Answers,
  meant: readonly Meaning[],
  known: () => readonly Meaning[],
): FunctionVerdict {
  const [first] = meant.filter((meaning) => answers.are(meaning.answer));
  const main = at(meant, 0);
  if (first !== undefined) return reached(answers, [first], main.variants);
  const bugs = main.variants.filter((variant) => answers.are(variant.answer));
  if (bugs.length > 0) return { kind: "stuck", rungs: bugs.map(told) };
  const others = once(known().filter((meaning) => answers.are(meaning.answer)));
  if (others.length > 0) return { kind: "stuck", rungs: others.map((other) => instead(other, main)) };
  return different(answers, main);
}

/** The first of each name: one bug may be one of several meanings. */
const once = <N extends { readonly name: string }>(all: readonly N[]): N[] =>
  all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index);

/** Where the entry doesn't say what it means, what is usual is right, and what is not usual may be meant. */
function unclaimed(answers: Answers, known: readonly Meaning[]): FunctionVerdict {
  const own = once(known.filter((meaning) => answers.are(meaning.answer)));
  const usual = own.filter((meaning) => meaning.usual);
  if (usual.length > 0) return reached(answers, usual, at(usual, 0).variants);
  if (own.length > 0) return { kind: "inconclusive", is: own.map(asMeaning) };
  const variants = known.flatMap((meaning) => meaning.variants);
  const bugs = once(variants.filter((variant) => answers.are(variant.answer))).map(told);
  if (answers.problem.open) return { kind: "inconclusive", is: bugs };
  if (bugs.length > 0) return { kind: "stuck", rungs: bugs };
  const first = known.find((meaning) => answers.haveShapesOf(meaning.answer));
  return different(answers, first ?? at(known, 0));
}

function reached(
  answers: Answers,
  meanings: readonly Meaning[],
  variants: readonly Variant[],
): FunctionVerdict {
  const { answer } = at(meanings, 0);
  const exact = answers.questions.map(({ given }) => answer(given));
  const same = new Answers(answers.problem, answers.questions, exact);
  const unseen = variants.filter((variant) => same.are(variant.answer));
  return {
    kind: "reached",
    is: meanings.map(({ name }) => name),
    unseen: unseen.map(({ name }) => name),
  };
}

const told = ({ name, derivation, bugs }: Variant): Likeness => ({ name, derivation, bugs });

const asMeaning = ({ name, derivation }: Meaning): Likeness => ({ name, derivation, bugs: [] });

const instead = ({ name, derivation }: Meaning, meant: Meaning): Likeness => ({
  name,
  derivation,
  bugs: [`another definition than the one that is meant: ${meant.name}`],
});

function different(answers: Answers, meant: Meaning): FunctionVerdict {
  const { problem, questions, said } = answers;
  const wanted = answers.wanted(meant.answer);
  for (const [index, question] of questions.entries()) {
    const [own, right] = [at(said, index), at(wanted, index)];
    if (!sameShapes(own, right.answer))
      return {
        kind: "failed",
        why: "wrong-shape",
        message: `the answer has ${shapes(own)}, wanted is ${shapes(right.answer)}`,
      };
    const first = firstDifference(own, right);
    if (first === undefined) continue;
    const { output, indices } = first;
    return {
      kind: "different",
      from: meant.name,
      question: question.name,
      place: problem.place?.(output, indices) ?? (indices.length === 0 ? "" : `[${indices.join(", ")}]`),
      wanted: finite(first.wanted),
      got: finite(first.got),
    };
  }
  invariant(false, "answers differ from what they are not like");
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const shapes = (answer: Answer): string => {
  const text = ({ shape }: Tensor): string => `[${shape.join(", ")}]`;
  return answer.length === 1
    ? `the shape ${answer.map(text).join()}`
    : `shapes ${answer.map(text).join(", ")}`;
};

/** Whether the entry's words about its function are understood; what is wrong with them where they are not. */
export function misunderstanding(problem: FunctionProblem, claim: unknown): string | undefined {
  try {
    problem.meant(claim);
    return undefined;
  } catch (error) {
    if (error instanceof Misunderstood) return error.message;
    throw error;
  }
}
