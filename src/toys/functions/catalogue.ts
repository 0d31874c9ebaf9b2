/** @file All function problems. */
import type { FunctionProblem } from "./problem.ts";
import { advantages } from "./problems/advantages.ts";

export const functionProblems: readonly FunctionProblem[] = [advantages];

/** Names under which an entry brings functions. */
export const slots: readonly string[] = functionProblems.map(({ slot }) => slot);
