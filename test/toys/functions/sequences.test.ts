/** @file Losses of sequences as users write them, right and wrong, and their definitions by other ways. */
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { random } from "../../../src/base/random.ts";
import { numbersOf } from "../../../src/toys/functions/given.ts";
import { ctc } from "../../../src/toys/functions/problems/ctc.ts";
import { tokenLoss } from "../../../src/toys/functions/problems/token-loss.ts";
import { indices, reals } from "../../../src/toys/tensor.ts";
import { describeUsers, verdictOn } from "./calls.ts";

type Row = number[];
type Rows = Row[];

const f = Math.fround;
const plus = (row: Row): number => row.reduce((a, b) => f(a + b), 0);
const mean = (row: Row): number => f(plus(row) / row.length);
const softmax = (row: Row): Row => {
  const e = row.map((x) => f(Math.exp(x)));
  return e.map((x) => f(x / plus(e)));
};

/** −log p of targets, position by position. */
const nll = (logits: Rows, targets: Row, soft: (row: Row) => Row = softmax): Row =>
  targets.map((y, t) => f(-Math.log(at(soft(at(logits, t)), y))));
const overTime = (logits: Rows): Rows => {
  const columns = at(logits, 0).map((_, c) => softmax(logits.map((row) => at(row, c))));
  return logits.map((_, t) => columns.map((column) => at(column, t)));
};

type User = (logits: Rows[], targets: Rows, mask: Rows) => number;
const over =
  (
    losses: (logits: Rows, targets: Row) => Row,
    masks: (mask: Row) => Row = (same) => same,
    reduce: (losses: Rows, masks: Rows) => number = (all, counts) =>
      f(plus(all.flatMap((row, b) => row.map((x, t) => f(x * at(at(counts, b), t))))) / plus(counts.flat())),
  ): User =>
  (logits, targets, mask) =>
    reduce(
      logits.map((rows, b) => losses(rows, at(targets, b))),
      mask.map(masks),
    );
const masked = (all: Rows, masks: Rows): Rows =>
  all.map((row, b) => row.filter((_, t) => at(masks, b)[t] === 1));
const lengthOf = (mask: Row): number => plus(mask);

describeUsers(tokenLoss, over(nll), {
  "padding counted": over(nll, (mask) => mask.map(() => 1)),
  "last token left out": over(nll, (mask) => mask.map((_, t) => Number(t < lengthOf(mask) - 1))),
  "first token left out": over(nll, (mask) => mask.map((m, t) => (t === 0 ? 0 : m))),
  "targets moved once more": over(
    (logits, targets) => nll(logits.slice(0, -1), targets.slice(1)),
    (mask) => mask.slice(1),
  ),
  "logits moved": over(
    (logits, targets) => nll(logits.slice(1), targets.slice(0, -1)),
    (mask) => mask.slice(0, -1),
  ),
  "softmax twice": over((logits, targets) => nll(logits, targets, (row) => softmax(softmax(row)))),
  "normalised over time": over((logits, targets) => nll(overTime(logits), targets, (row) => row)),
  bits: over((logits, targets) => targets.map((y, t) => f(-Math.log2(at(softmax(at(logits, t)), y))))),
  "padding in the denominator": over(nll, undefined, (all, masks) =>
    mean(all.flatMap((row, b) => row.map((x, t) => f(x * at(at(masks, b), t))))),
  ),
  "padding in the numerator": over(nll, undefined, (all, masks) => f(plus(all.flat()) / plus(masks.flat()))),
  "mean over pairs of sequences": over(nll, undefined, (all, masks) => {
    const rows = masked(all, masks);
    return mean([0, 2].map((b) => mean(rows.slice(b, b + 2).flat())));
  }),
});

test("a mean of means over sequences has to be claimed", () => {
  const user = over(nll, undefined, (all, masks) => mean(masked(all, masks).map(mean)));
  expect(verdictOn(tokenLoss, user)).toMatchObject({
    kind: "inconclusive",
    is: [{ name: "mean over sequences" }],
  });
  expect(verdictOn(tokenLoss, user, { claim: "mean over sequences" })).toMatchObject({ kind: "reached" });
});

test("the three numbers of two kinds of sequences", () => {
  // Half of them 4 tokens that are uniform over 16, half 28 that are uniform over 2, whatever the logits of others are.
  const far = -1e4;
  const logits = [
    range(28).map(() => range(16).map(() => 0)),
    range(28).map(() => range(16).map((c) => (c < 2 ? 0 : far))),
  ];
  const given = {
    logits: reals([2, 28, 16], logits.flat(2)),
    targets: indices(
      [2, 28],
      range(56).map((i) => i % 2),
    ),
    mask: reals(
      [2, 28],
      range(56).map((i) => Number(i < 4 || i >= 28)),
    ),
  };
  const value = (name: string): number => {
    const meaning = tokenLoss.meant("mean over tokens")[0];
    const found = [...tokenLoss.known(undefined, []), ...(meaning?.variants ?? [])].find(
      (one) => one.name === name,
    );
    return at(numbersOf(found?.answer(given) ?? []), 0);
  };
  expect(value("mean over tokens")).toBeCloseTo(1.375 * Math.log(2), 10);
  expect(value("mean over sequences")).toBeCloseTo(2.5 * Math.log(2), 10);
  expect(value("padding in the denominator")).toBeCloseTo(((4 * 4 + 28) / 56) * Math.log(2), 10);
});

