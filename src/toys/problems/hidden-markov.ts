/** @file Hidden Markov machines that start in their stationary law: what windows of their symbols tell of the next one. */
import { at, range } from "../../base/assert.ts";
import type { Random } from "../../base/random.ts";
import { drawnClass } from "./parts.ts";
import type { Law, Word } from "./sequences.ts";

/** By symbol, from, to: the probability to give the symbol and go on so. */
export type Machine = readonly (readonly (readonly number[])[])[];

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const moved = (belief: readonly number[], step: readonly (readonly number[])[]): number[] =>
  belief.map((_, to) => belief.reduce((sum, p, from) => sum + p * at(at(step, from), to), 0));

/** How likely each symbol is next, and the belief in each state that it leaves, both times the weight of `belief`. */
const branches = (machine: Machine, belief: readonly number[]): (readonly number[])[] =>
  machine.map((step) => moved(belief, step));

/** The law of the symbol after these, by the forward algorithm. */
export function lawAfter(machine: Machine, start: Law, seen: Word): Law {
  const belief = seen.reduce((now: readonly number[], symbol) => {
    const next = moved(now, at(machine, symbol));
    return next.map((p) => p / total(next));
  }, start);
  return branches(machine, belief).map(total);
}

/** The entropies of a symbol given 0 … `most` before it: differences of the entropies of words, over all words. */
export function lossesAfter(machine: Machine, start: Law, most: number): readonly number[] {
  const blocks = range(most + 2).map(() => 0);
  const visit = (belief: readonly number[], depth: number): void => {
    const chance = total(belief);
    if (chance === 0) return;
    blocks[depth] = at(blocks, depth) - chance * Math.log(chance);
    if (depth <= most) for (const next of branches(machine, belief)) visit(next, depth + 1);
  };
  visit(start, 0);
  return range(most + 1).map((seen) => at(blocks, seen + 1) - at(blocks, seen));
}

/** A word of the machine. */
export function emitted(machine: Machine, start: Law, length: number, random: Random): Word {
  let state = drawnClass(start, random);
  return range(length).map(() => {
    const outcomes = machine.flatMap((step) => at(step, state));
    const chosen = drawnClass(outcomes, random);
    state = chosen % start.length;
    return Math.floor(chosen / start.length);
  });
}
