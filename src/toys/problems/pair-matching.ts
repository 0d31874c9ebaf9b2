/** @file Whether two tokens are equal. */
import { at } from "../../base/assert.ts";
import { inRows, others } from "../changes.ts";
import { binary, head } from "../heads.ts";
import { additiveProbe, staysTheSame } from "../probes.ts";
import type { Problem } from "../problem.ts";
import { indexField, level } from "./parts.ts";
import {
  certain,
  inputNotRead,
  type Law,
  posed,
  type Question,
  says,
  saysNothing,
  uncertainty,
} from "./questions.ts";

const classes = 6;
const buckets = classes / 2;

const question: Question = {
  input: indexField("pair", [2], classes, "two tokens"),
  answers: head("label", [], binary),
  noise: 0.1,
  draw: (random) => {
    const first = random.below(classes);
    const equal = random.below(2) === 1;
    return [first, equal ? first : (first + 1 + random.below(classes - 1)) % classes];
  },
  right: (own) => Number(own[0] === own[1]),
};

const bucket = (token: number): number => token % buckets;

/** Two tokens of one bucket: the same, with probability 1/2, or else one of the others. */
const together = 1 / 2 + (1 / 2) * (1 / (classes - 1));
const equalIfTogether: Law = [1 - 1 / 2 / together, 1 / 2 / together];

export const pairMatching: Problem = posed(question, {
  name: "pair-matching",
  title: "whether two tokens are equal",
  story: `Two tokens among ${classes}, equal half of the time. The label says whether they are, and is a coin's with probability
${question.noise}.`,
  source: "folklore",
  tags: ["classification", "interaction"],
  batch: 64,
  steps: 1000,
  rungs: [
    inputNotRead(question),
    {
      ...level(Math.log(2), "one token alone is independent of the label", saysNothing(question)),
      name: "one token only",
      kind: "floor",
      bugs: ["one of the two inputs is not connected, or overwritten by the other"],
      probe: staysTheSame(
        "another token in one of the two places",
        others(question.input, [0]),
        others(question.input, [1]),
      ),
    },
    {
      ...level(
        Math.log(2),
        `logits f(a) + g(b) can be averaged over the permutations of the classes, which keep the law of the data; the loss is
convex, so that some best one is constant`,
        saysNothing(question),
      ),
      name: "additive",
      kind: "floor",
      bugs: ["the two inputs are only added: an activation is missing, or a product was replaced by a sum"],
      probe: additiveProbe("tokens a, b, c, d", question.input, [0]),
    },
    {
      ...level(
        together * uncertainty(question.noise, equalIfTogether) +
          (1 - together) * uncertainty(question.noise, certain(2, 0)),
        `tokens of different buckets differ; those of one are equal with probability ${classes - 1}/${classes}`,
        says(question, ([a, b]) => (bucket(a ?? 0) === bucket(b ?? 0) ? equalIfTogether : certain(2, 0))),
      ),
      name: "tokens share rows",
      kind: "floor",
      bugs: [`ids are taken modulo ${buckets}: the hash or the table has half the rows that it needs`],
      probe: staysTheSame(
        `the first token moved by ${buckets}`,
        inRows(question.input, (own) => [(at(own, 0) + buckets) % classes, at(own, 1)]),
      ),
    },
  ],
});
