/** @file A mixture of experts: an affine map of its own for every gate. */
import { at, range, zip } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { inRows, others } from "../changes.ts";
import { head, squared } from "../heads.ts";
import { additiveProbe, staysTheSame } from "../probes.ts";
import type { Batch, Predictor, Problem } from "../problem.ts";
import { indices, named, reals, row } from "../tensor.ts";
import { everyRow, indexField, level, realField } from "./parts.ts";

/** An affine map of x. */
export interface Expert {
  readonly slopes: readonly number[];
  readonly constant: number;
}

/** Slopes in three directions around a common one, so that no two pairs of experts and no two simplifications are alike. */
export const experts: readonly Expert[] = range(3).map((gate) => {
  const angle = (2 * Math.PI * gate) / 3;
  return { slopes: [1 + Math.cos(angle), Math.sin(angle)], constant: gate - 1 };
});

const noise = 0.3;
const size = 2;

const x = realField("x", [size], "standard normal numbers");
const gate = indexField("gate", [], experts.length, "which expert is asked");

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The best single affine map for several experts that are asked equally often. */
const merged = (all: readonly Expert[]): Expert => ({
  slopes: range(size).map((i) => mean(all.map(({ slopes }) => at(slopes, i)))),
  constant: mean(all.map(({ constant }) => constant)),
});

/** E (f(x) − g(x))² for x ~ N(0, I): the squared distances of slopes and of constants. */
const apart = (f: Expert, g: Expert): { readonly slopes: number; readonly constant: number } => ({
  slopes: zip(f.slopes, g.slopes).reduce((sum, [a, b]) => sum + (a - b) ** 2, 0),
  constant: (f.constant - g.constant) ** 2,
});

const all = merged(experts);
const spread = {
  slopes: mean(experts.map((expert) => apart(expert, all).slopes)),
  constants: mean(experts.map((expert) => apart(expert, all).constant)),
};
const common = all.slopes.reduce((sum, slope) => sum + slope ** 2, 0);

/** A model with an affine map for every gate. */
const says = (map: (gate: number) => Expert): Predictor => {
  const maps = range(experts.length).map(map);
  return (batch) => ({
    y: everyRow(batch, [], (index) => {
      const own = at(named(batch.inputs, gate.name).data, index);
      return [valueAt(at(maps, own), Array.from(row(named(batch.inputs, x.name), index)))];
    }),
  });
};

const valueAt = ({ slopes, constant }: Expert, point: readonly number[]): number =>
  zip(slopes, point).reduce((sum, [slope, value]) => sum + slope * value, constant);

const none = range(size).map(() => 0);

/** Pairs of experts that one map can stand for, and what that costs. */
const pairs = range(experts.length).flatMap((second) =>
  range(second).map((first) => {
    const two = [at(experts, first), at(experts, second)];
    const one = merged(two);
    const costs = two.map((expert) => apart(expert, one)).map(({ slopes, constant }) => slopes + constant);
    const map = (own: number): Expert => (own === first || own === second ? one : at(experts, own));
    const cost = costs.reduce((sum, other) => sum + other, 0) / experts.length;
    return { gates: [first, second] as const, cost, map };
  }),
);
const least = Math.min(...pairs.map(({ cost }) => cost));
const cheapest = pairs.filter(({ cost }) => cost < least + 1e-9);

const exchanged = ([first, second]: readonly [number, number]) =>
  inRows(gate, (own) => own.map((g) => (g === first ? second : g === second ? first : g)));

function draw(rows: number, random: Random): Batch {
  const points = range(rows).map(() => range(size).map(() => random.normal()));
  const gates = points.map(() => random.below(experts.length));
  const targets = zip(points, gates).map(
    ([point, own]) => valueAt(at(experts, own), point) + noise * random.normal(),
  );
  return {
    rows,
    inputs: { x: reals([rows, size], points.flat()), gate: indices([rows], gates) },
    targets: { y: reals([rows], targets) },
    hidden: {},
  };
}

const otherPoint = inRows(x, (own, random) => own.map(() => random.normal()));

export const mixtureOfExperts: Problem = {
  name: "experts",
  title: "an affine map for every gate",
  story: `x ~ N(0, I) in ${size} dimensions and a gate g, uniform among ${experts.length}. The target is a_g · x + b_g plus noise of deviation ${noise},
with a_g = (1, 0) + (cos φ, sin φ), φ = 2πg / ${experts.length}, and b_g = g − 1.`,
  source: "after Jacobs et al. 1991, Adaptive mixtures of local experts",
  tags: ["regression", "routing", "interaction"],
  inputs: [x, gate],
  heads: [head("y", [], squared({ variance: noise ** 2, most: 16 }))],
  batch: 64,
  steps: 1000,
  draw,
  best: level(
    noise ** 2,
    "the variance of the noise",
    says((own) => at(experts, own)),
  ),
  rungs: [
    {
      ...level(
        noise ** 2 + common + spread.slopes + spread.constants,
        "the variance of the target: E |a_g|² + Var(b_g)",
        says(() => ({ slopes: none, constant: all.constant })),
      ),
      name: "constant",
      kind: "floor",
      bugs: ["the inputs do not reach the output", "no gradient reaches the weights"],
      probe: staysTheSame("another x and another gate", (batch, random) => ({
        ...otherPoint(batch, random),
        gate: named(others(gate)(batch, random), gate.name),
      })),
    },
    {
      ...level(
        noise ** 2 + common + spread.slopes,
        "E |a_g|²: b_g is known",
        says((own) => ({ slopes: none, constant: at(experts, own).constant })),
      ),
      name: "x not read",
      kind: "floor",
      bugs: ["experts get the gate only", "experts are constants: their weights are not trained"],
      probe: staysTheSame("another x", otherPoint),
    },
    {
      ...level(
        noise ** 2 + spread.slopes + spread.constants,
        "a_g and b_g are as far from their means as they are: E[y | x] is their mean map",
        says(() => all),
      ),
      name: "one expert",
      kind: "floor",
      bugs: [
        "the routing collapsed, or always picks the first expert",
        "experts are averaged: the softmax of the gate runs over the wrong axis, or gets no input",
      ],
      probe: staysTheSame("another gate", others(gate)),
    },
    {
      ...level(
        noise ** 2 + spread.slopes,
        "the best f(x) + h(g): its slopes are the mean ones, its constants the right ones",
        says((own) => ({ slopes: all.slopes, constant: at(experts, own).constant })),
      ),
      name: "additive",
      kind: "floor",
      bugs: ["the gate is added to what the experts get, and nothing multiplies: an activation is missing"],
      probe: additiveProbe("a, c of x and b, d of the gate", x),
    },
    {
      ...level(
        noise ** 2 + least,
        "two gates share their mean map; these are the pairs where that costs least",
        ...cheapest.map(({ map }) => says(map)),
      ),
      name: "gates alike",
      kind: "floor",
      bugs: [
        "two gates use one row of the embedding table: ids are clipped or hashed",
        "the routing sends two gates to one expert and gets no gradient, so that it stays as it started",
      ],
      probe: staysTheSame("the gates of a pair exchanged", ...cheapest.map(({ gates }) => exchanged(gates))),
    },
  ],
};
