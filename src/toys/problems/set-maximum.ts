/** @file The largest element of a set whose size changes. */
import { at, range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { inRows } from "../changes.ts";
import { head, squared } from "../heads.ts";
import { affineProbe, staysTheSame } from "../probes.ts";
import type { Batch, Predictor, Problem } from "../problem.ts";
import { indices, named, reals, row } from "../tensor.ts";
import {
  bestLine,
  errorOfConstant,
  errorOfCount,
  errorOfOne,
  errorOfRanks,
  givenEmpty,
  givenOne,
  meanOf,
  meanOfAll,
  rankWeights,
  type Sizes,
} from "./largest.ts";
import { everyRow, indexField, level, realField } from "./parts.ts";
import { permutation } from "./questions.ts";

const sizes: Sizes = { slots: 5, fewest: 2 };
const noise = 0.1;

const elements = realField(
  "elements",
  [sizes.slots],
  "numbers in [−1, 1]; those of empty slots mean nothing",
);
const present = indexField("present", [sizes.slots], 2, "1 where the slot holds an element");

/** Elements lie in [−1, 1], and the formulas are about [0, 1]. */
const toUnit = (x: number): number => (x + 1) / 2;
const fromUnit = (u: number): number => 2 * u - 1;
const lossOf = (error: number): number => 4 * error + noise ** 2;

/** One slot, in the unit interval. */
interface Slot {
  readonly u: number;
  readonly held: boolean;
}

const slotsOf = ({ inputs }: Batch, index: number): readonly Slot[] => {
  const held = row(named(inputs, present.name), index);
  return Array.from(row(named(inputs, elements.name), index), (x, slot) => ({
    u: toUnit(x),
    held: at(held, slot) === 1,
  }));
};

const says =
  (value: (slots: readonly Slot[]) => number): Predictor =>
  (batch) => ({
    maximum: everyRow(batch, [], (index) => [fromUnit(value(slotsOf(batch, index)))]),
  });

const valuesOf = (slots: readonly Slot[]): readonly number[] =>
  slots.filter(({ held }) => held).map(({ u }) => u);

const largest = (slots: readonly Slot[]): number => Math.max(...valuesOf(slots));

/** Which slots hold an element: first how many, then any of them. */
function mask(random: Random): boolean[] {
  const count = sizes.fewest + random.below(sizes.slots - sizes.fewest + 1);
  return permutation(sizes.slots, random).map((place) => place < count);
}

function draw(rows: number, random: Random): Batch {
  const all = range(rows).map(() => mask(random).map((held) => ({ u: random.uniform(), held })));
  return {
    rows,
    inputs: {
      elements: reals(
        [rows, sizes.slots],
        all.flat().map(({ u }) => fromUnit(u)),
      ),
      present: indices(
        [rows, sizes.slots],
        all.flat().map(({ held }) => Number(held)),
      ),
    },
    targets: {
      maximum: reals(
        [rows],
        all.map((slots) => fromUnit(largest(slots)) + noise * random.normal()),
      ),
    },
    hidden: {},
  };
}

const line = bestLine(sizes);

/** Other elements at these slots. */
const redrawn = (slots: readonly number[] = range(sizes.slots)) =>
  inRows(elements, (own, random) =>
    own.map((value, slot) => (slots.includes(slot) ? fromUnit(random.uniform()) : value)),
  );

const remasked = inRows(present, (_, random) => mask(random).map(Number));

export const setMaximum: Problem = {
  name: "set-maximum",
  title: "the largest element of a set",
  story: `${sizes.slots} slots, of which ${sizes.fewest} to ${sizes.slots} hold an element; elements are uniform in [−1, 1], and so is what stands in empty
slots. The target is the largest element plus noise of deviation ${noise}.`,
  source: "folklore; after Zaheer et al. 2017, Deep sets",
  tags: ["regression", "set", "mask"],
  inputs: [elements, present],
  heads: [head("maximum", [], squared({ variance: noise ** 2, most: 1 }))],
  batch: 64,
  steps: 1500,
  draw,
  best: level(noise ** 2, "the variance of the noise", says(largest)),
  rungs: [
    {
      ...level(
        lossOf(errorOfConstant(sizes)),
        "the variance of the target",
        says(() => meanOfAll(sizes)),
      ),
      name: "constant",
      kind: "floor",
      bugs: ["the input does not reach the output", "no gradient reaches the weights"],
      probe: staysTheSame("other elements, another mask", (batch, random) => ({
        ...redrawn()(batch, random),
        present: named(remasked(batch, random), present.name),
      })),
    },
    {
      ...level(
        lossOf(errorOfCount(sizes)),
        "the variance of the largest of m elements, averaged over m",
        says((slots) => meanOf(valuesOf(slots).length)),
      ),
      name: "elements not read",
      kind: "floor",
      bugs: ["the mask is read as the elements", "elements are multiplied by zero"],
      probe: staysTheSame("other elements", redrawn()),
    },
    {
      ...level(
        lossOf(errorOfRanks(sizes)),
        "each value counts with the probability that it is the largest which is an element",
        says((slots) => {
          const ordered = slots.map(({ u }) => u).sort((a, b) => a - b);
          return rankWeights(sizes).reduce((sum, weight, k) => sum + weight * at(ordered, k), 0);
        }),
      ),
      name: "mask not read",
      kind: "floor",
      bugs: ["empty slots are read as elements: the mask is forgotten"],
      probe: staysTheSame("another mask", remasked),
    },
    {
      ...level(
        lossOf(line.error),
        "the least squares line through the mean of the elements",
        says((slots) => {
          const values = valuesOf(slots);
          return line.a + (line.b * values.reduce((sum, u) => sum + u, 0)) / values.length;
        }),
      ),
      name: "affine in the mean",
      kind: "floor",
      bugs: ["a mean pool with no activation before and after it"],
      probe: affineProbe(elements.name),
    },
    {
      ...level(
        lossOf(errorOfOne(sizes)),
        "the mean of the largest, given what one slot holds",
        ...range(sizes.slots).map((slot) =>
          says((slots) => {
            const { u, held } = at(slots, slot);
            return held ? givenOne(sizes, u) : givenEmpty(sizes);
          }),
        ),
      ),
      name: "one slot only",
      kind: "floor",
      bugs: [
        "one slot's output is read, and slots do not mix before it",
        "the pool runs over the wrong axis",
      ],
      probe: staysTheSame(
        "other elements in all slots but one",
        ...range(sizes.slots).map((slot) => redrawn(range(sizes.slots).filter((other) => other !== slot))),
      ),
    },
  ],
};
