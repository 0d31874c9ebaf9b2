/** @file Runs of even length: no finite window tells what the whole past does. */
import { range } from "../../base/assert.ts";
import type { Problem } from "../problem.ts";
import { emitted, lawAfter, type Machine } from "./hidden-markov.ts";
import { entropy, level } from "./parts.ts";
import {
  continued,
  inputNotRead,
  meanLoss,
  noMask,
  says,
  sequenceOf,
  uniform,
  type Word,
  windowOf,
} from "./sequences.ts";

/** State 0 is between pairs; state 1 + c waits for the second c. */
export const pairsOf = (kinds: number): Machine =>
  range(kinds).map((kind) =>
    range(kinds + 1).map((from) =>
      range(kinds + 1).map((to) => {
        const first = from === 0 && to === kind + 1;
        return first ? 1 / kinds : Number(from === kind + 1 && to === 0);
      }),
    ),
  );

/** Each state 1 + c is entered half the time divided by the kinds, and left at once. */
export const startOf = (kinds: number): readonly number[] => [
  1 / 2,
  ...range(kinds).map(() => 1 / (2 * kinds)),
];

/**
 * The entropy of a token after some others. A change between two tokens tells where pairs begin; then the next token is
 * certain half the time and uniform half the time. Only words of one kind leave both possible.
 */
export function lossAfterPairs(seen: number, kinds: number): number {
  if (seen === 0) return Math.log(kinds);
  // Words of one kind of which so many pairs were drawn, from the first token on or with half a pair before it.
  const [whole, half] = [Math.ceil(seen / 2), Math.floor(seen / 2) + 1].map(
    (pairs) => (kinds * kinds ** -pairs) / 2,
  ) as [number, number];
  const [between, within] = seen % 2 === 0 ? [whole, half] : [half, whole];
  const law = range(kinds).map((kind) => (between / kinds + (kind === 0 ? within : 0)) / (between + within));
  return (between + within) * entropy(law) + (1 / 2 - between) * Math.log(kinds);
}

const [length, kinds] = [16, 3];
const windows = [1, 2];
// Where little was seen, windows tell all.
const sequence = sequenceOf(length, kinds, range(length).slice(3));
const [machine, start] = [pairsOf(kinds), startOf(kinds)];
const foretold = (seen: Word): readonly number[] => lawAfter(machine, start, seen);
const lossOf = (seen: number): number => lossAfterPairs(seen, kinds);

export const evenProcess: Problem = continued(
  sequence,
  (random) => emitted(machine, start, length + 1, random),
  {
    name: "even-process",
    title: "runs of even length",
    story: `Tokens of ${kinds} kinds in pairs of equal ones, each pair of a uniform kind; the sequence starts before or within a pair, equally
likely. So runs have even length, and whether the next token ends a pair is known from the first change on, however long ago. The model reads
${length} tokens and says the next one at every position from the fourth on. The loss is the cross-entropy.`,
    source:
      "Weiss 1973, Subshifts of finite type and sofic systems, for runs of one kind; here of every kind, which sets the windows further apart",
    tags: ["classification", "sequence", "causal", "memory", "window"],
    batch: 64,
    steps: 800,
    best: level(
      meanLoss(sequence, lossOf),
      "the mean entropy hₙ of a token after n others; half the tokens are certain once a change was seen",
      says(sequence, foretold),
    ),
    rungs: [
      inputNotRead(sequence, lossOf(0), `log ${kinds}: every token alone is uniform`, () => uniform(kinds)),
      ...windows.map((reach) =>
        windowOf(
          sequence,
          reach,
          lossOf(reach),
          `h${["₀", "₁", "₂"][reach] ?? ""}: the process is stationary, so that a window tells the same wherever it is`,
          foretold,
        ),
      ),
      noMask(sequence, lossOf(length), foretold),
    ],
  },
);
