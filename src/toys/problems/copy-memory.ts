/** @file Symbols that are recalled after a pause: a small copying memory task. */
import { at, range } from "../../base/assert.ts";
import { others, shuffled } from "../changes.ts";
import { categorical, head } from "../heads.ts";
import { staysTheSame } from "../probes.ts";
import type { Predictor, Problem } from "../problem.ts";
import { indexField, level } from "./parts.ts";
import {
  certain,
  oneOf,
  posed,
  type Question,
  says,
  saysNothing,
  tokens,
  uncertainty,
  uncertaintyOfOneOf,
  uniform,
} from "./questions.ts";

const classes = 4;
const symbols = 4;
const pause = 4;
const [blank, go] = [classes, classes + 1];
const length = symbols + pause + symbols;

const question: Question = {
  input: indexField(
    "tokens",
    [length],
    classes + 2,
    `${symbols} symbols 0 … ${classes - 1}, ${pause} blanks (${blank}), ${symbols} signs to answer (${go})`,
  ),
  answers: head("recalled", [symbols], categorical(classes)),
  noise: 0.1,
  draw: (random) => [
    ...tokens(symbols, classes, random),
    ...range(pause).map(() => blank),
    ...range(symbols).map(() => go),
  ],
  right: at,
};

/** A model that reads every second symbol. */
const half = (parity: number): Predictor =>
  says(question, (own, item) => (item % 2 === parity ? certain(classes, at(own, item)) : uniform(classes)));

export const copyMemory: Problem = posed(question, {
  name: "copy-memory",
  title: "symbols recalled after a pause",
  story: `${symbols} symbols, uniform among ${classes}, then ${pause} blanks, then ${symbols} signs to answer. The answers, one for each sign, are the
symbols in their order, each a uniform class instead with probability ${question.noise}.`,
  source: "Hochreiter and Schmidhuber 1997, Long short-term memory; Arjovsky et al. 2016 in this form",
  tags: ["classification", "sequence", "recall", "recurrent"],
  batch: 64,
  steps: 1500,
  rungs: [
    {
      ...level(Math.log(classes), "symbols are uniform and no answer tells another", saysNothing(question)),
      name: "memoryless",
      kind: "floor",
      bugs: [
        "the state is not handed on from step to step",
        "tokens do not mix, or a window is shorter than the pause",
      ],
      probe: staysTheSame("other symbols", others(question.input, range(symbols))),
    },
    {
      ...level(
        uncertaintyOfOneOf(symbols, classes, question.noise),
        "each of the symbols is as likely the one: E[H(their shares)]",
        says(question, (own) => oneOf(classes, own.slice(0, symbols))),
      ),
      name: "order lost",
      kind: "floor",
      bugs: [
        "the state is a sum of symbols, without a transition between steps",
        "attention without positions and without a causal mask",
      ],
      probe: staysTheSame("the symbols in another order", shuffled(question.input, range(symbols))),
    },
    {
      ...level(
        (uncertainty(question.noise, certain(classes, 0)) + Math.log(classes)) / 2,
        "half of the symbols are known, the others are independent of them",
        half(0),
        half(1),
      ),
      name: "every second symbol",
      kind: "floor",
      bugs: ["a stride of two, or every second step is skipped"],
      probe: staysTheSame(
        "other symbols at even or at odd places",
        ...[0, 1].map((parity) =>
          others(
            question.input,
            range(symbols).filter((i) => i % 2 === parity),
          ),
        ),
      ),
    },
  ],
});
