/** @file The tokens of a sequence in ascending order, all of them at once. */
import { at, range } from "../../base/assert.ts";
import { others } from "../changes.ts";
import { categorical, head } from "../heads.ts";
import { itemsMoveAlong, itemsStayTheSame, staysTheSame } from "../probes.ts";
import type { Level, Problem } from "../problem.ts";
import { binomial, indexField, level } from "./parts.ts";
import {
  inputNotRead,
  type Law,
  oneOf,
  posed,
  type Question,
  says,
  tokens,
  uncertainty,
  uncertaintyOfOneOf,
} from "./questions.ts";

const length = 5;
const classes = 6;

const question: Question = {
  input: indexField("source", [length], classes, "a sequence"),
  answers: head("sorted", [length], categorical(classes)),
  noise: 0.1,
  draw: (random) => tokens(length, classes, random),
  right: (own, item) => at(ascending(own), item),
};

const ascending = (own: readonly number[]): readonly number[] => [...own].sort((a, b) => a - b);
const places = range(length);

/** By how many tokens there are and by v: the probabilities of how many of them are at most v. */
const atMost = range(length + 1).map((count) =>
  range(classes).map((v) => binomial(count, (v + 1) / classes)),
);

/**
 * The law of the token that is at `item` in ascending order, where only these tokens are known and the others are uniform:
 * it is at most v if more than `item` of all tokens are.
 */
function sortedLaw(known: readonly number[], item: number): Law {
  const cumulative = at(atMost, length - known.length).map((law, v) => {
    const needed = item + 1 - known.filter((token) => token <= v).length;
    return law.reduce((sum, p, count) => (count >= needed ? sum + p : sum), 0);
  });
  return cumulative.map((p, v) => p - (cumulative[v - 1] ?? 0));
}

/** A model whose answers see these places of the source, and know their own position. */
function seeing(derivation: string, sees: (item: number) => readonly number[]): Level {
  const losses = places.flatMap((item) => {
    const sequences = allOf(sees(item).length);
    const each = 1 / (sequences.length * length);
    return sequences.map((known) => each * uncertainty(question.noise, sortedLaw(known, item)));
  });
  const law = (own: readonly number[], item: number): Law =>
    sortedLaw(
      sees(item).map((place) => at(own, place)),
      item,
    );
  return level(
    losses.reduce((sum, loss) => sum + loss, 0),
    derivation,
    says(question, law),
  );
}

const allOf = (count: number): readonly (readonly number[])[] =>
  range(count).reduce<readonly (readonly number[])[]>(
    (shorter) => shorter.flatMap((known) => range(classes).map((token) => [...known, token])),
    [[]],
  );

export const sort: Problem = posed(question, {
  name: "sort",
  title: "tokens in ascending order",
  story: `${length} tokens, uniform among ${classes}. The answers, given all at once, are the tokens in ascending order, each a uniform
class instead with probability ${question.noise}.`,
  source: "folklore; a standard test of sequence-to-sequence models",
  tags: ["classification", "sequence", "set", "attention"],
  batch: 64,
  steps: 1500,
  rungs: [
    {
      ...inputNotRead(question),
      name: "the same everywhere",
      bugs: ["neither the source nor the position reaches the output", "no gradient reaches the weights"],
    },
    {
      ...seeing("the law of each order statistic", () => []),
      name: "source not read",
      kind: "floor",
      bugs: ["answers are read from their positions alone", "the mask hides the source"],
      probe: staysTheSame("another source", others(question.input)),
    },
    {
      ...level(
        uncertaintyOfOneOf(length, classes, question.noise),
        `without its position an answer is each of the tokens with equal chance, also where one's own token is known: E[H(their
shares)]. A causal mask breaks it`,
        says(question, (own) => oneOf(classes, own)),
      ),
      name: "positions missing",
      kind: "floor",
      bugs: [
        "attention without positions and without a causal mask",
        "answers are all asked with the same query",
      ],
      probe: itemsMoveAlong("the source rotated by one place", question.input, [...places.slice(1), 0]),
    },
    {
      ...seeing("the law of each order statistic where one of the tokens is known", (item) => [item]),
      name: "own token only",
      kind: "floor",
      bugs: ["tokens do not mix", "attention runs over the wrong axis"],
      probe: itemsStayTheSame(
        "other tokens around the second",
        others(
          question.input,
          places.filter((place) => place !== 1),
        ),
        [1],
      ),
    },
    {
      ...seeing("the law of each order statistic where earlier tokens are known", (item) => range(item + 1)),
      name: "causal",
      kind: "floor",
      bugs: ["the source has a causal mask, or is read by a recurrence in one direction"],
      probe: itemsStayTheSame(
        "other tokens behind the second",
        others(question.input, places.slice(2)),
        [0, 1],
      ),
    },
  ],
});
