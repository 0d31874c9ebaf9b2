/** @file Clipping and schedules as users write them, right and wrong. */
import { describe, expect, test } from "vitest";
import { at } from "../../../src/base/assert.ts";
import { Misunderstood } from "../../../src/toys/functions/problem.ts";
import { clip } from "../../../src/toys/functions/problems/clip.ts";
import { schedule } from "../../../src/toys/functions/problems/schedule.ts";
import { bugsOf, describeUsers, type Plain, verdictOn } from "./calls.ts";

const f = Math.fround;
const flat = (value: Plain): number[] => (typeof value === "number" ? [value] : value.flatMap(flat));
const times = (value: Plain, factor: number): Plain =>
  typeof value === "number" ? f(value * factor) : value.map((part) => times(part, factor));
const squares = (value: Plain): number => flat(value).reduce((sum, x) => f(sum + f(x * x)), 0);
const norm = (value: Plain): number => f(Math.sqrt(squares(value)));

const scaled =
  (
    size: (gradients: Plain[]) => number,
    factor = (total: number, most: number): number => (total > most ? most / total : 1),
  ) =>
  (gradients: Plain[], most: number): Plain =>
    times(gradients, f(factor(size(gradients), most)));

describeUsers(
  clip,
  // As PyTorch does it, with a little in the denominator.
  scaled(norm, (total, most) => Math.min(1, most / (total + 1e-6))),
  {
    "not clipped": (gradients: Plain[]) => gradients,
    "always scaled": scaled(norm, (total, most) => most / total),
    "factor upside down": scaled(norm, (total, most) => Math.max(1, total / most)),
    "root left out": scaled(squares),
    "norms added": scaled((gradients) => gradients.reduce<number>((sum, one) => f(sum + norm(one)), 0)),
    "largest norm": scaled((gradients) => Math.max(...gradients.map(norm))),
    "last tensor's norm": (gradients: Plain[], most: number) => {
      let total = 0;
      for (const one of gradients) total = squares(one);
      return scaled(() => Math.sqrt(total))(gradients, most);
    },
    "sum of sizes": scaled((gradients) => flat(gradients).reduce((sum, x) => sum + Math.abs(x), 0)),
    "root mean square": scaled((gradients) => Math.sqrt(squares(gradients) / flat(gradients).length)),
    "set to zero": scaled(norm, (total, most) => Number(total <= most)),
  },
  { several: true },
);

test.each([
  [
    "each tensor by its own norm",
    (gradients: Plain[], most: number) => gradients.map((one) => times(one, Math.min(1, most / norm(one)))),
  ],
  [
    "each number",
    (gradients: Plain[], most: number) => {
      const clamp = (value: Plain): Plain =>
        typeof value === "number" ? Math.max(-most, Math.min(most, value)) : value.map(clamp);
      return gradients.map(clamp);
    },
  ],
] as const)("clipping %s has to be claimed", (claim, user) => {
  expect(verdictOn(clip, user, { several: true })).toMatchObject({
    kind: "inconclusive",
    is: [{ name: claim }],
  });
  expect(verdictOn(clip, user, { several: true, claim })).toMatchObject({ kind: "reached" });
});

/** As many write it; the numbers are those of the first example. */
const [peak, warmUp, steps, end] = [3e-4, 100, 1000, 3e-5];
const cosine =
  (share = (step: number): number => (step - warmUp) / (steps - warmUp), lowest = end) =>
  (step: number): number => {
    if (step < warmUp) return (peak * step) / warmUp;
    if (step >= steps) return lowest;
    return lowest + 0.5 * (peak - lowest) * (1 + Math.cos(Math.PI * share(step)));
  };
const right = cosine();

describeUsers(
  schedule,
  right,
  {
    "a step late": (step: number) => (step === 0 ? 0 : right(step - 1)),
    "a step early": (step: number) => right(step + 1),
    "never moves": () => 0,
    ...Object.fromEntries(
      [2, 4, 8].flatMap((k) => [
        [`${k} times too fast`, (step: number) => right(k * step)],
        [`${k} times too slow`, (step: number) => right(step / k)],
      ]),
    ),
    "no warm-up": (step: number) => (step < warmUp ? peak : right(step)),
    "warm-up a step short": (step: number) => (step < warmUp ? (peak * (step + 1)) / warmUp : right(step)),
    "warm-up counted into the decay": cosine((step) => step / steps),
    "decay too long": cosine((step) => (step - warmUp) / steps),
    "end left out": cosine(undefined, 0),
    "end as a share": cosine(undefined, peak * end),
    "rises again": cosine((step) => (2 * (step - warmUp)) / (steps - warmUp)),
    "quarter of a cosine": (step: number) =>
      step < warmUp
        ? right(step)
        : end + (peak - end) * Math.cos((Math.PI / 2) * ((step - warmUp) / (steps - warmUp))),
    "not halved": (step: number) =>
      step < warmUp
        ? right(step)
        : end + (peak - end) * (1 + Math.cos((Math.PI * (step - warmUp)) / (steps - warmUp))),
  },
  { claim: at(schedule.examples, 0) },
);

describe("what a schedule is meant to be", () => {
  test("is not known unless it is said", () => {
    expect(verdictOn(schedule, right)).toEqual({ kind: "inconclusive", is: [] });
  });

  test("and what it is instead is told", () => {
    const linear = (step: number): number =>
      step < warmUp ? (peak * step) / warmUp : peak + ((end - peak) * (step - warmUp)) / (steps - warmUp);
    const claim = { kind: "cosine", peak, warmUp, steps, end };
    expect(bugsOf(verdictOn(schedule, linear, { claim }))).toEqual([
      "0 to 0.0003 in 100 steps, then linear from 0.0003 to 0.00003 at 1000",
    ]);
    expect(verdictOn(schedule, linear, { claim: { ...claim, kind: "linear" } }).kind).toBe("reached");
    const halved = (step: number): number => right(step) / 2;
    expect(verdictOn(schedule, halved, { claim })).toMatchObject({
      kind: "different",
      place: "",
      question: "step 1",
    });
  });

  test.each([
    7,
    { kind: "cosine" },
    { kind: "wave", peak: 1, steps: 2 },
    { kind: "linear", peak: 1, steps: 5, warmUp: 5 },
    { kind: "linear", peak: 1, steps: 5, warm: 2 },
  ])("is not understood: %j", (claim) => {
    expect(() => schedule.meant(claim)).toThrow(Misunderstood);
  });

  test("Transformer's own schedule is one", () => {
    const [width, rising] = [512, 4000];
    const vaswani = (step: number): number => width ** -0.5 * Math.min(step ** -0.5, step * rising ** -1.5);
    const claim = {
      kind: "inverse-square-root",
      peak: (width * rising) ** -0.5,
      warmUp: rising,
      steps: 100_000,
    };
    expect(verdictOn(schedule, vaswani, { claim })).toMatchObject({ kind: "reached", unseen: [] });
  });
});
