/** @file Gradients that are made no longer than allowed. */
import { at } from "../../../base/assert.ts";
import { outputs, reals } from "../../tensor.ts";
import { numberIn, tensorsIn } from "../given.ts";
import { closed } from "../meanings.ts";
import type { Definition, FunctionProblem, Given } from "../problem.ts";
import { bug, fractions, type Row, type Rows, total } from "./parts.ts";

/** What becomes of all gradients. */
type Clip = (gradients: Rows, most: number) => Rows;

const by =
  (clip: Clip): Definition =>
  (given) => {
    const tensors = tensorsIn(given, "gradients");
    const clipped = clip(
      tensors.map(({ data }) => Array.from(data)),
      numberIn(given, "mostNorm"),
    );
    return tensors.map(({ shape }, k) => outputs(shape, at(clipped, k)));
  };

const squares = (row: Row): number => total(row.map((value) => value ** 2));
const norm = (row: Row): number => Math.sqrt(squares(row));

/** The factor that makes a norm no larger than allowed. */
const factor = (size: number, most: number): number => Math.min(1, most / size);

const scaled = (gradients: Rows, by: number): Rows => gradients.map((row) => row.map((value) => value * by));

/** Everything times one factor, from some size of all. */
const together =
  (size: (gradients: Rows) => number): Clip =>
  (gradients, most) =>
    scaled(gradients, factor(size(gradients), most));

const global = (gradients: Rows): number => norm(gradients.flat());

const notClipped = bug(
  "not clipped",
  "the gradients as they are",
  by((gradients) => gradients),
  "the result of the clipping is not used, or the norm is only reported",
);

const given = (mostNorm: number): Given => ({
  gradients: [fractions("first", 3), fractions("second", 2, 2), reals([2], [0.6, -0.4])],
  mostNorm,
});

export const clip: FunctionProblem = closed({
  name: "clip",
  slot: "clip",
  signature: "clip(gradients, a list of tensors, mostNorm) → the list of clipped tensors",
  title: "gradients clipped by their global norm",
  story:
    "Wanted are all gradients times min(1, mostNorm / ‖g‖), where ‖g‖ is the root of the sum of squares over all numbers of all tensors.",
  source:
    "Pascanu, Mikolov and Bengio 2013, On the difficulty of training recurrent neural networks, algorithm 1",
  operations: 30,
  asked: [
    { name: "a norm that is too large", given: given(0.5) },
    { name: "a norm that is allowed", given: given(50) },
  ],
  meanings: [
    {
      name: "global norm",
      derivation: "one factor for all tensors",
      usual: true,
      answer: by(together(global)),
      variants: [
        notClipped,
        bug(
          "always scaled",
          "g mostNorm / ‖g‖, also where that is larger than g",
          by((gradients, most) => scaled(gradients, most / global(gradients))),
          "the minimum with 1 is missing: small gradients grow",
        ),
        bug(
          "factor upside down",
          "g max(1, ‖g‖ / mostNorm)",
          by((gradients, most) => scaled(gradients, 1 / factor(global(gradients), most))),
          "the norm is divided by what is allowed",
        ),
        bug(
          "root left out",
          "the norm is the sum of squares",
          by(together((gradients) => squares(gradients.flat()))),
          "the root is missing",
        ),
        bug(
          "norms added",
          "the norm is the sum of the tensors' norms",
          by(together((gradients) => total(gradients.map(norm)))),
          "norms are added where their squares have to be",
        ),
        bug(
          "largest norm",
          "the norm is the largest of the tensors' norms",
          by(together((gradients) => Math.max(...gradients.map(norm)))),
          "a maximum over tensors in the place of a sum",
        ),
        bug(
          "last tensor's norm",
          "the norm is that of the last tensor",
          by(together((gradients) => norm(at(gradients, gradients.length - 1)))),
          "the sum is overwritten at every tensor, not added to",
        ),
        bug(
          "sum of sizes",
          "the norm is the sum of absolute values",
          by(together((gradients) => total(gradients.flat().map(Math.abs)))),
          "another norm than the Euclidean one",
        ),
        bug(
          "root mean square",
          "the norm is the root of the mean of squares",
          by(together((gradients) => global(gradients) / Math.sqrt(gradients.flat().length))),
          "a mean in the place of the sum",
        ),
        bug(
          "set to zero",
          "0 where the norm is too large",
          by((gradients, most) => (global(gradients) > most ? scaled(gradients, 0) : gradients)),
          "steps with large gradients are left out, not shortened",
        ),
      ],
    },
    {
      name: "each tensor by its own norm",
      derivation: "a factor for every tensor, which changes the direction of the step",
      usual: false,
      answer: by((gradients, most) =>
        gradients.map((row) => row.map((value) => value * factor(norm(row), most))),
      ),
      variants: [notClipped],
    },
    {
      name: "each number",
      derivation: "every number is kept within −mostNorm … mostNorm",
      usual: false,
      answer: by((gradients, most) =>
        gradients.map((row) => row.map((value) => Math.min(most, Math.max(-most, value)))),
      ),
      variants: [notClipped],
    },
  ],
});
