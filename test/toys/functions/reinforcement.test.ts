/** @file Losses and targets of reinforcement learning as users write them, right and wrong, and their definitions by other ways. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { at, range } from "../../../src/base/assert.ts";
import { numbersOf } from "../../../src/toys/functions/given.ts";
import { policyGradient } from "../../../src/toys/functions/problems/policy-gradient.ts";
import { policyLoss } from "../../../src/toys/functions/problems/policy-loss.ts";
import { qTargets } from "../../../src/toys/functions/problems/q-targets.ts";
import { returns } from "../../../src/toys/functions/problems/returns.ts";
import { reals } from "../../../src/toys/tensor.ts";
import { describeUsers } from "./calls.ts";

type Row = number[];

const f = Math.fround;
const mean = (row: Row): number => f(row.reduce((a, b) => f(a + b), 0) / row.length);

/** Appends returns from the end, and turns them round. */
function gathered(r: Row, stops: (t: number) => boolean, g: number): Row {
  const found: Row = [];
  let after = 0;
  for (let t = r.length - 1; t >= 0; t--) {
    if (stops(t)) after = 0;
    after = f(at(r, t) + f(g * after));
    found.push(after);
  }
  return found.reverse();
}
const ends = (d: Row) => (t: number) => d[t] === 1;
const right = (r: Row, d: Row, g: number): Row => gathered(r, ends(d), g);

/** Rows split into episodes, and `change` of each. */
function episodewise(r: Row, d: Row, change: (rewards: Row) => Row): Row {
  const all: Row[] = [[]];
  for (const [t, reward] of r.entries()) {
    at(all, all.length - 1).push(reward);
    if (d[t] === 1) all.push([]);
  }
  return all.flatMap(change);
}
const within = (r: Row, g: number): Row => gathered(r, () => false, g);

describeUsers(returns, right, {
  "ends not seen": (r: Row, _: Row, g: number) => within(r, g),
  "ends one row late": (r: Row, d: Row, g: number) => gathered(r, (t) => d[t + 1] === 1, g),
  "ends one row early": (r: Row, d: Row, g: number) => gathered(r, (t) => d[t - 1] === 1, g),
  "not discounted": (r: Row, d: Row) => right(r, d, 1),
  "discounted from the start": (r: Row, d: Row, g: number) =>
    episodewise(r, d, (own) =>
      own.map((_, t) => own.slice(t).reduce((sum, x, k) => sum + g ** (t + k) * x, 0)),
    ),
  "whole episodes": (r: Row, d: Row, g: number) =>
    episodewise(r, d, (own) => own.map(() => at(within(own, g), 0))),
  "own reward left out": (r: Row, d: Row, g: number) =>
    episodewise(r, d, (own) => [...within(own, g).slice(1), ...(own.length > 0 ? [0] : [])]),
  "discounted once too often": (r: Row, d: Row, g: number) => right(r, d, g).map((x) => f(g * x)),
  "sums of the past": (r: Row, d: Row, g: number) =>
    episodewise(r, d, (own) => within(own.toReversed(), g).toReversed()),
  "order reversed": (r: Row, d: Row, g: number) => episodewise(r, d, (own) => within(own, g).toReversed()),
});

const targets =
  (of: (r: number, q: Row, live: number, g: number) => number) =>
  (r: Row, next: Row[], d: Row, g: number): Row =>
    r.map((reward, i) => f(of(reward, at(next, i), 1 - at(d, i), g)));
const top = (q: Row): number => q.reduce((a, b) => (b > a ? b : a));
const argmax = (q: Row): number => q.reduce((found, value, k) => (value > at(q, found) ? k : found), 0);

describeUsers(
  qTargets,
  targets((r, q, live, g) => r + g * live * top(q)),
  {
    "termination not seen": targets((r, q, _, g) => r + g * top(q)),
    "mask upside down": targets((r, q, live, g) => r + g * (1 - live) * top(q)),
    "reward masked too": targets((r, q, live, g) => live * (r + g * top(q))),
    "not discounted": targets((r, q, live) => r + live * top(q)),
    "reward discounted too": targets((r, q, live, g) => g * (r + live * top(q))),
    "mean over actions": targets((r, q, live, g) => r + g * live * mean(q)),
    "sum over actions": targets((r, q, live, g) => r + g * live * (mean(q) * q.length)),
    "smallest value": targets((r, q, live, g) => r - g * live * top(q.map((x) => -x))),
    "number of the action": targets((r, q, live, g) => r + g * live * argmax(q)),
    "first action": targets((r, [q = 0], live, g) => r + g * live * q),
  },
);

