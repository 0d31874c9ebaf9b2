/** @file Linear regression in context: every sequence has its own slope, which a model must infer from earlier pairs. */
import { at, invariant, range } from "../../base/assert.ts";
import { head, squared } from "../heads.ts";
import { changesWith, itemsOf, itemsStayTheSame, staysTheSame } from "../probes.ts";
import type { Batch, Level, Predictor, Problem, Rung } from "../problem.ts";
import { type Numbers, named, reals, row, type Tensors } from "../tensor.ts";
import { everyRow, inner, level, normals, realField } from "./parts.ts";

/** Positions of a sequence. */
const length = 10;
/** x is of this length, √2, and of any direction of the plane, so that E x xᵀ is the identity. */
const radius = Math.SQRT2;
/** Of each component of w, so that w · x has variance 1. */
const slopeVariance = 1 / 2;
const noise = 0.5;
const deviation = Math.sqrt(noise);

/** A token: the two components of x, and the y before. */
const token = 3;
const xAt = (tokens: Numbers, t: number): Numbers => tokens.subarray(token * t, token * t + 2);
/** y of a position stands in the token after it. */
const yAt = (tokens: Numbers, t: number): number => at(tokens, token * (t + 1) + 2);

/** What is expected of y at position t from the pairs of positions `from` … t − 1: the posterior mean of w, times x. */
function expected(tokens: Numbers, t: number, from: number): number {
  let [a, b, c, u, v] = [1 / slopeVariance, 0, 1 / slopeVariance, 0, 0];
  for (let i = from; i < t; i++) {
    const [x1, x2, y] = [at(tokens, token * i), at(tokens, token * i + 1), yAt(tokens, i)];
    a += x1 ** 2 / noise;
    b += (x1 * x2) / noise;
    c += x2 ** 2 / noise;
    u += (x1 * y) / noise;
    v += (x2 * y) / noise;
  }
  const determinant = a * c - b * b;
  return inner([(c * u - b * v) / determinant, (a * v - b * u) / determinant], xAt(tokens, t));
}

/** Sees so many of the last pairs. */
const withWindow = (window: number): Predictor =>
  atPositions((tokens, t) => expected(tokens, t, Math.max(0, t - window)));

function atPositions(f: (tokens: Numbers, t: number) => number): Predictor {
  return (batch) => ({
    y: everyRow(batch, [length], (index) => {
      const tokens = row(named(batch.inputs, "tokens"), index);
      return range(length).map((t) => f(tokens, t));
    }),
  });
}

/** Of the series below, beyond which nothing but rounding is left. */
const terms = 200;

/**
 * E (R / n)^2k of the distance R that n steps of length 1 in random directions of the plane lead to, for all k, from those
 * of n − 1 steps: (R′ + e^iφ)^k = Σ_j C(k, j) R′^j e^i(k−j)φ, whose mean square over φ is Σ_j C(k, j)² R′^2j (Parseval).
 * Divided by n^2k the coefficients are squares of binomial probabilities.
 */
function nextMoments(moments: readonly number[], n: number): number[] {
  const share = (n - 1) / n;
  let chances = [1];
  return moments.map(() => {
    const moment = chances.reduce((sum, chance, j) => sum + chance ** 2 * at(moments, j), 0);
    chances = range(chances.length + 1).map(
      (j) => (1 - share) * (chances[j] ?? 0) + share * (chances[j - 1] ?? 0),
    );
    return moment;
  });
}

/**
 * The expected squared error of the best prediction from 0, 1, … pairs. A pair adds x xᵀ / σ² to the precision of w, that is
 * the identity and a mirror image across a random direction, divided by σ²; the images of t pairs add up like steps of a
 * walk in the plane. So the precision has eigenvalues a ± R / σ², where a = 1/p + t/σ² for the variance p of a component of
 * w, and the error of w · x is the trace of its inverse, 2a / (a² − R²/σ⁴), which a series in R² averages.
 */
export function lossesByPairs(count: number, noise: number): number[] {
  let moments = range(terms).map((k) => Number(k === 0));
  return range(count).map((t) => {
    if (t > 0) moments = nextMoments(moments, t);
    const a = 1 / slopeVariance + t / noise;
    const ratio = (t / noise / a) ** 2;
    invariant(ratio ** terms < 1e-12, "the series has settled");
    const series = moments.reduceRight((sum, moment) => sum * ratio + moment, 0);
    return noise + (2 / a) * series;
  });
}

const byPairs = lossesByPairs(length, noise);

