/** @file Matched brackets of several kinds to a bounded depth: what a stack tells, what a counter, what the last bracket. */
import { at, range } from "../../base/assert.ts";
import { seesGroups } from "../causal-probes.ts";
import type { Problem } from "../problem.ts";
import { drawnClass, entropy, level } from "./parts.ts";
import {
  bugs,
  certain,
  continued,
  grown,
  inputNotRead,
  type Law,
  meanLoss,
  noMask,
  says,
  sequenceOf,
  uniform,
  type Word,
  windowOf,
} from "./sequences.ts";

/** Tokens 0 … kinds − 1 open, and kinds … 2 kinds − 1 close. */
export interface Brackets {
  readonly kinds: number;
  /** How many brackets can be open at once. */
  readonly most: number;
  /** The probability that one more is opened where that and closing are possible. */
  readonly open: number;
}

const chanceToOpen = ({ most, open }: Brackets, depth: number): number => {
  if (depth === 0) return 1;
  return depth === most ? 0 : open;
};

/** The law of the next bracket, where it opens with a probability, and else closes one of the kind with this law. */
const lawOf = (open: number, closing: Law): Law => [
  ...closing.map(() => open / closing.length),
  ...closing.map((p) => (1 - open) * p),
];

/** The kinds of the brackets that are open. */
const stackAfter = ({ kinds }: Brackets, past: Word): Word =>
  past.reduce((stack: Word, token) => (token < kinds ? [...stack, token] : stack.slice(0, -1)), []);

/** The law of the next bracket after these, the first of all included. */
function lawAfter(brackets: Brackets, past: Word): Law {
  const stack = stackAfter(brackets, past);
  return lawOf(chanceToOpen(brackets, stack.length), certain(brackets.kinds, stack.at(-1) ?? 0));
}

export interface Situation {
  readonly chance: number;
  readonly depth: number;
  /** Whether the last bracket opened. */
  readonly opened: boolean;
}

/** Where a sequence can be after one bracket, after two, and so on. */
export function situationsOf(brackets: Brackets, length: number): readonly (readonly Situation[])[] {
  let now: readonly Situation[] = [{ chance: 1, depth: 0, opened: false }];
  return range(length).map(() => {
    now = oneOn(brackets, now);
    return now;
  });
}

function oneOn(brackets: Brackets, before: readonly Situation[]): readonly Situation[] {
  const after = before.flatMap(({ chance, depth }) => {
    const up = chanceToOpen(brackets, depth);
    return [
      { chance: chance * up, depth: depth + 1, opened: true },
      { chance: chance * (1 - up), depth: depth - 1, opened: false },
    ];
  });
  const merged = range(brackets.most + 1).flatMap((depth) =>
    [true, false].map((opened) => {
      const same = after.filter((one) => one.depth === depth && one.opened === opened);
      return { chance: same.reduce((sum, { chance }) => sum + chance, 0), depth, opened };
    }),
  );
  return merged.filter(({ chance }) => chance > 0);
}

/** What a class of models knows of a situation, and whether it knows which bracket is to be closed in it. */
export interface Sight {
  knows(situation: Situation): number | boolean;
  readonly closing: "known" | "unknown" | "if just opened";
}

export const sights: Readonly<Record<"stack" | "counter" | "lastBracket" | "nothing", Sight>> = {
  stack: { knows: ({ depth }) => depth, closing: "known" },
  counter: { knows: ({ depth }) => depth, closing: "unknown" },
  lastBracket: { knows: ({ opened }) => opened, closing: "if just opened" },
  nothing: { knows: () => true, closing: "unknown" },
};

/** The probability that the next bracket opens. */
function chanceIn(brackets: Brackets, situations: readonly Situation[]): number {
  const weight = situations.reduce((sum, { chance }) => sum + chance, 0);
  return situations.reduce(
    (sum, { chance, depth }) => sum + (chance / weight) * chanceToOpen(brackets, depth),
    0,
  );
}

/** The lowest loss of a class of models, to which some situations are the same. All kinds are alike, so that unknown ones are uniform. */
export function lossIn(
  brackets: Brackets,
  situations: readonly Situation[],
  { knows, closing }: Sight,
): number {
  return situations.reduce((sum, own) => {
    const same = situations.filter((other) => knows(other) === knows(own));
    const isKnown = closing === "known" || (closing === "if just opened" && own.opened);
    const kind = isKnown ? certain(brackets.kinds, 0) : uniform(brackets.kinds);
    return sum + own.chance * entropy(lawOf(chanceIn(brackets, same), kind));
  }, 0);
}