const ppo =
  (loss: (ratio: number, a: number, e: number, log: number) => number) =>
  (now: Row, old: Row, a: Row, e: number): number =>
    mean(now.map((log, i) => f(loss(f(Math.exp(f(log - at(old, i)))), at(a, i), e, f(log - at(old, i))))));
const clamp = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x);

describeUsers(
  policyLoss,
  ppo((r, a, e) => Math.max(-r * a, -clamp(r, 1 - e, 1 + e) * a)),
  {
    sign: ppo((r, a, e) => Math.min(r * a, clamp(r, 1 - e, 1 + e) * a)),
    "max in the place of min": ppo((r, a, e) => Math.min(-r * a, -clamp(r, 1 - e, 1 + e) * a)),
    "not clipped": ppo((r, a) => -r * a),
    "clipped only": ppo((r, a, e) => -clamp(r, 1 - e, 1 + e) * a),
    "ratio clipped from above only": ppo((r, a, e) => -Math.min(r, 1 + e) * a),
    "ratio upside down": ppo((r, a, e) => Math.max(-a / r, -clamp(1 / r, 1 - e, 1 + e) * a)),
    "exp left out": ppo((_, a, e, log) => Math.max(-log * a, -clamp(log, 1 - e, 1 + e) * a)),
    "ratio of logarithms clipped": ppo((r, a, e, log) => Math.max(-r * a, -Math.exp(clamp(log, -e, e)) * a)),
    "clipped around 0": ppo((r, a, e) => Math.max(-r * a, -clamp(r, -e, e) * a)),
    "always on the policy": ppo((_, a) => -a),
  },
);

const weighted =
  (loss: (log: number, w: number) => number) =>
  (logs: Row, w: Row): number =>
    mean(logs.map((log, i) => f(loss(log, at(w, i)))));

describeUsers(
  policyGradient,
  weighted((log, w) => -log * w),
  {
    sign: weighted((log, w) => log * w),
    "every row against every other": (logs: Row, w: Row) =>
      mean(logs.flatMap((log) => w.map((x) => f(-log * x)))),
    probability: weighted((log, w) => -Math.exp(log) * w),
    "not weighted": weighted((log) => -log),
    squared: weighted((log, w) => -log * w * w),
  },
);

describe("definitions, by other ways", () => {
  test("a return is a sum over all later steps of the same episode", () => {
    const steps = fc.array(fc.tuple(fc.double({ min: -3, max: 3, noNaN: true }), fc.constantFrom(0, 0, 1)), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(steps, fc.double({ min: 0, max: 1, noNaN: true }), (all, gamma) => {
        const rewards = reals(
          [all.length],
          all.map(([reward]) => reward),
        );
        const terminated = reals(
          [all.length],
          all.map(([, end]) => end),
        );
        const got = numbersOf(returns.known(undefined, [])[0]?.answer({ rewards, terminated, gamma }) ?? []);
        for (const t of range(all.length)) {
          const end = all.findIndex(([, ended], k) => k >= t && ended === 1);
          const last = end === -1 ? all.length - 1 : end;
          const sum = range(last - t + 1).reduce((s, k) => s + gamma ** k * at(rewards.data, t + k), 0);
          expect(at(got, t)).toBeCloseTo(sum, 10);
        }
      }),
    );
  });

  test("the chain of ten steps with a reward at the end has γ⁹ at its start", () => {
    const rewards = reals(
      [10],
      range(10).map((t) => Number(t === 9)),
    );
    const terminated = rewards;
    const got = numbersOf(
      returns.known(undefined, [])[0]?.answer({ rewards, terminated, gamma: 0.99 }) ?? [],
    );
    expect(at(got, 0)).toBeCloseTo(0.9135, 4);
  });
});
