/** @file What is wrong with the losses that a training function reports, for a terminal. */
import { assertNever } from "../../base/assert.ts";
import type { ToyMisreport, ToyOutcome } from "../../result/toys.ts";

/** Sentences on the first training of which reports are not the losses of steps; none where all are. */
export function reportSentences({ attempts }: ToyOutcome): string[] {
  const misreport = attempts.find((attempt) => attempt.misreport !== undefined)?.misreport;
  if (misreport === undefined) return [];
  const { step, said, truth } = misreport;
  return [
    `\`train\` reports other numbers than the losses of its steps: ${said.toFixed(4)} at step ${step}, where the loss is ${truth.toFixed(4)}. ${whatItIs(misreport)}`,
    "· this is about the numbers that your code prints, not about what it trains",
  ];
}

function whatItIs({ is, factor, output, wrong, reports }: ToyMisreport): string {
  switch (is) {
    case "multiple":
      return `Every report is ${Number(factor?.toPrecision(3))} times the loss`;
    case "output":
      return `Every report is the loss of the output ${output} alone`;
    case "constant":
      return "Every report is the same number";
    case "unknown":
      return `${wrong} of ${reports} reports differ, too many by more than batches do: it is another loss, or an old one, or something is added to it, as weight decay and dropout do`;
    default:
      return assertNever(is);
  }
}
