/** @file A sequence backwards, all of it at once. */
import { at, range } from "../../base/assert.ts";
import { others, shuffled } from "../changes.ts";
import { categorical, head } from "../heads.ts";
import { itemsMoveAlong, itemsStayTheSame, staysTheSame } from "../probes.ts";
import type { Level, Problem } from "../problem.ts";
import { indexField, level } from "./parts.ts";
import {
  certain,
  inputNotRead,
  oneOf,
  posed,
  type Question,
  says,
  tokens,
  uncertainty,
  uncertaintyOfOneOf,
  uniform,
} from "./questions.ts";

const length = 5;
const classes = 6;

const question: Question = {
  input: indexField("source", [length], classes, "a sequence"),
  answers: head("reversed", [length], categorical(classes)),
  noise: 0.1,
  draw: (random) => tokens(length, classes, random),
  right: (own, item) => at(own, length - 1 - item),
};

const places = range(length);

/** A model whose answers see these places of the source. */
const seeing = (derivation: string, sees: (item: number, place: number) => boolean): Level => {
  const law = (own: readonly number[], item: number) =>
    sees(item, length - 1 - item) ? certain(classes, question.right(own, item)) : uniform(classes);
  const source = places.map(() => 0);
  const loss = places.reduce((sum, item) => sum + uncertainty(question.noise, law(source, item)) / length, 0);
  return level(loss, derivation, says(question, law));
};

const shares = level(
  uncertaintyOfOneOf(length, classes, question.noise),
  `each token of the source is as likely the one: E[H(their shares)]. Where a position's own token is known as well, that
changes nothing, since its position is not. A causal mask breaks it`,
  says(question, (own) => oneOf(classes, own)),
);

/** How far a convolution of width five sees. */
const reach = 2;

export const reverse: Problem = posed(question, {
  name: "reverse",
  title: "a sequence backwards",
  story: `${length} tokens, uniform among ${classes}. The answers, given all at once, are the tokens in reverse order, each a uniform class
instead with probability ${question.noise}.`,
  source: "folklore; a standard test of sequence-to-sequence models",
  tags: ["classification", "sequence", "position", "attention"],
  batch: 64,
  steps: 1000,
  rungs: [
    inputNotRead(question),
    {
      ...shares,
      name: "order lost",
      kind: "floor",
      bugs: ["the source is pooled to one vector before anything sees its order"],
      probe: staysTheSame("the source in another order", shuffled(question.input)),
    },
    {
      ...shares,
      name: "positions missing",
      kind: "floor",
      bugs: ["attention without positions and without a causal mask"],
      probe: itemsMoveAlong("the source rotated by one place", question.input, [...places.slice(1), 0]),
    },
    {
      ...seeing("only the token in the middle is its own answer", (item, place) => place === item),
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
      ...seeing("later tokens are independent of what is seen", (item, place) => place <= item),
      name: "causal",
      kind: "floor",
      bugs: ["the source has a causal mask, or is read by a recurrence in one direction"],
      probe: itemsStayTheSame(
        "other tokens behind the second",
        others(question.input, places.slice(2)),
        [0, 1],
      ),
    },
    {
      ...seeing(
        `tokens more than ${reach} places away are independent of what is seen`,
        (item, place) => Math.abs(place - item) <= reach,
      ),
      name: `within ${reach} places`,
      kind: "floor",
      bugs: ["convolutions, or a window of attention, that reach too little far"],
      probe: itemsStayTheSame(
        `other tokens more than ${reach} places behind the first`,
        others(question.input, places.slice(reach + 1)),
        [0],
      ),
    },
  ],
});
