/** @file What several tests of problems measure on laws that are written out outcome by outcome. */
import { get, only } from "../../../src/base/assert.ts";
import { random } from "../../../src/base/random.ts";
import type { Predictor, Probe, Problem, Rung } from "../../../src/toys/problem.ts";

/** What can happen: how likely it is, what a class of models sees of it, and the label. */
export interface Outcome {
  readonly chance: number;
  readonly seen: string;
  readonly label: number;
}

/** The entropy of the label given what is seen: the lowest cross-entropy of all functions of that (Cover and Thomas 2006, 2.2). */
export function conditionalEntropy(outcomes: readonly Outcome[]): number {
  const [joint, seen] = [new Map<string, number>(), new Map<string, number>()];
  const count = (map: Map<string, number>, key: string, chance: number): unknown =>
    map.set(key, (map.get(key) ?? 0) + chance);
  for (const outcome of outcomes) {
    count(joint, `${outcome.label} ${outcome.seen}`, outcome.chance);
    count(seen, outcome.seen, outcome.chance);
  }
  const own = new Map(outcomes.map(({ label, seen: value }) => [`${label} ${value}`, value]));
  let entropy = 0;
  for (const [key, chance] of joint) {
    if (chance > 0) entropy -= chance * Math.log(chance / get(seen, get(own, key)));
  }
  return entropy;
}

/** What a probe says of a model that predicts so, which answers from the inputs alone. */
export function confirms({ draw, batch }: Problem, probe: Probe, predictor: Predictor): boolean {
  const few = draw(batch, random(21));
  const others = probe.inputs(few, random(22)).map((inputs) => predictor({ ...few, inputs }));
  return probe.confirms(predictor(few), others);
}

/** The rung of that name. */
export const rungOf = ({ rungs }: Problem, name: string): Rung =>
  only(rungs.filter((rung) => rung.name === name));

/** Names of the rungs whose probe says so of a model. */
export const confirmed = (problem: Problem, model: Predictor): string[] =>
  problem.rungs.flatMap(({ name, probe }) =>
    probe !== undefined && confirms(problem, probe, model) ? [name] : [],
  );
