/** @file Masked tokens of a Markov chain, which those on both sides tell of. */
import { at, get, range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { categorical, head } from "../heads.ts";
import { difference, itemsOf, rounding } from "../probes.ts";
import { type Batch, ignored, type Level, type Probe, type Problem } from "../problem.ts";
import { indices } from "../tensor.ts";
import { drawnClass, indexField, level, predictsFrom } from "./parts.ts";

const [kinds, hidden] = [3, 3];
const length = 2 * hidden;
const mask = kinds;
/** Chances that the next token is the same, the next kind, the one before. */
const moves = [0.15, 0.8, 0.05];

type Word = readonly number[];

const move = (from: number, to: number): number => at(moves, (to - from + kinds) % kinds);

/** All kinds are as frequent. */
const chanceOf = (word: Word): number =>
  word.slice(1).reduce((chance, token, i) => chance * move(at(word, i), token), 1 / kinds);

/** What may be under the masks, and as well what may be around them. */
const fillings: readonly Word[] = range(kinds ** hidden).map((code) =>
  range(hidden).map((place) => Math.floor(code / kinds ** place) % kinds),
);

/** Places of masks, each as likely. */
const layouts = range(2 ** length)
  .map((code) => range(length).filter((place) => Math.floor(code / 2 ** place) % 2 === 1))
  .filter((places) => places.length === hidden);

/** A word with the tokens of another at these places, in order. */
function filled(word: Word, places: readonly number[], tokens: Word): Word {
  const all = [...word];
  for (const [i, place] of places.entries()) all[place] = at(tokens, i);
  return all;
}

const masks: Word = range(hidden).map(() => mask);

/** What can be seen, one of its masks, and how likely it is there that the token under that mask is of each kind. */
interface Sight {
  readonly seen: Word;
  readonly place: number;
  readonly chances: readonly number[];
}

/** The sights of masks at these places between these tokens. */
function sightsOf(places: readonly number[], visible: Word): Sight[] {
  const others = range(length).filter((place) => !places.includes(place));
  const seen = filled(filled(range(length), others, visible), places, masks);
  const chances = places.map(() => range(kinds).map(() => 0));
  for (const tokens of fillings) {
    const chance = chanceOf(filled(seen, places, tokens)) / (layouts.length * hidden);
    for (const [i, token] of tokens.entries()) {
      const own = at(chances, i);
      own[token] = at(own, token) + chance;
    }
  }
  return places.map((place, i) => ({ seen, place, chances: at(chances, i) }));
}

const sights = layouts.flatMap((places) => fillings.flatMap((visible) => sightsOf(places, visible)));

/** The best that what is seen in this way allows: the law of the token given that, over all words and masks. */
function knowing(
  sees: (seen: Word, place: number) => readonly (number | string)[],
  derivation: string,
): Level {
  const laws = new Map<string, number[]>();
  for (const { seen, place, chances } of sights) {
    const key = sees(seen, place).join();
    laws.set(
      key,
      (laws.get(key) ?? range(kinds).map(() => 0)).map((p, token) => p + at(chances, token)),
    );
  }
  const logits = new Map(
    Array.from(laws, ([key, chances]) => {
      const total = chances.reduce((sum, p) => sum + p, 0);
      return [key, chances.map((p) => Math.log(p / total))] as const;
    }),
  );
  let loss = 0;
  for (const [key, chances] of laws)
    for (const [token, p] of chances.entries()) loss -= p * at(get(logits, key), token);
  const nothing = range(kinds).map(() => 0);
  // Other numbers of masks than the problem's come from probes alone.
  const predictor = predictsFrom("tokens", "hidden", [length, kinds], (seen) =>
    seen.flatMap((token, place) =>
      token === mask ? (logits.get(sees(seen, place).join()) ?? nothing) : nothing,
    ),
  );
  return level(loss, derivation, predictor);
}

function draw(rows: number, random: Random): Batch {
  const all = range(rows).map(() => {
    const word = [random.below(kinds)];
    while (word.length < length) word.push((at(word, word.length - 1) + drawnClass(moves, random)) % kinds);
    return { word, places: at(layouts, random.below(layouts.length)) };
  });
  const targets = all.flatMap(({ word, places }) =>
    word.map((token, place) => (places.includes(place) ? token : ignored)),
  );
  return {
    rows,
    inputs: {
      tokens: indices(
        [rows, length],
        all.flatMap(({ word, places }) => filled(word, places, masks)),
      ),
    },
    targets: { hidden: indices([rows, length], targets) },
    hidden: {},
  };
}

/** Changes of a word after which a model's answers at these places are the same. */
interface Question {
  readonly change: (word: Word) => Word;
  readonly asked: readonly number[];
}

const othersAt =
  (...places: readonly number[]) =>
  (word: Word): Word =>
    word.map((token, place) => (places.includes(place) ? (token + 1) % kinds : token));

const swapped =
  (one: number, other: number) =>
  (word: Word): Word =>
    filled(word, [one, other], [at(word, other), at(word, one)]);

/** Words with masks at these places; a model of the class passes all questions. */
const unchanged = (says: string, places: readonly number[], ...questions: readonly Question[]): Probe => ({
  says: `${says}: its answer does not change`,
  inputs: ({ rows }, random) => {
    const token = (place: number): number => (places.includes(place) ? mask : random.below(kinds));
    const plain = range(rows).map(() => range(length).map(token));
    return [(word: Word) => word, ...questions.map(({ change }) => change)].map((change) => ({
      tokens: indices([rows, length], plain.flatMap(change)),
    }));
  },
  confirms: (_, [plain, ...others]) =>
    plain !== undefined &&
    others.every((other, index) => {
      const { asked } = at(questions, index);
      return difference(itemsOf(plain, asked), itemsOf(other, asked)) < rounding;
    }),
});

export const maskedTokens: Problem = {
  name: "masked-tokens",
  title: "masked tokens, between others of a Markov chain",
  story: `A chain of ${length} tokens 0 … ${kinds - 1}: the first is uniform, each next one is the same with probability ${moves[0]}, one higher with ${moves[1]}, one lower with
${moves[2]}, modulo ${kinds}. ${hidden} of the ${length}, any, are replaced by the mask, token ${mask}. Asked are the tokens under the masks; the loss is their mean cross-entropy.`,
  source: "Devlin and others 2019, BERT",
  tags: ["classification", "sequence"],
  inputs: [indexField("tokens", [length], kinds + 1, `tokens; ${mask} is the mask`)],
  heads: [head("hidden", [length], categorical(kinds))],
  batch: 64,
  steps: 2000,
  draw,
  best: knowing(
    (seen, place) => [place, ...seen],
    "the entropy of a masked token given all that can be seen, over all words and masks",
  ),
  rungs: [
    {
      ...knowing(
        (seen, place) => [at([-1, ...seen], place), at([...seen, -1], place + 1)],
        "the entropy given the two neighbours, masks or ends among them",
      ),
      name: "neighbours only",
      kind: "floor",
      bugs: ["a convolution reaches one place to either side", "the window of the attention is too small"],
      probe: unchanged(
        "of two masks side by side the neighbour of one becomes another token, and the other is asked",
        [0, 2, 3],
        { change: othersAt(4), asked: [2] },
        { change: othersAt(1), asked: [3] },
      ),
    },
    {
      ...knowing(
        (seen, place) => [place, ...seen.map((token) => Math.min(token, kinds - 1))],
        "the entropy where the other masks can't be told from the last kind of token",
      ),
      name: "mask read as a token",
      kind: "floor",
      bugs: ["the embedding has no row for the mask, and its index is clipped to the last token"],
      probe: unchanged(
        "masks take the place of the last kind of token, and the others are asked",
        [0, 2, 3],
        {
          change: (word) => word.map((token) => (token === kinds - 1 ? mask : token)),
          asked: [0, 2, 3],
        },
      ),
    },
    {
      ...knowing(
        (seen, place) => [place, ...seen.slice(0, place)],
        "the entropy given what is left of the mask",
      ),
      name: "left side only",
      kind: "floor",
      bugs: ["attention is causal, as in a language model", "a recurrent network runs in one direction"],
      probe: unchanged("tokens right of the masks become others", [1, 2, 3], {
        change: othersAt(4, 5),
        asked: [1, 2, 3],
      }),
    },
    {
      ...knowing(
        (seen, place) => [place, ...seen.slice(place + 1)],
        "the entropy given what is right of the mask: as high, since the chain says as much of its past as of its future",
      ),
      name: "right side only",
      kind: "floor",
      bugs: ["the causal mask is transposed", "of two directions only the backward one is read"],
      probe: unchanged("tokens left of the masks become others", [2, 3, 4], {
        change: othersAt(0, 1),
        asked: [2, 3, 4],
      }),
    },
    {
      ...knowing(
        (seen) => seen.toSorted((a, b) => a - b),
        "the entropy given how often each kind of token can be seen",
      ),
      name: "no positions",
      kind: "floor",
      bugs: ["attention has no positions", "embeddings of positions are the same everywhere"],
      probe: unchanged("two tokens around the masks change places", [1, 3, 4], {
        change: swapped(0, 5),
        asked: [1, 3, 4],
      }),
    },
    {
      ...knowing(() => [], "the entropy of a token"),
      name: "input not read",
      kind: "floor",
      bugs: [
        "positions are not mixed: a mask is all that a masked position sees",
        "no gradient reaches the weights",
      ],
      probe: unchanged("all tokens become others", [1, 2, 4], {
        change: othersAt(0, 3, 5),
        asked: [1, 2, 4],
      }),
    },
  ],
};
