/** @file Every function problem tells its meanings and its bugs apart, and from anything else. */
import { describe, expect, test } from "vitest";
import { at } from "../../../src/base/assert.ts";
import { catalogue } from "../../../src/toys/catalogue.ts";
import { functionProblems } from "../../../src/toys/functions/catalogue.ts";
import { firstDifference, sameShapes, wantedOf } from "../../../src/toys/functions/compare.ts";
import { judgedFunction } from "../../../src/toys/functions/judge.ts";
import type { Answer, Definition } from "../../../src/toys/functions/problem.ts";

/** What is exact, rounded to float32. */
const rounded = (answer: Answer): Answer =>
  answer.map(({ shape, data }) => ({ shape, data: Float32Array.from(data) }));

const cases = functionProblems.flatMap((problem) =>
  problem.examples.map((claim) => {
    const meaning = at(problem.meant(claim), 0);
    return [`${problem.name}, ${meaning.name}`, problem, { claim, meaning }] as const;
  }),
);

describe.each(cases)("%s", (_, problem, { claim, meaning }) => {
  const questions = problem.questions(claim);
  const answers = (definition: Definition): Answer[] =>
    questions.map(({ given }) => rounded(definition(given)));

  test("is reached by what is right, and every bug would be seen", () => {
    const verdict = judgedFunction(problem, claim, answers(meaning.answer));
    expect(verdict).toEqual({ kind: "reached", is: [meaning.name], unseen: [] });
  });

  test.each(meaning.variants.map((variant) => [variant.name, variant] as const))(
    "knows: %s",
    (name, variant) => {
      const verdict = judgedFunction(problem, claim, answers(variant.answer));
      expect(verdict).toMatchObject({ kind: "stuck", rungs: [{ name }] });
      expect(variant.bugs.length).toBeGreaterThan(0);
      expect(variant.bugs.join()).not.toBe("");
    },
  );

  test("has bugs that are far from what is right and from each other, for rounding", () => {
    const all = [meaning, ...meaning.variants];
    for (const one of all) {
      for (const other of all.filter((another) => another !== one)) {
        const seen = questions.some((question) => {
          const { answer, tolerances } = wantedOf(one.answer, question, problem.operations);
          const said = other.answer(question.given);
          const wide = { answer, tolerances: tolerances.map((tolerance) => 10 * tolerance) };
          return !sameShapes(said, answer) || firstDifference(said, wide) !== undefined;
        });
        expect(seen, `${one.name} against ${other.name}`).toBe(true);
      }
    }
  });

  test("says of anything else where it first differs", () => {
    const wrong = answers(meaning.answer).map((answer) =>
      answer.map(({ shape, data }) => ({
        shape,
        data: data.map((value, i) => value + (i === data.length - 1 ? 0.37 : 0)),
      })),
    );
    const verdict = judgedFunction(problem, claim, wrong);
    expect(verdict).toMatchObject({ kind: "different", from: meaning.name, question: at(questions, 0).name });
    const { wanted, got } = verdict as { wanted: number; got: number };
    expect(got - wanted).toBeCloseTo(0.37, 3);
  });
});

test("names are not used twice", () => {
  const names = [...catalogue, ...functionProblems].map(({ name }) => name);
  const slots = functionProblems.map(({ slot }) => slot);
  expect(new Set(names).size).toBe(names.length);
  expect(new Set(slots).size).toBe(functionProblems.length);
});
