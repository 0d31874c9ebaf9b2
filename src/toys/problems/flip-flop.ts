/** @file A register that is written now and then and read at fixed times: how far back a model looks. */
import { range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import type { Problem } from "../problem.ts";
import { level } from "./parts.ts";
import { type Belief, bugs, certain, continued, says, sequenceOf, type Word, windowOf } from "./sequences.ts";

/** Tokens after the bits 0 and 1. */
const [write, read, ignore] = [2, 3, 4];
const kinds = 5;

/** Instructions are read at every fourth one but the first, which writes. */
const [reads, apart, skipped] = [3, 4, 0.75];
const instructions = reads * apart + 1;
const sequence = sequenceOf(
  2 * instructions - 1,
  kinds,
  range(reads).map((k) => 2 * apart * (k + 1)),
);

/** The loss of models that see so many instructions before one that reads, no other such among them. */
const lossWithin = (instructions: number, ignored: number): number => ignored ** instructions * Math.log(2);

function draw(random: Random): Word {
  let register = 0;
  return range(instructions).flatMap((k) => {
    if (k > 0 && k % apart === 0) return [read, register];
    const bit = random.below(2);
    if (k > 0 && random.uniform() < skipped) return [ignore, bit];
    register = bit;
    return [write, bit];
  });
}

/** The bit that was written last, or either where no writing is seen. */
const lastWritten: Belief = (seen) => {
  const place = seen.lastIndexOf(write);
  const bit = seen[place + 1];
  return place === -1 || bit === undefined ? [1 / 2, 1 / 2, 0, 0, 0] : certain(kinds, bit);
};

const windows = [0, 1, 3];

export const flipFlop: Problem = continued(sequence, draw, {
  name: "flip-flop",
  title: "a register that is written now and then and read at fixed times",
  story: `${instructions} instructions, each a token and a bit: write (2), read (3) or ignore (4). The first writes; every ${apart}th after it reads, and its bit is the
last one written; all others ignore with probability ${skipped}, else write, and have a uniform bit. The model reads all tokens but the last, and only
the bits after a read count. The loss is the cross-entropy.`,
  source:
    "Liu and others 2023, Exposing Attention Glitches with Flip-Flop Language Modeling; here read at fixed times",
  tags: ["classification", "sequence", "causal", "memory", "window"],
  batch: 64,
  steps: 600,
  best: level(0, "the bit that was written last is certain", says(sequence, lastWritten)),
  rungs: windows.map((instructionsSeen) => {
    const rung = windowOf(
      sequence,
      2 * instructionsSeen + 1,
      lossWithin(instructionsSeen, skipped),
      `${skipped}^${instructionsSeen} · log 2: so often no instruction in sight writes, and nothing else in sight depends on the bit`,
      lastWritten,
    );
    return instructionsSeen === 0 ? { ...rung, bugs: [...bugs.notMixed, ...bugs.notRead] } : rung;
  }),
});
