/** @file The product of two inputs, which gates and attention scores must be able to compute. */
import { at } from "../../base/assert.ts";
import type { Change } from "../changes.ts";
import { density } from "../normal.ts";
import { staysTheSame, sumsAgree } from "../probes.ts";
import type { Predictor, Problem } from "../problem.ts";
import { named, type Tensors } from "../tensor.ts";
import { level } from "./parts.ts";
import { changed, functionOfNormals, predicts, xField, yHead } from "./regression.ts";

const deviation = 0.1;
const noise = deviation ** 2;

const both = (f: (x1: number, x2: number) => number): Predictor => predicts((x) => f(at(x, 0), at(x, 1)));
const sum = (x: readonly number[]): number => at(x, 0) + at(x, 1);

/** The mean of a standard normal number below 0 is −m. */
const m = 2 * density(0);
/** What is known of a number that a ReLU let through: itself, or that it was negative. */
const seen = (x: number): number => (x > 0 ? x : -m);
const squareOfSeen = (1 + m ** 2) / 2;

/** Negative numbers at these places are replaced by other negative ones, which a ReLU hides. */
const otherNegatives =
  (places: readonly number[]): Change =>
  (batch, random) =>
    changed(batch, (value, place) =>
      value < 0 && places.includes(place) ? -Math.abs(random.normal()) : value,
    );

export const product: Problem = {
  name: "product",
  title: "the product of two numbers",
  story: `x₁ and x₂ normal and y = x₁ x₂ + ${deviation} n. The loss is squared error.`,
  source:
    "folklore; Jayakumar et al. 2020, Multiplicative interactions and where to find them, for why it matters",
  tags: ["regression", "gating"],
  inputs: xField(2),
  heads: yHead(deviation, 2),
  batch: 64,
  steps: 3000,
  draw: functionOfNormals({ size: 2, mean: (x) => at(x, 0) * at(x, 1), deviation }),
  best: level(
    noise,
    "the variance of the noise",
    both((a, b) => a * b),
  ),
  rungs: [
    {
      ...level(
        1 + noise,
        "the product has mean 0 given either factor, so that it is uncorrelated with every f(x₁) + g(x₂); its variance is 1",
        both(() => 0),
      ),
      name: "additive",
      kind: "floor",
      bugs: [
        "the two branches are added, nothing multiplies them",
        "an activation is missing",
        "one factor, or its sign, is lost",
        "the loss broadcasts [N] against [N, 1]",
      ],
      probe: sumsAgree("f(a, b) + f(c, d) = f(c, b) + f(a, d) holds", (batch, random) => {
        const other = changed(batch, () => random.normal());
        const mixed = (hit: number): Tensors =>
          changed(batch, (value, place, index) =>
            place === hit ? at(named(other, "x").data, index) : value,
          );
        return [other, mixed(0), mixed(1)];
      }),
    },
    {
      ...level(
        1 / 2 + noise,
        "x₁ x₂ = (s² − d²) / 4 with s = x₁ + x₂ and d = x₁ − x₂ independent; d² / 4 is lost, whose variance is 1/2",
        predicts((x) => sum(x) ** 2 / 4 - 1 / 2),
      ),
      name: "sum only",
      kind: "floor",
      bugs: ["the inputs are added in place of being concatenated", "both inputs have one weight"],
      probe: staysTheSame("x₁ + 1 and x₂ − 1", (batch) =>
        changed(batch, (value, place) => value + (place === 0 ? 1 : -1)),
      ),
    },
    {
      ...level(
        1 - squareOfSeen + noise,
        "a negative factor is known to be negative and its mean is −m with m = √(2/π), so that x₁ or −m is multiplied; the mean square of that is (1 + m²) / 2",
        both((a, b) => seen(a) * b),
        both((a, b) => a * seen(b)),
      ),
      name: "one factor clipped",
      kind: "floor",
      bugs: ["a ReLU stands before the product on one branch", "one factor can't be negative"],
      probe: staysTheSame(
        "other negative x₁, or other negative x₂",
        otherNegatives([0]),
        otherNegatives([1]),
      ),
    },
    {
      ...level(
        1 - squareOfSeen ** 2 + noise,
        "both factors are x or −m, independently",
        both((a, b) => seen(a) * seen(b)),
      ),
      name: "both factors clipped",
      kind: "floor",
      bugs: ["a ReLU stands before the first layer", "inputs are read as unsigned numbers"],
      probe: staysTheSame("other negative inputs", otherNegatives([0, 1])),
    },
  ],
};
