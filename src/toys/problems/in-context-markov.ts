/** @file A walk on a triangle with unknown habits: what follows a state must be learned from its earlier visits. */
import { at, get, range } from "../../base/assert.ts";
import { orderBlindBefore } from "../causal-probes.ts";
import type { Problem } from "../problem.ts";
import { drawnClass, entropy, level } from "./parts.ts";
import {
  continued,
  countsIn,
  grown,
  inputNotRead,
  type Law,
  meanLoss,
  noMask,
  says,
  sequenceOf,
  tokenBack,
  uniform,
  type Word,
  windowOf,
} from "./sequences.ts";
import { urnLaw } from "./urns.ts";

const states = 3;

/** All that matters of a walk so far. */
interface Walk {
  readonly chance: number;
  readonly state: number;
  /** How often each state was visited, the current visit included. */
  readonly visits: readonly number[];
  /** How often each state was left for the one after it, and for the one before it. */
  readonly steps: readonly (readonly [number, number])[];
}

/** The law of the next state: each state is left by its own urn, for the one after it or the one before it. */
function lawOfNext({ state, steps }: Pick<Walk, "state" | "steps">, weight: number): Law {
  const [up, down] = urnLaw(at(steps, state), weight);
  return range(states).map((next) => [0, up, down][(next - state + states) % states] ?? 0);
}

/** The walk, one state on. */
function goneTo(next: number, { chance, state, visits, steps }: Walk): Walk {
  const isUp = next === (state + 1) % states;
  return {
    chance,
    state: next,
    visits: visits.map((count, i) => count + Number(i === next)),
    steps: steps.map(([up, down], i) =>
      i === state ? [up + Number(isUp), down + Number(!isUp)] : [up, down],
    ),
  };
}

const begun = (state: number, chance: number): Walk => ({
  chance,
  state,
  visits: range(states).map((i) => Number(i === state)),
  steps: range(states).map(() => [0, 0]),
});

const walked = (past: Word): Walk =>
  past.slice(1).reduce((walk, next) => goneTo(next, walk), begun(at(past, 0), 1));

/** What is known of the next state after some states, for models that see all, or only the visits and the current state. */
export interface Knowledge {
  readonly loss: number;
  readonly lossByVisits: number;
  /** By `keyOf`. */
  readonly lawByVisits: ReadonlyMap<string, Law>;
}

const keyOf = ({ visits, state }: Pick<Walk, "visits" | "state">): string => `${visits.join()} ${state}`;

/** For 1 … `length` states seen. Walks that differ only in the order of what does not matter are counted together. */
export function knowledgeAfter(length: number, weight: number): readonly Knowledge[] {
  let walks = range(states).map((state) => begun(state, 1 / states));
  return range(length).map(() => {
    const now = walks;
    walks = merged(
      now.flatMap((walk) =>
        lawOfNext(walk, weight).flatMap((p, next) =>
          p === 0 ? [] : [goneTo(next, { ...walk, chance: walk.chance * p })],
        ),
      ),
    );
    return knownFrom(now, weight);
  });
}

function merged(walks: readonly Walk[]): Walk[] {
  const all = new Map<string, Walk>();
  for (const walk of walks) {
    const key = `${keyOf(walk)} ${walk.steps.join()}`;
    all.set(key, { ...walk, chance: walk.chance + (all.get(key)?.chance ?? 0) });
  }
  return [...all.values()];
}

function knownFrom(walks: readonly Walk[], weight: number): Knowledge {
  const [joint, chances] = [new Map<string, readonly number[]>(), new Map<string, number>()];
  let loss = 0;
  for (const walk of walks) {
    const [key, law] = [keyOf(walk), lawOfNext(walk, weight)];
    loss += walk.chance * entropy(law);
    const sums = joint.get(key) ?? law.map(() => 0);
    joint.set(
      key,
      sums.map((sum, next) => sum + walk.chance * at(law, next)),
    );
    chances.set(key, (chances.get(key) ?? 0) + walk.chance);
  }
  const lawByVisits = new Map(
    [...joint].map(([key, sums]) => [key, sums.map((sum) => sum / get(chances, key))] as const),
  );
  const lossByVisits = [...lawByVisits].reduce(
    (sum, [key, law]) => sum + get(chances, key) * entropy(law),
    0,
  );
  return { loss, lossByVisits, lawByVisits };
}

const [length, weight] = [16, 1 / 8];
// Up to the third state nothing was visited before: all who see the current state know the same.
const sequence = sequenceOf(length, states, range(length).slice(3));
const known = knowledgeAfter(length, weight);

const elsewhere = (state: number): Law =>
  range(states).map((next) => (next === state ? 0 : 1 / (states - 1)));
const all = (past: Word): Law => lawOfNext(walked(past), weight);
const byVisits = (past: Word): Law => {
  const key = keyOf({ visits: countsIn(past, states), state: tokenBack(past, 1) });
  // Probes ask about sequences that are no walks.
  return at(known, past.length - 1).lawByVisits.get(key) ?? uniform(states);
};

export const inContextMarkov: Problem = continued(
  sequence,
  (random) => grown(length + 1, random.below(states), (past) => drawnClass(all(past), random)),
  {
    name: "in-context-markov",
    title: "a walk on a triangle whose habits must be learned on the way",
    story: `A walk on the states 0, 1, 2 that never stays. Each state is left for the one after it with its own probability, which each sequence
draws from the symmetric beta law of weight ${weight}. The model reads ${length} states and says the next one at every position from the fourth on.
After a of n earlier visits to the current state went up, the next does with probability (a + ${weight}) / (n + ${2 * weight}). The loss is the
cross-entropy.`,
    source:
      "Edelman and others 2024, The Evolution of Statistical Induction Heads: In-Context Learning Markov Chains",
    tags: ["classification", "sequence", "causal", "in-context", "attention"],
    batch: 64,
    steps: 1000,
    best: level(
      meanLoss(sequence, (seen) => at(known, seen - 1).loss),
      "the mean entropy of the law that the earlier visits to the current state leave, over all walks",
      says(sequence, all),
    ),
    rungs: [
      inputNotRead(sequence, Math.log(states), `log ${states}: no state is preferred`, () => uniform(states)),
      windowOf(
        sequence,
        1,
        Math.log(states - 1),
        `log ${states - 1}: the walk does not stay, and neither of the others is preferred`,
        (seen) => elsewhere(at(seen, 0)),
      ),
      {
        ...level(
          meanLoss(sequence, (seen) => at(known, seen - 1).lossByVisits),
          "the mean entropy of the next state given the current one and how often each was visited, over all walks",
          says(sequence, byVisits),
        ),
        name: "visits without what followed",
        kind: "floor",
        bugs: [
          "nothing ties a token to the one before it: a single layer of attention has no positions, or a sum over the past stands for a state",
        ],
        probe: orderBlindBefore(sequence.input),
      },
      noMask(sequence, at(known, length - 1).loss, all),
    ],
  },
);
