/** @file All toy problems, by families. */
import type { Problem } from "./problem.ts";
import { xorRegression } from "./problems/xor-regression.ts";

export const catalogue: readonly Problem[] = [xorRegression];
