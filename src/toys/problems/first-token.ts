/** @file What the first token of a sequence was. */
import { at } from "../../base/assert.ts";
import { inRows, others, shuffled } from "../changes.ts";
import { categorical, head } from "../heads.ts";
import { staysTheSame } from "../probes.ts";
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
  uncertaintyOfOneOf,
} from "./questions.ts";

const length = 6;
const classes = 4;

const question: Question = {
  input: indexField("tokens", [length], classes, "a sequence"),
  answers: head("first", [], categorical(classes)),
  noise: 0.1,
  draw: (random) => tokens(length, classes, random),
  right: (own) => at(own, 0),
};

const mixed = (count: number): number => uncertaintyOfOneOf(count, classes, question.noise);

export const firstToken: Problem = posed(question, {
  name: "first-token",
  title: "what the first token was",
  story: `${length} tokens, uniform among ${classes}. The answer is the first of them, or a uniform class with probability
${question.noise}.`,
  source: "folklore",
  tags: ["classification", "sequence", "order"],
  batch: 64,
  steps: 600,
  rungs: [
    inputNotRead(question),
    {
      ...level(Math.log(classes), "all other tokens are independent of the first", saysNothing(question)),
      name: "first token not seen",
      kind: "floor",
      bugs: [
        "the last output is read, and tokens do not mix before it",
        "a window, a convolution's reach or a truncated sequence ends before the first token",
        "the first token is cut off as if it marked the beginning",
      ],
      probe: staysTheSame("another first token", others(question.input, [0])),
    },
    {
      ...level(
        mixed(length),
        "each of the tokens is as likely the first: E[H(their shares)]. A causal mask breaks it",
        says(question, (own) => oneOf(classes, own)),
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
        mixed(2),
        "the first token is one of two, and nothing tells which",
        says(question, (own) => oneOf(classes, own.slice(0, 2))),
      ),
      name: "neighbours averaged",
      kind: "floor",
      bugs: ["tokens are averaged in pairs before positions are known", "two tokens share a position"],
      probe: staysTheSame(
        "the first two tokens in the other order",
        inRows(question.input, (own) => own.map((_, place) => at(own, place < 2 ? 1 - place : place))),
      ),
    },
  ],
});
