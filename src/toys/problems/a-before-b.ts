/** @file Which of two marks comes first in a sequence. */
import { at, range } from "../../base/assert.ts";
import { inRows, others, shuffled } from "../changes.ts";
import { binary, head } from "../heads.ts";
import { staysTheSame } from "../probes.ts";
import type { Predictor, Problem } from "../problem.ts";
import { indexField, level } from "./parts.ts";
import {
  certain,
  inputNotRead,
  posed,
  type Question,
  says,
  saysNothing,
  tokens,
  uncertainty,
  uniform,
} from "./questions.ts";

const length = 6;
const fillers = 4;
const [a, b] = [fillers, fillers + 1];

const question: Question = {
  input: indexField(
    "tokens",
    [length],
    fillers + 2,
    `fillers 0 … ${fillers - 1}, one A (${a}), one B (${b})`,
  ),
  answers: head("label", [], binary),
  noise: 0.1,
  draw: (random) => {
    const own = tokens(length, fillers, random);
    const first = random.below(length);
    const second = (first + 1 + random.below(length - 1)) % length;
    own[first] = a;
    own[second] = b;
    return own;
  },
  right: (own) => Number(own.indexOf(a) < own.indexOf(b)),
};

/** Knows the answer where a mark is at this place, and nothing elsewhere. */
const atPlace = (place: number, first: boolean): Predictor =>
  says(question, (own) => {
    const token = at(own, place);
    return token < fillers ? uniform(2) : certain(2, Number((token === a) === first));
  });

const known = 2 / length;
const ofOneToken =
  known * uncertainty(question.noise, certain(2, 0)) + (1 - known) * uncertainty(question.noise, uniform(2));

/** A model that sees one end of the sequence. */
const oneEnd = (name: string, place: number, bugs: readonly string[]): Problem["rungs"][number] => ({
  ...level(
    ofOneToken,
    `the token there is a mark with probability 2/${length}, which decides; else the order is open`,
    atPlace(place, place === 0),
  ),
  name,
  kind: "floor",
  bugs,
  probe: staysTheSame(
    "other tokens at all other places",
    others(
      question.input,
      range(length).filter((other) => other !== place),
    ),
  ),
});

const allMarksB = inRows(question.input, (own) => own.map((token) => (token === a ? b : token)));

export const aBeforeB: Problem = posed(question, {
  name: "a-before-b",
  title: "which of two marks comes first",
  story: `${length} tokens: an A and a B at different random places, the others uniform among ${fillers} fillers. The label says whether A
comes before B, and is a coin's with probability ${question.noise}.`,
  source: "folklore",
  tags: ["classification", "sequence", "order"],
  batch: 64,
  steps: 600,
  rungs: [
    inputNotRead(question),
    {
      ...level(
        Math.log(2),
        `exchanging the places of A and B keeps which tokens there are and turns the answer. The output must not depend on
order: a causal mask breaks it, since later tokens see more (Haviv et al. 2022)`,
        saysNothing(question),
      ),
      name: "order-blind",
      kind: "floor",
      bugs: [
        "attention without positions and without a causal mask, then a pool",
        "tokens are pooled before anything sees their order",
      ],
      probe: staysTheSame("the tokens in another order", shuffled(question.input)),
    },
    {
      ...level(
        Math.log(2),
        "exchanging A and B turns the answer and, for such a model, nothing else",
        saysNothing(question),
      ),
      name: "marks alike",
      kind: "floor",
      bugs: ["both marks use one row of the embedding table: ids are clipped or hashed"],
      probe: staysTheSame("a second B for A", allMarksB),
    },
    oneEnd("last token only", length - 1, [
      "the last output is read, and tokens do not mix before it",
      "attention is limited to the token itself",
    ]),
    oneEnd("first token only", 0, [
      "the first output is read, and a causal mask hides all that comes later",
      "the first output is read, and tokens do not mix before it",
    ]),
  ],
});
