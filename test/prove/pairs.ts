/** @file Compares the two sides of an identity as two models. */
import { at } from "../../src/base/assert.ts";
import type { Verdict } from "../../src/result/verdict.ts";
import type { Pair } from "./identities.ts";
import { verdictOn } from "./models.ts";

/** A model that computes a side; several rows, since functions with signs agree on some of them by chance. */
export const modelOf = (
  side: string,
): string => `F(x : [B, n], u : [B, n], A : [n, n], M : [n, n]) -> y : [B, n]
  ${isEquation(side) ? side : `y = ${side}`}
where
  n = 6
`;

const isEquation = (side: string): boolean => side.startsWith("y[");

export const judge = ([left, right]: Pair): Verdict => verdictOn(modelOf(left), modelOf(right));

export type Wrap = (side: string) => string;

/** Each item in the next of the functions. */
export const wrapped = (pairs: readonly Pair[], functions: readonly Wrap[]): Pair[] =>
  pairs
    .filter((pair) => !pair.some(isEquation))
    .map(([left, right], i) => {
      const wrap = at(functions, i % functions.length);
      return [wrap(left), wrap(right)];
    });
