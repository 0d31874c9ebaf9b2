/** @file Advantages against sums over all later steps, and against loops as users write them, right and wrong. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { numbersOf } from "../../../src/toys/functions/given.ts";
import { advantages } from "../../../src/toys/functions/problems/advantages.ts";
import { reals } from "../../../src/toys/tensor.ts";
import { bugsOf, describeUsers, verdictOn } from "./calls.ts";

const f = Math.fround;

interface Loop {
  readonly r: readonly number[];
  readonly v: readonly number[];
  readonly next: readonly number[];
  readonly term: readonly number[];
  readonly trunc: readonly number[];
  readonly g: number;
  readonly l: number;
}

/** A loop from the last row to the first, with δ and the factor of what follows. */
const loop =
  (delta: (s: Loop, t: number) => number, factor: (s: Loop, t: number) => number) =>
  (
    r: number[],
    v: number[],
    next: number[],
    term: number[],
    trunc: number[],
    g: number,
    l: number,
  ): number[] => {
    const s = { r, v, next, term, trunc, g, l };
    const out = Array.from<number>({ length: r.length });
    let last = 0;
    for (let t = r.length - 1; t >= 0; t--) {
      last = f(f(delta(s, t)) + f(f(factor(s, t)) * last));
      out[t] = last;
    }
    return out;
  };

const rightDelta = ({ r, v, next, term, g }: Loop, t: number): number =>
  at(r, t) + g * at(next, t) * (1 - at(term, t)) - at(v, t);
const done = ({ term, trunc }: Loop, t: number): number => Number(at(term, t) === 1 || at(trunc, t) === 1);
const rightFactor = (s: Loop, t: number): number => s.g * s.l * (1 - done(s, t));
const right = loop(rightDelta, rightFactor);

test("normalised advantages are told as such", () => {
  const normalised = (...given: Parameters<typeof right>): number[] => {
    const a = right(...given);
    const mean = a.reduce((x, y) => x + y) / a.length;
    const std = Math.sqrt(a.map((x) => (x - mean) ** 2).reduce((x, y) => x + y) / (a.length - 1));
    return a.map((x) => (x - mean) / (std + 1e-8));
  };
  expect(verdictOn(advantages, normalised)).toMatchObject({ kind: "reached", is: ["normalised"] });
});

const broken: Readonly<Record<string, typeof right>> = {
  "truncation taken for termination": loop(
    (s, t) => at(s.r, t) + s.g * at(s.next, t) * (1 - done(s, t)) - at(s.v, t),
    rightFactor,
  ),
  "termination not seen by the target": loop(
    (s, t) => at(s.r, t) + s.g * at(s.next, t) - at(s.v, t),
    rightFactor,
  ),
  "sums run over truncation": loop(rightDelta, (s, t) => s.g * s.l * (1 - at(s.term, t))),
  "sums run over all ends": loop(rightDelta, (s) => s.g * s.l),
  "no ends at all": (r, v, next, _, __, g, l) =>
    right(
      r,
      v,
      next,
      r.map(() => 0),
      r.map(() => 0),
      g,
      l,
    ),
  "ends one row late": (r, v, next, term, trunc, g, l) =>
    right(r, v, next, [...term.slice(1), 0], [...trunc.slice(1), 0], g, l),
  "ends one row early": (r, v, next, term, trunc, g, l) =>
    right(r, v, next, [0, ...term.slice(0, -1)], [0, ...trunc.slice(0, -1)], g, l),
  "value of the next row": (r, v, next, term, trunc, g, l) =>
    right(r, v, [...v.slice(1), at(next, next.length - 1)], term, trunc, g, l),
  "λ left out": loop(rightDelta, (s, t) => s.g * (1 - done(s, t))),
  "γ left out of the sum": loop(rightDelta, (s, t) => s.l * (1 - done(s, t))),
  "γ and λ exchanged": (r, v, next, term, trunc, g, l) => right(r, v, next, term, trunc, l, g),
  "one step only": loop(rightDelta, () => 0),
  "sums of the past": (r, v, next, term, trunc, g, l) => {
    const s = { r, v, next, term, trunc, g, l };
    let last = 0;
    return r.map((_, t) => (last = f(rightDelta(s, t) + rightFactor(s, t) * last)));
  },
  "value not subtracted": loop((s, t) => rightDelta(s, t) + at(s.v, t), rightFactor),
  returns: (...given) => right(...given).map((a, t) => f(a + at(given[1], t))),
};

describeUsers(advantages, right, broken);

test("a bug behind a normalisation is named too", () => {
  const hidden = (...given: Parameters<typeof right>): number[] => {
    const a = broken["truncation taken for termination"]?.(...given) ?? [];
    const mean = a.reduce((x, y) => x + y) / a.length;
    const std = Math.sqrt(a.map((x) => (x - mean) ** 2).reduce((x, y) => x + y) / a.length);
    return a.map((x) => (x - mean) / (std + 1e-8));
  };
  expect(bugsOf(verdictOn(advantages, hidden))).toEqual(["truncation taken for termination"]);
});

test("the definition is the sum over all later steps of the same episode", () => {
  const steps = fc.record({
    reward: fc.double({ min: -3, max: 3, noNaN: true }),
    value: fc.double({ min: -3, max: 3, noNaN: true }),
    next: fc.double({ min: -3, max: 3, noNaN: true }),
    end: fc.constantFrom("no", "no", "terminated", "truncated"),
  });
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(steps, { minLength: 1, maxLength: 12 }), share, share, (all, gamma, lambda) => {
      const field = (of: (step: (typeof all)[number]) => number) => reals([all.length], all.map(of));
      const given = {
        rewards: field(({ reward }) => reward),
        values: field(({ value }) => value),
        nextValues: field(({ next }) => next),
        terminated: field(({ end }) => Number(end === "terminated")),
        truncated: field(({ end }) => Number(end === "truncated")),
        gamma,
        lambda,
      };
      const delta = (t: number): number => {
        const bootstrap = at(all, t).end === "terminated" ? 0 : gamma * at(given.nextValues.data, t);
        return at(given.rewards.data, t) + bootstrap - at(given.values.data, t);
      };
      const wanted = range(all.length).map((t) => {
        const found = all.findIndex(({ end }, index) => index >= t && end !== "no");
        const last = found === -1 ? all.length - 1 : found;
        return range(last - t + 1).reduce((sum, k) => sum + (gamma * lambda) ** k * delta(t + k), 0);
      });
      const [meaning] = advantages.known(undefined, []);
      const got = numbersOf(meaning?.answer(given) ?? []);
      for (const [t, value] of wanted.entries()) expect(at(got, t)).toBeCloseTo(value, 10);
    }),
  );
});
