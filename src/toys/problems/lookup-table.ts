/** @file A bit for every token, with nothing to generalise. */

import { at, range } from "../../base/assert.ts";
import { tableOf } from "../certificate.ts";
import { changing } from "../changes.ts";
import { binary, head } from "../heads.ts";
import { answersSo, staysTheSame } from "../probes.ts";
import type { Level, Problem } from "../problem.ts";
import { indices, named, reals } from "../tensor.ts";
import { binaryEntropy, drawnClass, indexField, level, logit, predictsFrom } from "./parts.ts";

const flip = 0.05;
/** Tokens 0 and 1 have different bits, and each half of the others has as many ones as zeros. */
const table = [1, 0, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1];
const tokens = table.length;
/** The first two are frequent, so that it shows when one of them is lost. */
const law = range(tokens).map((token) => (token < 2 ? 0.2 : 0.6 / (tokens - 2)));
/** The last token of a table that is too small. */
const last = 10;

const chanceOfOne = (token: number): number => (at(table, token) === 1 ? 1 - flip : flip);

/** The lowest loss of models that see only what a function makes of the token: the mean of each group is all they can say. */
function seenAs(of: (token: number) => number, derivation: string): Level {
  const groups = range(tokens).map((token) => range(tokens).filter((other) => of(other) === of(token)));
  const means = groups.map((group) => {
    const weight = group.reduce((sum, token) => sum + at(law, token), 0);
    return group.reduce((sum, token) => sum + at(law, token) * chanceOfOne(token), 0) / weight;
  });
  return level(
    means.reduce((sum, mean, token) => sum + at(law, token) * binaryEntropy(mean), 0),
    derivation,
    predictsFrom("token", "label", [], ([token = 0]) => [logit(at(means, token))]),
  );
}

const next = (token: number): number => (token + 1) % tokens;

export const lookupTable: Problem = {
  name: "lookup-table",
  title: "a fixed bit for every token",
  story: `A token 0 … ${tokens - 1} is drawn, 0 and 1 with probability 0.2 each, the others equally often. The label is the token's bit in a
fixed table, flipped with probability ${flip}. Bits have no pattern; half are 1.`,
  source: "folklore: sizes of vocabularies and ids that are off by one",
  tags: ["classification", "tokens"],
  inputs: [indexField("token", [], tokens, "a token")],
  heads: [head("label", [], binary)],
  batch: 64,
  steps: 1500,
  draw: (rows, random) => {
    const drawn = range(rows).map(() => drawnClass(law, random));
    const labels = drawn.map((token) => (random.uniform() < flip ? 1 - at(table, token) : at(table, token)));
    return {
      rows,
      inputs: { token: indices([rows], drawn) },
      targets: { label: reals([rows], labels) },
      hidden: {},
    };
  },
  best: seenAs((token) => token, "the entropy of a flip"),
  certificate: tableOf(
    "label",
    range(tokens).map((token) => [logit(chanceOfOne(token))]),
  ),
  rungs: [
    {
      ...seenAs(
        (token) => Math.min(token, last),
        `tokens from ${last} on are one token, with as many ones as zeros`,
      ),
      name: `ids cut off at ${last}`,
      kind: "floor",
      bugs: [
        "the table has too few rows, and larger ids are clamped to the last or replaced by one for the unknown",
      ],
      probe: staysTheSame(
        `tokens from ${last} on are exchanged`,
        changing("token", (token) => (token < last ? token : token === tokens - 1 ? last : next(token))),
      ),
    },
    {
      ...seenAs((token) => Math.max(token, 1), "tokens 0 and 1 are one token, with both bits equally likely"),
      name: "ids 0 and 1 are one",
      kind: "floor",
      bugs: ["ids are lowered by one for a reserved token, and what falls below 0 is clamped"],
      probe: staysTheSame(
        "tokens 0 and 1 are exchanged",
        changing("token", (token) => (token < 2 ? 1 - token : token)),
      ),
    },
    {
      ...level(
        at(law, 0) * Math.log(2) + (1 - at(law, 0)) * binaryEntropy(flip),
        "token 0 gets the logit 0, which costs log 2 whatever the label",
        predictsFrom("token", "label", [], ([token = 0]) => [token === 0 ? 0 : logit(chanceOfOne(token))]),
      ),
      name: "token 0 is padding",
      kind: "floor",
      bugs: ["the embedding's padding index is a real token, and no bias follows that could tell it"],
      probe: answersSo(
        "only tokens 0: every logit is 0",
        changing("token", () => 0),
        (answers) => named(answers, "label").data.every((value) => Math.abs(value) < 1e-3),
      ),
    },
    {
      ...seenAs(() => 0, "log 2: half of the labels are 1"),
      name: "constant",
      kind: "floor",
      bugs: ["the token is not read", "no gradient reaches the embedding"],
      probe: staysTheSame("every token is another", changing("token", next)),
    },
  ],
};
