/** @file Problems with a few meanings, of which an entry may name one. */
import type { Meaning, Variant } from "./problem.ts";
import { type Answer, type Definition, type FunctionProblem, Misunderstood } from "./problem.ts";

/** A problem whose function is one of these, named by the entry in a word where it is not a usual one. */
export const closed = (
  problem: Omit<FunctionProblem, "open" | "questions" | "examples" | "meant" | "known"> & {
    readonly asked: ReturnType<FunctionProblem["questions"]>;
    readonly meanings: readonly Meaning[];
  },
): FunctionProblem => {
  const { asked, meanings, ...rest } = problem;
  return {
    ...rest,
    open: false,
    questions: () => asked,
    examples: meanings.map(({ name }) => name),
    known: () => meanings,
    meant: (claim) => {
      if (claim === undefined) return [];
      const found = meanings.find(({ name }) => name === claim);
      if (found !== undefined) return [found];
      const names = meanings.map(({ name }) => `"${name}"`).join(", ");
      throw new Misunderstood(`${problem.slot}Is is ${JSON.stringify(claim)}, known are ${names}`);
    },
  };
};

/** What is done to what the definition gives, such as a mean over rows. */
export interface Reduction {
  readonly name: string;
  readonly derivation: string;
  readonly usual: boolean;
  readonly reduce: (answer: Answer) => Answer;
}

/** One meaning for every reduction, each with all variants reduced in the same way. */
export const reducedBy = (
  reductions: readonly Reduction[],
  answer: Definition,
  variants: readonly Variant[],
): readonly Meaning[] =>
  reductions.map(({ name, derivation, usual, reduce }) => ({
    name,
    derivation,
    usual,
    answer: (given) => reduce(answer(given)),
    variants: variants.map((variant) => ({
      ...variant,
      answer: (given) => reduce(variant.answer(given)),
    })),
  }));
