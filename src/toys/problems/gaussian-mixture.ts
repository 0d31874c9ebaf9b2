/** @file Two normal clouds: linear logits are the best that there are. */

import { at, range } from "../../base/assert.ts";
import { affine } from "../certificate.ts";
import { type Change, changing } from "../changes.ts";
import { crossEntropy, logisticOptimum, type Observation } from "../convex.ts";
import { binary, head } from "../heads.ts";
import { linearProbe, staysTheSame } from "../probes.ts";
import type { Problem, Rung } from "../problem.ts";
import { reals } from "../tensor.ts";
import { level, predictsFrom, realField } from "./parts.ts";
import { staysWithin } from "./ranges.ts";

/** Cloud 0 lies around the origin, cloud 1 around this place in every dimension. */
const [width, centre] = [4, 1.25];
const first = range(width / 2);
const second = first.map((i) => i + width / 2);
const all = [...first, ...second];

const distanceOf = (seen: readonly number[]): number => centre * Math.sqrt(seen.length);

/** Bayes: the squared distances from the clouds' centres, half their difference. */
const logitAlong = (t: number, distance: number): number => distance * (t - distance / 2);

const density = (t: number): number => Math.exp(-(t ** 2) / 2) / Math.sqrt(2 * Math.PI);

/**
 * The places on the line through the centres, all that matters of what is seen, with the chance of cloud 1 there. The
 * trapezoidal rule is exact to float64 for these smooth functions, which vanish at both ends (Trefethen and Weideman 2014).
 */
function line(distance: number, step = 1 / 16): readonly (Observation & { readonly t: number })[] {
  const reach = 10;
  return range(Math.round((2 * reach + distance) / step)).map((index) => {
    const t = index * step - reach;
    return {
      t,
      features: [t],
      weight: (step * (density(t) + density(t - distance))) / 2,
      target: 1 / (1 + Math.exp(-logitAlong(t, distance))),
    };
  });
}

/** The loss of logits that are a function of the place. */
const lossAlong = (distance: number, logit: (t: number) => number, step?: number): number =>
  line(distance, step).reduce(
    (sum, { t, weight, target }) => sum + weight * crossEntropy(logit(t), target),
    0,
  );

/** Kinks in the logit cost a tenth of the step's square. */
const fine = 1 / 1024;

const lowest = (seen: readonly number[]): number =>
  lossAlong(distanceOf(seen), (t) => logitAlong(t, distanceOf(seen)));

/** The place on the line through the centres, from the dimensions that are seen. */
const placeOf = (x: readonly number[], seen: readonly number[]): number =>
  seen.reduce((sum, i) => sum + at(x, i), 0) / Math.sqrt(seen.length);

const logitOf = (x: readonly number[], seen: readonly number[]): number =>
  logitAlong(placeOf(x, seen), distanceOf(seen));

const slope = logisticOptimum(line(distanceOf(all)), [1]);

const clamp = (value: number): number => Math.min(1, Math.max(0, value));

const withOther = (places: readonly number[]): Change =>
  changing("x", (value, place) => (places.includes(place) ? 1 - value : value));

const sees = (name: string, seen: readonly number[], unseen: readonly number[]): Rung => ({
  ...level(
    lowest(seen),
    "Bayes's logit from half of the dimensions, whose centres are closer by √2",
    predictsFrom("x", "label", [], (x) => [logitOf(x, seen)]),
  ),
  name,
  kind: "floor",
  bugs: [
    "features are sliced away, masked or overwritten",
    "a reshape or a concatenation loses half of the features",
  ],
  probe: staysTheSame("the other half of the input is another", withOther(unseen)),
});

export const gaussianMixture: Problem = {
  name: "gaussian-mixture",
  title: "which of two normal clouds a point is from",
  story: `The label is 0 or 1, equally likely, and x ∈ ℝ⁴ is normal with variance 1 around (0, 0, 0, 0) or (c, c, c, c), c = ${centre}. Clouds
overlap, so that no model is sure. Linear logits with a bias are optimal.`,
  source: "folklore: linear discriminant analysis, Fisher 1936",
  tags: ["classification", "features"],
  inputs: [realField("x", [width], "a point")],
  heads: [head("label", [], binary)],
  batch: 64,
  steps: 900,
  draw: (rows, random) => {
    const labels = range(rows).map(() => random.below(2));
    const x = labels.flatMap((label) => all.map(() => label * centre + random.normal()));
    return {
      rows,
      inputs: { x: reals([rows, width], x) },
      targets: { label: reals([rows], labels) },
      hidden: {},
    };
  },
  best: level(
    lowest(all),
    "Bayes's logit, linear in the place on the line through the centres, integrated along it",
    predictsFrom("x", "label", [], (x) => [logitOf(x, all)]),
  ),
  certificate: affine("label", [all.map(() => centre)], [logitAlong(0, distanceOf(all))]),
  rungs: [
    sees("first half only", first, second),
    sees("second half only", second, first),
    {
      ...level(
        slope.loss,
        "linear logits that are 0 at the origin: by symmetry the best rise along the line through the centres; the slope is found by minimisation",
        predictsFrom("x", "label", [], (x) => [at(slope.parameters, 0) * placeOf(x, all)]),
      ),
      name: "linear without bias",
      kind: "floor",
      bugs: ["the only layer has no bias"],
      probe: linearProbe("x"),
    },
    {
      ...level(
        lossAlong(distanceOf(all), (t) => clamp(logitAlong(t, distanceOf(all))), fine),
        "logits of 0 … 1: the best are Bayes's logit where that lies between, else at an end",
        predictsFrom("x", "label", [], (x) => [clamp(logitOf(x, all))]),
      ),
      name: "sigmoid twice",
      kind: "floor",
      bugs: ["the model applies a sigmoid, and the loss another"],
      probe: staysWithin(0, 1, "label"),
    },
    {
      ...level(
        Math.log(2),
        "log 2: half of the points are from either cloud",
        predictsFrom("x", "label", [], () => [0]),
      ),
      name: "constant",
      kind: "floor",
      bugs: ["the input is not read", "no gradient reaches the weights"],
      probe: staysTheSame("every input is another", withOther(all)),
    },
  ],
};
