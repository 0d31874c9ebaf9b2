/** @file Problems whose model reads a sequence of tokens and says the next one at every position. */
import { at, range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { seesAhead, seesOnly } from "../causal-probes.ts";
import { categorical, type Head, head } from "../heads.ts";
import { type Batch, type Field, ignored, type Predictor, type Problem, type Rung } from "../problem.ts";
import { indices, named, row } from "../tensor.ts";
import { everyRow, indexField, level } from "./parts.ts";

export interface Sequence {
  readonly input: Field;
  readonly next: Head;
  /** How many tokens a model reads, and how many kinds there are. */
  readonly length: number;
  readonly kinds: number;
  /** Positions whose next token counts. */
  readonly counted: readonly number[];
}

/** Tokens, the oldest first. */
export type Word = readonly number[];

/** Probabilities of the next token. */
export type Law = readonly number[];

/** Where something is said. */
export interface Place {
  readonly position: number;
  /** Of the row. */
  readonly index: number;
  readonly batch: Batch;
}

/** What a model believes after these tokens. */
export type Belief = (seen: Word, place: Place) => Law;

export const sequenceOf = (
  length: number,
  kinds: number,
  counted: readonly number[] = range(length),
): Sequence => ({
  input: indexField("tokens", [length], kinds, "tokens, the oldest first"),
  next: head("next", [length], categorical(kinds)),
  length,
  kinds,
  counted,
});

export const uniform = (kinds: number): Law => range(kinds).map(() => 1 / kinds);

export const certain = (kinds: number, token: number): Law =>
  range(kinds).map((kind) => Number(kind === token));

/** How often each kind occurs in a word. */
export const countsIn = (word: Word, kinds: number): number[] =>
  range(kinds).map((kind) => word.filter((token) => token === kind).length);

/** The mean over positions that count, from the loss where so many tokens were seen. */
export const meanLoss = ({ counted }: Sequence, lossAfter: (seen: number) => number): number =>
  counted.reduce((sum, position) => sum + lossAfter(position + 1), 0) / counted.length;

/** What a model gives at every position, from the tokens up to there. */
export const answers =
  (
    { input, next, length, kinds }: Sequence,
    ofPast: (past: Word, place: Place) => readonly number[],
  ): Predictor =>
  (batch) => ({
    [next.name]: everyRow(batch, [length, kinds], (index) => {
      const word = Array.from(row(named(batch.inputs, input.name), index));
      return range(length).flatMap((position) =>
        ofPast(word.slice(0, position + 1), { position, index, batch }),
      );
    }),
  });

/** A model that believes so. */
export const says = (sequence: Sequence, belief: Belief): Predictor =>
  answers(sequence, (past, place) => belief(past, place).map(Math.log));

/** A model that reads the next token at these positions, if it is among the inputs, and else believes so. */
export const peeks = (sequence: Sequence, positions: readonly number[], belief: Belief): Predictor =>
  says(sequence, (past, place) => {
    const { position, index, batch } = place;
    const next = row(named(batch.inputs, sequence.input.name), index)[position + 1];
    return next !== undefined && positions.includes(position)
      ? certain(sequence.kinds, next)
      : belief(past, place);
  });

/** Words of `length` + 1 tokens as a batch: all but the last are read, all but the first are to be said. */
export function batchOf({ input, next, length, counted }: Sequence, words: readonly Word[]): Batch {
  const rows = words.length;
  const targets = words.flatMap((word) =>
    word.slice(1).map((token, position) => (counted.includes(position) ? token : ignored)),
  );
  return {
    rows,
    inputs: {
      [input.name]: indices(
        [rows, length],
        words.flatMap((word) => word.slice(0, length)),
      ),
    },
    targets: { [next.name]: indices([rows, length], targets) },
    hidden: {},
  };
}

/** The problem of saying the next token of words that are drawn so. */
export const continued = (
  sequence: Sequence,
  draw: (random: Random) => Word,
  rest: Omit<Problem, "inputs" | "heads" | "draw">,
): Problem => ({
  ...rest,
  inputs: [sequence.input],
  heads: [sequence.next],
  draw: (rows, random) =>
    batchOf(
      sequence,
      range(rows).map(() => draw(random)),
    ),
});

/** A word that starts with a token and goes on by a law. */
export function grown(length: number, first: number, next: (past: Word) => number): Word {
  const word = [first];
  while (word.length < length) word.push(next(word));
  return word;
}

/** What may be wrong with models of the classes that many problems have. */
export const bugs: Readonly<Record<"notRead" | "notMixed" | "shortWindow", readonly string[]>> = {
  notRead: ["the tokens do not reach the output", "no gradient reaches the weights"],
  notMixed: [
    "nothing is mixed between positions: attention sees only its own position, or a convolution has width 1",
    "the state of a recurrence is not carried on",
  ],
  shortWindow: [
    "the window of an attention or the reach of a convolution is too short: off by one, no dilation, too few layers",
    "the state of a recurrence is cut off after so many steps",
  ],
};

/** The rung of models to which all sequences are the same. */
export const inputNotRead = (
  sequence: Sequence,
  loss: number,
  derivation: string,
  belief: (position: number) => Law,
): Rung => ({
  ...level(
    loss,
    derivation,
    says(sequence, (_, { position }) => belief(position)),
  ),
  name: "input not read",
  kind: "floor",
  bugs: bugs.notRead,
  probe: seesOnly(sequence.input, 0),
});

/** The rung of models that see so many tokens, the current one included, and believe so of these alone. */
export const windowOf = (
  sequence: Sequence,
  reach: number,
  loss: number,
  derivation: string,
  belief: Belief,
): Rung => ({
  ...level(
    loss,
    derivation,
    says(sequence, (past, place) => belief(past.slice(-reach), place)),
  ),
  name: reach === 1 ? "current token only" : `window of ${reach}`,
  kind: "floor",
  bugs: reach === 1 ? bugs.notMixed : bugs.shortWindow,
  probe: seesOnly(sequence.input, reach),
});

/** The rung of models that learn so what they believe of the token after the next. */
export const shiftedTwice = (sequence: Sequence, loss: number, derivation: string, belief: Belief): Rung => ({
  ...level(loss, derivation, says(sequence, belief)),
  name: "shifted twice",
  kind: "definition",
  bugs: [
    "the model's own loss shifts targets that are shifted already, so that it learns the token after the next",
  ],
});

/** The rung of models that see all tokens everywhere; `last` is the loss where nothing is left to see. */
export const noMask = (sequence: Sequence, last: number, belief: Belief): Rung => ({
  ...level(
    last / sequence.counted.length,
    "every next token but the last is among those that are read",
    peeks(sequence, range(sequence.length), belief),
  ),
  name: "no causal mask",
  kind: "leak",
  bugs: [
    "attention has no causal mask, or its softmax runs over the queries",
    "a convolution is padded on both sides",
    "a recurrence also runs backwards",
    "a normalisation runs over time",
  ],
  probe: seesAhead(sequence.input),
});

/** The token `back` places before the next one. */
export const tokenBack = (past: Word, back: number): number => at(past, past.length - back);
