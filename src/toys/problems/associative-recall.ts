/** @file Values recalled by their keys: the smallest multi-query associative recall. */
import { at, range } from "../../base/assert.ts";
import { others, shuffled } from "../changes.ts";
import { categorical, head } from "../heads.ts";
import { staysTheSame } from "../probes.ts";
import type { Problem } from "../problem.ts";
import { indexField, level } from "./parts.ts";
import {
  certain,
  oneOf,
  permutation,
  posed,
  type Question,
  says,
  saysNothing,
  tokens,
  uncertainty,
  uncertaintyOfOneOf,
  uniform,
} from "./questions.ts";

const pairs = 4;
const values = 8;
const remembered = 2;
const length = 3 * pairs;

const question: Question = {
  input: indexField(
    "tokens",
    [length],
    pairs + values,
    `${pairs} pairs of a key (0 … ${pairs - 1}) and a value (${pairs} more than its class), then each key once, as queries`,
  ),
  answers: head("recalled", [pairs], categorical(values)),
  noise: 0.1,
  draw: (random) => {
    const keys = permutation(pairs, random);
    const held = tokens(pairs, values, random);
    return [...keys.flatMap((key, i) => [key, pairs + at(held, i)]), ...permutation(pairs, random)];
  },
  right: (own, item) => valueOf(own, pairOf(own, item)),
};

const valueOf = (own: readonly number[], pair: number): number => at(own, 2 * pair + 1) - pairs;

/** The pair that a query asks for. */
const pairOf = (own: readonly number[], item: number): number =>
  range(pairs).findIndex((pair) => own[2 * pair] === own[2 * pairs + item]);

const places = {
  values: range(pairs).map((pair) => 2 * pair + 1),
  early: range(pairs - remembered).map((pair) => 2 * pair + 1),
  queries: range(pairs).map((item) => 2 * pairs + item),
};

const anyValue = level(
  uncertaintyOfOneOf(pairs, values, question.noise),
  "each of the values is as likely the one: E[H(their shares)]",
  says(question, (own) =>
    oneOf(
      values,
      range(pairs).map((pair) => valueOf(own, pair)),
    ),
  ),
);

export const associativeRecall: Problem = posed(question, {
  name: "associative-recall",
  title: "values recalled by their keys",
  story: `${pairs} pairs of a key and a value, keys in random order and values uniform among ${values}, then each key once more, in random
order. The answer to a key is its value, or a uniform class with probability ${question.noise}.`,
  source: "Arora et al. 2023, Zoology, multi-query associative recall",
  tags: ["classification", "sequence", "recall", "attention"],
  batch: 64,
  steps: 2500,
  rungs: [
    {
      ...level(Math.log(values), "values are uniform and independent of the keys", saysNothing(question)),
      name: "no context",
      kind: "floor",
      bugs: [
        "queries see only themselves: tokens do not mix, or a mask hides what came before",
        "attention runs over the wrong axis",
        "values do not reach the output",
      ],
      probe: staysTheSame("other values", others(question.input, places.values, pairs)),
    },
    {
      ...anyValue,
      name: "binding lost",
      kind: "floor",
      bugs: [
        "nothing tells which value stands behind which key: positions are missing, and there is no causal mask",
        "the pairs are pooled before they are asked",
      ],
      probe: staysTheSame("the values in another order", shuffled(question.input, places.values)),
    },
    {
      ...anyValue,
      name: "queries not read",
      kind: "floor",
      bugs: ["attention is uniform: queries do not reach the scores", "the softmax runs over the wrong axis"],
      probe: staysTheSame("other queries", shuffled(question.input, places.queries)),
    },
    {
      ...level(
        (remembered * uncertainty(question.noise, certain(values, 0)) +
          (pairs - remembered) * Math.log(values)) /
          pairs,
        `the key is among the last ${remembered} pairs with probability ${remembered}/${pairs}; else its value is uniform`,
        says(question, (own, item) => {
          const pair = pairOf(own, item);
          return pair < pairs - remembered ? uniform(values) : certain(values, valueOf(own, pair));
        }),
      ),
      name: `last ${remembered} pairs only`,
      kind: "floor",
      bugs: ["a window, a truncated sequence or a state that forgets ends before the first pairs"],
      probe: staysTheSame("other values in the first pairs", others(question.input, places.early, pairs)),
    },
  ],
});