/** The mean over positions, of which each sees all pairs before it, but no more than the window holds. */
const lossOf = (window: number): number =>
  range(length).reduce((sum, t) => sum + at(byPairs, Math.min(t, window)), 0) / length;

const windowed = (window: number, derivation: string): Level =>
  level(lossOf(window), derivation, withWindow(window));

/** The batch's inputs with other y in these tokens. */
function otherTargets({ inputs }: Batch, f: (y: number, t: number) => number): Tensors {
  const tokens = named(inputs, "tokens");
  const data = tokens.data.map((value, i) =>
    i % token === 2 ? f(value, Math.floor(i / token) % length) : value,
  );
  return { ...inputs, tokens: reals(tokens.shape, data) };
}

const lastPairs = (window: number, name: string): Rung => ({
  ...windowed(
    window,
    `no position is better than the best prediction from ${window === 1 ? "one pair" : name}`,
  ),
  name: `last ${name}`,
  kind: "floor",
  bugs: [
    `one layer of attention has a window of ${window + 1} tokens`,
    `a cache or a state keeps ${window} earlier ${window === 1 ? "pair" : "pairs"}`,
  ],
  probe: itemsStayTheSame(
    `positions more than ${window} after the first, where its y is another`,
    (batch, random) => otherTargets(batch, (y, t) => (t === 1 ? random.normal() : y)),
    range(length).slice(window + 1),
  ),
});

export const inContextRegression: Problem = {
  name: "in-context-regression",
  title: "linear regression from the pairs that a sequence shows",
  story: `Each sequence has its own w ∈ ℝ², normal with variance ${slopeVariance} each. At ${length} positions x is of length √2 in a random
direction and y = w · x plus normal noise of variance ${noise}. The token of a position holds x and the y of the position before (0 at the first); asked
is y, at every position, from this token and those before. The loss is squared error, averaged over positions.`,
  source:
    "Garg, Tsipras, Liang and Valiant 2022, What can transformers learn in-context?, with noise and in the plane",
  tags: ["regression", "sequence", "in-context", "causal"],
  inputs: [realField("tokens", [length, token], "x, and y of the position before")],
  // The variance is the largest that y has given what is legal, so that the evidence for a leak holds at every position.
  heads: [head("y", [length], squared({ variance: 1 + noise, most: 1 + noise }))],
  batch: 64,
  steps: 4000,
  draw: (rows, random) => {
    const all = range(rows).map(() => {
      const w = normals(2, random).map((value) => value * Math.sqrt(slopeVariance));
      return range(length).map(() => {
        const angle = 2 * Math.PI * random.uniform();
        const x = [radius * Math.cos(angle), radius * Math.sin(angle)];
        return { x, y: inner(w, x) + deviation * random.normal() };
      });
    });
    const tokens = all.flatMap((pairs) => pairs.flatMap(({ x }, t) => [...x, pairs[t - 1]?.y ?? 0]));
    return {
      rows,
      inputs: { tokens: reals([rows, length, token], tokens) },
      targets: {
        y: reals(
          [rows, length],
          all.flatMap((pairs) => pairs.map(({ y }) => y)),
        ),
      },
      hidden: {},
    };
  },
  best: windowed(
    length,
    "the posterior mean of w, times x: ridge regression on all pairs before, with its exact error",
  ),
  rungs: [
    {
      ...windowed(0, "without a pair the best is 0, and the loss the variance of y"),
      name: "no context",
      kind: "floor",
      bugs: [
        "positions don't see each other",
        "y is missing from the tokens",
        "the loss broadcasts, so that every prediction meets every target",
      ],
      probe: staysTheSame("other y in the tokens", (batch, random) =>
        otherTargets(batch, () => random.normal()),
      ),
    },
    lastPairs(1, "pair"),
    lastPairs(2, "two pairs"),
    {
      ...level(
        at(byPairs, length - 1) / length,
        "the next token holds the y that is asked for, except at the last position",
        atPositions((tokens, t) => (t < length - 1 ? yAt(tokens, t) : expected(tokens, t, 0))),
      ),
      name: "next token visible",
      kind: "leak",
      bugs: ["the causal mask is missing or transposed", "a convolution is padded on both sides"],
      probe: changesWith(
        "another y in the last token, all positions before",
        (batch, random) => otherTargets(batch, (y, t) => (t === length - 1 ? random.normal() : y)),
        (outputs) => itemsOf(outputs, range(length - 1)),
      ),
    },
  ],
};