const standard: Brackets = { kinds: 4, most: 4, open: 0.8 };
const { kinds, most } = standard;
const length = 16;
const sequence = sequenceOf(length, 2 * kinds);
const situations = situationsOf(standard, length);
const lossAfter = (seen: number, sight: Sight): number => lossIn(standard, at(situations, seen - 1), sight);
const lossOf = (sight: Sight): number => meanLoss(sequence, (seen) => lossAfter(seen, sight));
const foretold = (past: Word): Law => lawAfter(standard, past);

/** The probability that the next bracket opens, at every position, among some of the situations. */
const chances = (among: (situation: Situation) => boolean): readonly number[] =>
  situations.map((all) => chanceIn(standard, all.filter(among)));
const [always, afterOpening, afterClosing] = [
  chances(() => true),
  chances(({ opened }) => opened),
  chances(({ opened }) => !opened),
];

/** What is known where positions are not: any of them is as likely. */
const anywhere = situations.flat().map((one) => ({ ...one, chance: one.chance / length }));
const openAnywhere = chanceIn(standard, anywhere);
const anywhereAfter = (opening: boolean): number =>
  chanceIn(
    standard,
    anywhere.filter(({ opened }) => opened === opening),
  );
const openAfter = { opening: anywhereAfter(true), closing: anywhereAfter(false) };

/** The law of the next bracket to models that see the last one, and give these probabilities to opening after it. */
const afterLast = (last: number | undefined, opening: number, closing: number): Law =>
  last !== undefined && last < kinds ? lawOf(opening, certain(kinds, last)) : lawOf(closing, uniform(kinds));

export const brackets: Problem = continued(
  sequence,
  (random) =>
    grown(length + 1, drawnClass(foretold([]), random), (past) => drawnClass(foretold(past), random)),
  {
    name: "brackets",
    title: "matched brackets of four kinds",
    story: `Brackets of ${kinds} kinds, at most ${most} open at once. Where both are possible the next one opens with probability ${standard.open}, of a uniform
kind; else it closes the last open one. The model reads the first ${length} brackets and says the next one at every position. The loss is the
cross-entropy.`,
    source:
      "Hewitt and others 2020, RNNs can generate bounded hierarchical languages with optimal memory, for Dyck-(k, m)",
    tags: ["classification", "sequence", "causal", "memory"],
    batch: 32,
    steps: 1500,
    best: level(
      lossOf(sights.stack),
      "the mean entropy of opening or not at the depth, and of the kind that is opened",
      says(sequence, foretold),
    ),
    rungs: [
      windowOf(
        sequence,
        1,
        lossOf(sights.lastBracket),
        "the mean entropy of the next bracket given the last one and the position: what was opened just now is known, else the kinds are alike",
        ([last], { position }) => afterLast(last, at(afterOpening, position), at(afterClosing, position)),
      ),
      {
        ...windowOf(
          sequence,
          1,
          lossIn(standard, anywhere, sights.lastBracket),
          "the entropy of the next bracket given the last one: what was opened just now is known, else the kinds are alike",
          ([last]) => afterLast(last, openAfter.opening, openAfter.closing),
        ),
        name: "current token only, without position",
      },
      {
        ...level(
          lossOf(sights.counter),
          "the mean entropy of opening or not at the depth, and of a kind, since all are alike",
          says(sequence, (past) =>
            lawOf(chanceToOpen(standard, stackAfter(standard, past).length), uniform(kinds)),
          ),
        ),
        name: "depth only",
        kind: "floor",
        bugs: [
          "all kinds of brackets share one embedding, or ids are cut to a bit",
          "a sum over the past stands for a stack: what is open is counted, and not which",
        ],
        probe: seesGroups(sequence.input, "every bracket gets another kind", (token) =>
          Number(token < kinds),
        ),
      },
      inputNotRead(
        sequence,
        lossOf(sights.nothing),
        "the mean entropy of opening or not at the position, and of a kind",
        (position) => lawOf(at(always, position), uniform(kinds)),
      ),
      {
        ...inputNotRead(
          sequence,
          lossIn(standard, anywhere, sights.nothing),
          "the entropy of opening or not, and of a kind",
          () => lawOf(openAnywhere, uniform(kinds)),
        ),
        name: "constant",
        bugs: [...bugs.notRead, "only the bias of the last layer is trained"],
      },
      noMask(sequence, lossAfter(length, sights.stack), foretold),
    ],
  },
);
