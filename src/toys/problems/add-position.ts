/** @file Every token plus its position. */
import { at, range } from "../../base/assert.ts";
import { categorical, head } from "../heads.ts";
import { itemsMoveAlong } from "../probes.ts";
import type { Problem } from "../problem.ts";
import { indexField, level } from "./parts.ts";
import {
  inputNotRead,
  oneOf,
  posed,
  type Question,
  says,
  saysNothing,
  tokens,
  uncertainty,
} from "./questions.ts";

const classes = 4;
const length = 2 * classes;
/** Positions that a table of half the length tells from each other. */
const table = length / 2;

const question: Question = {
  input: indexField("tokens", [length], classes, "a sequence"),
  answers: head("sums", [length], categorical(classes)),
  noise: 0.1,
  draw: (random) => tokens(length, classes, random),
  right: (own, item) => (at(own, item) + item) % classes,
};

/** Positions that look like this one where the table ends early and its last entry stands for all later ones. */
const alike = (position: number): readonly number[] =>
  position < table - 1 ? [position] : range(length).slice(table - 1);

const clipped = (own: readonly number[], item: number): readonly number[] =>
  oneOf(
    classes,
    alike(item).map((position) => (at(own, item) + position) % classes),
  );

/** Uncertainty is that of the position, whatever the token. */
const lossOfClipped = range(length).reduce((sum, item) => {
  return sum + uncertainty(question.noise, clipped(new Array<number>(length).fill(0), item)) / length;
}, 0);

const rotated = (from: number): readonly number[] =>
  range(length).map((item) => (item < from ? item : item + 1 === length ? from : item + 1));

export const addPosition: Problem = posed(question, {
  name: "add-position",
  title: "every token plus its position",
  story: `${length} tokens x₀, x₁, …, uniform among ${classes}. Answer t is (x_t + t) mod ${classes}, or a uniform class with probability
${question.noise}.`,
  source: "folklore",
  tags: ["classification", "sequence", "position"],
  batch: 64,
  steps: 600,
  rungs: [
    inputNotRead(question),
    {
      ...level(
        Math.log(classes),
        `without its position, a token leaves every answer equally likely, and other tokens are independent of it. A causal
mask breaks it: counting what is visible tells the position (Haviv et al. 2022)`,
        saysNothing(question),
      ),
      name: "position-blind",
      kind: "floor",
      bugs: [
        "positions are not added, or all are the same",
        "positions count rows of the batch instead of time",
      ],
      probe: itemsMoveAlong("tokens rotated by one place", question.input, rotated(0)),
    },
    {
      ...level(
        lossOfClipped,
        `from position ${table - 1} on all look alike, so that the answer has the law of their remainders`,
        says(question, clipped),
      ),
      name: "positions clipped",
      kind: "floor",
      bugs: ["the table of positions is half as long as the sequence, and indices are clamped to its end"],
      probe: itemsMoveAlong(
        `tokens rotated by one place among those from ${table - 1} on`,
        question.input,
        rotated(table - 1),
      ),
    },
  ],
});
