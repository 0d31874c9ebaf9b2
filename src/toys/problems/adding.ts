/** @file The adding problem: the sum of two marked numbers of a long sequence. */
import { at, range } from "../../base/assert.ts";
import { mean } from "../betting.ts";
import { staysTheSame } from "../probes.ts";
import type { Predictor, Probe, Problem, Rung } from "../problem.ts";
import { type Numbers, named, reals, row } from "../tensor.ts";
import { everyRow, level, realField } from "./parts.ts";
import { changed, yHead } from "./regression.ts";

const half = 10;
const length = 2 * half;
const deviation = 0.05;
const noise = deviation ** 2;

/** Of a uniform number in 0 … 1. */
const [middle, variance] = [1 / 2, 1 / 12];

const halves = [0, half];
const positions = (start: number): number[] => range(half).map((position) => start + position);
/** A row holds a number and a mark at every position. */
const numberAt = (x: Numbers, position: number): number => at(x, 2 * position);
const markAt = (x: Numbers, position: number): number => at(x, 2 * position + 1);

/** The marked number of the half that starts there. */
const marked = (x: Numbers, start: number): number =>
  positions(start).reduce((sum, position) => sum + numberAt(x, position) * markAt(x, position), 0);

/** The mean of that half's numbers, of which the marked one is as likely as any other. */
const unmarked = (x: Numbers, start: number): number =>
  mean(positions(start).map((position) => numberAt(x, position)));

type Guess = (x: Numbers, start: number) => number;
const guess: Guess = () => middle;

const says =
  (first: Guess, second: Guess): Predictor =>
  (batch) => ({
    y: everyRow(batch, [], (index) => {
      const x = row(named(batch.inputs, "x"), index);
      return [first(x, 0) + second(x, half)];
    }),
  });

/** Numbers of the positions are drawn anew. */
const numbersProbe = (says: string, hit: readonly number[]): Probe =>
  staysTheSame(says, (batch, random) => {
    const isHit = (index: number): boolean => hit.includes(Math.floor(index / 2) % length);
    return changed(batch, (value, channel, index) =>
      channel === 0 && isHit(index) ? random.uniform() : value,
    );
  });

/** Halves swap their marks. */
const marksProbe: Probe = staysTheSame("the marks of both halves swapped", (batch) => {
  const { data } = named(batch.inputs, "x");
  const swapped = (index: number): number =>
    index % (2 * length) < length ? index + length : index - length;
  return changed(batch, (value, channel, index) => (channel === 1 ? at(data, swapped(index)) : value));
});

const halfLost = (which: string, start: number, bugs: readonly string[]): Rung => ({
  ...level(
    variance + noise,
    "the variance of one number is lost",
    start === 0 ? says(guess, marked) : says(marked, guess),
  ),
  name: `${which} half lost`,
  kind: "floor",
  bugs,
  probe: numbersProbe(`other numbers in the ${which} half`, positions(start)),
});

export const adding: Problem = {
  name: "adding",
  title: "the sum of two marked numbers of a sequence",
  story: `${length} numbers uniform in 0 … 1, each with a mark of 0 or 1. One number of each half is marked,
and y is the sum of the two plus noise of deviation ${deviation}. The loss is squared error.`,
  source: "Hochreiter and Schmidhuber 1997, Long short-term memory, experiment 4",
  tags: ["regression", "sequence", "memory"],
  inputs: [realField("x", [length, 2], "numbers and their marks")],
  heads: yHead(deviation, 0.25),
  batch: 64,
  steps: 2000,
  draw: (rows, random) => {
    const all = range(rows).map(() => {
      const marks = halves.map((start) => start + random.below(half));
      const numbers = range(length).map(() => random.uniform());
      const sum = marks.reduce((total, position) => total + at(numbers, position), 0);
      return { marks, numbers, y: sum + deviation * random.normal() };
    });
    const x = all.flatMap(({ marks, numbers }) =>
      numbers.flatMap((value, position) => [value, Number(marks.includes(position))]),
    );
    return {
      rows,
      inputs: { x: reals([rows, length, 2], x) },
      targets: {
        y: reals(
          [rows],
          all.map(({ y }) => y),
        ),
      },
      hidden: {},
    };
  },
  best: level(noise, "the variance of the noise", says(marked, marked)),
  certificate: {
    // A number in 0 … 1 passes relu(number + mark − 1) where it is marked.
    hidden: {
      weight: range(length).map((own) =>
        range(2 * length).map((place) => Number(Math.floor(place / 2) === own)),
      ),
      bias: range(length).map(() => -1),
    },
    heads: { y: { weight: [range(length).map(() => 1)], bias: [0] } },
  },
  rungs: [
    {
      ...level(2 * variance + noise, "the variance of the sum of two uniform numbers", says(guess, guess)),
      name: "constant",
      kind: "floor",
      bugs: ["the numbers are not read", "the loss broadcasts [N] against [N, 1]"],
      probe: numbersProbe("other numbers", range(length)),
    },
    {
      ...level(
        2 * variance * (1 - 1 / half) + noise,
        `the numbers are seen, the marks are not: in each half the variance of a random one of ${half} around their mean`,
        says(unmarked, unmarked),
      ),
      name: "marks not read",
      kind: "floor",
      bugs: ["the second channel is lost", "numbers are averaged before the marks are read"],
      probe: marksProbe,
    },
    halfLost("first", 0, [
      "the state forgets, or gradients don't reach back so far",
      "the window is half of the sequence",
      "a state is reset between chunks",
    ]),
    halfLost("second", half, ["the sequence is cut after its first half", "only the first chunk is read"]),
  ],
};
