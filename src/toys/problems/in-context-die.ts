/** @file A die of unknown bias: how many throws a model remembers can be read off its loss. */
import type { Problem } from "../problem.ts";
import { drawnClass, level } from "./parts.ts";
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
  uniform,
  type Word,
  windowOf,
} from "./sequences.ts";
import { lossAfter, urnLaw } from "./urns.ts";

// Few faces are likely, so that the first throws tell much and yet the later ones go on to tell something.
const [length, faces, weight] = [32, 8, 1 / 8];
const windows = [1, 3];
const sequence = sequenceOf(length, faces);

const foretold = (throws: Word): Law => urnLaw(countsIn(throws, faces), weight);
const lossOf = (seen: number): number => lossAfter(seen, faces, weight);

export const inContextDie: Problem = continued(
  sequence,
  (random) => grown(length + 1, random.below(faces), (past) => drawnClass(foretold(past), random)),
  {
    name: "in-context-die",
    title: "throws of a die of unknown bias",
    story: `Each sequence has its own die of ${faces} faces, with probabilities from the symmetric Dirichlet law of weight ${weight}, and
${length + 1} throws of it. The model reads the first ${length} and says the next one at every position. After n throws, k of them c, face c
has the probability (k + ${weight}) / (n + ${faces * weight}). The loss is the cross-entropy.`,
    source:
      "Laplace 1774, Mémoire sur la probabilité des causes par les événements; Eggenberger and Pólya 1923 for the urn",
    tags: ["classification", "sequence", "causal", "in-context", "window"],
    batch: 32,
    steps: 1200,
    best: level(
      meanLoss(sequence, lossOf),
      "the mean of Lₙ after n throws: every face was thrown k times by the beta-binomial law, and then has (k + a) / (n + Va)",
      says(sequence, foretold),
    ),
    rungs: [
      inputNotRead(sequence, lossOf(0), `log ${faces}: every throw alone is uniform`, () => uniform(faces)),
      ...windows.map((reach) =>
        windowOf(
          sequence,
          reach,
          meanLoss(sequence, (seen) => lossOf(Math.min(seen, reach))),
          `the mean of Lₙ for n of at most ${reach}: throws can be exchanged, so that it does not matter which ones are seen`,
          foretold,
        ),
      ),
      noMask(sequence, lossOf(length), foretold),
    ],
  },
);