/** All ways to give frames to labels and to the blanks before, between and after them. */
function shares(parts: number, frames: number): Rows {
  if (parts === 1) return [[frames]];
  return range(frames + 1).flatMap((own) => shares(parts - 1, frames - own).map((rest) => [own, ...rest]));
}

interface Alignment {
  readonly blanks: Row;
  readonly lengths: Row;
}

/** The probabilities of all such alignments that are allowed. */
function probabilities(logs: Rows, labels: Row, allowed: (one: Alignment) => boolean): Row {
  return shares(2 * labels.length + 1, logs.length).flatMap((share) => {
    const alignment = {
      blanks: share.filter((_, i) => i % 2 === 0),
      lengths: share.filter((_, i) => i % 2 === 1),
    };
    if (alignment.lengths.some((length) => length === 0) || !allowed(alignment)) return [];
    const classes = share.flatMap((length, i) =>
      range(length).map(() => (i % 2 === 1 ? at(labels, (i - 1) / 2) : 0)),
    );
    return [Math.exp(classes.reduce((sum, c, t) => sum + at(at(logs, t), c), 0))];
  });
}

const apart =
  (labels: Row) =>
  ({ blanks }: Alignment): boolean =>
    labels.every((label, i) => i === 0 || label !== labels[i - 1] || at(blanks, i) > 0);
const sum = (row: Row): number => row.reduce((a, b) => a + b, 0);
const aligned =
  (
    also: (one: Alignment) => boolean = () => true,
    loss: (all: Row) => number = (all) => -Math.log(sum(all)),
  ) =>
  (logs: Rows, labels: Row): number =>
    f(loss(probabilities(logs, labels, (one) => apart(labels)(one) && also(one))));

describeUsers(ctc, aligned(), {
  "equal labels without a blank": (logs: Rows, labels: Row) =>
    -Math.log(sum(probabilities(logs, labels, () => true))),
  "blanks can't be skipped": aligned(({ blanks }) => blanks.slice(1, -1).every((length) => length > 0)),
  "labels can't last": aligned(({ lengths }) => lengths.every((length) => length === 1)),
  "begins with a blank": aligned(({ blanks }) => at(blanks, 0) > 0),
  "begins with a label": aligned(({ blanks }) => blanks[0] === 0),
  "ends with a blank": aligned(({ blanks }) => at(blanks, blanks.length - 1) > 0),
  "ends with a label": aligned(({ blanks }) => blanks.at(-1) === 0),
  "best alignment": aligned(undefined, (all) => -Math.log(Math.max(...all))),
  "last frame left out": (logs: Rows, labels: Row) => aligned()(logs.slice(0, -1), labels),
  "first frame left out": (logs: Rows, labels: Row) => aligned()(logs.slice(1), labels),
  sign: aligned(undefined, (all) => Math.log(sum(all))),
  probability: aligned(undefined, (all) => -sum(all)),
});

describe("alignments", () => {
  const spelled = (path: Row, blank: number): Row => path.filter((c, t) => c !== blank && c !== path[t - 1]);
  const paths = (classes: number, frames: number): Rows =>
    frames === 0
      ? [[]]
      : paths(classes, frames - 1).flatMap((path) => range(classes).map((c) => [...path, c]));

  test.each([
    ["class 0 is the blank", 0],
    ["last class is the blank", 2],
  ] as const)("are all paths that spell the labels: %s", (claim, blank) => {
    const source = random(3);
    const label = (): number => (blank === 0 ? 1 + source.below(2) : source.below(2));
    for (const [frames, length] of [
      [1, 1],
      [3, 2],
      [4, 1],
      [5, 3],
      [6, 3],
    ] as const) {
      const logs = range(frames).map(() => softmax(range(3).map(source.normal)).map(Math.log));
      const labels = range(length).map(label);
      const total = sum(
        paths(3, frames)
          .filter((path) => spelled(path, blank).join() === labels.join())
          .map((path) => Math.exp(sum(path.map((c, t) => f(at(at(logs, t), c)))))),
      );
      const given = { logProbabilities: reals([frames, 3], logs.flat()), labels: indices([length], labels) };
      const got = at(numbersOf(ctc.meant(claim)[0]?.answer(given) ?? []), 0);
      if (total === 0) expect(got).toBe(Infinity);
      else expect(got).toBeCloseTo(-Math.log(total), 10);
    }
  });
});
