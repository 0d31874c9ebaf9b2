/** @file Squared errors, and how they are summed and divided. */
import { at, zip } from "../../../base/assert.ts";
import { rowsIn, scalar } from "../given.ts";
import { closed } from "../meanings.ts";
import type { Definition, FunctionProblem, Meaning } from "../problem.ts";
import { average, bug, fractions, type Row, type Rows, total } from "./parts.ts";

const errorsIn = (outputs: Rows, targets: Rows): Rows =>
  zip(outputs, targets).map(([output, target]) => zip(output, target).map(([a, b]) => a - b));

const square = (x: number): number => x ** 2;

/** `reduce` makes one number of a number for every element. */
function meaning(
  name: string,
  derivation: string,
  usual: boolean,
  reduce: (elements: Rows) => number,
): Meaning {
  const of =
    (
      elements: (outputs: Rows, targets: Rows) => Rows,
      after: (value: number) => number = (x) => x,
    ): Definition =>
    (given) =>
      scalar(after(reduce(elements(rowsIn(given, "outputs"), rowsIn(given, "targets")))));
  const each = (f: (error: number) => number) => (outputs: Rows, targets: Rows) =>
    errorsIn(outputs, targets).map((row) => row.map(f));
  const centred = (row: Row, means: Row): Row => zip(row, means).map(([x, mean]) => x - mean);
  return {
    name,
    derivation,
    usual,
    answer: of(each(square)),
    variants: [
      bug(
        "absolute error",
        "|y − t| in the place of its square",
        of(each(Math.abs)),
        "the square is missing; what is learned is a median",
      ),
      bug(
        "not squared",
        "y − t in the place of its square",
        of(each((x) => x)),
        "the square is missing; the loss has no lowest value",
      ),
      bug(
        "root",
        "the root of it",
        of(each(square), Math.sqrt),
        "a root mean square is reported where its square is meant",
      ),
      bug(
        "every row against every other",
        "the mean of the squares of all differences between outputs of one row and targets of another",
        of((outputs, targets) =>
          outputs.map((output) =>
            output.map((y, k) => average(targets.map((target) => square(y - at(target, k))))),
          ),
        ),
        "[B, 1] meets [B] and gives [B, B]; the best answer is then the mean of all targets",
      ),
      bug(
        "variance of errors",
        "squares of what differs from the mean error",
        of((outputs, targets) => {
          const errors = errorsIn(outputs, targets);
          const means = at(errors, 0).map((_, k) => average(errors.map((row) => at(row, k))));
          return errors.map((row) => centred(row, means).map(square));
        }),
        "a variance in the place of a mean of squares: a constant error costs nothing",
      ),
      bug(
        "means before squares",
        "the square of the mean error",
        of((outputs, targets) => {
          const errors = errorsIn(outputs, targets);
          const mean = average(errors.flat());
          return errors.map((row) => row.map(() => square(mean)));
        }),
        "outputs and targets are averaged first, and errors of opposite signs cancel",
      ),
    ],
  };
}

export const squaredError: FunctionProblem = closed({
  name: "squared-error",
  slot: "squaredError",
  signature: "squaredError(outputs [B, K], targets [B, K]) → mean over everything",
  title: "mean squared error",
  story: "Wanted is the mean of (y − t)² over all B rows and K numbers of each.",
  source: "Legendre 1805, Nouvelles méthodes pour la détermination des orbites des comètes, appendix",
  operations: 40,
  asked: [
    {
      name: "four rows of three numbers",
      given: { outputs: fractions("outputs", 4, 3), targets: fractions("targets", 4, 3) },
    },
  ],
  meanings: [
    meaning("mean", "the mean over rows and numbers", true, (rows) => average(rows.flat())),
    meaning(
      "half of the mean",
      "½ times the mean over rows and numbers",
      false,
      (rows) => average(rows.flat()) / 2,
    ),
    meaning("mean over rows", "the sum over the numbers of a row, its mean over rows", false, (rows) =>
      average(rows.map(total)),
    ),
    meaning(
      "half of the mean over rows",
      "½ times the sum over the numbers of a row, its mean over rows",
      false,
      (rows) => average(rows.map(total)) / 2,
    ),
    meaning("sum", "the sum over rows and numbers", false, (rows) => total(rows.flat())),
  ],
});
