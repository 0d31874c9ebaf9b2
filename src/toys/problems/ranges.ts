/**
 * @file Models whose logits can't leave a set, because an activation comes before the loss: the best of such logits for a
 * law of classes, and probes that tell such models. Cross-entropy is convex in the logits, and so are the sets.
 */
import { at, invariant, range } from "../../base/assert.ts";
import { answersSo } from "../probes.ts";
import type { Probe } from "../problem.ts";
import { named } from "../tensor.ts";

/** float64 resolves no more. */
const halvings = 60;

/**
 * The best logits in [low, high]. Where the loss has no slope a logit is the logarithm of its probability plus a shift that
 * all share, log Σ exp; the others are at the end that they are drawn to. The shift that does not change is found by halving.
 */
export function bestWithin(low: number, high: number, law: readonly number[]): readonly number[] {
  const clamped = (shift: number): number[] =>
    law.map((p) => Math.min(high, Math.max(low, Math.log(p) + shift)));
  let [below, above] = [low, high].map((end) => end + Math.log(law.length)) as [number, number];
  for (const _ of range(halvings)) {
    const middle = (below + above) / 2;
    const next = Math.log(clamped(middle).reduce((sum, logit) => sum + Math.exp(logit), 0));
    if (next > middle) below = middle;
    else above = middle;
  }
  return clamped(above);
}

/**
 * The best logits that are probabilities, where one class leads: 1 for it and 0 for the others. Moving a little of the 1 to
 * another class then gains nothing, which convexity makes enough.
 */
export function bestProbabilities(law: readonly number[]): readonly number[] {
  const first = law.indexOf(Math.max(...law));
  const second = Math.max(...law.filter((_, label) => label !== first));
  // The slopes are softmax(u) − p.
  const lead = (Math.E - 1) / (Math.E + law.length - 1);
  invariant(at(law, first) - second >= lead, "one class leads far enough");
  return law.map((_, label) => Number(label === first));
}

/** Rounding of float32. */
const rounding = 1e-4;

const everyItemSatisfies = (
  says: string,
  output: string,
  holds: (values: readonly number[]) => boolean,
): Probe =>
  answersSo(
    says,
    ({ inputs }) => inputs,
    (answers) => {
      const { shape, data } = named(answers, output);
      const width = at(shape, shape.length - 1);
      return range(data.length / width).every((item) =>
        holds(Array.from(data.subarray(item * width, (item + 1) * width))),
      );
    },
  );

/** A softmax comes before the loss. */
export const givesProbabilities = (output: string): Probe =>
  everyItemSatisfies("the outputs of every item are positive and sum to 1", output, (values) => {
    const sum = values.reduce((total, value) => total + value, 0);
    return values.every((value) => value >= 0) && Math.abs(sum - 1) < rounding;
  });

const minus = (value: number): string => `${value}`.replace("-", "−");

/** An activation with this range comes before the loss. */
export const staysWithin = (low: number, high: number, output: string): Probe =>
  everyItemSatisfies(`all outputs lie between ${minus(low)} and ${minus(high)}`, output, (values) =>
    values.every((value) => value >= low - rounding && value <= high + rounding),
  );
