/** @file Code as users write it, in float32, called with the questions of a problem. */
import { describe, expect, test } from "vitest";
import { at } from "../../../src/base/assert.ts";
import type { FunctionVerdict } from "../../../src/result/functions.ts";
import { judgedFunction } from "../../../src/toys/functions/judge.ts";
import type { Answer, Argument, FunctionProblem } from "../../../src/toys/functions/problem.ts";
import type { Tensor } from "../../../src/toys/tensor.ts";

type Numbers = readonly number[];
/** Nested lists as the shape says, or the number itself. */
export type Plain = number | readonly Plain[];

const nested = ({ shape, data }: Tensor): Plain => {
  const [size, ...rest] = shape;
  if (size === undefined) return at(data, 0);
  const step = data.length / size;
  return Array.from({ length: size }, (_, i) =>
    nested({ shape: rest, data: data.subarray(i * step, (i + 1) * step) }),
  );
};

const plainOf = (argument: Argument): Plain => {
  if (typeof argument === "number") return Math.fround(argument);
  return "shape" in argument ? nested(argument) : argument.map(nested);
};

function shapeOf(value: Plain): number[] {
  return typeof value === "number" ? [] : [value.length, ...shapeOf(value[0] ?? 0)];
}

const flat = (value: Plain): Numbers => (typeof value === "number" ? [value] : value.flatMap(flat));

const tensorOf = (value: Plain): Tensor => ({
  shape: shapeOf(value),
  data: Float32Array.from(flat(value)),
});

/** The verdict on a function of nested lists; `several` where it gives a list of tensors. */
export function verdictOn(
  problem: FunctionProblem,
  user: (...given: never[]) => Plain,
  { claim, several = false }: { readonly claim?: unknown; readonly several?: boolean } = {},
): FunctionVerdict {
  const said = problem.questions(claim).map(({ given }): Answer => {
    const value = user(...(Object.values(given).map(plainOf) as never[]));
    return several && typeof value !== "number" ? value.map(tensorOf) : [tensorOf(value)];
  });
  return judgedFunction(problem, claim, said);
}

/** Names of the bugs that an answer is like. */
export const bugsOf = (verdict: FunctionVerdict): readonly string[] =>
  verdict.kind === "stuck" ? verdict.rungs.map(({ name }) => name) : [verdict.kind];

type User = (...given: never[]) => Plain;

/** Code that is right reaches the problem's first meaning, and code with each of its bugs is told by that bug alone. */
export function describeUsers(
  problem: FunctionProblem,
  right: User,
  broken: Readonly<Record<string, User>>,
  options: { readonly claim?: unknown; readonly several?: boolean } = {},
): void {
  describe(`${problem.name}, as users write it`, () => {
    const meaning = problem.meant(options.claim ?? problem.examples[0])[0];

    test("is reached by right code", () => {
      const verdict = verdictOn(problem, right, options);
      expect(verdict).toEqual({ kind: "reached", is: [meaning?.name], unseen: [] });
    });

    test.each(Object.entries(broken))("names: %s", (name, user) => {
      expect(bugsOf(verdictOn(problem, user, options))).toEqual([name]);
    });

    test("has code for every bug that is known", () => {
      expect(Object.keys(broken).sort()).toEqual(meaning?.variants.map(({ name }) => name).sort());
    });
  });
}
